// SPDX-License-Identifier: Apache-2.0
#include "app/cli/project_clouds.h"

#include "core/math/alignment/joint_fit.h"
#include "core/math/alignment/procrustes.h"
#include "core/spaces/capture_rows.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

using Options = ProjectOptions;

/// A cloud to be read.
struct Task {
    std::shared_ptr<CaptureStore> source;
    CloudRequest request;
    int run = 0, layer = -1, head = -1;

    /// What clouds that are aligned with each other have in common.
    [[nodiscard]] std::array<int, 3> familyAlong(CloudAxis axis) const {
        return {axis == CloudAxis::Runs ? -1 : run, axis == CloudAxis::Layers ? -1 : layer, axis == CloudAxis::Heads ? -1 : head};
    }
    [[nodiscard]] int placeOn(CloudAxis axis) const { return axis == CloudAxis::Runs ? run : axis == CloudAxis::Layers ? layer : head; }
};

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

int headsOf(const CaptureHeader& header, const Options& options) {
    const bool byQuery = options.cloud.space == CloudSpace::Query || options.cloud.space == CloudSpace::KeyQuery;
    if (options.cloud.space == CloudSpace::Hidden || options.scope == ProjectScope::Layer || options.scope == ProjectScope::Model)
        return 1;
    return byQuery && options.scope == ProjectScope::Head ? header.heads : header.keyValueHeads;
}

void addTasks(std::vector<Task>& tasks, const std::shared_ptr<CaptureStore>& source, int run, const Options& options) {
    const CaptureHeader& header = source->header();
    Task task{source, options.cloud, run, -1, -1};
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
}

DrawnCloud describe(const Task& task, const PointCloud& cloud) {
    DrawnCloud drawn;
    drawn.run = task.run;
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

Result<DrawnCloud> drawOne(const Options& options, const Task& task, JobContext& context) {
    CaptureSource& source = *task.source;
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

/// The same basis for all clouds along the axis.
Result<void> drawJointly(const Options& options, std::span<const Task> tasks, std::vector<DrawnCloud>& all, JobContext& context) {
    std::vector<std::vector<float>> values;
    std::vector<std::shared_ptr<const PointCloud>> clouds;
    for (const Task& task : tasks) {
        SINKSCOPE_TRY(auto cloud, assembleCloud(*task.source, task.request, context));
        if (!clouds.empty() && cloud->width != clouds.front()->width)
            return invalid("vectors of " + std::to_string(cloud->width) + " and of " + std::to_string(clouds.front()->width) + " components have no basis in common");
        values.push_back(cloud->values);
        clouds.push_back(std::move(cloud));
    }
    const PcaOptions fit{.components = options.projection.dimensions, .seed = options.projection.seed};
    SINKSCOPE_TRY(const JointFit joint, fitJointly(values, clouds.front()->width, true, fit, context));
    for (std::size_t i = 0; i < clouds.size(); ++i) {
        DrawnCloud drawn = describe(tasks[i], *clouds[i]);
        SINKSCOPE_CHECK(drawIn(joint.basis, joint.coordinates[i], "joint PC", *clouds[i], options, drawn, context));
        drawn.alignment = {{"to", "joint"}, {"explained", joint.explained[i]}};
        SINKSCOPE_CHECK(judge(*clouds[i], tasks[i].source->header(), options, drawn, context));
        all.push_back(std::move(drawn));
    }
    return {};
}

/// Turns, mirrors and moves every cloud to where that of its family lies which has the chosen place on the axis.
Result<void> alignClouds(std::vector<DrawnCloud>& all, std::span<const Task> tasks, const Options& options) {
    static constexpr std::array<const char*, 3> kNames{"layer ", "head ", "capture "};
    for (std::size_t i = 0; i < all.size(); ++i) {
        DrawnCloud& moving = all[i];
        const auto goal = std::ranges::find_if(tasks, [&](const Task& each) {
            return each.placeOn(options.along) == options.alignTo && each.familyAlong(options.along) == tasks[i].familyAlong(options.along);
        });
        if (goal == tasks.end())
            return invalid(kNames[static_cast<std::size_t>(options.along)] + std::to_string(options.alignTo) + ", to align to, is not among the projected ones");
        const DrawnCloud& fixed = all[static_cast<std::size_t>(goal - tasks.begin())];
        if (options.along == CloudAxis::Runs)
            SINKSCOPE_CHECK(checkSameTokens(tasks[i].source->header(), goal->source->header(), options.cloud.samples));
        const auto pairs = correspondingPoints(moving.points, fixed.points, options.along);
        const auto [from, to] = correspondingRows(pairs, moving.projection->coordinates, fixed.projection->coordinates, moving.projection->dimensions);
        SINKSCOPE_TRY(const Alignment alignment, procrustes(from, to, moving.projection->dimensions));
        moving.alignment = {{"to", options.alignTo}, {"points", pairs.size()}, {"reflected", alignment.reflected},
                            {"residual", alignment.residual ? Json(*alignment.residual) : Json()}};
        if (&moving == &fixed)
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
    if (options.scope == ProjectScope::Model && options.along == CloudAxis::Layers)
        return invalid("one cloud of all layers has nothing to be aligned with along the layers");
    const bool perHead = options.cloud.space != CloudSpace::Hidden && (options.scope == ProjectScope::Head || options.scope == ProjectScope::Group);
    if (options.along == CloudAxis::Heads && !perHead)
        return invalid("clouds that hold all heads have no other heads to be aligned with");
    if (options.alignTo == Options::kAlignJoint && options.method != "pca")
        return invalid("a joint basis is one of principal components: use --method pca");
    return {};
}

} // namespace

Result<std::vector<DrawnCloud>> drawClouds(std::span<const std::shared_ptr<CaptureStore>> runs, const Options& options, JobContext& context) {
    SINKSCOPE_CHECK(checkAlignment(options));
    std::vector<Task> tasks;
    for (std::size_t run = 0; run < runs.size(); ++run)
        addTasks(tasks, runs[run], static_cast<int>(run), options);
    std::vector<DrawnCloud> all;
    if (options.alignTo == Options::kAlignJoint) {
        std::map<std::array<int, 3>, std::vector<Task>> families;
        for (const Task& task : tasks)
            families[task.familyAlong(options.along)].push_back(task);
        for (const auto& [common, family] : families)
            SINKSCOPE_CHECK(drawJointly(options, family, all, context));
        std::ranges::stable_sort(all, {}, [](const DrawnCloud& each) { return std::array{each.run, each.layer, each.head}; });
        return all;
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        SINKSCOPE_CHECK(context.checkpoint());
        SINKSCOPE_TRY(DrawnCloud drawn, drawOne(options, tasks[i], context));
        all.push_back(std::move(drawn));
        context.progress(static_cast<double>(i + 1) / static_cast<double>(tasks.size() + 1), "projected");
    }
    if (options.alignTo >= 0)
        SINKSCOPE_CHECK(alignClouds(all, tasks, options));
    return all;
}

} // namespace sinkscope
