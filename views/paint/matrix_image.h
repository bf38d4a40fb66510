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

/// Part of a matrix in blocks of 2^level cells, as indices.
struct MatrixPatch {
    int level = 0;
    QPoint first;  ///< block at the top left
    QImage blocks; ///< Grayscale8
};

/// A square matrix as indices of a colour scale, at full size and halved again and again by maxima, so that a strong cell stays visible
/// however far one zooms out. Of a long text the finest levels are missing; what is looked at closely is then a patch. Immutable.
struct MatrixImage {
    int tokens = 0;
    ColorScale scale;
    int firstLevel = 0;         ///< of `levels.front()`
    std::vector<QImage> levels; ///< Grayscale8 images of indices; level n has ceil(tokens / 2^n) rows
    MatrixPatch patch{};        ///< null image: none
};

/// `matrix` is [tokens, tokens]. Errors: Cancelled. Thread: any.
Result<std::shared_ptr<const MatrixImage>> makeMatrixImage(std::span<const float> matrix, int tokens, const ScaleRequest& request,
                                                           JobContext& context);

/// Values [rows, columns] as indices; what is not finite is masked. Thread: any.
QImage indexImage(int rows, int columns, std::span<const float> values, const ColorScale& scale);
/// Fills `image.levels` with halves of its first one, down to a small one.
void halveLevels(MatrixImage& image);

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

/// What has to be known to draw a view sharply: blocks of at least one device pixel, and which of them are seen.
struct MatrixPart {
    int level = 0;
    QRect blocks;
};
MatrixPart visiblePart(const MatrixView& view, int tokens, double devicePixelRatio);

/// Draws the visible part with sharp cells. `devicePixelRatio` decides which level is read.
void paintMatrix(QPainter& painter, const MatrixImage& image, const MatrixView& view, std::span<const QRgb> colors,
                 double devicePixelRatio = 1.0);

} // namespace sinkscope
