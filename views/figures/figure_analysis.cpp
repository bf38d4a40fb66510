// SPDX-License-Identifier: Apache-2.0
#include "views/figures/figure_analysis.h"

#include <algorithm>

namespace sinkscope {
namespace {

bool holds(const AnalysisResult& analysis, const std::vector<const MetricSpec*>& metrics) {
    return analysis.values && std::ranges::all_of(metrics, [&](const MetricSpec* metric) { return analysis.values->find(*metric).has_value(); });
}

} // namespace

Result<std::shared_ptr<const AnalysisResult>> analysisFor(const FigureData& data, const std::vector<const MetricSpec*>& metrics) {
    if (data.analysis && holds(*data.analysis, metrics))
        return data.analysis;
    AnalysisRequest request;
    request.families.emplace();
    if (data.analysis)
        request.metrics = data.analysis->parameters;
    for (const MetricSpec* metric : metrics)
        if (const FeatureFamily* family = familyOf(*metric))
            if (std::string id(family->id); std::ranges::find(*request.families, id) == request.families->end())
                request.families->push_back(std::move(id));
    JobContext context;
    SINKSCOPE_TRY(auto analysis, analyzeCapture(*data.capture, request, context));
    if (!holds(*analysis, metrics))
        return Error{ErrorCode::Unavailable, analysis->notes.empty() ? "a metric of the figure cannot be evaluated" : analysis->notes.front(), {}};
    return analysis;
}

} // namespace sinkscope
