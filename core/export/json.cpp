// SPDX-License-Identifier: Apache-2.0
// {"parameters": {..}, "heads": [{"layer", "head", <metric>: {"value", "low", "high"}}], "layers": [{"layer", <metric>: ..}], "model": {<metric>: ..},
//  "groups": [{"group", "verdict", "context", "model"}], "sinks": [..], "verdict": {..}, "notes": [..], "sink_tests": {..},
//  "context": {..}}. Rows of heads and layers have their own "verdict". An infinite number is written as null.
#include "core/export/exporter_spec.h"
#include "core/export/frame_json.h"
#include "core/io/json_reader.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_exporters {
namespace {

void append(Json& json, std::string_view owner, std::span<const ParameterSpec> parameters, const ParameterValues& values) {
    for (const ParameterSpec& parameter : parameters) {
        const double value = valueOf(values, owner, parameter);
        Json& place = json[std::string(owner) + "." + std::string(parameter.id)];
        if (parameter.choices.empty())
            place = value;
        else
            place = textOf(parameter, value);
    }
}

/// Parameters of the feature families and of the rest of the analysis, named variants by their names.
Json jsonOfFeatures(const AnalysisResult& result) {
    Json json = Json::object();
    for (const std::string& id : result.families)
        append(json, id, findFamily(id)->parameters, result.features);
    for (const ParameterGroup& group : analysisParameters())
        append(json, group.id, group.parameters, result.features);
    return json;
}

Json jsonOfParameters(const AnalysisResult& result, const CaptureHeader& header) {
    const MetricParameters& parameters = result.parameters;
    return {{"sink_threshold", parameters.sinkThreshold},
            {"hit_quantile", parameters.hitQuantile},
            {"hit_frequency", parameters.hitFrequency},
            {"visible_share", parameters.visibleShare},
            {"minimum_queries", parameters.minimumQueries},
            {"minimum_excess", parameters.minimumExcess},
            {"anchor_head_share", parameters.anchorHeadShare},
            {"samples", result.samples},
            {"model", header.title},
            {"architecture", header.architecture},
            {"positions", header.positions},
            {"bos_present", header.bosPresent},
            {"layers", header.layers},
            {"heads", header.heads},
            {"kv_heads", header.keyValueHeads},
            {"weight_fingerprint", header.weightFingerprint},
            {"weight_sha256", header.weightSha256.empty() ? Json() : Json(header.weightSha256)},
            {"created_utc", header.createdUtc},
            {"families", result.families},
            {"features", jsonOfFeatures(result)}};
}

void append(Json& row, const MetricEstimates& metrics) {
    for (const auto& [id, estimate] : metrics)
        row[id] = jsonOf(estimate);
}

/// Numbers that a null does not give are null.
Json orNull(double value) { return std::isnan(value) ? Json() : Json(value); }

Json jsonOf(const SinkTests& tests) {
    Json findings = Json::array(), classes = Json::array();
    for (const SinkFinding& finding : tests.findings)
        findings.push_back({{"sample", finding.sample}, {"layer", finding.layer}, {"head", finding.head}, {"token", finding.token},
                            {"piece", finding.piece}, {"observed", finding.observed}, {"expected", orNull(finding.expected)},
                            {"excess", orNull(finding.excess)}, {"z", orNull(finding.z)}, {"p", orNull(finding.p)},
                            {"adjusted_p", orNull(finding.adjusted)}, {"significant", finding.significant}, {"detector", finding.detector},
                            {"secondary", finding.secondary}});
    for (const SinkClassFinding& finding : tests.classes)
        classes.push_back({{"layer", finding.layer}, {"head", finding.head}, {"position", finding.position}, {"samples", finding.samples},
                           {"observed", finding.observed}, {"expected", orNull(finding.expected)}, {"p", orNull(finding.p)},
                           {"adjusted_p", orNull(finding.adjusted)}, {"detector_share", finding.detectorShare},
                           {"significant", finding.significant}});
    return {{"tests", tests.tests}, {"significant", tests.significant}, {"detected", tests.detected}, {"findings", std::move(findings)},
            {"positions", std::move(classes)}};
}

std::string write(const AnalysisResult& result, const CaptureHeader& header) {
    Json heads = Json::array(), layers = Json::array(), model = Json::object(), sinks = Json::array();
    for (const HeadResult& head : result.heads) {
        Json row = {{"layer", head.layer}, {"head", head.head}, {"verdict", jsonOf(head.verdict)}};
        append(row, head.metrics);
        heads.push_back(std::move(row));
    }
    for (const LayerResult& layer : result.layers) {
        Json row = {{"layer", layer.layer}, {"verdict", jsonOf(layer.verdict)}};
        append(row, layer.metrics);
        layers.push_back(std::move(row));
    }
    append(model, result.model);
    for (const SinkToken& sink : result.sinks)
        sinks.push_back({{"sample", sink.sample}, {"token", sink.token}, {"piece", sink.piece}, {"head_share", sink.headShare},
                         {"received", sink.received}, {"key_norm_ratio", sink.keyNormRatio},
                         {"value_norm_ratio", sink.valueNormRatio}});
    Json groups = Json::array();
    for (const GroupResult& group : result.groups) {
        Json metrics = Json::object();
        append(metrics, group.model);
        groups.push_back({{"group", group.group}, {"verdict", jsonOf(group.verdict)}, {"context", jsonOf(group.context)}, {"model", std::move(metrics)}});
    }
    const Json json = {{"parameters", jsonOfParameters(result, header)},
                       {"heads", std::move(heads)},
                       {"layers", std::move(layers)},
                       {"model", std::move(model)},
                       {"groups", std::move(groups)},
                       {"notes", result.notes},
                       {"sinks", std::move(sinks)},
                       {"sink_tests", jsonOf(result.sinkTests)},
                       {"context", jsonOf(result.context)},
                       {"verdict", jsonOf(result.verdict)}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

extern const ExporterSpec json;
const ExporterSpec json{.id = "json", .title = "JSON", .write = write};

} // namespace sinkscope::registry_exporters
