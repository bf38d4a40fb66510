// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/point_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sinkscope {

float shapeDistance(PointShape shape, float x, float y) {
    const float ax = std::abs(x), ay = std::abs(y);
    switch (shape) {
    case PointShape::Disc: return std::sqrt(x * x + y * y);
    case PointShape::Square: return std::max(ax, ay) / 0.84F;
    case PointShape::Triangle: return std::max(-y, 0.866F * ax + 0.5F * y) / 0.5F;
    case PointShape::Diamond: return ax + ay;
    case PointShape::Plus: return std::min(std::max(ax, 3 * ay), std::max(ay, 3 * ax));
    case PointShape::Wedge: return std::max(y, 0.866F * ax - 0.5F * y) / 0.5F;
    }
    return 2;
}

std::size_t SceneLabels::bytes() const {
    std::size_t total = m_index.capacity() * sizeof(std::int32_t) + m_texts.capacity() * sizeof(QString);
    for (const QString& text : m_texts)
        total += static_cast<std::size_t>(text.capacity()) * sizeof(QChar);
    return total;
}

std::size_t PointScene::bytes() const {
    return points.capacity() * sizeof(QVector3D) + (scalars.capacity() + sizes.capacity()) * sizeof(float) +
           shapes.capacity() * sizeof(PointShape) + labels.bytes();
}

PointColors::PointColors(const PointScene& scene, const Theme& theme)
    : m_scene(scene), m_table(sequentialTable("viridis")), m_missing(theme.mutedText.rgb()) {
    if (!scene.colorNames.isEmpty())
        for (const QColor& color : theme.categories)
            m_categories.push_back(color.rgb());
}

std::vector<int> labelOrderOf(const std::vector<float>& importance) {
    std::vector<int> order(importance.size());
    std::iota(order.begin(), order.end(), 0);
    const auto weight = [&](int i) {
        const float value = importance[static_cast<std::size_t>(i)];
        return std::isnan(value) ? -std::numeric_limits<float>::max() : value;
    };
    const auto end = order.begin() + std::min<std::ptrdiff_t>(kLabelCandidates, static_cast<std::ptrdiff_t>(order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](int a, int b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
    return {order.begin(), end};
}

double pointRadius(int points) {
    if (points <= 64)
        return 6;
    // Falls with the logarithm: 128 points 5.5, 1,000 points 4, 100,000 points 1.5.
    return std::max(1.5, 6 - 0.5 * std::log2(points / 64.0));
}

} // namespace sinkscope
