// SPDX-License-Identifier: Apache-2.0
// One row per head: layer, head, then value, lower and upper bound of every metric. A metric without a value leaves its cells empty.
#include "core/export/exporter_spec.h"

#include <charconv>

namespace sinkscope::registry_exporters {
namespace {

/// Shortest text that reads back as the same number, whatever the locale.
void append(std::string& text, double value) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    text.append(digits, end.ptr);
}

std::string write(const AnalysisResult& result, const CaptureHeader&) {
    std::string text = "layer,head";
    std::vector<const MetricSpec*> columns;
    for (std::size_t metric = 0; metric < result.values->metrics().size(); ++metric)
        if (!result.values->isPerLayer(metric))
            columns.push_back(result.values->metrics()[metric]);
    for (const MetricSpec* metric : columns) {
        const std::string id(metric->id);
        text.append(",").append(id).append(",").append(id).append("_low,").append(id).append("_high");
    }
    text += '\n';
    for (const HeadResult& head : result.heads) {
        text += std::to_string(head.layer) + "," + std::to_string(head.head);
        for (const MetricSpec* metric : columns) {
            const auto found = head.metrics.find(metric->id);
            if (found == head.metrics.end()) {
                text += ",,,";
                continue;
            }
            for (const double value : {found->second.value, found->second.low, found->second.high}) {
                text += ',';
                append(text, value);
            }
        }
        text += '\n';
    }
    return text;
}

} // namespace

extern const ExporterSpec csv;
const ExporterSpec csv{.id = "csv", .title = "CSV table of heads", .write = write};

} // namespace sinkscope::registry_exporters
