// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/io/json_reader.h"
#include "core/math/projection.h"
#include "core/capture/capture_store.h"
#include "core/spaces/cloud_axis.h"
#include "core/spaces/cloud_geometry.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace sinkscope {

/// What goes into one projection.
enum class ProjectScope { Head, Group, Layer, Model };

struct ProjectOptions {
    std::string method = "pca";
    CloudRequest cloud;             ///< with all layers that are projected; its scope and head are set per projection
    ProjectScope scope = ProjectScope::Head;
    int head = -1;                  ///< all, each by itself
    ProjectionOptions projection;
    CloudAxis along = CloudAxis::Layers; ///< what is aligned with each other
    int alignTo = kAlignNone;       ///< layer, head or capture (from 0), or one of:
    static constexpr int kAlignNone = -1, kAlignJoint = -2;
    bool fitAll = false;            ///< principal components of all points, also of those that are not shown
    bool judge = false;             ///< quality and geometry are wanted too
};

/// One projection, with what is known of its points.
struct DrawnCloud {
    int run = 0;               ///< of the captures
    int layer = -1, head = -1; ///< -1: several, or none
    std::vector<CloudPoint> points;
    std::int64_t captured = 0;
    std::vector<std::string> notes;
    std::shared_ptr<const Projection> projection;
    std::optional<CloudGeometry> geometry;
    Json alignment; ///< null unless aligned
};

/// Reads, projects and aligns, capture by capture, layer by layer and head by head. Errors: those of assembleCloud and of projections;
/// InvalidArgument (an alignment that is not possible).
Result<std::vector<DrawnCloud>> drawClouds(std::span<const std::shared_ptr<CaptureStore>> runs, const ProjectOptions& options, JobContext& context);

} // namespace sinkscope
