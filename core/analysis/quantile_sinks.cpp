// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/quantile_sinks.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

int firstQuery(const HeadAttention& head, const QuantileRule& rule) { return head.causal && rule.dropFirst ? 1 : 0; }

int visible(const HeadAttention& head, int query) { return head.causal ? query + 1 : head.tokens; }

const float* rowOf(const HeadAttention& head, int query) {
    return &head.weights[static_cast<std::size_t>(query) * static_cast<std::size_t>(head.tokens)];
}

} // namespace

float pooledQuantile(std::span<const HeadAttention* const> heads, const QuantileRule& rule) {
    std::vector<float> weights;
    for (const HeadAttention* head : heads)
        for (int i = firstQuery(*head, rule); i < head->tokens; ++i)
            weights.insert(weights.end(), rowOf(*head, i), rowOf(*head, i) + (rule.includeHidden ? head->tokens : visible(*head, i)));
    if (weights.empty())
        return 0;
    const double at = rule.quantile * static_cast<double>(weights.size() - 1);
    const auto low = weights.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(weights.begin(), low, weights.end());
    const double share = at - std::floor(at);
    return share == 0 || low + 1 == weights.end() ? *low : static_cast<float>(*low + share * (*std::min_element(low + 1, weights.end()) - *low));
}

std::vector<int> quantileSinks(const HeadAttention& head, float threshold, const QuantileRule& rule) {
    std::vector<int> sinks;
    const int required = std::max(rule.minimumQueries, static_cast<int>(std::ceil(rule.visibleShare * head.tokens - 1e-9)));
    for (int key = 0; key < head.tokens; ++key) {
        const int first = std::max(firstQuery(head, rule), head.causal ? key : 0), queries = head.tokens - first;
        if (queries < std::max(required, 1))
            continue;
        int hits = 0;
        for (int i = first; i < head.tokens; ++i) {
            const float weight = rowOf(head, i)[key];
            const bool isHit = rule.strict ? weight > threshold : weight >= threshold;
            hits += isHit && (!rule.aboveUniform || weight > 1.0F / static_cast<float>(visible(head, i))) ? 1 : 0;
        }
        if (hits >= rule.frequency * queries - 1e-9)
            sinks.push_back(key);
    }
    return sinks;
}

} // namespace sinkscope
