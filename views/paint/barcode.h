// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/models/head_barcode.h"
#include "views/paint/plot_axes.h"

#include <optional>

namespace sinkscope {

enum class BarcodeView { Bars, Diagram };

/// What is drawn of a barcode.
struct BarcodeContent {
    std::shared_ptr<const HeadBarcode> head;
    BarcodeView view = BarcodeView::Bars;
    std::optional<BarId> selected, hovered;
    /// Of the diagram: the part of its square that is shown, in units of its side, from the lower left; (0, 0, 1, 1) is everything.
    QRectF zoom{0, 0, 1, 1};
};

/// Where the parts lie: bars or diagram above, Betti numbers below, on the same values.
struct BarcodeLayout {
    struct Row {
        BarId id;
        double y = 0; ///< centre
    };
    PlotAxes main, betti;
    std::vector<Row> rows;      ///< of the bars, from top
    double pitch = 0;
    double headingY[2] = {0, 0};///< baselines of the headings of the bars
    int hidden[2] = {0, 0};     ///< bars that did not fit; the shortest
};
BarcodeLayout layoutBarcode(const QRectF& area, const BarcodeContent& content, const QFont& font);
void paintBarcode(QPainter& painter, const BarcodeLayout& layout, const BarcodeContent& content, const QFont& font, const Theme& theme);
/// The bar, or point of the diagram, at a position; nothing when none is near.
std::optional<BarId> barAt(const BarcodeLayout& layout, const BarcodeContent& content, QPointF position);
/// The next bar in the order of drawing; the first when none is selected. Nothing without bars.
std::optional<BarId> stepFrom(const BarcodeLayout& layout, const BarcodeContent& content, int step);

} // namespace sinkscope
