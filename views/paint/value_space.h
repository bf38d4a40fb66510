// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/models/value_space.h"
#include "views/paint/plot_axes.h"
#include "views/paint/token_axis.h"

namespace sinkscope {

/// What is drawn of a head's value space.
struct ValueSpaceContent {
    std::shared_ptr<const ValueSpace> space;
    TokenLabels labels; ///< anchors are the sinks of the head
    int hovered = -1;
};

/// Rows of small plots on one token axis; received attention against value norm; influence against attention; numbers of the head. Below each
/// other, or with the rows at the left where there is more width than height.
struct ValueSpaceLayout {
    struct Row {
        TokenQuantity quantity;
        QRectF title;
        PlotAxes axes;
    };
    std::vector<Row> rows;
    double labelLength = 0;
    PlotAxes norm, influence;     ///< the two scatter plots
    std::vector<QRectF> numbers;  ///< one cell for each of ValueSpace::numbers
};
ValueSpaceLayout layoutValueSpace(const QRectF& area, const ValueSpaceContent& content, const QFont& font);
/// Height at which everything can be read.
double valueSpaceHeight(double width, const ValueSpaceContent& content, const QFont& font);
void paintValueSpace(QPainter& painter, const ValueSpaceLayout& layout, const ValueSpaceContent& content, const QFont& font, const Theme& theme);

/// The token at a position of the rows or near a point of a scatter plot; -1 when there is none.
int tokenAt(const ValueSpaceLayout& layout, const ValueSpaceContent& content, QPointF position);
/// Place in ValueSpace::numbers; -1 when there is none.
int numberAt(const ValueSpaceLayout& layout, QPointF position);

} // namespace sinkscope
