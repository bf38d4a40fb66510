// SPDX-License-Identifier: Apache-2.0
// From the attention of a head to the image that is drawn of it.
#include "views/paint/heat_map.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>

namespace sinkscope {

float HeatMapContent::weightAt(int query, int key) const {
    return pyramid ? pyramid->weight(query, key) : attention->weights[static_cast<std::size_t>(query) * static_cast<std::size_t>(attention->tokens) + static_cast<std::size_t>(key)];
}

float HeatMapContent::logitAt(int query, int key) const {
    return pyramid ? pyramid->logit(query, key) : attention->logits[static_cast<std::size_t>(query) * static_cast<std::size_t>(attention->tokens) + static_cast<std::size_t>(key)];
}

namespace {

ScaleRequest scaleRequestOf(const HeatMapRequest& request, bool causal) {
    ScaleRequest scale;
    scale.kind = request.logits && request.scale == ScaleKind::Log ? ScaleKind::Linear : request.scale;
    scale.logits = request.logits;
    scale.causal = causal;
    scale.sinks = request.sinks;
    return scale;
}

/// Values of cells to be drawn: -infinity where there is nothing to see.
std::vector<float> drawnValues(const AttentionCells& cells, bool logits) {
    if (logits)
        return cells.largestLogit;
    std::vector<float> values = cells.largest;
    for (std::size_t at = 0; at < values.size(); ++at)
        if (!cells.isVisible(at))
            values[at] = -std::numeric_limits<float>::infinity();
    return values;
}

/// Extremes of the weights each key receives, with and without the sinks; logits pooled with a sink's are left out with them.
ColorScale scaleOf(const AttentionPyramid& pyramid, const ScaleRequest& request) {
    const bool excludes = request.kind == ScaleKind::SinksExcluded;
    const auto isSink = [&](int key) { return excludes && std::ranges::binary_search(request.sinks, key); };
    if (!request.logits) {
        float most = 0, mostOfAll = 0;
        for (int key = 0; key < pyramid.tokens(); ++key) {
            const float weight = pyramid.columnLargest()[static_cast<std::size_t>(key)];
            mostOfAll = std::max(mostOfAll, weight);
            most = isSink(key) ? most : std::max(most, weight);
        }
        return chooseScale(pyramid.tokens(), request, 0, most, mostOfAll);
    }
    float most = pyramid.highestLogit();
    if (excludes) {
        const AttentionCells& cells = pyramid.overview();
        most = -std::numeric_limits<float>::infinity();
        for (int column = 0; column < cells.columns; ++column) {
            const bool skip = std::ranges::any_of(request.sinks, [&](int sink) { return sink >> cells.level == column; });
            for (int row = pyramid.rule().causal && cells.rows > 1 ? 1 : 0; row < cells.rows && !skip; ++row)
                most = std::max(most, cells.largestLogit[cells.at(row, column)]);
        }
    }
    return chooseScale(pyramid.tokens(), request, pyramid.lowestLogit(), most, pyramid.highestLogit());
}

} // namespace

Result<std::shared_ptr<const MatrixImage>> heatMapImage(const HeadAttention& attention, const HeatMapRequest& request, JobContext& context) {
    return makeMatrixImage(request.logits ? attention.logits : attention.weights, attention.tokens, scaleRequestOf(request, attention.causal), context);
}

Result<std::shared_ptr<const MatrixImage>> heatMapImage(const AttentionPyramid& pyramid, const HeatMapRequest& request, JobContext& context) {
    const AttentionCells& cells = pyramid.overview();
    auto image = std::make_shared<MatrixImage>();
    image->tokens = pyramid.tokens();
    image->firstLevel = cells.level;
    image->scale = scaleOf(pyramid, scaleRequestOf(request, pyramid.rule().causal));
    image->levels.push_back(indexImage(cells.rows, cells.columns, drawnValues(cells, request.logits), image->scale));
    halveLevels(*image);
    SINKSCOPE_CHECK(context.checkpoint());
    return std::shared_ptr<const MatrixImage>(std::move(image));
}

Result<std::shared_ptr<const MatrixImage>> patchedImage(const MatrixImage& image, const AttentionPyramid& pyramid, bool logits, const MatrixPart& part,
                                                        JobContext& context) {
    SINKSCOPE_TRY(const AttentionCells cells, pyramid.part(part.level, part.blocks.top(), part.blocks.left(), part.blocks.height(), part.blocks.width(), context));
    auto result = std::make_shared<MatrixImage>(image);
    result->patch = {part.level, QPoint(cells.firstColumn, cells.firstRow), indexImage(cells.rows, cells.columns, drawnValues(cells, logits), image.scale)};
    return std::shared_ptr<const MatrixImage>(std::move(result));
}

QString heatMapBarTitle(const HeatMapRequest& request) {
    if (request.logits)
        return QCoreApplication::translate("HeatMap", "attention logit");
    return QCoreApplication::translate("HeatMap", "attention weight (%1)").arg(titleOf(request.scale).toLower());
}

} // namespace sinkscope
