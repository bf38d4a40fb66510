// SPDX-License-Identifier: Apache-2.0
#include "app/cli/feature_options.h"

#include "core/base/printable.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

namespace sinkscope {
namespace {

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

/// Of a family, or of what belongs to none; empty when there is no such owner.
std::span<const ParameterSpec> parametersOf(std::string_view owner) {
    if (const FeatureFamily* family = findFamily(owner))
        return family->parameters;
    const auto groups = analysisParameters();
    const auto group = std::ranges::find(groups, owner, [](const ParameterGroup& each) { return each.id; });
    return group == groups.end() ? std::span<const ParameterSpec>() : group->parameters;
}

Result<void> readSetting(const std::string& setting, AnalysisRequest& request) {
    const auto problem = invalid("\"" + printable(setting, 80) + "\" sets no parameter of a feature family, of detector, frame or sinks; write family.parameter=value");
    const auto dot = setting.find('.'), equals = setting.find('=');
    if (dot == setting.npos || equals == setting.npos || dot > equals)
        return problem;
    const std::span<const ParameterSpec> parameters = parametersOf(setting.substr(0, dot));
    const auto found = std::ranges::find(parameters, setting.substr(dot + 1, equals - dot - 1), &ParameterSpec::id);
    if (found == parameters.end())
        return problem;
    SINKSCOPE_TRY(request.features[setting.substr(0, equals)], parseParameter(*found, std::string_view(setting).substr(equals + 1)));
    return {};
}

} // namespace

void addFeatureOptions(CLI::App& command, FeatureOptions& options) {
    command.add_option("--features", options.families, "feature families to evaluate, or all, or none (the standard ones)")->delimiter(',');
    command.add_option("--set", options.settings,
                       "a parameter of a family, of the detector, the verdict or the tests of sinks: family.parameter=value, detector.threshold=0.3, "
                       "frame.share=0.2, sinks.null=uniform");
}

Result<void> readFeatures(const FeatureOptions& options, AnalysisRequest& request) {
    if (!options.families.empty())
        request.families.emplace();
    for (const std::string& id : options.families) {
        if (id == "all")
            for (const FeatureFamily* family : feature_families())
                request.families->emplace_back(family->id);
        else if (id != "none" && !findFamily(id))
            return invalid("there is no feature family \"" + printable(id, 60) + "\"; `sinkscope-cli metrics` lists them");
        else if (id != "none")
            request.families->push_back(id);
    }
    for (const std::string& setting : options.settings)
        SINKSCOPE_CHECK(readSetting(setting, request));
    return {};
}

} // namespace sinkscope
