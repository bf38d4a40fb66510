// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/frame_evidence.h"

#include "core/analysis/analysis.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

/// Sums over the counted queries, by key.
struct Moments {
    std::vector<double> sum, squares;
};

Moments momentsOf(const HeadAttention& attention) {
    const auto tokens = static_cast<std::size_t>(attention.tokens);
    Moments moments{std::vector<double>(tokens), std::vector<double>(tokens)};
    for (std::size_t i = attention.causal ? 1 : 0; i < tokens; ++i) {
        const float* row = &attention.weights[i * tokens];
        for (std::size_t j = 0; j < (attention.causal ? i + 1 : tokens); ++j) {
            const double weight = row[j];
            moments.sum[j] += weight;
            moments.squares[j] += weight * weight;
        }
    }
    return moments;
}

/// Order of summation must not depend on the order of the heads, and sums of equal terms must not differ by rounding.
double meanOf(std::vector<double>& terms) {
    std::ranges::sort(terms);
    return std::accumulate(terms.begin(), terms.end(), 0.0) / static_cast<double>(terms.size());
}

} // namespace

Result<std::vector<Anchor>> anchorsOfHead(const HeadAttention& attention, const LayerStatistics& statistics, const MetricParameters& parameters,
                                          const FrameThresholds& thresholds) {
    std::vector<Anchor> anchors;
    const Moments moments = momentsOf(attention);
    // Squares of finite float weights do not overflow a double.
    if (const double total = std::accumulate(moments.squares.begin(), moments.squares.end(), 0.0); !std::isfinite(total))
        return Error{ErrorCode::NotFinite, "the attention weights hold NaN or infinity", {}};
    const int tokens = attention.tokens, rows = attention.causal ? tokens - 1 : tokens;
    if (tokens < kShortestSample)
        return anchors;
    const int required = requiredQueries(statistics, parameters);
    double most = 0;
    for (int key = 0; key < tokens; ++key) {
        const int queries = countedQueries(statistics, key);
        const double sum = moments.sum[static_cast<std::size_t>(key)], squares = moments.squares[static_cast<std::size_t>(key)];
        const Anchor anchor{.token = key, .mass = sum / rows, .chance = chanceMassOn(statistics, key)};
        if (queries < required || anchor.excess() <= 1e-6 || sum * sum < thresholds.evenness * queries * squares)
            continue;
        anchors.push_back(anchor);
        most = std::max(most, anchor.excess());
    }
    std::erase_if(anchors, [&](const Anchor& anchor) { return anchor.excess() < thresholds.weakest * most; });
    return anchors;
}

std::vector<Anchor> streamedAnchorsOfHead(const LayerStatistics& statistics, int head, const MetricParameters& parameters) {
    std::vector<Anchor> anchors;
    for (const int token : sinksOfHead(statistics, head, parameters))
        anchors.push_back({.token = token, .mass = massOn(statistics, head, token), .chance = chanceMassOn(statistics, token)});
    std::erase_if(anchors, [](const Anchor& anchor) { return anchor.excess() <= 0; });
    return anchors;
}

Result<std::vector<Anchor>> frameAnchorsOf(const LayerStatistics& statistics, int head, const HeadAttention* attention,
                                           const MetricParameters& parameters, const FrameThresholds& thresholds) {
    if (attention)
        return anchorsOfHead(*attention, statistics, parameters, thresholds);
    return streamedAnchorsOfHead(statistics, head, parameters);
}

FrameSample frameSampleOf(const SampleTokens& tokens, bool causal) {
    FrameSample sample{.tokens = static_cast<int>(tokens.encoding.ids.size()), .causal = causal};
    for (int token = 0; token < sample.tokens; ++token)
        if (tokens.encoding.special[static_cast<std::size_t>(token)] != 0) {
            sample.firstSpecial = sample.firstSpecial < 0 ? token : sample.firstSpecial;
            sample.lastSpecial = token;
        }
    return sample;
}

namespace {

/// Effective number, and the share of the two ends, of the weights of the anchors.
void describeAnchors(std::vector<std::pair<double, int>>& anchors, const FrameSample& sample, FrameFeatures& features) {
    std::ranges::sort(anchors, [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    double sum = 0, squares = 0;
    for (const auto& [weight, token] : anchors) {
        sum += weight;
        squares += weight * weight;
    }
    if (sum <= 0)
        return;
    features.anchors = sum * sum / squares;
    if (anchors.size() < 2)
        return;
    const auto [low, high] = std::minmax(anchors[0].second, anchors[1].second);
    if (low == sample.firstSpecial && high == sample.lastSpecial)
        features.endsShare = (anchors[0].first + anchors[1].first) / sum;
}

/// Which tokens are an anchor in enough heads.
std::vector<bool> commonAnchors(std::span<const std::vector<Anchor>> heads, int tokens, double anchorHeadShare) {
    std::vector<int> counts(static_cast<std::size_t>(tokens), 0);
    for (const auto& head : heads)
        for (const Anchor& anchor : head)
            ++counts[static_cast<std::size_t>(anchor.token)];
    std::vector<bool> common(counts.size());
    for (std::size_t token = 0; token < counts.size(); ++token)
        common[token] = counts[token] >= anchorHeadShare * static_cast<double>(heads.size()) - 1e-9;
    return common;
}

} // namespace

std::optional<FrameFeatures> frameFeatures(std::span<const std::vector<Anchor>> heads, const FrameSample& sample, FrameLevel level,
                                           double anchorHeadShare, const FrameThresholds& thresholds) {
    if (sample.tokens < std::max(thresholds.tokens, kShortestSample) || heads.empty())
        return std::nullopt;
    const std::vector<bool> common = commonAnchors(heads, sample.tokens, level == FrameLevel::Head ? 0.0 : anchorHeadShare);
    std::vector<std::vector<double>> weights(common.size()); // [token], one per head in which it is an anchor
    std::vector<double> masses, chances, shares;             // [head]
    for (const auto& head : heads) {
        double mass = 0, chance = 0;
        for (const Anchor& anchor : head)
            if (common[static_cast<std::size_t>(anchor.token)]) {
                mass += anchor.mass;
                chance += anchor.chance;
            }
        masses.push_back(mass);
        chances.push_back(chance);
        const double share = chance < 1 - 1e-9 ? (mass - chance) / (1 - chance) : 0.0;
        shares.push_back(level == FrameLevel::Head || share >= thresholds.share ? share : 0.0);
        for (const Anchor& anchor : head)
            if (common[static_cast<std::size_t>(anchor.token)])
                weights[static_cast<std::size_t>(anchor.token)].push_back(shares.back() * anchor.mass / mass);
    }
    FrameFeatures features{.excess = meanOf(shares), .sinkShare = meanOf(masses), .baseline = meanOf(chances), .causal = sample.causal};
    std::vector<std::pair<double, int>> anchors;
    for (std::size_t token = 0; token < weights.size(); ++token)
        if (!weights[token].empty())
            anchors.emplace_back(meanOf(weights[token]) * static_cast<double>(weights[token].size()), static_cast<int>(token));
    describeAnchors(anchors, sample, features);
    return features;
}

} // namespace sinkscope
