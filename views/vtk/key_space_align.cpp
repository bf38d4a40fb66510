// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_align.h"

#include "core/math/alignment/joint_fit.h"
#include "core/math/alignment/procrustes.h"
#include "core/math/projection.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

Result<std::shared_ptr<const Projection>> project(const KeySpaceQuestion& question, const PointCloud& cloud, JobContext& context,
                                                  const std::function<void(std::shared_ptr<const Projection>)>& preview = {}) {
    const ProjectionSpec* spec = findProjection(question.projection);
    if (!spec)
        return Error{ErrorCode::InvalidArgument, "no projection is called \"" + question.projection + "\"", {}};
    return spec->project(cloud.values, cloud.count(), cloud.width, {.parameters = question.parameters, .preview = preview}, context);
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

Result<void> alignToOne(KeySpaceData& data, const KeySpaceStep& target, std::shared_ptr<const Projection> own, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    const std::vector<int> samples = question.allSamples ? std::vector<int>{} : std::vector<int>{question.sample};
    if (question.axis == KeySpaceAxis::Runs)
        SINKSCOPE_CHECK(checkSameTokens(question.capture->header(), target.capture->header(), samples));
    if (question.reference && question.reference->projection && question.reference->question.sameReference(question)) {
        data.reference = question.reference;
    } else {
        auto reference = std::make_shared<KeySpaceReference>();
        reference->question = question;
        reference->question.reference.reset();
        SINKSCOPE_TRY(const auto cloud, assembleCloud(*target.capture, question.request(target), context));
        SINKSCOPE_TRY(reference->projection, project(question, *cloud, context));
        reference->points = cloud->points;
        data.reference = std::move(reference);
    }
    const auto pairs = correspondingPoints(data.cloud->points, data.reference->points, question.axis);
    const auto [from, to] = correspondingRows(pairs, own->coordinates, data.reference->projection->coordinates, own->dimensions);
    SINKSCOPE_TRY(const Alignment alignment, procrustes(from, to, own->dimensions));
    data.residual = alignment.residual;
    data.reflected = alignment.reflected;
    auto turned = std::make_shared<Projection>(*own);
    turned->coordinates = alignment.apply(own->coordinates);
    turned->state.reset(); // more epochs would start from where it was not turned yet
    for (std::size_t axis = 0; axis < turned->axisLabels.size(); ++axis) { // the axes are those of the other picture now
        const std::string& label = data.reference->projection->axisLabels[axis];
        turned->axisLabels[axis] = label.substr(0, label.find(' ')) + ", " + question.nameOfStep(question.alignTo);
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

Result<std::shared_ptr<const KeySpaceReference>> fitSteps(const KeySpaceQuestion& question, JobContext& context) {
    auto reference = std::make_shared<KeySpaceReference>();
    reference->question = question;
    reference->question.reference.reset();
    std::vector<std::vector<float>> values;
    int width = 0;
    for (const KeySpaceStep& step : question.steps()) {
        SINKSCOPE_TRY(const auto cloud, assembleCloud(*step.capture, question.request(step), context));
        if (!values.empty() && cloud->width != width)
            return Error{ErrorCode::InvalidArgument, "the vectors of " + step.capture->header().title + " have " + std::to_string(cloud->width) +
                                                         " components, those of the first run " + std::to_string(width) + ": they have no basis in common", {}};
        width = cloud->width;
        values.push_back(cloud->values);
        reference->steps.push_back(step);
    }
    SINKSCOPE_TRY(const JointFit fit, fitJointly(values, width, true, PcaOptions{.components = 3}, context));
    for (std::size_t i = 0; i < values.size(); ++i)
        reference->joint.push_back(inBasis(fit, i));
    return std::shared_ptr<const KeySpaceReference>(std::move(reference));
}

Result<void> takeFromJoint(KeySpaceData& data, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    if (question.projection != "pca")
        return Error{ErrorCode::InvalidArgument, "one basis for all is one of principal components", {}};
    const auto placeIn = [&](const KeySpaceReference& reference) {
        const auto here = [&](const KeySpaceStep& step) { return question.sameStep(step, question.own()); };
        return std::find_if(reference.steps.begin(), reference.steps.end(), here) - reference.steps.begin();
    };
    const auto fits = [&](const KeySpaceReference& reference) {
        const auto place = static_cast<std::size_t>(placeIn(reference));
        return reference.question.sameReference(question) && place < reference.joint.size() && reference.joint[place]->points == data.count();
    };
    if (question.reference && fits(*question.reference)) {
        data.reference = question.reference;
    } else {
        SINKSCOPE_TRY(data.reference, fitSteps(question, context));
    }
    const auto place = static_cast<std::size_t>(placeIn(*data.reference));
    if (place >= data.reference->joint.size())
        return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(question.layer) + " is not among the captured ones", {}};
    data.projection = data.reference->joint[place];
    return {};
}

} // namespace

Result<void> projectKeySpace(KeySpaceData& data, const std::function<void(std::shared_ptr<const Projection>)>& preview, JobContext& context) {
    const KeySpaceQuestion& question = data.question;
    const bool follows = question.followsAxis();
    if (follows && question.alignment == KeySpaceAlignment::Joint)
        return takeFromJoint(data, context);
    const bool turns = follows && question.alignment == KeySpaceAlignment::ToOne;
    SINKSCOPE_TRY(auto own, project(question, *data.cloud, context, turns ? nullptr : preview));
    if (turns) {
        const auto target = question.step(question.alignTo);
        if (!target)
            return Error{ErrorCode::InvalidArgument, "there is no " + question.nameOfStep(question.alignTo) + " to align to", {}};
        if (!question.sameStep(*target, question.own()))
            return alignToOne(data, *target, std::move(own), context);
    }
    data.projection = std::move(own);
    return {};
}

} // namespace sinkscope
