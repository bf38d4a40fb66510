// SPDX-License-Identifier: Apache-2.0
#include "core/math/quality/projection_quality.h"

#include "core/jobs/thread_team.h"
#include "core/math/quality/distance_panels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace sinkscope {
namespace {

constexpr int kFewestPoints = 3;
/// All points are queries up to here.
constexpr int kExactPoints = 4096;
/// Above, about so many component differences are computed, with no fewer queries than that: a second of one processor.
constexpr double kBudget = 4e9;
constexpr int kFewestQueries = 256;
/// Below this many component differences a second thread is not worth its start.
constexpr double kWorthThreads = 4e6;

/// What one query contributes.
struct QueryFigures {
    double intruders = 0, extruders = 0, kept = 0;
    DistanceSums sums;
};

/// Room of one thread.
struct Workspace {
    std::vector<float> original, picture; ///< [kDistanceQueries, stride]
    std::vector<NearPoint> nearOriginal, nearPicture;
};

/// Sum of max(0, rank - k) of the given points in a row of distances, of which `last` is the k-th smallest.
double excessRanks(const std::vector<NearPoint>& points, const float* row, std::size_t count, float last) {
    double excess = 0;
    for (const auto& [unused, point] : points)
        if (row[point] > last)
            excess += static_cast<double>(countBelow(row, count, row[point]) + 1 - points.size());
    return excess;
}

QueryFigures figuresOf(std::size_t query, float* original, float* picture, std::size_t points, std::size_t k, Workspace& room) {
    QueryFigures figures;
    figures.sums = sumDistances(original, picture, points);
    original[query] = picture[query] = std::numeric_limits<float>::infinity(); // nobody is a neighbour of its own
    nearestOf(original, points, k, room.nearOriginal);
    nearestOf(picture, points, k, room.nearPicture);
    const float lastOriginal = room.nearOriginal.back().first, lastPicture = room.nearPicture.back().first;
    figures.intruders = excessRanks(room.nearPicture, original, points, lastOriginal);
    figures.extruders = excessRanks(room.nearOriginal, picture, points, lastPicture);
    figures.kept = static_cast<double>(
        std::ranges::count_if(room.nearPicture, [&](const NearPoint& near) { return original[near.second] <= lastOriginal; }));
    return figures;
}

int queriesFor(int points, int width, const QualityOptions& options) {
    if (options.queries > 0)
        return std::min(options.queries, points);
    if (points <= kExactPoints)
        return points;
    return std::clamp(static_cast<int>(kBudget / (static_cast<double>(points) * width)), kFewestQueries, kExactPoints);
}

ProjectionQuality summed(const std::vector<QueryFigures>& figures, int points, int k) {
    QueryFigures total;
    for (const QueryFigures& one : figures) {
        total.intruders += one.intruders;
        total.extruders += one.extruders;
        total.kept += one.kept;
        total.sums.xx += one.sums.xx;
        total.sums.yy += one.sums.yy;
        total.sums.xy += one.sums.xy;
    }
    const auto queries = static_cast<double>(figures.size());
    const double norm = 2.0 / (queries * k * (2.0 * points - 3.0 * k - 1.0));
    ProjectionQuality quality{.neighbours = k, .queries = static_cast<int>(figures.size()),
                              .trustworthiness = 1.0 - norm * total.intruders, .continuity = 1.0 - norm * total.extruders,
                              .preservation = total.kept / (queries * k), .stress = {}};
    if (total.sums.xx > 0) { // with the best scale s = sum Dd / sum dd, what is left is 1 - cos^2 of the two lists of distances
        const double product = total.sums.xx * total.sums.yy;
        quality.stress = std::sqrt(std::max(0.0, 1.0 - (product > 0 ? total.sums.xy * total.sums.xy / product : 0.0)));
    }
    return quality;
}

Result<void> checkFinite(std::span<const float> values, const char* what) {
    if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); }))
        return {};
    return Error{ErrorCode::NotFinite, std::string(what) + " hold NaN or infinity", {}};
}

} // namespace

Result<std::optional<ProjectionQuality>> projectionQuality(std::span<const float> data, int points, int width, std::span<const float> coordinates,
                                                           int dimensions, const QualityOptions& options, const JobContext& context) {
    SINKSCOPE_ASSERT(data.size() == static_cast<std::size_t>(points) * static_cast<std::size_t>(width));
    SINKSCOPE_ASSERT(coordinates.size() == static_cast<std::size_t>(points) * static_cast<std::size_t>(dimensions));
    SINKSCOPE_CHECK(checkFinite(data, "the vectors"));
    SINKSCOPE_CHECK(checkFinite(coordinates, "the coordinates"));
    if (points < kFewestPoints)
        return std::optional<ProjectionQuality>{};
    const int k = std::clamp(options.neighbours, 1, (points + 1) / 2 - 1); // k < n/2, or the sum has no upper bound
    const std::vector<std::size_t> queries = drawQueries(static_cast<std::size_t>(points), static_cast<std::size_t>(queriesFor(points, width, options)), options.seed);
    const DistancePanels original(data, points, width), picture(coordinates, points, dimensions);
    const auto count = static_cast<std::size_t>(points);
    const bool small = static_cast<double>(queries.size()) * points * width < kWorthThreads;
    ThreadTeam team(small ? 1 : options.threads > 0 ? options.threads : usableProcessors());
    std::vector<Workspace> rooms(static_cast<std::size_t>(team.size()));
    for (Workspace& room : rooms) {
        room.original.resize(kDistanceQueries * original.stride());
        room.picture.resize(kDistanceQueries * picture.stride());
    }
    std::vector<QueryFigures> figures(queries.size());
    SINKSCOPE_CHECK(team.run((queries.size() + kDistanceQueries - 1) / kDistanceQueries, [&](std::size_t task, int worker) {
        Workspace& room = rooms[static_cast<std::size_t>(worker)];
        const std::size_t first = task * kDistanceQueries, here = std::min(kDistanceQueries, queries.size() - first);
        std::array<std::size_t, kDistanceQueries> group;
        for (std::size_t q = 0; q < kDistanceQueries; ++q)
            group[q] = queries[first + std::min(q, here - 1)];
        original.squaredDistances(group.data(), room.original.data());
        picture.squaredDistances(group.data(), room.picture.data());
        for (std::size_t q = 0; q < here; ++q)
            figures[first + q] = figuresOf(group[q], &room.original[q * original.stride()], &room.picture[q * picture.stride()], count,
                                           static_cast<std::size_t>(k), room);
    }, context));
    return std::optional<ProjectionQuality>(summed(figures, points, k));
}

void addTo(std::map<std::string, double>& numbers, const ProjectionQuality& quality) {
    numbers["trustworthiness"] = quality.trustworthiness;
    numbers["continuity"] = quality.continuity;
    numbers["neighbourhood_preservation"] = quality.preservation;
    if (quality.stress)
        numbers["stress"] = *quality.stress;
    numbers["quality_neighbours"] = quality.neighbours;
    numbers["quality_queries"] = quality.queries;
}

} // namespace sinkscope
