// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/models/head_graph.h"
#include "views/paint/plot_axes.h"
#include "views/paint/token_axis.h"

#include <array>

namespace sinkscope {

/// What is drawn of a head's graph.
struct GraphContent {
    std::shared_ptr<const HeadGraph> graph;
    TokenLabels labels;     ///< anchors are the sinks of the head
    int middle = 0;         ///< token in the middle
    std::size_t cut = 0;    ///< index into HeadGraph::cuts
    int hovered = -1;
};

/// Tokens in order of position around the one in the middle: on one ring, or on several from the inside out when they are many.
struct GraphLayout {
    QPointF centre;
    std::vector<QPointF> nodes;   ///< [tokens]
    std::vector<bool> labelled;   ///< [tokens] has room for its label
    double outerX = 0, outerY = 0;///< radii of the outermost ring
    double nodeSize = 4;          ///< radius of a node without edges
    bool radial = false;          ///< labels run outward; else they are level
    double labelLimit = 84;       ///< longest label
    [[nodiscard]] double starSize() const { return nodeSize * 2.8; }
};
GraphLayout layoutGraph(const QRectF& area, const GraphContent& content, const QFont& font);
void paintGraph(QPainter& painter, const QRectF& area, const GraphLayout& layout, const GraphContent& content, const QFont& font, const Theme& theme);
/// -1 when there is none.
int tokenAt(const GraphLayout& layout, QPointF position);
/// Number of edges of every token at the content's cut.
std::vector<int> degreesAt(const GraphContent& content);

/// Features of the graph that are drawn along the cut.
struct GraphFeature {
    const char* metric;   ///< id of the metric that explains it
    const char* title;    ///< QT_TRANSLATE_NOOP("Graph", ...)
    bool logarithmic;     ///< log(1 + value) upwards
    bool whole;           ///< counts
    std::optional<double> (*value)(const GraphAtCut& at);
};
const std::array<GraphFeature, 5>& graphFeatures();

/// A dash without a value.
QString featureText(const GraphFeature& feature, std::optional<double> value);

/// One small plot per feature, side by side, or in two rows where they would be too narrow.
std::array<QRectF, 5> layoutGraphCurves(const QRectF& area, const QFont& font);
double graphCurvesHeight(double width, const QFont& font);
void paintGraphCurves(QPainter& painter, const QRectF& area, const GraphContent& content, const QFont& font, const Theme& theme);
/// The cut at a position in the plots; nothing outside them.
std::optional<std::size_t> cutAt(const QRectF& area, const GraphContent& content, QPointF position, const QFont& font);
/// "weight above 0.05", "percentile 90 and above"
QString cutText(GraphCut kind, double value);

} // namespace sinkscope
