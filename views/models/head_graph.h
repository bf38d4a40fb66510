// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"
#include "core/math/graph/binary_graph.h"
#include "core/math/graph/laplacian.h"

#include <memory>
#include <optional>
#include <vector>

namespace sinkscope {

/// How the edges of the graph are chosen: by a weight that they must exceed, or by a percentile of all pairs that they must reach.
enum class GraphCut { Threshold, Percentile };

/// The graph at one cut.
struct GraphAtCut {
    double cut = 0;                    ///< threshold, or percentile 0 to 100
    GraphShape shape;
    std::optional<double> fiedler;     ///< nothing for long texts (kLongestSpectrum)
};

/// One head's attention as a graph, at every cut of the slider. Immutable.
struct HeadGraph {
    struct Edge {
        int first = 0, second = 0;     ///< first < second
        double weight = 0;
    };
    int tokens = 0;
    GraphCut kind = GraphCut::Threshold;
    std::vector<GraphAtCut> cuts;      ///< rising
    std::vector<Edge> edges;           ///< all with a weight above 0, heaviest first; equal ones by (first, second)
    /// How many of `edges` a cut keeps.
    [[nodiscard]] int edgesAt(std::size_t cut) const { return cuts[cut].shape.edges; }
};

/// Above this many tokens Fiedler values of all cuts would take seconds.
inline constexpr int kLongestSpectrum = 256;
inline constexpr int kLongestGraph = 2048;

/// Thresholds of the slider: steps that people count in, from 0.0001 to 0.9. Percentiles: 0 to 99.5 by halves.
const std::vector<double>& cutsOf(GraphCut kind);
/// The cut of the analysis (the standard of its parameter) among them.
std::size_t standardCut(GraphCut kind);
/// The cut closest to a value.
std::size_t nearestCut(GraphCut kind, double value);
/// "threshold", "percentile": in recipes.
const char* nameOf(GraphCut kind);

/// Edge weights are means of both directions. Errors: those of the source; InvalidArgument (too long, not finite); Cancelled. Thread: any but gui.
Result<std::shared_ptr<const HeadGraph>> headGraph(CaptureSource& source, int sample, int layer, int head, GraphCut kind, const JobContext& context);

} // namespace sinkscope
