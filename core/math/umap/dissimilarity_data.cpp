// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/dissimilarity_data.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

double dot(const float* a, const float* b, int width) {
    double sum = 0;
    for (int i = 0; i < width; ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

/// Small numbers lose less in the expanded form.
void centre(std::vector<float>& values, int points, int width) {
    std::vector<double> mean(static_cast<std::size_t>(width), 0.0);
    for (std::size_t at = 0; at < values.size(); ++at)
        mean[at % mean.size()] += values[at];
    for (std::size_t at = 0; at < values.size(); ++at)
        values[at] = static_cast<float>(values[at] - mean[at % mean.size()] / points);
}

void normalise(std::vector<float>& values, int width) {
    for (std::size_t first = 0; first < values.size(); first += static_cast<std::size_t>(width))
        if (const double length = std::sqrt(dot(&values[first], &values[first], width)); length > 0)
            for (std::size_t at = first; at < first + static_cast<std::size_t>(width); ++at)
                values[at] = static_cast<float>(values[at] / length);
}

/// Divides by the largest component, and returns it.
double scale(std::vector<float>& values) {
    float largest = 0;
    for (const float value : values)
        largest = std::max(largest, std::abs(value));
    if (largest > 0)
        for (float& value : values)
            value /= largest;
    return largest > 0 ? largest : 1.0;
}

} // namespace

DissimilarityData::DissimilarityData(std::span<const float> data, int points, int width, Dissimilarity dissimilarity)
    : m_points(points), m_width(width), m_kind(dissimilarity), m_values(data.begin(), data.end()) {
    if (m_kind == Dissimilarity::Euclidean)
        centre(m_values, points, width);
    else if (m_kind == Dissimilarity::Cosine)
        normalise(m_values, width);
    if (m_kind != Dissimilarity::Cosine)
        m_unit = scale(m_values);
    for (int point = 0; point < points; ++point)
        m_offsets.push_back(m_kind == Dissimilarity::Cosine ? 1.0F : static_cast<float>(dot(row(point), row(point), width)));
    if (m_kind == Dissimilarity::InnerProduct) // half from either side
        std::ranges::fill(m_offsets, m_offsets.empty() ? 0.0F : *std::ranges::max_element(m_offsets) / 2);
}

float DissimilarityData::between(int a, int b) const {
    const float *x = row(a), *y = row(b);
    if (m_kind == Dissimilarity::InnerProduct)
        return static_cast<float>(std::max(0.0, 2.0 * m_offsets[0] - dot(x, y, m_width)) * m_unit * m_unit);
    double squared = 0;
    for (int i = 0; i < m_width; ++i)
        squared += (static_cast<double>(x[i]) - y[i]) * (static_cast<double>(x[i]) - y[i]);
    if (m_kind == Dissimilarity::Euclidean)
        return static_cast<float>(std::sqrt(squared) * m_unit);
    // 1 - cos is half the squared distance of unit vectors; a zero vector has no direction
    const bool hasDirection = dot(x, x, m_width) > 0.5 && dot(y, y, m_width) > 0.5;
    return hasDirection ? static_cast<float>(squared / 2) : 1.0F;
}

} // namespace sinkscope
