// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/statistics_builder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace sinkscope::test {

/// Square matrix of attention weights, row-major.
struct Weights {
    int tokens = 0;
    bool causal = true;
    std::vector<float> values;
    [[nodiscard]] float& at(int query, int key) { return values[static_cast<std::size_t>(query) * tokens + key]; }
    [[nodiscard]] float at(int query, int key) const { return values[static_cast<std::size_t>(query) * tokens + key]; }
};

inline Weights emptyWeights(int tokens, bool causal) {
    return {tokens, causal, std::vector<float>(static_cast<std::size_t>(tokens) * tokens, 0.0F)};
}

/// The canonical patterns of the design note: SINK, UNIF, ID, PREV, TWO (causal); TWOBI, UNIFBI, IDBI, PREVBI (no mask). K3 and K4 (causal):
/// three and four equal anchors at the start. MID, TWOMID (causal), MIDBI and TWOMIDBI: one or two equal anchors away from the ends; causal queries before the first
/// of them look at themselves.
inline Weights pattern(const std::string& name, int tokens) {
    Weights w = emptyWeights(tokens, !name.ends_with("BI"));
    for (int i = 0; i < tokens; ++i) {
        if (name == "SINK")
            w.at(i, 0) = 1;
        else if (name == "UNIF")
            for (int j = 0; j <= i; ++j)
                w.at(i, j) = 1.0F / static_cast<float>(i + 1);
        else if (name == "ID" || name == "IDBI")
            w.at(i, i) = 1;
        else if (name == "PREV" || name == "PREVBI")
            w.at(i, i > 0 ? i - 1 : 0) = 1;
        else if (name == "TWO") {
            w.at(i, 0) = i == 0 ? 1.0F : 0.5F;
            if (i > 0)
                w.at(i, 1) = 0.5F;
        } else if (name == "K3" || name == "K4") {
            const int seen = std::min(i + 1, name == "K3" ? 3 : 4);
            for (int j = 0; j < seen; ++j)
                w.at(i, j) = 1.0F / static_cast<float>(seen);
        } else if (name == "MID" || name == "TWOMID") {
            const int first = std::max(1, tokens / 8), second = name == "MID" ? tokens : std::max(2, tokens / 4);
            w.at(i, std::min(i, first)) = i >= second ? 0.5F : 1.0F;
            if (i >= second)
                w.at(i, second) = 0.5F;
        } else if (name == "MIDBI" || name == "TWOMIDBI") {
            w.at(i, name == "MIDBI" ? tokens / 2 : tokens / 3) += 0.5F;
            w.at(i, name == "MIDBI" ? tokens / 2 : 2 * tokens / 3) += 0.5F;
        } else if (name == "TWOBI") {
            w.at(i, 0) += 0.5F;
            w.at(i, tokens - 1) += 0.5F;
        } else if (name == "UNIFBI")
            for (int j = 0; j < tokens; ++j)
                w.at(i, j) = 1.0F / static_cast<float>(tokens);
        else
            throw std::invalid_argument("no pattern " + name);
    }
    return w;
}

/// (1 - share) of the weights plus `share` of random rows with the same mask.
inline Weights withNoise(Weights w, double share, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    for (int i = 0; i < w.tokens; ++i) {
        const int visible = w.causal ? i + 1 : w.tokens;
        std::vector<double> noise(static_cast<std::size_t>(visible));
        double sum = 0;
        for (double& value : noise)
            sum += value = uniform(random);
        for (int j = 0; j < visible; ++j)
            w.at(i, j) = static_cast<float>((1 - share) * w.at(i, j) + share * noise[static_cast<std::size_t>(j)] / sum);
    }
    return w;
}

/// Statistics of heads that all have the same length and mask. `rowsPerBlock` 0 delivers each head at once. Vectors are given by
/// `component(head, token)` (the same for query, key and value; width 1).
inline Result<std::shared_ptr<const LayerStatistics>> buildStatistics(
    const std::vector<Weights>& heads, int rowsPerBlock = 0,
    const std::function<float(int, int)>& component = [](int, int) { return 1.0F; }, int sample = 0, int layer = 0) {
    const int tokens = heads.front().tokens, count = static_cast<int>(heads.size());
    std::vector<float> vectors;
    for (int head = 0; head < count; ++head)
        for (int token = 0; token < tokens; ++token)
            vectors.push_back(component(head, token));
    StatisticsBuilder builder(sample + 1, heads.front().causal);
    builder.begin({.sample = sample, .layer = layer, .tokens = tokens, .heads = count, .keyValueHeads = count, .headWidth = 1,
                   .query = vectors, .key = vectors, .value = vectors});
    const int step = rowsPerBlock > 0 ? rowsPerBlock : tokens;
    for (int head = 0; head < count; ++head) {
        const Weights& w = heads[static_cast<std::size_t>(head)];
        for (int pass = 0; pass < 2; ++pass)
            for (int first = 0; first < tokens; first += step) {
                const int rows = std::min(step, tokens - first);
                builder.add({.sample = sample, .layer = layer, .head = head, .pass = pass, .tokens = tokens, .firstQuery = first,
                             .queries = rows, .keys = w.causal ? first + rows : tokens, .stride = static_cast<std::size_t>(tokens),
                             .weights = &w.values[static_cast<std::size_t>(first) * tokens], .causal = w.causal});
            }
    }
    const std::vector<float> hidden(static_cast<std::size_t>(tokens), 2.0F);
    return builder.finish({.sample = sample, .layer = layer, .tokens = tokens, .width = 1, .hidden = hidden});
}

} // namespace sinkscope::test
