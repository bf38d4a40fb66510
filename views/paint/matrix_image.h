// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"
#include "views/paint/color_scale.h"

#include <QImage>
#include <QPainter>
#include <QRectF>

#include <memory>
#include <span>
#include <vector>

namespace sinkscope {

/// A square matrix as indices of a colour scale, at full size and halved again and again by maxima, so that a strong cell stays visible
/// however far one zooms out. Immutable.
struct MatrixImage {
    int tokens = 0;
    ColorScale scale;
    std::vector<QImage> levels; ///< Grayscale8 images of indices; level n has ceil(tokens / 2^n) rows
};

/// `matrix` is [tokens, tokens]. Errors: Cancelled. Thread: any.
Result<std::shared_ptr<const MatrixImage>> makeMatrixImage(std::span<const float> matrix, int tokens, const ScaleRequest& request,
                                                           JobContext& context);

/// Which part of the matrix is shown where: `origin` is the cell at the top left of `plot`, `cell` the size of one, in painter units.
struct MatrixView {
    QRectF plot;
    QPointF origin;  ///< (key, query)
    double cell = 1;

    [[nodiscard]] double xOf(double key) const { return plot.left() + (key - origin.x()) * cell; }
    [[nodiscard]] double yOf(double query) const { return plot.top() + (query - origin.y()) * cell; }
    [[nodiscard]] double keyAt(double x) const { return origin.x() + (x - plot.left()) / cell; }
    [[nodiscard]] double queryAt(double y) const { return origin.y() + (y - plot.top()) / cell; }
};

/// Draws the visible part with sharp cells. `devicePixelRatio` decides which level is read.
void paintMatrix(QPainter& painter, const MatrixImage& image, const MatrixView& view, std::span<const QRgb> colors,
                 double devicePixelRatio = 1.0);

} // namespace sinkscope
