// SPDX-License-Identifier: Apache-2.0
// The directed Laplacian of a head across layers (LapEigvals, 2025, in the variant of its authors with edges between layers; design note 4.9).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <functional>

namespace sinkscope::registry_feature_families {
namespace {

#define SINKSCOPE_LAYERS_METRIC(rank, ordinal)                                                                                             \
    {.id = "lap_layers_eigenvalue_" rank, .title = ordinal " eigenvalue of the Laplacian across layers",                                   \
     .explanation = "One graph of all layers, per head: the weight of a token on itself becomes an edge to the same token one layer below, but in the first "   \
                    "layer. Of the values (mean weight of the edges that enter a token of this layer) - (its own loop) in falling order, number " rank      \
                    ". With a causal mask they are eigenvalues of D - A. No value where the layer above was not captured.",               \
     .source = "LapEigvals (2025), the authors' code; without a mask ours", .low = 1, .high = 0}

constexpr MetricSpec kMetrics[] = {
    SINKSCOPE_LAYERS_METRIC("1", "First"),  SINKSCOPE_LAYERS_METRIC("2", "Second"), SINKSCOPE_LAYERS_METRIC("3", "Third"),
    SINKSCOPE_LAYERS_METRIC("4", "Fourth"), SINKSCOPE_LAYERS_METRIC("5", "Fifth"),
};
#undef SINKSCOPE_LAYERS_METRIC

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    const int layer = evidence.statistics.layer;
    const auto tokens = static_cast<std::size_t>(evidence.count());
    if (evidence.count() < kShortestSample)
        return;
    const bool isTop = layer == evidence.layers - 1, isBottom = layer == 0;
    const auto above = isTop || !evidence.attentionOf ? nullptr : evidence.attentionOf(layer + 1);
    if (!isTop && !above)
        return;
    const std::vector<float>& own = evidence.attention->weights;
    std::vector<double> diagonal(tokens, 0.0);
    for (std::size_t query = 0; query < tokens; ++query)
        for (std::size_t key = 0; key < tokens; ++key)
            diagonal[key] += query != key || isBottom ? own[query * tokens + key] : 0.0F;
    for (std::size_t token = 0; token < tokens; ++token) {
        const std::size_t loop = token * tokens + token, seen = evidence.statistics.causal ? tokens - token : tokens;
        const std::size_t edges = seen - (isBottom ? 0 : 1) + (isTop ? 0 : 1); // that can enter the token
        const double sum = diagonal[token] + (above ? above->weights[loop] : 0.0F);
        diagonal[token] = (edges > 0 ? sum / static_cast<double>(edges) : 0.0) - (isBottom ? own[loop] : 0.0F);
    }
    std::ranges::sort(diagonal, std::greater());
    std::copy_n(diagonal.begin(), std::min(diagonal.size(), values.size()), values.begin());
}

} // namespace

extern const FeatureFamily lap_eigenvalues_layers;
const FeatureFamily lap_eigenvalues_layers{.id = "lap_eigenvalues_layers", .title = "Directed Laplacian across layers", .standard = false, .metrics = kMetrics,
                                           .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
