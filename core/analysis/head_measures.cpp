// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace sinkscope {
namespace {

/// Sum of 1/n over from < n <= to.
double harmonicBetween(int from, int to) {
    double sum = 0;
    for (int n = to; n > from; --n) // small terms first
        sum += 1.0 / n;
    return sum;
}

/// What a key receives from the queries that see it, from `firstQuery` on, when each spreads evenly over what its window shows.
double chanceInWindow(const LayerStatistics& statistics, int key, int firstQuery) {
    double sum = 0;
    const int reach = statistics.window - 1, from = statistics.causal ? key : std::max(key - reach, 0);
    for (int query = std::max(from, firstQuery); query <= std::min(key + reach, statistics.tokens - 1); ++query)
        sum += 1.0 / statistics.visibleKeys(query);
    return sum;
}

/// Queries that count at all.
int countedRows(const LayerStatistics& statistics) { return statistics.causal ? statistics.tokens - 1 : statistics.tokens; }

} // namespace

int countedQueries(const LayerStatistics& statistics, int key) {
    return statistics.eligible(key) - (statistics.causal && key == 0 ? 1 : 0);
}

int requiredQueries(const LayerStatistics& statistics, const MetricParameters& parameters) {
    const double share = parameters.visibleShare * countedRows(statistics);
    return std::max(parameters.minimumQueries, static_cast<int>(std::ceil(share - 1e-9)));
}

double massOn(const LayerStatistics& statistics, int head, int key) {
    double mass = statistics.ofHead(statistics.columnMass, head)[static_cast<std::size_t>(key)];
    if (statistics.causal && key == 0)
        mass -= statistics.ofHead(statistics.selfWeight, head)[0]; // what query 0 gave
    return countedRows(statistics) > 0 ? mass / countedRows(statistics) : 0.0;
}

double chanceMassOn(const LayerStatistics& statistics, int key) {
    if (statistics.window > 0)
        return countedRows(statistics) > 0 ? chanceInWindow(statistics, key, statistics.causal ? 1 : 0) / countedRows(statistics) : 0.0;
    if (!statistics.causal)
        return 1.0 / statistics.tokens;
    return countedRows(statistics) > 0 ? harmonicBetween(std::max(key, 1), statistics.tokens) / countedRows(statistics) : 0.0;
}

double chanceOnFirst(const LayerStatistics& statistics) {
    if (statistics.window > 0)
        return chanceInWindow(statistics, 0, 0) / statistics.eligible(0);
    return (statistics.causal ? harmonicBetween(0, statistics.tokens) : 1.0) / statistics.tokens;
}

std::optional<int> strongestToken(const LayerStatistics& statistics, int head, const MetricParameters& parameters) {
    std::optional<int> strongest;
    double most = -1;
    for (int key = 0; key < statistics.tokens; ++key) {
        const int queries = countedQueries(statistics, key);
        if (queries < requiredQueries(statistics, parameters))
            continue;
        const double received = massOn(statistics, head, key) / queries; // common factors do not matter here
        if (received > most) {
            most = received;
            strongest = key;
        }
    }
    return strongest;
}

std::optional<double> normRatio(std::span<const float> norms, int token) {
    double others = 0;
    for (std::size_t i = 0; i < norms.size(); ++i)
        others += i == static_cast<std::size_t>(token) ? 0.0 : norms[i];
    if (norms.size() < 2 || others <= 0)
        return std::nullopt;
    return norms[static_cast<std::size_t>(token)] * static_cast<double>(norms.size() - 1) / others;
}

Result<std::vector<double>> meanAttention(const LayerEvidence& evidence) {
    const auto tokens = static_cast<std::size_t>(evidence.statistics.tokens);
    std::vector<double> mean(tokens * tokens, 0.0);
    for (int head = 0; head < evidence.statistics.heads; ++head) {
        SINKSCOPE_TRY(const auto attention, evidence.attention(head));
        std::ranges::transform(mean, attention->weights, mean.begin(), std::plus<>());
    }
    for (double& weight : mean)
        weight /= evidence.statistics.heads;
    return mean;
}

} // namespace sinkscope
