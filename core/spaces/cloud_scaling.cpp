// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/cloud_scaling.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <tuple>

namespace sinkscope {
namespace {

/// Distances beyond so many robust standard deviations are drawn in.
constexpr double kClip = 6.0;
/// Median absolute deviation of a normal distribution times this is its standard deviation.
constexpr double kNormal = 1.4826;

double medianOf(std::vector<double> values) { // the lower one of an even number
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

std::span<float> vectorAt(PointCloud& cloud, std::size_t point) {
    return std::span(cloud.values).subspan(point * static_cast<std::size_t>(cloud.width), static_cast<std::size_t>(cloud.width));
}

double lengthOf(std::span<const float> vector) {
    double sum = 0;
    for (const float value : vector)
        sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

/// Points of one kind that share a mean.
struct Members {
    std::vector<std::size_t> points;
    double meanLength = 0; ///< about their mean
};

/// Moves points to their own mean and measures them.
void centre(PointCloud& cloud, Members& members) {
    const auto width = static_cast<std::size_t>(cloud.width);
    std::vector<double> mean(width);
    for (const std::size_t point : members.points)
        for (std::size_t i = 0; i < width; ++i)
            mean[i] += cloud.vector(point)[i] / static_cast<double>(members.points.size());
    for (const std::size_t point : members.points) {
        const auto vector = vectorAt(cloud, point);
        for (std::size_t i = 0; i < width; ++i)
            vector[i] = static_cast<float>(vector[i] - mean[i]);
        members.meanLength += lengthOf(vector) / static_cast<double>(members.points.size());
    }
}

void multiply(PointCloud& cloud, const Members& members, double factor) {
    for (const std::size_t point : members.points)
        for (float& value : vectorAt(cloud, point))
            value = static_cast<float>(value * factor);
}

std::vector<double> componentMedians(const PointCloud& cloud) {
    std::vector<double> medians(static_cast<std::size_t>(cloud.width)), column(cloud.points.size());
    for (std::size_t i = 0; i < medians.size(); ++i) {
        for (std::size_t point = 0; point < column.size(); ++point)
            column[point] = cloud.vector(point)[i];
        medians[i] = medianOf(column);
    }
    return medians;
}

std::string formatted(const char* format, double value) {
    char text[160];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

void drawIn(PointCloud& cloud) {
    const std::vector<double> middle = componentMedians(cloud);
    std::vector<double> distances;
    for (std::size_t point = 0; point < cloud.points.size(); ++point) {
        double sum = 0;
        for (std::size_t i = 0; i < middle.size(); ++i)
            sum += (cloud.vector(point)[i] - middle[i]) * (cloud.vector(point)[i] - middle[i]);
        distances.push_back(std::sqrt(sum));
    }
    const double median = medianOf(distances);
    std::vector<double> deviations;
    for (const double distance : distances)
        deviations.push_back(std::abs(distance - median));
    const double spread = medianOf(deviations), limit = median + kClip * kNormal * spread;
    for (std::size_t point = 0; point < distances.size(); ++point) {
        if (!(spread > 0) || distances[point] <= limit)
            continue; // where most points are at one distance, no other one is far
        const auto vector = vectorAt(cloud, point);
        for (std::size_t i = 0; i < middle.size(); ++i)
            vector[i] = static_cast<float>(middle[i] + (vector[i] - middle[i]) * (limit / distances[point]));
        cloud.points[point].clipped = true;
        ++cloud.clipped;
    }
    cloud.notes.push_back(std::to_string(cloud.clipped) + " of " + std::to_string(cloud.points.size()) + " points lie farther from the middle than " +
                          formatted("%.4g (median + 6 robust standard deviations) and are drawn in to that distance.", limit));
}

void takeLogarithms(PointCloud& cloud) {
    std::vector<double> lengths;
    for (std::size_t point = 0; point < cloud.points.size(); ++point)
        lengths.push_back(lengthOf(cloud.vector(point)));
    std::vector<double> positive;
    std::ranges::copy_if(lengths, std::back_inserter(positive), [](double length) { return length > 0; });
    const double median = positive.empty() ? 1.0 : medianOf(positive);
    for (std::size_t point = 0; point < lengths.size(); ++point)
        for (float& value : vectorAt(cloud, point))
            value = lengths[point] > 0 ? static_cast<float>(value / lengths[point] * std::log1p(lengths[point] / median)) : 0.0F;
    cloud.notes.push_back("Directions are kept; lengths r are drawn as ln(1 + r / " + formatted("%.4g), the median length.", median));
}

} // namespace

void matchDotProducts(PointCloud& cloud) {
    std::map<std::pair<int, int>, Members> keys;                 // by layer, key/value head
    std::map<std::tuple<int, int, int>, Members> queries;        // by layer, group, query head
    for (std::size_t i = 0; i < cloud.points.size(); ++i) {
        const CloudPoint& point = cloud.points[i];
        if (point.kind == PointKind::Key)
            keys[{point.layer, point.group}].points.push_back(i);
        else if (point.kind == PointKind::Query)
            queries[{point.layer, point.group, point.head}].points.push_back(i);
    }
    for (auto& [place, members] : keys)
        centre(cloud, members);
    for (auto& [place, members] : queries)
        centre(cloud, members);
    for (auto& [place, members] : keys) {
        double length = 0, points = 0;
        const auto first = queries.lower_bound({place.first, place.second, -1});
        auto last = first;
        for (; last != queries.end() && std::get<0>(last->first) == place.first && std::get<1>(last->first) == place.second; ++last) {
            length += last->second.meanLength * static_cast<double>(last->second.points.size());
            points += static_cast<double>(last->second.points.size());
        }
        if (!(length > 0 && members.meanLength > 0))
            continue;
        const double factor = std::sqrt(members.meanLength / (length / points));
        multiply(cloud, members, 1 / factor);
        for (auto query = first; query != last; ++query)
            multiply(cloud, query->second, factor);
    }
    cloud.notes.push_back("Keys and queries of each group are moved to their means and scaled to one mean length, k' = (k - mean) / c, "
                          "q' = c (q - mean), so that near points have large dot products. Moving the keys changes no attention; moving the "
                          "queries leaves out what the mean query gives to each key.");
}

void scaleCloud(PointCloud& cloud, CloudScaling scaling) {
    cloud.scaling = scaling;
    if (cloud.points.empty() || scaling == CloudScaling::None)
        return;
    if (scaling == CloudScaling::Robust)
        drawIn(cloud);
    else
        takeLogarithms(cloud);
}

} // namespace sinkscope
