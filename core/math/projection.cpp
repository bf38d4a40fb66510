// SPDX-License-Identifier: Apache-2.0
#include "core/math/projection.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

const ParameterSpec* findParameter(const ProjectionSpec& spec, std::string_view id) {
    const auto found = std::ranges::find(spec.parameters, id, &ParameterSpec::id);
    return found == spec.parameters.end() ? nullptr : &*found;
}

Error unknownParameter(const ProjectionSpec& spec, std::string_view id) {
    std::string known;
    for (const ParameterSpec& parameter : spec.parameters)
        known += (known.empty() ? "" : ", ") + std::string(parameter.id);
    return {ErrorCode::InvalidArgument,
            std::string(spec.id) + " has no parameter \"" + std::string(id) + "\"; it has " + (known.empty() ? "none" : known), {}};
}

/// Values that a form or a file gives, not the command line, which has been through parseParameter.
Result<void> checkParameters(const ProjectionSpec& spec, const ParameterValues& values) {
    const std::string prefix = std::string(spec.id) + ".";
    for (const auto& [key, value] : values) {
        if (!key.starts_with(prefix))
            continue; // of another projection
        const ParameterSpec* parameter = findParameter(spec, std::string_view(key).substr(prefix.size()));
        if (!parameter)
            return unknownParameter(spec, std::string_view(key).substr(prefix.size()));
        const double low = parameter->choices.empty() ? parameter->low : 0;
        const double high = parameter->choices.empty() ? parameter->high : static_cast<double>(parameter->choices.size()) - 1;
        if (!(value >= low && value <= high))
            return Error{ErrorCode::InvalidArgument, key + " is " + std::to_string(value) + "; allowed is " + std::to_string(low) + " to " +
                                                         std::to_string(high), {}};
    }
    return {};
}

} // namespace

const ProjectionSpec* findProjection(std::string_view id) {
    const auto found = std::ranges::find(projections(), id, &ProjectionSpec::id);
    return found == projections().end() ? nullptr : *found;
}

Result<void> parseProjectionParameter(std::string_view text, ParameterValues& values) {
    const auto dot = text.find('.'), equals = text.find('=');
    if (dot == text.npos || equals == text.npos || dot > equals)
        return Error{ErrorCode::InvalidArgument, "\"" + std::string(text) + "\" is not projection.parameter=value", {}};
    const ProjectionSpec* spec = findProjection(text.substr(0, dot));
    if (!spec)
        return Error{ErrorCode::InvalidArgument, "there is no projection \"" + std::string(text.substr(0, dot)) + "\"", {}};
    const ParameterSpec* parameter = findParameter(*spec, text.substr(dot + 1, equals - dot - 1));
    if (!parameter)
        return unknownParameter(*spec, text.substr(dot + 1, equals - dot - 1));
    SINKSCOPE_TRY(values[std::string(text.substr(0, equals))], parseParameter(*parameter, text.substr(equals + 1)));
    return {};
}

Result<std::shared_ptr<const Projection>> projectAndJudge(const ProjectionSpec& spec, std::span<const float> data, int points, int width,
                                                          const ProjectionOptions& options, const QualityOptions& quality,
                                                          std::int64_t captured, JobContext& context) {
    SINKSCOPE_CHECK(checkParameters(spec, options.parameters));
    SINKSCOPE_TRY(const auto bare, spec.project(data, points, width, options, context));
    auto judged = std::make_shared<Projection>(*bare);
    SINKSCOPE_TRY(const auto numbers, projectionQuality(data, points, width, bare->coordinates, bare->dimensions, quality, context));
    if (numbers)
        addTo(judged->quality, *numbers);
    judged->quality["points"] = points;
    judged->quality["captured_points"] = static_cast<double>(captured > 0 ? captured : points);
    return std::shared_ptr<const Projection>(std::move(judged));
}

} // namespace sinkscope
