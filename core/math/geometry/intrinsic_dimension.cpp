// SPDX-License-Identifier: Apache-2.0
#include "core/math/geometry/intrinsic_dimension.h"

#include "core/jobs/thread_team.h"
#include "core/math/quality/distance_panels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace sinkscope {
namespace {

constexpr int kFewestPoints = 5;
constexpr int kMostQueries = 4096;
constexpr double kWorthThreads = 4e6;

/// The rows without copies, in the order of their first appearance.
std::vector<float> distinctRows(std::span<const float> data, std::size_t points, std::size_t width) {
    const auto row = [&](std::size_t point) { return data.subspan(point * width, width); };
    std::vector<std::size_t> order(points);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const auto less = std::lexicographical_compare_three_way(row(a).begin(), row(a).end(), row(b).begin(), row(b).end());
        return less == 0 ? a < b : less < 0;
    });
    std::vector<std::size_t> firsts;
    for (std::size_t i = 0; i < points; ++i)
        if (i == 0 || !std::ranges::equal(row(order[i]), row(order[i - 1])))
            firsts.push_back(order[i]);
    std::ranges::sort(firsts);
    std::vector<float> distinct;
    distinct.reserve(firsts.size() * width);
    for (const std::size_t point : firsts)
        distinct.insert(distinct.end(), row(point).begin(), row(point).end());
    return distinct;
}

struct Logarithms {
    double two = 0, many = 0;
};

/// ln(r2/r1) and the mean of ln(r_k/r_j). Distances so small that their squares vanish are taken for the smallest that do not.
Logarithms logarithmsOf(const std::vector<NearPoint>& near) {
    const auto half = [&](std::size_t i) { // ln of a distance from its square
        return 0.5 * std::log(std::max(static_cast<double>(near[i].first), static_cast<double>(std::numeric_limits<float>::min())));
    };
    Logarithms result{half(1) - half(0), 0};
    const std::size_t last = near.size() - 1;
    for (std::size_t j = 0; j < last; ++j)
        result.many += (half(last) - half(j)) / static_cast<double>(last);
    return result;
}

} // namespace

Result<std::optional<IntrinsicDimension>> intrinsicDimension(std::span<const float> data, int points, int width,
                                                             const IntrinsicDimensionOptions& options, const JobContext& context) {
    if (!std::ranges::all_of(data, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors hold NaN or infinity", {}};
    const std::vector<float> rows = distinctRows(data, static_cast<std::size_t>(points), static_cast<std::size_t>(width));
    const std::size_t count = rows.size() / static_cast<std::size_t>(width);
    if (count < kFewestPoints)
        return std::optional<IntrinsicDimension>{};
    const DistancePanels panels(rows, static_cast<int>(count), width);
    const auto queries = drawQueries(count, static_cast<std::size_t>(options.queries > 0 ? options.queries : kMostQueries), options.seed);
    const std::size_t k = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(options.neighbours, 2)), 2, count - 1);
    const bool small = static_cast<double>(queries.size()) * static_cast<double>(rows.size()) < kWorthThreads;
    ThreadTeam team(small ? 1 : options.threads > 0 ? options.threads : usableProcessors());
    std::vector<std::vector<float>> rooms(static_cast<std::size_t>(team.size()), std::vector<float>(kDistanceQueries * panels.stride()));
    std::vector<Logarithms> logarithms(queries.size());
    SINKSCOPE_CHECK(team.run((queries.size() + kDistanceQueries - 1) / kDistanceQueries, [&](std::size_t task, int worker) {
        std::vector<float>& room = rooms[static_cast<std::size_t>(worker)];
        std::vector<NearPoint> near;
        const std::size_t first = task * kDistanceQueries, here = std::min(kDistanceQueries, queries.size() - first);
        std::array<std::size_t, kDistanceQueries> group;
        for (std::size_t q = 0; q < kDistanceQueries; ++q)
            group[q] = queries[first + std::min(q, here - 1)];
        panels.squaredDistances(group.data(), room.data());
        for (std::size_t q = 0; q < here; ++q) {
            float* row = &room[q * panels.stride()];
            row[group[q]] = std::numeric_limits<float>::infinity();
            nearestOf(row, count, k, near);
            logarithms[first + q] = logarithmsOf(near);
        }
    }, context));
    double two = 0, many = 0;
    for (const Logarithms& one : logarithms) {
        two += one.two;
        many += one.many;
    }
    if (!(two > 0 && many > 0))
        return std::optional<IntrinsicDimension>{};
    const auto looked = static_cast<double>(queries.size());
    return std::optional<IntrinsicDimension>(IntrinsicDimension{.twoNearest = (looked - 1) / two, .likelihood = looked / many,
                                                                .points = static_cast<int>(count), .queries = static_cast<int>(queries.size()),
                                                                .neighbours = static_cast<int>(k)});
}

} // namespace sinkscope
