// SPDX-License-Identifier: Apache-2.0
// Persistent homology of dimension 1 of the attention of a head (design notes 3.5 and 4.8).
#include "core/analysis/attention_barcode.h"
#include "core/analysis/head_measures.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kKushnareva = "Kushnareva et al., EMNLP 2021";
constexpr std::string_view kBetti =
    "Cycles of the tokens whose dissimilarity is up to this value that triangles do not fill: Betti number b1 of the "
    "flag complex. A hub fills every cycle around it, so this falls where the b1 of the graph rises.";

constexpr MetricSpec kMetrics[] = {
    {.id = "h1_count", .title = "H1 bars",
     .explanation = "Number of bars of dimension 1: cycles of tokens that close before triangles fill them. Cycles "
                    "filled at once make no bar. Empty for a perfect sink, for attention to the previous token or to "
                    "itself, and for uniform attention.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_sum", .title = "H1 total length",
     .explanation = "Sum of the lengths of the bars of dimension 1; 0 without cycles.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_mean", .title = "H1 mean length",
     .explanation = "Mean length of the bars of dimension 1; no value for a head without cycles.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_std", .title = "H1 deviation of lengths",
     .explanation = "Standard deviation (dividing by the count) of the lengths of the bars of dimension 1; no value "
                    "for a head without cycles.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_max", .title = "H1 longest bar",
     .explanation = "Length of the longest bar of dimension 1, the most persistent cycle; 0 without cycles.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_entropy", .title = "H1 entropy",
     .explanation = "-sum of p log p in nats with p = length / total length of the bars of dimension 1. 0 without "
                    "cycles or with one.",
     .source = "persistent entropy", .low = 1, .high = 0},
    {.id = "h1_longest_birth", .title = "Birth of the longest H1 bar",
     .explanation = "Dissimilarity at which the most persistent cycle closes; no value for a head without cycles.",
     .source = kKushnareva},
    {.id = "h1_longest_death", .title = "Death of the longest H1 bar",
     .explanation = "Dissimilarity at which triangles fill the most persistent cycle; no value for a head without "
                    "cycles.",
     .source = kKushnareva},
    {.id = "h1_birth_from_25", .title = "H1 bars that begin from 0.25",
     .explanation = "Number of bars of dimension 1 with birth >= 0.25.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_birth_to_95", .title = "H1 bars that begin up to 0.95",
     .explanation = "Number of bars of dimension 1 with birth <= 0.95.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h1_birth_to_70", .title = "H1 bars that begin up to 0.7",
     .explanation = "Number of bars of dimension 1 with birth <= 0.7.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "flag_b1_50", .title = "Cycles at 0.5", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b1_75", .title = "Cycles at 0.75", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b1_90", .title = "Cycles at 0.9", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b1_95", .title = "Cycles at 0.95", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b1_99", .title = "Cycles at 0.99", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b1_100", .title = "Cycles at 1", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
};

constexpr ParameterSpec kParameters[] = {kFiltrationParameter, kLowerBoundParameter};

/// Bars of length zero are always left out: every edge inside a clique would make one, hundreds per head that say
/// nothing.
void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto barcode = attentionBarcode(evidence, parameters[0], parameters[1], {});
    if (!barcode)
        return;
    const std::vector<Bar>& bars = barcode->one;
    const BarStatistics statistics = barStatistics(bars);
    const auto longest = longestBar(bars);
    const double none = std::numeric_limits<double>::quiet_NaN();
    const double head[] = {double(statistics.count),
                           statistics.sum,
                           statistics.mean.value_or(none),
                           statistics.deviation.value_or(none),
                           statistics.maximum.value_or(0),
                           statistics.entropy,
                           longest ? longest->birth : none,
                           longest ? longest->death : none,
                           double(countBars(bars, {.birthAtLeast = 0.25})),
                           double(countBars(bars, {.birthAtMost = 0.95})),
                           double(countBars(bars, {.birthAtMost = 0.7}))};
    std::ranges::copy(head, values.begin());
    std::ranges::copy(bettiCurve(bars, kBettiThresholds), values.begin() + std::size(head));
}

} // namespace

extern const FeatureFamily topology_cycles;
const FeatureFamily topology_cycles{.id = "topology_cycles", .title = "Topology: cycles", .needs = kNeedsAttention,
                                    .longest = 256, .metrics = kMetrics,
                                    .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
