// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/smooth_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace sinkscope {
namespace {

constexpr int kBisections = 64;
constexpr double kTolerance = 1e-5;
constexpr double kSmallestShare = 1e-3; ///< of the mean distance: keeps duplicates from getting an infinitely sharp scale

double meanOf(std::span<const float> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Sum of memberships of a point's neighbours, itself left out, for a scale.
double membershipSum(std::span<const float> distances, double rho, double sigma) {
    double sum = 0;
    for (const float distance : distances.subspan(1)) {
        const double beyond = distance - rho;
        sum += beyond > 0 ? std::exp(-beyond / sigma) : 1.0;
    }
    return sum;
}

double bisectSigma(std::span<const float> distances, double rho, double target) {
    double low = 0, high = std::numeric_limits<double>::infinity(), sigma = 1;
    for (int step = 0; step < kBisections; ++step) {
        const double sum = membershipSum(distances, rho, sigma);
        if (std::abs(sum - target) < kTolerance)
            break;
        if (sum > target) {
            high = sigma;
            sigma = (low + high) / 2;
        } else {
            low = sigma;
            sigma = std::isinf(high) ? sigma * 2 : (low + high) / 2;
        }
    }
    return sigma;
}

} // namespace

Result<LocalScales> smoothDistances(const NeighbourGraph& graph, ThreadTeam& team, const JobContext& context) {
    const double target = std::log2(graph.neighbours);
    const double meanOfAll = graph.distances.empty() ? 0.0 : meanOf(graph.distances);
    LocalScales scales;
    scales.sigma.resize(static_cast<std::size_t>(graph.points));
    scales.rho.resize(scales.sigma.size());
    const auto width = static_cast<std::size_t>(graph.neighbours);
    const auto scalePoint = [&](std::size_t i) {
        const auto row = std::span(graph.distances).subspan(i * width, width);
        const auto nearest = std::ranges::find_if(row, [](float distance) { return distance > 0; });
        const double rho = nearest == row.end() ? 0.0 : *nearest;
        const double floor = kSmallestShare * (rho > 0 ? meanOf(row) : meanOfAll);
        scales.rho[i] = static_cast<float>(rho);
        scales.sigma[i] = static_cast<float>(std::max(bisectSigma(row, rho, target), floor));
    };
    constexpr std::size_t kSlice = 1024;
    SINKSCOPE_CHECK(team.run((scales.sigma.size() + kSlice - 1) / kSlice, [&](std::size_t slice, int) {
        for (std::size_t i = slice * kSlice; i < std::min(scales.sigma.size(), (slice + 1) * kSlice); ++i)
            scalePoint(i);
    }, context));
    return scales;
}

} // namespace sinkscope
