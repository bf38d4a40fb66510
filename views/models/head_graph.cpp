// SPDX-License-Identifier: Apache-2.0
#include "views/models/head_graph.h"

#include "core/analysis/feature_family.h"
#include "core/math/graph/graph_sweep.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Thresholds swept between two looks at whether to stop.
constexpr std::size_t kBatch = 8;

std::vector<double> thresholds() {
    std::vector<double> result;
    for (const double decade : {1e-4, 1e-3, 1e-2, 1e-1})
        for (const double step : {1.0, 1.2, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0})
            result.push_back(std::round(decade * step * 1e7) / 1e7);
    return result;
}

std::vector<double> percentiles() {
    std::vector<double> result;
    for (int half = 0; half < 200; ++half)
        result.push_back(half / 2.0);
    return result;
}

std::vector<HeadGraph::Edge> edgesOf(const SymmetricWeights& weights) {
    std::vector<HeadGraph::Edge> edges;
    for (int i = 0; i < weights.nodes; ++i)
        for (int j = i + 1; j < weights.nodes; ++j)
            if (weights.at(i, j) > 0)
                edges.push_back({i, j, weights.at(i, j)});
    std::ranges::stable_sort(edges, std::greater{}, &HeadGraph::Edge::weight);
    return edges;
}

Result<void> sweepThresholds(const SymmetricWeights& weights, bool spectrum, HeadGraph& graph, const JobContext& context) {
    const std::vector<double>& all = cutsOf(GraphCut::Threshold);
    for (std::size_t first = 0; first < all.size(); first += kBatch) {
        SINKSCOPE_CHECK(context.checkpoint());
        const auto some = std::span(all).subspan(first, std::min(kBatch, all.size() - first));
        for (const GraphSweepPoint& point : graphSweep(weights, some, spectrum))
            graph.cuts.push_back({point.threshold, point.shape, point.ends ? std::optional(point.ends->second) : std::nullopt});
    }
    return {};
}

Result<void> sweepPercentiles(const SymmetricWeights& weights, bool spectrum, HeadGraph& graph, const JobContext& context) {
    for (const double percentile : cutsOf(GraphCut::Percentile)) {
        SINKSCOPE_CHECK(context.checkpoint());
        const BinaryGraph cut = cutAtPercentile(weights, percentile);
        GraphAtCut at{percentile, shapeOf(cut), std::nullopt};
        if (!graph.cuts.empty() && graph.cuts.back().shape.edges == at.shape.edges)
            at.fiedler = graph.cuts.back().fiedler; // the same graph
        else if (spectrum)
            if (const auto ends = laplacianEnds(cut))
                at.fiedler = ends->second;
        graph.cuts.push_back(at);
    }
    return {};
}

} // namespace

const std::vector<double>& cutsOf(GraphCut kind) {
    static const std::vector<double> fixed = thresholds(), shares = percentiles();
    return kind == GraphCut::Threshold ? fixed : shares;
}

std::size_t nearestCut(GraphCut kind, double value) {
    const std::vector<double>& cuts = cutsOf(kind);
    const auto distance = [&](double cut) {
        return kind == GraphCut::Threshold ? std::abs(std::log(cut / std::max(value, 1e-12))) : std::abs(cut - value);
    };
    return static_cast<std::size_t>(std::ranges::min_element(cuts, {}, distance) - cuts.begin());
}

std::size_t standardCut(GraphCut kind) {
    if (const FeatureFamily* family = findFamily("attention_graph"))
        for (const ParameterSpec& parameter : family->parameters)
            if (parameter.id == nameOf(kind))
                return nearestCut(kind, parameter.standard);
    return cutsOf(kind).size() / 2;
}

const char* nameOf(GraphCut kind) { return kind == GraphCut::Threshold ? "threshold" : "percentile"; }

Result<std::shared_ptr<const HeadGraph>> headGraph(CaptureSource& source, int sample, int layer, int head, GraphCut kind, const JobContext& context) {
    SINKSCOPE_TRY(const auto attention, attentionOf(source, sample, layer, head));
    if (attention->tokens > kLongestGraph)
        return Error{ErrorCode::InvalidArgument, "graphs are drawn for up to " + std::to_string(kLongestGraph) + " tokens", {}};
    SINKSCOPE_TRY(const SymmetricWeights weights, symmetrized(attention->weights, attention->tokens, Symmetrization::Mean));
    auto graph = std::make_shared<HeadGraph>();
    graph->tokens = attention->tokens;
    graph->kind = kind;
    graph->edges = edgesOf(weights);
    const bool spectrum = attention->tokens <= kLongestSpectrum;
    SINKSCOPE_CHECK(kind == GraphCut::Threshold ? sweepThresholds(weights, spectrum, *graph, context) : sweepPercentiles(weights, spectrum, *graph, context));
    return std::shared_ptr<const HeadGraph>(std::move(graph));
}

} // namespace sinkscope
