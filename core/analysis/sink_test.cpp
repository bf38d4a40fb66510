// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sink_test.h"

#include "core/analysis/head_measures.h"
#include "core/analysis/row_permutation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

constexpr std::string_view kNulls[] = {"permuted_rows", "uniform", "other_heads"};
constexpr std::string_view kCorrections[] = {"benjamini_hochberg", "benjamini_yekutieli", "holm", "none"};
constexpr std::string_view kCombinations[] = {"fisher", "cauchy"};
constexpr SinkTestOptions kStandard;
constexpr ParameterSpec kParameters[] = {
    {.id = "null", .title = "Null of the sink test",
     .explanation = "What a key's mean weight is held against: its row's weights permuted at random (p-values), uniform attention (excess only), or "
                    "the same key in the other heads of the layer (a description only).",
     .choices = kNulls},
    {.id = "correction", .title = "Correction", .explanation = "Of the p-values of a sample, over layers, heads and keys: false discovery rate for "
                                                               "independent tests, for any dependence, family-wise error, or none.",
     .choices = kCorrections},
    {.id = "combination", .title = "Samples combined by",
     .explanation = "How p-values of one position become one over samples: Fisher's method (samples independent) or the Cauchy combination (any "
                    "dependence).",
     .choices = kCombinations},
    {.id = "level", .title = "Level", .explanation = "Largest adjusted p-value that is called significant.", .low = 0, .high = 1,
     .standard = kStandard.level},
    {.id = "rows", .title = "Findings kept", .explanation = "Most rows of significant or detected keys; the others are only counted.", .low = 0,
     .high = 10000000, .standard = kStandard.rows, .integer = true},
};

double medianOf(std::vector<double>& values) {
    std::ranges::sort(values);
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

std::span<const ParameterSpec> sinkParameters() { return kParameters; }

SinkTestOptions sinkTestOptionsOf(const ParameterValues& values) {
    const auto value = [&](std::size_t index) { return valueOf(values, "sinks", kParameters[index]); };
    return {.null = static_cast<SinkNull>(static_cast<int>(value(0))), .correction = static_cast<Correction>(static_cast<int>(value(1))),
            .combination = static_cast<Combination>(static_cast<int>(value(2))), .level = value(3), .rows = static_cast<int>(value(4))};
}

Result<std::vector<KeyTest>> testKeys(const LayerStatistics& statistics, int head, const HeadAttention* attention, const MetricParameters& parameters,
                                      SinkNull null) {
    std::vector<KeyTest> tests;
    if (statistics.tokens < kShortestSample || (null == SinkNull::PermutedRows && !attention))
        return tests;
    std::vector<int> keys;
    for (int key = 0; key < statistics.tokens; ++key)
        if (countedQueries(statistics, key) >= requiredQueries(statistics, parameters))
            keys.push_back(key);
    if (null == SinkNull::PermutedRows) {
        SINKSCOPE_TRY(const RowPermutation permutation, RowPermutation::create(*attention));
        for (const int key : keys) {
            const PermutedKey found = permutation.test(key);
            tests.push_back({.key = key, .observed = found.observed, .expected = found.expected, .z = found.z, .p = found.p});
        }
        return tests;
    }
    const double rows = statistics.causal ? statistics.tokens - 1 : statistics.tokens;
    for (const int key : keys) {
        const double scale = rows / countedQueries(statistics, key);
        tests.push_back({.key = key, .observed = massOn(statistics, head, key) * scale,
                         .expected = chanceMassOn(statistics, key) * scale, .z = kNoValue, .p = kNoValue});
    }
    return tests;
}

void compareHeads(std::span<std::vector<KeyTest>> heads) {
    constexpr std::size_t kFewestOthers = 3;
    const std::size_t keys = heads.empty() ? 0 : heads.front().size();
    for (std::size_t key = 0; key < keys; ++key)
        for (std::size_t head = 0; head < heads.size(); ++head) {
            KeyTest& own = heads[head][key];
            std::vector<double> others;
            for (std::size_t other = 0; other < heads.size(); ++other)
                if (other != head)
                    others.push_back(heads[other][key].observed);
            own.expected = own.z = own.p = kNoValue;
            if (others.size() < kFewestOthers)
                continue;
            own.expected = medianOf(others);
            for (double& value : others)
                value = std::abs(value - own.expected);
            const double deviation = 1.4826 * medianOf(others); // that of a normal distribution
            if (deviation > 1e-9)
                own.z = (own.observed - own.expected) / deviation;
        }
}

} // namespace sinkscope
