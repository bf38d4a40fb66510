// SPDX-License-Identifier: Apache-2.0
// {"parameters": {..}, "heads": [{"layer", "head", <metric>: {"value", "low", "high"}}], "sinks": [..], "verdict": {..}}
#include "core/export/exporter_spec.h"
#include "core/io/json_reader.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_exporters {
namespace {

Json jsonOf(const Estimate& estimate) {
    return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}, {"samples", estimate.samples}};
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
            {"created_utc", header.createdUtc}};
}

std::string write(const AnalysisResult& result, const CaptureHeader& header) {
    Json heads = Json::array(), sinks = Json::array();
    for (const HeadResult& head : result.heads) {
        Json row = {{"layer", head.layer}, {"head", head.head}};
        for (const auto& [id, estimate] : head.metrics)
            row[id] = jsonOf(estimate);
        heads.push_back(std::move(row));
    }
    for (const SinkToken& sink : result.sinks)
        sinks.push_back({{"sample", sink.sample}, {"token", sink.token}, {"piece", sink.piece}, {"head_share", sink.headShare},
                         {"received", sink.received}, {"key_norm_ratio", sink.keyNormRatio},
                         {"value_norm_ratio", sink.valueNormRatio}});
    const FrameVerdict& verdict = result.verdict;
    const Json json = {{"parameters", jsonOfParameters(result, header)},
                       {"heads", std::move(heads)},
                       {"sinks", std::move(sinks)},
                       {"verdict", {{"kind", verdict.kind}, {"reason", verdict.reason}, {"anchors", jsonOf(verdict.anchors)},
                                    {"sink_share", jsonOf(verdict.sinkShare)}, {"baseline", jsonOf(verdict.baseline)}}}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace

extern const ExporterSpec json;
const ExporterSpec json{.id = "json", .title = "JSON", .write = write};

} // namespace sinkscope::registry_exporters
