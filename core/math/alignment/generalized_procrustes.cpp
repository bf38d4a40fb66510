// SPDX-License-Identifier: Apache-2.0
#include "core/math/alignment/procrustes.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {
namespace {

constexpr int kMostRounds = 100;
/// The mean rests when it moves by less than this share of its size.
constexpr double kRest = 1e-6;

std::vector<float> meanOf(std::span<const std::vector<float>> clouds) {
    std::vector<float> mean(clouds.front().size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
        double sum = 0;
        for (const auto& cloud : clouds)
            sum += cloud[i];
        mean[i] = static_cast<float>(sum / static_cast<double>(clouds.size()));
    }
    return mean;
}

std::vector<double> centreOf(std::span<const float> cloud, std::size_t width) {
    std::vector<double> centre(width);
    for (std::size_t i = 0; i < cloud.size(); ++i)
        centre[i % width] += cloud[i];
    for (double& value : centre)
        value /= static_cast<double>(cloud.size() / width);
    return centre;
}

/// Square root of the sum of squared distances from the centre.
double sizeOf(std::span<const float> cloud, int dimensions) {
    const std::vector<double> centre = centreOf(cloud, static_cast<std::size_t>(dimensions));
    double squares = 0;
    for (std::size_t i = 0; i < cloud.size(); ++i)
        squares += (cloud[i] - centre[i % centre.size()]) * (cloud[i] - centre[i % centre.size()]);
    return std::sqrt(squares);
}

double distanceBetween(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    return std::sqrt(sum);
}

Result<Alignment> alignCloud(std::span<const std::vector<float>> clouds, std::size_t cloud, std::span<const float> target, int dimensions,
                             const ProcrustesOptions& options) {
    auto alignment = procrustes(clouds[cloud], target, dimensions, options);
    if (alignment)
        return alignment;
    Error error = alignment.error();
    error.detail = "cloud " + std::to_string(cloud + 1) + ": " + error.detail;
    return error;
}

/// Shrinking is a way to a small residual that scaling would take: the mean keeps the size of the first cloud.
void keepSize(std::vector<float>& mean, int dimensions, double size) {
    const double own = sizeOf(mean, dimensions);
    if (!(own > 0 && size > 0))
        return;
    const std::vector<double> centre = centreOf(mean, static_cast<std::size_t>(dimensions));
    for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] = static_cast<float>(centre[i % centre.size()] + (mean[i] - centre[i % centre.size()]) * size / own);
}

/// Aligns every cloud with the target, into `frame`.
Result<void> alignAll(std::span<const std::vector<float>> clouds, std::span<const float> target, int dimensions, const ProcrustesOptions& options,
                      CommonFrame& frame) {
    frame.alignments.clear();
    frame.aligned.clear();
    for (std::size_t cloud = 0; cloud < clouds.size(); ++cloud) {
        SINKSCOPE_TRY(Alignment alignment, alignCloud(clouds, cloud, target, dimensions, options));
        frame.aligned.push_back(alignment.apply(clouds[cloud]));
        frame.alignments.push_back(std::move(alignment));
    }
    return {};
}

} // namespace

Result<CommonFrame> generalizedProcrustes(std::span<const std::vector<float>> clouds, int dimensions, const ProcrustesOptions& options) {
    if (clouds.empty())
        return Error{ErrorCode::InvalidArgument, "no clouds to align", {}};
    SINKSCOPE_TRY(const Alignment self, alignCloud(clouds, 0, clouds.front(), dimensions, options)); // refuses what is no cloud
    const double size = sizeOf(clouds.front(), self.dimensions);
    CommonFrame frame;
    frame.mean = clouds.front();
    while (!frame.settled && frame.rounds < kMostRounds) {
        SINKSCOPE_CHECK(alignAll(clouds, frame.mean, dimensions, options, frame));
        std::vector<float> mean = meanOf(frame.aligned);
        if (options.scaling)
            keepSize(mean, dimensions, size);
        frame.settled = distanceBetween(mean, frame.mean) <= kRest * std::max(sizeOf(mean, dimensions), 1e-30);
        frame.mean = std::move(mean);
        ++frame.rounds;
    }
    // Turn everything to where the first cloud came from.
    SINKSCOPE_TRY(const Alignment home, procrustes(frame.mean, clouds.front(), dimensions, {options.translation, options.reflection, false}));
    frame.mean = home.apply(frame.mean);
    SINKSCOPE_CHECK(alignAll(clouds, frame.mean, dimensions, options, frame));
    return frame;
}

} // namespace sinkscope
