// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sink_findings.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();
constexpr double kOftenDetected = 0.5; ///< share of samples that makes a class worth a row

int lastSpecialOf(const SampleTokens& tokens) {
    const auto& special = tokens.encoding.special;
    for (int token = static_cast<int>(special.size()) - 1; token >= 0; --token)
        if (special[static_cast<std::size_t>(token)] != 0)
            return token;
    return -1;
}

} // namespace

SinkFindings::SinkFindings(const CaptureHeader& header, const SinkTestOptions& options, double minimumExcess)
    : m_header(header), m_options(options), m_minimumExcess(minimumExcess) {
    m_classes.resize(header.capturedLayers.size() * static_cast<std::size_t>(header.heads) * (kPositions + 1));
}

bool SinkFindings::isSignificant(double adjustedP, double observed, double expected) const {
    return adjustedP <= m_options.level && observed >= m_minimumExcess * expected; // NaN is not significant
}

std::vector<double> SinkFindings::adjustedOf(std::span<const Head> heads) const {
    std::vector<double> p;
    for (const Head& head : heads)
        for (const KeyTest& test : head.tests)
            p.push_back(test.p);
    return m_options.null == SinkNull::PermutedRows ? adjusted(p, m_options.correction) : p;
}

void SinkFindings::addToClass(const Head& head, const KeyTest& test, int lastSpecial, bool detector) {
    const auto add = [&](int index) {
        const std::size_t unit = head.slot * static_cast<std::size_t>(m_header.heads) + static_cast<std::size_t>(head.head);
        Class& place = m_classes[unit * (kPositions + 1) + static_cast<std::size_t>(index)];
        place.p.push_back(test.p);
        place.observed += test.observed;
        place.expected += test.expected;
        place.detected += detector ? 1 : 0;
    };
    if (test.key < kPositions)
        add(test.key);
    if (test.key == lastSpecial && lastSpecial >= kPositions)
        add(kPositions);
}

void SinkFindings::addSample(int sample, std::span<const Head> heads, int mainToken) {
    const SampleTokens& tokens = *m_header.samples[static_cast<std::size_t>(sample)];
    const int lastSpecial = lastSpecialOf(tokens);
    const std::vector<double> adjustedP = adjustedOf(heads);
    std::size_t index = 0;
    for (const Head& head : heads)
        for (const KeyTest& test : head.tests) {
            const double own = adjustedP[index++];
            const bool detector = std::ranges::binary_search(head.sinks, test.key);
            const bool significant = isSignificant(own, test.observed, test.expected);
            ++m_result.tests;
            m_result.significant += significant ? 1 : 0;
            m_result.detected += detector ? 1 : 0;
            addToClass(head, test, lastSpecial, detector);
            if ((!significant && !detector) || static_cast<int>(m_result.findings.size()) >= m_options.rows)
                continue;
            m_result.findings.push_back({.sample = sample, .layer = head.layer, .head = head.head, .token = test.key,
                                         .piece = tokens.display[static_cast<std::size_t>(test.key)], .observed = test.observed,
                                         .expected = test.expected, .excess = test.observed - test.expected, .z = test.z, .p = test.p, .adjusted = own,
                                         .significant = significant, .detector = detector, .secondary = test.key != mainToken});
        }
}

SinkTests SinkFindings::finish() {
    const bool tests = m_options.null == SinkNull::PermutedRows;
    std::vector<SinkClassFinding> all;
    std::vector<double> p;
    const auto heads = static_cast<std::size_t>(m_header.heads);
    for (std::size_t index = 0; index < m_classes.size(); ++index) {
        const Class& own = m_classes[index];
        if (own.p.empty())
            continue;
        const std::size_t unit = index / (kPositions + 1), position = index % (kPositions + 1);
        const auto count = static_cast<double>(own.p.size());
        const double combined = !tests ? kNoValue : m_options.combination == Combination::Fisher ? combinedByFisher(own.p) : combinedByCauchy(own.p);
        p.push_back(combined);
        all.push_back({.layer = m_header.capturedLayers[unit / heads], .head = static_cast<int>(unit % heads),
                       .position = position == kPositions ? "last special" : "position " + std::to_string(position),
                       .samples = static_cast<int>(own.p.size()), .observed = own.observed / count, .expected = own.expected / count, .p = combined,
                       .adjusted = combined, .detectorShare = own.detected / count});
    }
    const std::vector<double> adjustedP = tests ? adjusted(p, m_options.correction) : p;
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].adjusted = adjustedP[i];
        all[i].significant = isSignificant(adjustedP[i], all[i].observed, all[i].expected);
        if (all[i].significant || all[i].detectorShare >= kOftenDetected)
            m_result.classes.push_back(std::move(all[i]));
    }
    return std::move(m_result);
}

} // namespace sinkscope
