// SPDX-License-Identifier: Apache-2.0
// What is said about a Fisher run before (and without) torch.
#include "core/jobs/thread_team.h"
#include "core/nn/parameter_fisher.h"

#include <algorithm>
#include <cstdio>

namespace sinkscope {
namespace {

std::string megabytes(std::uint64_t bytes) {
    char text[32];
    const double value = static_cast<double>(bytes) / 1e6;
    std::snprintf(text, sizeof text, value < 10 ? "%.1f MB" : "%.0f MB", value);
    return text;
}

/// Floats that the graph of a sample of T tokens keeps for its backward pass, and what that pass itself needs on top: every
/// intermediate result once, and two more of the largest.
std::uint64_t activationFloats(const ModelSpec& spec, std::uint64_t tokens) {
    const auto experts = static_cast<std::uint64_t>(spec.experts.chosen) * static_cast<std::uint64_t>(spec.experts.width);
    const auto width = static_cast<std::uint64_t>(spec.width), mlp = std::max(static_cast<std::uint64_t>(spec.mlpWidth), experts),
               heads = static_cast<std::uint64_t>(spec.heads), headWidth = static_cast<std::uint64_t>(spec.headWidth),
               keyValue = static_cast<std::uint64_t>(spec.keyValueHeads) * headWidth, query = heads * headWidth,
               vocabulary = static_cast<std::uint64_t>(spec.vocabulary);
    const std::uint64_t norms = 2 * 3 * width, vectors = 4 * query + 4 * keyValue + 2 * query, sums = 4 * width;
    const std::uint64_t attention = 4 * heads * tokens, feedForward = (spec.arch->mlp == Mlp::Gated ? 5 : 3) * mlp;
    const std::uint64_t layer = tokens * (norms + vectors + sums + attention + feedForward);
    const std::uint64_t head = tokens * (4 * vocabulary + 6 * width);
    return static_cast<std::uint64_t>(spec.layers) * layer + head + 2 * tokens * std::max({vocabulary, mlp, heads * tokens});
}

} // namespace

std::string_view idOf(FisherLabels labels) { return labels == FisherLabels::Data ? "data" : "model"; }
std::string_view idOf(FisherPer per) { return per == FisherPer::Sequence ? "sequence" : "token"; }

std::string explain(FisherLabels labels, FisherPer per, Mask mask) {
    const bool fromData = labels == FisherLabels::Data;
    std::string text = fromData ? "empirical Fisher: y is " : "true Fisher by Monte Carlo: y is drawn, one draw a position, from ";
    if (mask == Mask::Causal)
        text += fromData ? "the next token of the text" : "the model's prediction of the next token after the text so far";
    else
        text += fromData ? "the token itself, not masked, at every position of the masked-language-model head"
                         : "the masked-language-model head's prediction at every position, no token masked";
    return text + (per == FisherPer::Sequence ? "; squared norm of the gradient of the sample's summed log p(y|x)"
                                              : "; squared norm of the gradient of each position's log p(y|x), summed over the positions");
}

std::string FisherPlan::text() const {
    return megabytes(total()) + ": weights " + megabytes(parameters) + ", gradients " + megabytes(gradients) + ", activations " +
           megabytes(activations) + ", " + std::to_string(workers) + (workers == 1 ? " sample at a time" : " samples at a time");
}

FisherPlan planParameterFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options) {
    std::size_t longest = 0;
    for (const SampleInput& sample : samples)
        longest = std::max(longest, sample.ids.size());
    const std::uint64_t weights = sizeof(float) * parameterTable(spec).parameters(),
                        activations = sizeof(float) * activationFloats(spec, longest);
    const auto planOf = [&](int workers) {
        const auto count = static_cast<std::uint64_t>(workers);
        return FisherPlan{workers, weights, count * weights, count * activations};
    };
    int workers = options.threads > 0 ? options.threads : usableProcessors();
    workers = std::max(1, std::min(workers, static_cast<int>(samples.size())));
    while (workers > 1 && options.maxMemory > 0 && planOf(workers).total() > options.maxMemory)
        --workers;
    return planOf(workers);
}

} // namespace sinkscope
