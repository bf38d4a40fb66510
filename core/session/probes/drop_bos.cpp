// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {
namespace {

Result<bool> change(const ProbeSetting&, ProbedTokens& sample) {
    Encoding& encoding = sample.tokens.encoding;
    if (encoding.ids.size() < 2 || encoding.special.front() == 0)
        return false;
    const auto dropFirst = [](auto& values) { values.erase(values.begin()); };
    dropFirst(encoding.ids);
    dropFirst(encoding.pieces);
    dropFirst(encoding.offsets);
    dropFirst(encoding.special);
    if (!encoding.segments.empty())
        dropFirst(encoding.segments);
    dropFirst(sample.tokens.display);
    sample.removed = 1;
    return true;
}

} // namespace

extern const ProbeSpec drop_bos;
const ProbeSpec drop_bos{
    .id = "drop_bos",
    .title = "the first special token left out",
    .explanation = "The text begins with its own first token. Effects on the output are taken over the positions that both runs have.",
    .source = "our definition; Gu et al., When Attention Sink Emerges, ICLR 2025, compare models with and without BOS",
    .changeTokens = change,
};

} // namespace sinkscope::registry_probes
