// SPDX-License-Identifier: Apache-2.0
// Persistent homology of dimension 0 of the attention of a head (design notes 3.5 and 4.8).
#include "core/analysis/attention_barcode.h"
#include "core/analysis/head_measures.h"

#include <algorithm>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kKushnareva = "Kushnareva et al., EMNLP 2021";
constexpr std::string_view kBetti =
    "Number of components after all tokens whose dissimilarity is up to this value are joined: T when none are, 1 when "
    "all hang together. Betti number b0 of the flag complex, which is also that of the graph.";

constexpr MetricSpec kMetrics[] = {
    {.id = "h0_count", .title = "H0 bars",
     .explanation = "Number of finite bars of dimension 0. T - 1, less those of length zero unless they are kept: "
                    "under max, tokens that give all their attention to one other token join it at once.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h0_sum", .title = "H0 total length",
     .explanation = "Sum of the lengths of the finite bars: the weight of the minimum spanning tree. A perfect sink "
                    "gives (T-1)/2 under mean and 0 under max; so does attention to the previous token, hence read it"
                    " together with concentration.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h0_mean", .title = "H0 mean length",
     .explanation = "Mean length of the finite bars of dimension 0; none without bars.",
     .source = kKushnareva},
    {.id = "h0_std", .title = "H0 deviation of lengths",
     .explanation = "Standard deviation (dividing by the count) of the lengths of the finite bars of dimension 0; "
                    "none without bars.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h0_max", .title = "H0 longest bar",
     .explanation = "Length of the longest finite bar: the dissimilarity at which the last token joins. It is also "
                    "that bar's death, as all begin at 0. 0 without bars.",
     .source = kKushnareva},
    {.id = "h0_entropy", .title = "H0 entropy",
     .explanation = "-sum of p log p in nats with p = length / total length of the finite bars: log of the count when"
                    " all are alike. 0 if the total is 0.",
     .source = "persistent entropy", .low = 1, .high = 0},
    {.id = "h0_death_from_75", .title = "H0 bars that end from 0.75",
     .explanation = "Number of finite bars of dimension 0 with death >= 0.75: tokens that join late.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h0_death_from_50", .title = "H0 bars that end from 0.5",
     .explanation = "Number of finite bars of dimension 0 with death >= 0.5.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "h0_death_to_25", .title = "H0 bars that end up to 0.25",
     .explanation = "Number of finite bars of dimension 0 with death <= 0.25: tokens that join early.",
     .source = kKushnareva, .low = 1, .high = 0},
    {.id = "flag_b0_50", .title = "Components at 0.5", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b0_75", .title = "Components at 0.75", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b0_90", .title = "Components at 0.9", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b0_95", .title = "Components at 0.95", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b0_99", .title = "Components at 0.99", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
    {.id = "flag_b0_100", .title = "Components at 1", .explanation = kBetti, .source = "our reconstruction", .low = 1,
     .high = 0},
};

constexpr std::array<std::string_view, 2> kZeroLength{"dropped", "kept"};
constexpr ParameterSpec kParameters[] = {
    kFiltrationParameter,
    kLowerBoundParameter,
    {.id = "zero_length", .title = "Bars of length zero",
     .explanation = "Whether tokens at dissimilarity 0 of each other make bars, which then count in number, mean and "
                    "deviation.",
     .choices = kZeroLength},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const RipsOptions options{.dimension = 0, .keepZeroLength = parameters[2] > 0};
    const auto barcode = attentionBarcode(evidence, parameters[0], parameters[1], options);
    if (!barcode)
        return;
    const std::vector<Bar>& bars = barcode->zero;
    const BarStatistics statistics = barStatistics(bars);
    const double none = std::numeric_limits<double>::quiet_NaN();
    const double head[] = {double(statistics.count),
                           statistics.sum,
                           statistics.mean.value_or(none),
                           statistics.deviation.value_or(none),
                           statistics.maximum.value_or(0),
                           statistics.entropy,
                           double(countBars(bars, {.deathAtLeast = 0.75})),
                           double(countBars(bars, {.deathAtLeast = 0.5})),
                           double(countBars(bars, {.deathAtMost = 0.25}))};
    std::ranges::copy(head, values.begin());
    std::ranges::copy(bettiCurve(bars, kBettiThresholds), values.begin() + std::size(head));
}

} // namespace

extern const FeatureFamily topology_components;
const FeatureFamily topology_components{.id = "topology_components", .title = "Topology: components",
                                        .needs = kNeedsAttention, .longest = 1024,
                                        .metrics = kMetrics, .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
