// SPDX-License-Identifier: Apache-2.0
#include "app/cli/project_clouds.h"

#include "core/math/alignment/joint_fit.h"
#include "core/math/alignment/procrustes.h"
#include "core/spaces/capture_rows.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace sinkscope {
namespace {

using Options = ProjectOptions;

/// A cloud to be read.
struct Task {
    CloudRequest request;
    int layer = -1, head = -1;
};

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

int headsOf(const CaptureHeader& header, const Options& options) {
    const bool byQuery = options.cloud.space == CloudSpace::Query || options.cloud.space == CloudSpace::KeyQuery;
    if (options.cloud.space == CloudSpace::Hidden || options.scope == ProjectScope::Layer || options.scope == ProjectScope::Model)
        return 1;
    return byQuery && options.scope == ProjectScope::Head ? header.heads : header.keyValueHeads;
}

std::vector<Task> tasksOf(const CaptureHeader& header, const Options& options) {
    std::vector<Task> tasks;
    Task task{options.cloud, -1, -1};
    const bool perHead = options.cloud.space != CloudSpace::Hidden && (options.scope == ProjectScope::Head || options.scope == ProjectScope::Group);
    task.request.scope = options.scope == ProjectScope::Head    ? CloudScope::Head
                         : options.scope == ProjectScope::Group ? CloudScope::Group
                                                                : CloudScope::Layer;
    const std::vector<int>& layers = options.cloud.layers.empty() ? header.capturedLayers : options.cloud.layers;
    const std::vector<int> once{-1};
    for (const int layer : options.scope == ProjectScope::Model ? once : layers) {
        if (layer >= 0)
            task.request.layers = {layer};
        task.layer = layer;
        const int heads = headsOf(header, options);
        for (int head = 0; head < heads; ++head) {
            if (perHead && options.head >= 0 && head != options.head && options.head < heads)
                continue;
            task.request.head = perHead && options.head >= heads ? options.head : head; // the cloud says what is wrong with it
            task.head = perHead ? task.request.head : -1;
            tasks.push_back(task);
        }
    }
    return tasks;
}

DrawnCloud describe(const Task& task, const PointCloud& cloud) {
    DrawnCloud drawn;
    drawn.layer = task.layer;
    drawn.head = task.head;
    drawn.points = cloud.points;
    drawn.captured = cloud.captured;
    drawn.notes = cloud.notes;
    return drawn;
}

Result<void> judge(const PointCloud& cloud, const CaptureHeader& header, const Options& options, DrawnCloud& drawn, JobContext& context) {
    if (!options.judge)
        return {};
    SINKSCOPE_TRY(drawn.geometry, cloudGeometry(cloud, header, context));
    return {};
}

/// Coordinates in a basis that was fitted to other points too.
Result<void> drawIn(const PrincipalComponents& basis, std::vector<float> coordinates, const char* label, const PointCloud& cloud,
                    const Options& options, DrawnCloud& drawn, const JobContext& context) {
    auto projection = std::make_shared<Projection>();
    projection->points = cloud.count();
    projection->dimensions = basis.components;
    projection->coordinates = std::move(coordinates);
    for (int k = 0; k < basis.components; ++k) {
        char text[64];
        std::snprintf(text, sizeof text, "%s%d %.0f %%", label, k + 1, 100 * basis.explained(k));
        projection->axisLabels.emplace_back(text);
        projection->quality["explained_variance_" + std::to_string(k + 1)] = basis.explained(k);
    }
    projection->quality["fitted_points"] = static_cast<double>(basis.rows);
    if (options.judge) {
        SINKSCOPE_TRY(const auto numbers, projectionQuality(cloud.values, cloud.count(), cloud.width, projection->coordinates, basis.components,
                                                            {.seed = options.projection.seed}, context));
        if (numbers)
            addTo(projection->quality, *numbers);
        projection->quality["points"] = cloud.count();
        projection->quality["captured_points"] = static_cast<double>(cloud.captured);
    }
    drawn.projection = std::move(projection);
    return {};
}

Result<DrawnCloud> drawOne(CaptureSource& source, const Options& options, const Task& task, JobContext& context) {
    SINKSCOPE_TRY(const auto cloud, assembleCloud(source, task.request, context));
    const ProjectionSpec& spec = *findProjection(options.method);
    DrawnCloud drawn = describe(task, *cloud);
    if (options.fitAll) {
        const PcaOptions fit{.components = options.projection.dimensions, .seed = options.projection.seed};
        SINKSCOPE_TRY(const PrincipalComponents basis, fitCapture(source, task.request, fit, context));
        MemoryMatrix rows(cloud->values, cloud->count(), cloud->width);
        SINKSCOPE_TRY(auto coordinates, coordinatesIn(basis, rows, context));
        SINKSCOPE_CHECK(drawIn(basis, std::move(coordinates), "PC", *cloud, options, drawn, context));
    } else if (options.judge) {
        SINKSCOPE_TRY(drawn.projection, projectAndJudge(spec, cloud->values, cloud->count(), cloud->width, options.projection,
                                                        {.seed = options.projection.seed}, cloud->captured, context));
    } else {
        SINKSCOPE_TRY(drawn.projection, spec.project(cloud->values, cloud->count(), cloud->width, options.projection, context));
    }
    SINKSCOPE_CHECK(judge(*cloud, source.header(), options, drawn, context));
    return drawn;
}

/// The same basis for all layers of a head.
Result<void> drawJointly(CaptureSource& source, const Options& options, std::span<const Task> tasks, std::vector<DrawnCloud>& all,
                         JobContext& context) {
    std::vector<std::vector<float>> values;
    std::vector<std::shared_ptr<const PointCloud>> clouds;
    for (const Task& task : tasks) {
        SINKSCOPE_TRY(auto cloud, assembleCloud(source, task.request, context));
        values.push_back(cloud->values);
        clouds.push_back(std::move(cloud));
    }
    const PcaOptions fit{.components = options.projection.dimensions, .seed = options.projection.seed};
    SINKSCOPE_TRY(const JointFit joint, fitJointly(values, clouds.front()->width, true, fit, context));
    for (std::size_t i = 0; i < clouds.size(); ++i) {
        DrawnCloud drawn = describe(tasks[i], *clouds[i]);
        SINKSCOPE_CHECK(drawIn(joint.basis, joint.coordinates[i], "joint PC", *clouds[i], options, drawn, context));
        drawn.alignment = {{"to", "joint"}, {"explained", joint.explained[i]}};
        SINKSCOPE_CHECK(judge(*clouds[i], source.header(), options, drawn, context));
        all.push_back(std::move(drawn));
    }
    return {};
}

using PlaceOfPoint = std::tuple<int, PointKind, int, int>; // sample, kind, head, token

/// Coordinates of the points that both have, in one order.
std::pair<std::vector<float>, std::vector<float>> commonPoints(const DrawnCloud& a, const DrawnCloud& b) {
    std::map<PlaceOfPoint, std::size_t> places;
    for (std::size_t i = 0; i < b.points.size(); ++i)
        places[{b.points[i].sample, b.points[i].kind, b.points[i].head, b.points[i].token}] = i;
    std::pair<std::vector<float>, std::vector<float>> common;
    const auto dimensions = static_cast<std::size_t>(a.projection->dimensions);
    const auto add = [&](std::vector<float>& to, const DrawnCloud& cloud, std::size_t point) {
        const auto row = std::span(cloud.projection->coordinates).subspan(point * dimensions, dimensions);
        to.insert(to.end(), row.begin(), row.end());
    };
    for (std::size_t i = 0; i < a.points.size(); ++i) {
        const auto found = places.find({a.points[i].sample, a.points[i].kind, a.points[i].head, a.points[i].token});
        if (found == places.end())
            continue;
        add(common.first, a, i);
        add(common.second, b, found->second);
    }
    return common;
}

/// Turns, mirrors and moves every layer of a head to where the chosen one lies.
Result<void> alignLayers(std::vector<DrawnCloud>& all, int target) {
    for (DrawnCloud& moving : all) {
        const auto goal = std::ranges::find_if(all, [&](const DrawnCloud& each) { return each.layer == target && each.head == moving.head; });
        if (goal == all.end())
            return invalid("layer " + std::to_string(target) + ", to align to, is not among the projected ones");
        const auto [from, to] = commonPoints(moving, *goal);
        SINKSCOPE_TRY(const Alignment alignment, procrustes(from, to, moving.projection->dimensions));
        moving.alignment = {{"to", target}, {"points", from.size() / static_cast<std::size_t>(moving.projection->dimensions)},
                            {"reflected", alignment.reflected}, {"residual", alignment.residual ? Json(*alignment.residual) : Json()}};
        if (&moving == &*goal)
            continue; // stays where the others come to
        auto turned = std::make_shared<Projection>(*moving.projection);
        turned->coordinates = alignment.apply(turned->coordinates);
        moving.projection = std::move(turned);
    }
    return {};
}

Result<void> checkAlignment(const Options& options) {
    if (options.fitAll && (options.method != "pca" || options.alignTo == Options::kAlignJoint))
        return invalid("--fit all fits principal components of one cloud: use --method pca, and no joint basis");
    if (options.alignTo == Options::kAlignNone)
        return {};
    if (options.scope == ProjectScope::Model)
        return invalid("one cloud of all layers has nothing to be aligned with");
    if (options.alignTo == Options::kAlignJoint && options.method != "pca")
        return invalid("a joint basis is one of principal components: use --method pca");
    return {};
}

} // namespace

Result<std::vector<DrawnCloud>> drawClouds(CaptureSource& source, const Options& options, JobContext& context) {
    SINKSCOPE_CHECK(checkAlignment(options));
    const std::vector<Task> tasks = tasksOf(source.header(), options);
    std::vector<DrawnCloud> all;
    if (options.alignTo == Options::kAlignJoint) {
        std::map<int, std::vector<Task>> heads;
        for (const Task& task : tasks)
            heads[task.head].push_back(task);
        for (const auto& [head, layers] : heads)
            SINKSCOPE_CHECK(drawJointly(source, options, layers, all, context));
        std::ranges::stable_sort(all, {}, &DrawnCloud::layer);
        return all;
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        SINKSCOPE_CHECK(context.checkpoint());
        SINKSCOPE_TRY(DrawnCloud drawn, drawOne(source, options, tasks[i], context));
        all.push_back(std::move(drawn));
        context.progress(static_cast<double>(i + 1) / static_cast<double>(tasks.size() + 1), "projected");
    }
    if (options.alignTo >= 0)
        SINKSCOPE_CHECK(alignLayers(all, options.alignTo));
    return all;
}

} // namespace sinkscope
