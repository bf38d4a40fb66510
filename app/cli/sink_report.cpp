// SPDX-License-Identifier: Apache-2.0
#include "app/cli/sink_report.h"

#include "app/cli/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinkscope {
namespace {

constexpr double kLeastP = 1e-300; ///< below, doubles cannot tell probabilities apart

constexpr std::size_t kShown = 12;

std::string number(const char* format, double value) {
    if (std::isnan(value))
        return "-";
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string chosen(const AnalysisResult& result, std::size_t parameter) {
    const ParameterSpec& spec = sinkParameters()[parameter];
    return textOf(spec, valueOf(result.features, "sinks", spec));
}

} // namespace

std::string sinkTestReport(const AnalysisResult& result) {
    const SinkTests& tests = result.sinkTests;
    if (tests.tests == 0)
        return {};
    std::string text = "sinks against " + chosen(result, 0) + ": " + std::to_string(tests.significant) + " of " + std::to_string(tests.tests) +
                       " keys significant (" + chosen(result, 1) + ", level " + chosen(result, 3) + ", over layers x heads x keys of a sample), " +
                       std::to_string(tests.detected) + " sinks of the detector\n";
    std::vector<const SinkClassFinding*> order;
    for (const SinkClassFinding& finding : tests.classes)
        order.push_back(&finding);
    std::ranges::stable_sort(order, std::greater<>(), [](const SinkClassFinding* finding) { return finding->observed; });
    std::vector<std::vector<std::string>> rows{{"layer", "head", "position", "samples", "observed", "expected", "adjusted p", "detector"}};
    for (std::size_t i = 0; i < std::min(order.size(), kShown); ++i) {
        const SinkClassFinding& finding = *order[i];
        rows.push_back({std::to_string(finding.layer), std::to_string(finding.head), finding.position, std::to_string(finding.samples),
                        number("%.3f", finding.observed), number("%.3f", finding.expected), finding.adjusted < kLeastP ? "< 1e-300" : number("%.2g", finding.adjusted),
                        number("%.0f %%", 100 * finding.detectorShare)});
    }
    if (rows.size() > 1)
        text += tableText(rows, {true, true, false, true, true, true, true, true});
    if (order.size() > kShown)
        text += "and " + std::to_string(order.size() - kShown) + " more (--json lists them)\n";
    return text;
}

} // namespace sinkscope
