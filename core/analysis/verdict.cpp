// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/verdict.h"

#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cstdio>

namespace sinkscope {
namespace {

constexpr double kOneAnchor = 1.5;  ///< fewer effective anchors than this: one
constexpr double kPairShare = 0.6;  ///< more of the sink mass than this on the two ends: bidirectional

std::string number(double value, int digits = 2) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string percent(double share) { return number(100 * share, share < 0.1 ? 1 : 0) + " %"; }

std::string interval(const Estimate& estimate, std::string (*format)(double)) {
    if (estimate.samples < 2)
        return format(estimate.value) + " (one sample, no interval)";
    return format(estimate.value) + " (" + format(estimate.low) + " to " + format(estimate.high) + ")";
}

std::string plain(double value) { return number(value); }

template <typename Member> Estimate over(std::span<const FrameEvidence::Features> samples, Member member, bool onlyWithSinks = false) {
    std::vector<double> values;
    for (const auto& sample : samples)
        if (!onlyWithSinks || sample.anchors > 0)
            values.push_back(sample.*member);
    return estimateOf(values);
}

/// Twice what uniform attention gives or, where that is more than there is, half of the way from it to everything.
double enough(double baseline) { return std::min(2 * baseline, (1 + baseline) / 2); }

} // namespace

FrameEvidence::FrameEvidence(const SampleTokens& tokens) : m_tokens(static_cast<int>(tokens.encoding.ids.size())) {
    for (int token = 0; token < m_tokens; ++token)
        if (tokens.encoding.special[static_cast<std::size_t>(token)] != 0) {
            m_firstSpecial = m_firstSpecial < 0 ? token : m_firstSpecial;
            m_lastSpecial = token;
        }
}

void FrameEvidence::add(const LayerStatistics& statistics, int head, std::span<const int> sinks) {
    m_causal = statistics.causal;
    ++m_heads;
    for (const int token : sinks) {
        Anchor& anchor = m_anchors[token];
        ++anchor.heads;
        anchor.mass += massOn(statistics, head, token);
        anchor.chance += chanceMassOn(statistics, token);
    }
}

std::optional<FrameEvidence::Features> FrameEvidence::features(const MetricParameters& parameters) const {
    if (m_tokens < kShortestForVerdict || m_heads == 0)
        return std::nullopt;
    Features features{.causal = m_causal};
    std::vector<std::pair<double, int>> anchors; // mass, token
    double mass = 0, squares = 0;
    for (const auto& [token, anchor] : m_anchors) {
        if (anchor.heads < parameters.anchorHeadShare * m_heads)
            continue;
        anchors.emplace_back(anchor.mass, token);
        mass += anchor.mass;
        squares += anchor.mass * anchor.mass;
        features.baseline += anchor.chance / m_heads;
    }
    if (mass <= 0)
        return features;
    features.anchors = mass * mass / squares;
    features.sinkShare = mass / m_heads;
    features.strength = features.sinkShare / enough(features.baseline);
    std::ranges::sort(anchors, std::greater<>());
    if (anchors.size() >= 2) {
        const auto [low, high] = std::minmax(anchors[0].second, anchors[1].second);
        if (low == m_firstSpecial && high == m_lastSpecial)
            features.endsShare = (anchors[0].first + anchors[1].first) / mass;
    }
    return features;
}

FrameVerdict verdictOf(std::span<const FrameEvidence::Features> samples) {
    using Features = FrameEvidence::Features;
    FrameVerdict verdict;
    if (samples.empty())
        return {.kind = "not enough", .reason = "No sample has at least " + std::to_string(kShortestForVerdict) + " tokens.",
                .anchors = {}, .sinkShare = {}, .baseline = {}};
    verdict.anchors = over(samples, &Features::anchors, true);
    verdict.sinkShare = over(samples, &Features::sinkShare);
    verdict.baseline = over(samples, &Features::baseline);
    const Estimate strength = over(samples, &Features::strength);
    const Estimate ends = over(samples, &Features::endsShare, true);
    const auto decide = [&](const char* kind, const std::string& reason) {
        verdict.kind = kind;
        verdict.reason = reason;
        return verdict;
    };
    const std::string shares = "Sinks receive " + percent(verdict.sinkShare.value) + " of the attention, where uniform attention would give " +
                               percent(verdict.baseline.value);
    if (verdict.anchors.samples == 0)
        return decide("none", "No token is a sink in enough heads of any sample.");
    if (strength.high < 1)
        return decide("none", shares + ": not clearly more than chance.");
    if (strength.low < 1)
        return decide("undecided", shares + ": samples differ too much to say whether that is more than chance.");
    const std::string anchors = " Effective number of anchors " + interval(verdict.anchors, plain);
    if (!samples.front().causal) {
        const std::string pair = " The first and last special token hold " + interval(ends, percent) + " of the sink mass";
        if (ends.low > kPairShare)
            return decide("bidirectional", shares + "." + pair + ", more than 60 %, and nothing hides later tokens.");
        if (ends.high > kPairShare)
            return decide("undecided", shares + "." + pair + ": the interval holds the threshold, 60 %.");
    }
    if (verdict.anchors.high < kOneAnchor)
        return decide("centralized", shares + "." + anchors + ", below 1.5: one token is the origin.");
    if (verdict.anchors.low >= kOneAnchor)
        return decide("distributed", shares + "." + anchors + ", not below 1.5: several tokens share the part.");
    return decide("undecided", shares + "." + anchors + ": the interval holds the threshold, 1.5.");
}

} // namespace sinkscope
