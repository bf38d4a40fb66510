// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/cloud_axis.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

namespace sinkscope {
namespace {

using Place = std::tuple<std::int32_t, PointKind, std::int32_t, std::int32_t, std::int32_t>; // sample, kind, layer, head, token

/// What makes a point of one cloud the same as a point of another.
class Places {
public:
    Places(std::span<const CloudPoint> points, CloudAxis axis) : m_axis(axis) {
        for (const CloudPoint& point : points) {
            auto [first, fresh] = m_firstHead.emplace(point.kind, point.head);
            if (!fresh)
                first->second = std::min(first->second, point.head);
        }
    }
    [[nodiscard]] Place of(const CloudPoint& point) const {
        const std::int32_t head = m_axis == CloudAxis::Heads ? point.head - m_firstHead.at(point.kind) : point.head;
        return {point.sample, point.kind, m_axis == CloudAxis::Layers ? 0 : point.layer, head, point.token};
    }

private:
    CloudAxis m_axis;
    std::map<PointKind, std::int32_t> m_firstHead;
};

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> correspondingPoints(std::span<const CloudPoint> a, std::span<const CloudPoint> b, CloudAxis axis) {
    const Places ofA(a, axis), ofB(b, axis);
    std::map<Place, std::size_t> found;
    for (std::size_t i = 0; i < b.size(); ++i)
        found[ofB.of(b[i])] = i;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (const auto same = found.find(ofA.of(a[i])); same != found.end())
            pairs.emplace_back(i, same->second);
    return pairs;
}

std::pair<std::vector<float>, std::vector<float>> correspondingRows(std::span<const std::pair<std::size_t, std::size_t>> pairs,
                                                                    std::span<const float> a, std::span<const float> b, int dimensions) {
    std::pair<std::vector<float>, std::vector<float>> rows;
    const auto width = static_cast<std::size_t>(dimensions);
    for (const auto& [first, second] : pairs) {
        const auto one = a.subspan(first * width, width), other = b.subspan(second * width, width);
        rows.first.insert(rows.first.end(), one.begin(), one.end());
        rows.second.insert(rows.second.end(), other.begin(), other.end());
    }
    return rows;
}

Result<void> checkSameTokens(const CaptureHeader& a, const CaptureHeader& b, std::span<const int> samples) {
    std::vector<int> all(a.samples.size());
    std::iota(all.begin(), all.end(), 0);
    for (const int sample : samples.empty() ? std::span<const int>(all) : samples) {
        const auto i = static_cast<std::size_t>(sample);
        if (i >= a.samples.size() || i >= b.samples.size() || a.samples[i]->display != b.samples[i]->display)
            return Error{ErrorCode::InvalidArgument, "sample " + std::to_string(sample) + " has other tokens in " + a.title + " than in " + b.title +
                                                         ": aligning runs needs the same texts and tokenizer", {}};
    }
    return {};
}

} // namespace sinkscope
