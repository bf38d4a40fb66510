// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {
namespace {

constexpr std::string_view kKinds[] = {"zero", "permuted"};
constexpr ParameterSpec kParameters[] = {
    {.id = "kind", .title = "Embedding",
     .explanation = "Zero: the token brings nothing but its position. Permuted: the components of its embedding in another order, of the same length.",
     .choices = kKinds},
    {.id = "seed", .title = "Seed", .explanation = "Of the order, which is the same in every sample.", .low = 0, .high = 1000000, .standard = 1,
     .integer = true},
};

bool change(const ProbeSetting& setting, const SampleTokens& sample, EmbeddingEdit& edit) {
    if (sample.encoding.special.empty() || sample.encoding.special.front() == 0)
        return false;
    edit.kind = setting.value("kind") == 0 ? EmbeddingEdit::Kind::Zero : EmbeddingEdit::Kind::Permuted;
    edit.seed = static_cast<std::uint64_t>(setting.value("seed"));
    return true;
}

} // namespace

extern const ProbeSpec bos_embedding;
const ProbeSpec bos_embedding{
    .id = "bos_embedding",
    .title = "the embedding of the first special token changed",
    .explanation = "The token stands where it stood, but the model does not recognise it. What is left of its sink comes from the place, what goes from "
                   "the token.",
    .source = "our definition; swaps of the BOS embedding: follow-up of the paper's authors (arXiv 2606.06160)",
    .parameters = kParameters,
    .changeEmbedding = change,
};

} // namespace sinkscope::registry_probes
