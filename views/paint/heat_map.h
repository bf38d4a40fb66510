// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/attention_pyramid.h"
#include "core/attention/head_attention.h"
#include "views/paint/matrix_image.h"
#include "views/paint/token_axis.h"

#include <memory>

namespace sinkscope {

/// One head as it is drawn, in the window and in figures. Immutable apart from what is selected.
struct HeatMapContent {
    std::shared_ptr<const HeadAttention> attention;  ///< every cell, of a text that is not too long for that...
    std::shared_ptr<const AttentionPyramid> pyramid; ///< ...else this
    std::shared_ptr<const MatrixImage> image;
    TokenLabels keys, queries;
    std::vector<int> sinks;   ///< columns outlined in the anchor colour
    QString barTitle;         ///< "attention weight (log)"
    bool drawSelection = true;
    bool isLogits = false;    ///< which numbers are written into large cells
    bool asVectors = false;   ///< cells as rectangles instead of one image: for files, while there are few of them
    [[nodiscard]] bool isCausal() const { return pyramid ? pyramid->rule().causal : attention && attention->causal; }
    [[nodiscard]] bool hasValues() const { return pyramid || attention; }
    [[nodiscard]] float weightAt(int query, int key) const;
    [[nodiscard]] float logitAt(int query, int key) const;
    double labelLength = 0;   ///< of the longest label; measured by `measureLabels`, because that takes milliseconds for long texts
};

/// Where the parts of a heat map lie.
struct HeatMapLayout {
    MatrixView view;          ///< the square with the cells
    QRectF bar;               ///< the colour bar below it
    double labelWidth = 0, labelHeight = 0;
    double fittedCell = 1;    ///< size of a cell when everything is shown
};

/// Sets `labelLength`. Call once when the labels or the font have changed.
void measureLabels(HeatMapContent& content, const QFont& font);
/// Fits a square map with labels and colour bar into an area. `zoom` 1 shows everything; `origin` is the cell at the top left.
HeatMapLayout layoutHeatMap(const QRectF& area, const HeatMapContent& content, const QFont& font, const QPaintDevice* device, double zoom,
                            QPointF origin);
/// Height that a map of a given width needs so that its square fills the width.
double heatMapHeight(double width, const HeatMapContent& content, const QFont& font, const QPaintDevice* device);

void paintHeatMap(QPainter& painter, const HeatMapContent& content, const HeatMapLayout& layout, const QFont& font, const Theme& theme,
                  double devicePixelRatio);

/// What is drawn of a head. Thread: any.
struct HeatMapRequest {
    bool logits = false;
    ScaleKind scale = ScaleKind::Log;
    std::vector<int> sinks;
};
Result<std::shared_ptr<const MatrixImage>> heatMapImage(const HeadAttention& attention, const HeatMapRequest& request, JobContext& context);
/// Of a long text: cells are pooled, and show the largest of what they stand for.
Result<std::shared_ptr<const MatrixImage>> heatMapImage(const AttentionPyramid& pyramid, const HeatMapRequest& request, JobContext& context);
/// The same image with a patch: what is seen, in blocks as fine as the screen shows.
Result<std::shared_ptr<const MatrixImage>> patchedImage(const MatrixImage& image, const AttentionPyramid& pyramid, bool logits, const MatrixPart& part,
                                                        JobContext& context);
/// Longest text whose head is shown from a full matrix.
inline constexpr std::size_t kLongestFullMap = 4096;
QString heatMapBarTitle(const HeatMapRequest& request);

} // namespace sinkscope
