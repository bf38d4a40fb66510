// SPDX-License-Identifier: Apache-2.0
// Lists what `analyze` can measure: every metric with its formula and source, and the parameters of the families.
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/analysis/feature_family.h"
#include "core/io/json_reader.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

Json jsonOf(const ParameterSpec& parameter) {
    Json json = {{"id", parameter.id}, {"title", parameter.title}, {"explanation", parameter.explanation},
                 {"standard", textOf(parameter, parameter.standard)}};
    if (parameter.choices.empty())
        json["range"] = {parameter.low, parameter.high};
    else
        json["choices"] = parameter.choices;
    return json;
}

Json jsonOf(const MetricSpec& metric, const FeatureFamily* family) {
    return {{"id", metric.id}, {"title", metric.title}, {"explanation", metric.explanation}, {"source", metric.source},
            {"family", family ? Json(family->id) : Json(nullptr)}, {"scope", family && family->evaluateLayer ? "layer" : "head"}};
}

std::string asJson() {
    Json list = Json::array(), families = Json::array();
    for (const MetricSpec* metric : allMetrics())
        list.push_back(jsonOf(*metric, familyOf(*metric)));
    for (const FeatureFamily* family : feature_families()) {
        Json parameters = Json::array();
        for (const ParameterSpec& parameter : family->parameters)
            parameters.push_back(jsonOf(parameter));
        families.push_back({{"id", family->id}, {"title", family->title}, {"standard", family->standard},
                            {"longest", family->longest}, {"parameters", std::move(parameters)}});
    }
    return Json{{"metrics", std::move(list)}, {"families", std::move(families)}}.dump(2) + "\n";
}

std::string lineOf(const MetricSpec& metric) {
    return "  " + std::string(metric.id) + "\n      " + std::string(metric.title) + ". " + std::string(metric.explanation) + " [" +
           std::string(metric.source) + "]\n";
}

std::string asText() {
    std::string text = "From the statistics of every run\n";
    for (const MetricSpec* metric : sinkscope::metrics())
        text += lineOf(*metric);
    for (const FeatureFamily* family : feature_families()) {
        text += "\n" + std::string(family->title) + " (family " + std::string(family->id) + (family->standard ? ")\n" : ", on request)\n");
        for (const ParameterSpec& parameter : family->parameters)
            text += "  --set " + std::string(family->id) + "." + std::string(parameter.id) + "=" + textOf(parameter, parameter.standard) + "\n      " +
                    std::string(parameter.title) + ". " + std::string(parameter.explanation) + "\n";
        for (const MetricSpec& metric : family->metrics)
            text += lineOf(metric);
    }
    return text;
}

CommandSpec::Work declareMetrics(CLI::App& command) {
    auto json = std::make_shared<bool>(false);
    command.add_flag("--json", *json, "print JSON");
    return [json](JobContext&) { return printText(*json ? asJson() : asText()); };
}

} // namespace

extern const CommandSpec metrics;
const CommandSpec metrics{"metrics", "List what analyze can measure, with formulas and sources", false, declareMetrics};

} // namespace sinkscope::registry_cli_commands
