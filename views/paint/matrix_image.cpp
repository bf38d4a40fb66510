// SPDX-License-Identifier: Apache-2.0
#include "views/paint/matrix_image.h"

#include <QPaintEngine>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr int kVectorPixels = 1600; ///< width of an image inside a vector figure

QImage halved(const QImage& image) {
    const int width = (image.width() + 1) / 2, height = (image.height() + 1) / 2;
    QImage half(width, height, QImage::Format_Grayscale8);
    for (int y = 0; y < height; ++y) {
        const uchar* first = image.constScanLine(2 * y);
        const uchar* second = image.constScanLine(std::min(2 * y + 1, image.height() - 1));
        uchar* out = half.scanLine(y);
        for (int x = 0; x < width; ++x) {
            const int left = 2 * x, right = std::min(2 * x + 1, image.width() - 1);
            out[x] = std::max({first[left], first[right], second[left], second[right]});
        }
    }
    return half;
}

/// Part of a level as colours.
QImage colored(const QImage& level, const QRect& part, std::span<const QRgb> colors) {
    QImage result(part.size(), QImage::Format_ARGB32_Premultiplied);
    for (int y = 0; y < part.height(); ++y) {
        const uchar* in = level.constScanLine(part.top() + y) + part.left();
        auto* out = reinterpret_cast<QRgb*>(result.scanLine(y));
        for (int x = 0; x < part.width(); ++x)
            out[x] = colors[in[x]];
    }
    return result;
}

} // namespace

Result<std::shared_ptr<const MatrixImage>> makeMatrixImage(std::span<const float> matrix, int tokens, const ScaleRequest& request,
                                                           JobContext& context) {
    auto result = std::make_shared<MatrixImage>();
    result->tokens = tokens;
    result->scale = chooseScale(matrix, tokens, request);
    SINKSCOPE_CHECK(context.checkpoint());
    QImage full(tokens, tokens, QImage::Format_Grayscale8);
    if (full.isNull())
        return Error{ErrorCode::OutOfMemory, "the image of a " + std::to_string(tokens) + " x " + std::to_string(tokens) + " map", {}};
    for (int query = 0; query < tokens; ++query) {
        const float* row = matrix.data() + static_cast<std::size_t>(query) * static_cast<std::size_t>(tokens);
        uchar* out = full.scanLine(query);
        const int visible = request.causal ? query + 1 : tokens;
        for (int key = 0; key < visible; ++key)
            out[key] = std::isinf(row[key]) ? ColorScale::kMasked : result->scale.toIndex(row[key]);
        std::fill(out + visible, out + tokens, ColorScale::kMasked);
        if (query % 256 == 255)
            SINKSCOPE_CHECK(context.checkpoint());
    }
    result->levels.push_back(std::move(full));
    halveLevels(*result);
    return std::shared_ptr<const MatrixImage>(std::move(result));
}

QImage indexImage(int rows, int columns, std::span<const float> values, const ColorScale& scale) {
    QImage image(columns, rows, QImage::Format_Grayscale8);
    for (int row = 0; row < rows; ++row) {
        const float* from = values.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
        uchar* to = image.scanLine(row);
        for (int column = 0; column < columns; ++column)
            to[column] = std::isfinite(from[column]) ? scale.toIndex(from[column]) : ColorScale::kMasked;
    }
    return image;
}

void halveLevels(MatrixImage& image) {
    while (image.levels.back().width() > 64)
        image.levels.push_back(halved(image.levels.back()));
}

MatrixPart visiblePart(const MatrixView& view, int tokens, double devicePixelRatio) {
    // Finer levels would only be thrown away by sampling, and with them the maxima.
    const double pixels = view.cell * devicePixelRatio;
    const int level = pixels >= 1.0 ? 0 : static_cast<int>(std::ceil(-std::log2(pixels)));
    const double size = std::exp2(level);
    const int end = static_cast<int>(std::ceil(tokens / size)) - 1;
    const auto first = [&](double cell) { return std::max(0, static_cast<int>(std::floor(cell / size))); };
    const auto last = [&](double cell) { return std::min(end, static_cast<int>(std::ceil(cell / size))); };
    return {level, QRect(QPoint(first(view.origin.x()), first(view.origin.y())),
                         QPoint(last(view.keyAt(view.plot.right())), last(view.queryAt(view.plot.bottom()))))};
}

namespace {

/// Where blocks of a level lie in the painter.
QRectF placeOf(const MatrixView& view, int level, const QRect& blocks) {
    const double size = std::exp2(level);
    return {view.xOf(blocks.left() * size), view.yOf(blocks.top() * size), blocks.width() * size * view.cell, blocks.height() * size * view.cell};
}

/// Blocks of a level that are seen, drawn as they are.
void paintBlocks(QPainter& painter, const QImage& source, const QRect& part, const QRectF& target, std::span<const QRgb> colors) {
    if (part.isEmpty())
        return;
    QImage cells = colored(source, part, colors);
    const QPaintEngine* engine = painter.paintEngine();
    if (engine && (engine->type() == QPaintEngine::Pdf || engine->type() == QPaintEngine::SVG)) {
        // Viewers of vector files smooth small images when they enlarge them: write cells of several pixels, which stay square.
        const int factor = std::clamp(kVectorPixels / std::max(cells.width(), 1), 1, 32);
        cells = cells.scaled(cells.size() * factor, Qt::IgnoreAspectRatio, Qt::FastTransformation);
    }
    painter.drawImage(target, cells);
}

} // namespace

void paintMatrix(QPainter& painter, const MatrixImage& image, const MatrixView& view, std::span<const QRgb> colors, double devicePixelRatio) {
    if (image.levels.empty() || view.cell <= 0 || view.plot.isEmpty())
        return;
    const int wanted = visiblePart(view, image.tokens, devicePixelRatio).level;
    const int level = std::clamp(wanted, image.firstLevel, image.firstLevel + static_cast<int>(image.levels.size()) - 1);
    const QImage& source = image.levels[static_cast<std::size_t>(level - image.firstLevel)];
    const double size = std::exp2(level);
    const QRect part = QRect(QPoint(static_cast<int>(std::floor(view.origin.x() / size)), static_cast<int>(std::floor(view.origin.y() / size))),
                             QPoint(static_cast<int>(std::ceil(view.keyAt(view.plot.right()) / size)), static_cast<int>(std::ceil(view.queryAt(view.plot.bottom()) / size))))
                           .intersected(source.rect());
    const bool patched = !image.patch.blocks.isNull() && image.patch.level < level;
    const QRect patch(image.patch.first, image.patch.blocks.size());
    painter.save();
    painter.setClipRect(view.plot, Qt::IntersectClip);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.save();
    if (patched) { // what the patch shows better is not drawn below it, where it would be seen through masked cells
        QPainterPath outside;
        outside.addRect(view.plot);
        QPainterPath inside;
        inside.addRect(placeOf(view, image.patch.level, patch));
        painter.setClipPath(outside.subtracted(inside), Qt::IntersectClip);
    }
    paintBlocks(painter, source, part, placeOf(view, level, part), colors);
    painter.restore();
    if (patched)
        paintBlocks(painter, image.patch.blocks, image.patch.blocks.rect(), placeOf(view, image.patch.level, patch), colors);
    painter.restore();
}

} // namespace sinkscope
