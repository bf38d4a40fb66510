// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_align.h"

#include "core/math/alignment/joint_fit.h"
#include "core/math/alignment/procrustes.h"
#include "core/math/projection.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace sinkscope {

namespace {

using Place = std::tuple<int, PointKind, int, int>; // sample, kind, head, token

Place placeOf(const CloudPoint& point) { return {point.sample, point.kind, point.head, point.token}; }

Result<std::shared_ptr<const Projection>> project(const KeySpaceQuestion& question, const PointCloud& cloud, JobContext& context) {
    const ProjectionSpec* spec = findProjection(question.projection);
    if (!spec)
        return Error{ErrorCode::InvalidArgument, "no projection is called \"" + question.projection + "\"", {}};
    return spec->project(cloud.values, cloud.count(), cloud.width, {.parameters = question.parameters}, context);
}

/// Coordinates of the points that both clouds have, in one order: of the first, of the second.
std::pair<std::vector<float>, std::vector<float>> commonPoints(const KeySpaceData& data, const Projection& own, const KeySpaceReference& reference) {
    std::map<Place, std::size_t> places;
    for (std::size_t i = 0; i < reference.points.size(); ++i)
        places[placeOf(reference.points[i])] = i;
    std::pair<std::vector<float>, std::vector<float>> common;
    const auto dimensions = static_cast<std::size_t>(own.dimensions);
    const auto add = [&](std::vector<float>& to, const Projection& from, std::size_t point) {
        const auto row = std::span(from.coordinates).subspan(point * dimensions, dimensions);
        to.insert(to.end(), row.begin(), row.end());
    };
    for (std::size_t i = 0; i < data.cloud->points.size(); ++i)
        if (const auto found = places.find(placeOf(data.cloud->points[i])); found != places.end()) {
            add(common.first, own, i);
            add(common.second, *reference.projection, found->second);
        }
    return common;
}

/// The axes that the picture had before it was turned.
std::vector<KeySpaceArm> armsOf(const Projection& own, const Alignment& alignment) {
    std::vector<KeySpaceArm> arms;
    const auto dimensions = static_cast<std::size_t>(own.dimensions), points = static_cast<std::size_t>(own.points);
    for (std::size_t axis = 0; axis < std::min(dimensions, own.axisLabels.size()); ++axis) {
        KeySpaceArm arm;
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < points; ++i) {
            const auto value = static_cast<double>(own.coordinates[i * dimensions + axis]);
            sum += value;
            squares += value * value;
        }
        const double mean = sum / static_cast<double>(points);
        arm.deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(points) - mean * mean));
        for (std::size_t k = 0; k < dimensions; ++k)
            arm.direction.push_back(static_cast<float>(alignment.rotation[axis * dimensions + k]));
        arm.label = own.axisLabels[axis];
        arms.push_back(std::move(arm));
    }
    return arms;
}

Result<void> alignToLayer(KeySpaceData& data, std::shared_ptr<const Projection> own, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    if (question.reference && question.reference->projection && question.reference->question.sameReference(question)) {
        data.reference = question.reference;
    } else {
        auto reference = std::make_shared<KeySpaceReference>();
        reference->question = question;
        reference->question.reference.reset();
        SINKSCOPE_TRY(const auto cloud, assembleCloud(*question.capture, question.request(question.alignLayer), context));
        SINKSCOPE_TRY(reference->projection, project(question, *cloud, context));
        reference->points = cloud->points;
        data.reference = std::move(reference);
    }
    const auto [from, to] = commonPoints(data, *own, *data.reference);
    SINKSCOPE_TRY(const Alignment alignment, procrustes(from, to, own->dimensions));
    data.residual = alignment.residual;
    data.reflected = alignment.reflected;
    auto turned = std::make_shared<Projection>(*own);
    turned->coordinates = alignment.apply(own->coordinates);
    for (std::size_t axis = 0; axis < turned->axisLabels.size(); ++axis) { // the axes are those of the other layer now
        const std::string& label = data.reference->projection->axisLabels[axis];
        turned->axisLabels[axis] = label.substr(0, label.find(' ')) + ", L" + std::to_string(question.alignLayer);
    }
    if (question.projection == "pca")
        data.arms = armsOf(*own, alignment);
    data.projection = std::move(turned);
    return {};
}

std::shared_ptr<const Projection> inBasis(const JointFit& fit, std::size_t cloud) {
    auto projection = std::make_shared<Projection>();
    projection->dimensions = fit.basis.components;
    projection->coordinates = fit.coordinates[cloud];
    projection->points = static_cast<int>(projection->coordinates.size()) / projection->dimensions;
    for (int k = 0; k < fit.basis.components; ++k) {
        projection->axisLabels.push_back("joint PC" + std::to_string(k + 1) + " " + std::to_string(std::lround(100 * fit.basis.explained(k))) + " %");
        projection->quality["explained_variance_" + std::to_string(k + 1)] = fit.basis.explained(k);
    }
    projection->quality["explained_here"] = fit.explained[cloud];
    return projection;
}

Result<std::shared_ptr<const KeySpaceReference>> fitLayers(const KeySpaceQuestion& question, JobContext& context) {
    auto reference = std::make_shared<KeySpaceReference>();
    reference->question = question;
    reference->question.reference.reset();
    std::vector<std::vector<float>> values;
    int width = 0;
    const CaptureHeader& header = question.capture->header();
    for (const int layer : header.capturedLayers) {
        if (!question.allSamples && !question.capture->hasLayer(question.sample, layer))
            continue;
        SINKSCOPE_TRY(const auto cloud, assembleCloud(*question.capture, question.request(layer), context));
        width = cloud->width;
        values.push_back(cloud->values);
        reference->layers.push_back(layer);
    }
    SINKSCOPE_TRY(const JointFit fit, fitJointly(values, width, true, PcaOptions{.components = 3}, context));
    for (std::size_t i = 0; i < values.size(); ++i)
        reference->joint.push_back(inBasis(fit, i));
    return std::shared_ptr<const KeySpaceReference>(std::move(reference));
}

Result<void> takeFromJoint(KeySpaceData& data, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    if (question.projection != "pca")
        return Error{ErrorCode::InvalidArgument, "one basis for all layers is one of principal components", {}};
    const auto placeIn = [&](const KeySpaceReference& reference) {
        return std::find(reference.layers.begin(), reference.layers.end(), question.layer) - reference.layers.begin();
    };
    const auto fits = [&](const KeySpaceReference& reference) {
        const auto place = static_cast<std::size_t>(placeIn(reference));
        return reference.question.sameReference(question) && place < reference.joint.size() && reference.joint[place]->points == data.count();
    };
    if (question.reference && fits(*question.reference)) {
        data.reference = question.reference;
    } else {
        SINKSCOPE_TRY(data.reference, fitLayers(question, context));
    }
    const auto place = static_cast<std::size_t>(placeIn(*data.reference));
    if (place >= data.reference->joint.size())
        return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(question.layer) + " is not among the captured ones", {}};
    data.projection = data.reference->joint[place];
    return {};
}

} // namespace

Result<void> projectKeySpace(KeySpaceData& data, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    const bool oneLayer = question.scope != KeySpaceScope::AllLayers;
    if (oneLayer && question.alignment == KeySpaceAlignment::Joint)
        return takeFromJoint(data, context);
    SINKSCOPE_TRY(auto own, project(question, *data.cloud, context));
    if (oneLayer && question.alignment == KeySpaceAlignment::ToLayer && question.alignLayer != question.layer)
        return alignToLayer(data, std::move(own), context);
    data.projection = std::move(own);
    return {};
}

} // namespace sinkscope
