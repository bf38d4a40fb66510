// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/cloud_geometry.h"

#include "core/math/pca/moments.h"
#include "core/math/quality/distance_panels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

namespace sinkscope {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

double lengthOf(const Vector& a) { return std::sqrt(dot(a, a)); }

Vector difference(const Vector& a, const Vector& b) {
    Vector result(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        result[i] = a[i] - b[i];
    return result;
}

double angleBetween(const Vector& a, const Vector& b) {
    const double lengths = lengthOf(a) * lengthOf(b);
    return lengths > 0 ? std::acos(std::clamp(dot(a, b) / lengths, -1.0, 1.0)) * 180 / std::numbers::pi : 90.0;
}

void addRow(Vector& sum, std::span<const float> row, double factor = 1) {
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += row[i] * factor;
}

/// (|sum of unit vectors|^2 - n) / (n (n - 1)).
std::optional<double> meanCosineOf(const PointCloud& cloud) {
    Vector sum(static_cast<std::size_t>(cloud.width));
    double units = 0;
    for (std::size_t point = 0; point < cloud.points.size(); ++point) {
        double square = 0;
        for (const float value : cloud.vector(point))
            square += static_cast<double>(value) * value;
        if (!(square > 0))
            continue;
        addRow(sum, cloud.vector(point), 1 / std::sqrt(square));
        ++units;
    }
    if (units < 2)
        return {};
    return (dot(sum, sum) - units) / (units * (units - 1));
}

/// Centre of the points that are no sinks (of all, when there are no others) and their root mean square distance from it.
struct Rest {
    Vector centroid;
    double radius = 0;
};

Rest restOf(const PointCloud& cloud) {
    const bool onlySinks = std::ranges::all_of(cloud.points, [](const CloudPoint& point) { return point.sink; });
    Rest rest{Vector(static_cast<std::size_t>(cloud.width)), 0};
    double count = 0, squares = 0;
    for (const CloudPoint& point : cloud.points)
        count += onlySinks || !point.sink ? 1 : 0;
    for (int pass = 0; pass < 2; ++pass)
        for (std::size_t i = 0; i < cloud.points.size(); ++i) {
            if (cloud.points[i].sink && !onlySinks)
                continue;
            if (pass == 0) {
                addRow(rest.centroid, cloud.vector(i), 1 / count);
                continue;
            }
            for (std::size_t j = 0; j < rest.centroid.size(); ++j)
                squares += (cloud.vector(i)[j] - rest.centroid[j]) * (cloud.vector(i)[j] - rest.centroid[j]);
        }
    rest.radius = count > 0 ? std::sqrt(squares / count) : 0;
    return rest;
}

void findAnchors(const PointCloud& cloud, const CaptureHeader& header, const Rest& rest, CloudGeometry& geometry) {
    std::map<std::tuple<int, PointKind, int, bool, std::int32_t>, CloudAnchor> anchors;
    for (std::size_t i = 0; i < cloud.points.size(); ++i) {
        const CloudPoint& point = cloud.points[i];
        if (!point.sink)
            continue;
        const std::int32_t id = header.samples[static_cast<std::size_t>(point.sample)]->encoding.ids[static_cast<std::size_t>(point.token)];
        CloudAnchor& anchor = anchors[{point.layer, point.kind, point.head, point.token != 0, id}];
        if (anchor.points++ == 0) {
            anchor.kind = point.kind;
            anchor.layer = point.layer;
            anchor.head = point.head;
            anchor.id = id;
            anchor.first = point.token == 0;
            anchor.text = textOf(header, point);
            anchor.mean.assign(static_cast<std::size_t>(cloud.width), 0.0);
        }
        addRow(anchor.mean, cloud.vector(i));
    }
    geometry.anchorsInAll = static_cast<int>(anchors.size());
    for (auto& [place, anchor] : anchors)
        geometry.anchors.push_back(std::move(anchor));
    std::ranges::stable_sort(geometry.anchors, std::greater<>(), &CloudAnchor::points);
    geometry.anchors.resize(std::min(geometry.anchors.size(), kMostAnchors));
    for (CloudAnchor& anchor : geometry.anchors) {
        for (double& value : anchor.mean)
            value /= anchor.points;
        anchor.length = lengthOf(anchor.mean);
        anchor.distance = lengthOf(difference(anchor.mean, rest.centroid));
        anchor.relativeDistance = rest.radius > 0 ? anchor.distance / rest.radius : 0;
    }
}

void measureAngles(const Rest& rest, CloudGeometry& geometry) {
    for (const CloudAnchor& a : geometry.anchors)
        for (const CloudAnchor& b : geometry.anchors) {
            const bool same = &a == &b;
            geometry.angles.push_back(same ? 0.0 : angleBetween(a.mean, b.mean));
            geometry.anglesFromCentroid.push_back(same ? 0.0 : angleBetween(difference(a.mean, rest.centroid), difference(b.mean, rest.centroid)));
        }
}

/// Eigenvalues of a matrix of this side take a tenth of a second.
constexpr int kLargestSide = 1024;

Result<void> measureShape(const PointCloud& cloud, const JobContext& context, CloudGeometry& geometry) {
    const int points = cloud.count(), width = cloud.width;
    geometry.shapePoints = points;
    if (width <= kLargestSide && points >= 4 * width) {
        MemoryMatrix rows(cloud.values, points, width);
        ThreadTeam team(usableProcessors());
        SINKSCOPE_TRY(const pca::Moments moments, pca::momentsOf(rows, false, true, team, context));
        geometry.shape = cloudShapeOfProducts(moments.products, width);
        return {};
    }
    if (std::min(points, width) <= kLargestSide) {
        geometry.shape = cloudShape(cloud.values, points, width);
        return {};
    }
    std::vector<float> some;
    for (const std::size_t point : drawQueries(cloud.points.size(), kLargestSide, cloud.request.seed))
        some.insert(some.end(), cloud.vector(point).begin(), cloud.vector(point).end());
    geometry.shapePoints = kLargestSide;
    geometry.shape = cloudShape(some, kLargestSide, width);
    return {};
}

} // namespace

Result<CloudGeometry> cloudGeometry(const PointCloud& cloud, const CaptureHeader& header, const JobContext& context) {
    CloudGeometry geometry;
    if (cloud.points.empty())
        return geometry;
    SINKSCOPE_TRY(geometry.dimension, intrinsicDimension(cloud.values, cloud.count(), cloud.width, {}, context)); // also refuses what is not finite
    SINKSCOPE_CHECK(measureShape(cloud, context, geometry));
    geometry.meanCosine = meanCosineOf(cloud);
    const Rest rest = restOf(cloud);
    findAnchors(cloud, header, rest, geometry);
    measureAngles(rest, geometry);
    return geometry;
}

} // namespace sinkscope
