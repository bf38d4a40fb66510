// SPDX-License-Identifier: Apache-2.0
#include "core/math/pca/row_kernels.h"

#include "core/base/simd.h"

#include <algorithm>
#include <cstring>

namespace sinkscope::pca {
namespace {

using simd::Floats;
using simd::kLanes;
constexpr std::size_t kPanel = kPanelColumns, kTileRows = 4;
/// Eight numbers in double precision, from memory and back.
using Doubles = double __attribute__((vector_size(64)));
using HalfFloats = float __attribute__((vector_size(32)));

SINKSCOPE_INLINE void addTo(double* sums, const Floats& values) {
    float lanes[kLanes];
    std::memcpy(lanes, &values, sizeof lanes);
    for (std::size_t half = 0; half < 2; ++half) {
        HalfFloats part;
        std::memcpy(&part, lanes + 8 * half, sizeof part);
        Doubles total;
        std::memcpy(&total, sums + 8 * half, sizeof total);
        total += __builtin_convertvector(part, Doubles);
        std::memcpy(sums + 8 * half, &total, sizeof total);
    }
}

/// Products of four columns with thirty-two, over all rows of a chunk: eight sums in registers, as many as hide a multiplication's latency.
SINKSCOPE_INLINE void productTile(const float* left, const float* right, double* products, std::size_t stride) {
    Floats sums[kTileRows][2] = {};
    for (std::size_t row = 0; row < kChunkRows; ++row) {
        Floats first, second;
        simd::load(first, right + row * kPanel);
        simd::load(second, right + row * kPanel + kLanes);
        for (std::size_t r = 0; r < kTileRows; ++r) {
            const float factor = left[row * kPanel + r];
            sums[r][0] += factor * first;
            sums[r][1] += factor * second;
        }
    }
    for (std::size_t r = 0; r < kTileRows; ++r) {
        addTo(products + r * stride, sums[r][0]);
        addTo(products + r * stride + kLanes, sums[r][1]);
    }
}

/// One row into its place in every panel.
SINKSCOPE_INLINE void packRow(const float* row, std::size_t width, const float* shift, float scale, float* packed, float* sums) {
    for (std::size_t column = 0; column < width; column += kLanes) {
        Floats values, offset, sum;
        simd::load(offset, shift + column);
        simd::load(sum, sums + column);
        if (column + kLanes <= width)
            simd::load(values, row + column);
        else
            simd::loadPart(values, row + column, width - column, 0.0F);
        values = values * scale - offset;
        sum += values;
        simd::store(sums + column, sum);
        simd::store(packed + column / kPanel * kPanel * kChunkRows + column % kPanel, values);
    }
}

/// Coordinates of one row along `Axes` axes.
template <std::size_t Axes>
SINKSCOPE_INLINE void projectRow(const float* row, std::size_t width, const double* mean, const double* axes, float* out) {
    Doubles sums[Axes] = {};
    const std::size_t whole = width / 8 * 8;
    for (std::size_t i = 0; i < whole; i += 8) {
        HalfFloats values;
        Doubles centre;
        std::memcpy(&values, row + i, sizeof values);
        std::memcpy(&centre, mean + i, sizeof centre);
        const Doubles offset = __builtin_convertvector(values, Doubles) - centre;
        for (std::size_t axis = 0; axis < Axes; ++axis) {
            Doubles direction;
            std::memcpy(&direction, axes + axis * width + i, sizeof direction);
            sums[axis] += offset * direction;
        }
    }
    for (std::size_t axis = 0; axis < Axes; ++axis) {
        const Doubles& sum = sums[axis];
        double total = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
        for (std::size_t i = whole; i < width; ++i)
            total += (row[i] - mean[i]) * axes[axis * width + i];
        out[axis] = static_cast<float>(total);
    }
}

} // namespace

SINKSCOPE_CLONES void packChunk(const float* rows, std::size_t count, std::size_t width, const float* shift, float scale, float* packed,
                                double* sums) {
    constexpr std::size_t kAtOnce = 1024; // columns whose sums lie on the stack
    const std::size_t padded = paddedWidth(width);
    if (count < kChunkRows || padded != width)
        std::fill_n(packed, padded * kChunkRows, 0.0F);
    for (std::size_t begin = 0; begin < width; begin += kAtOnce) {
        const std::size_t columns = std::min(kAtOnce, width - begin);
        float partial[kAtOnce] = {};
        for (std::size_t row = 0; row < count; ++row)
            packRow(rows + row * width + begin, columns, shift + begin, scale, packed + begin * kChunkRows + row * kPanel, partial);
        for (std::size_t column = 0; column < columns; ++column)
            sums[begin + column] += partial[column];
    }
}

SINKSCOPE_CLONES void addProducts(const float* packed, std::size_t panels, double* products) {
    const std::size_t stride = panels * kPanel;
    for (std::size_t right = 0; right < panels; ++right) // its panel stays in the first cache
        for (std::size_t row = 0; row < (right + 1) * kPanel; row += kTileRows)
            productTile(packed + row / kPanel * kPanel * kChunkRows + row % kPanel, packed + right * kPanel * kChunkRows,
                        products + row * stride + right * kPanel, stride);
}

SINKSCOPE_CLONES void addSquares(const float* packed, std::size_t panels, double* squares) {
    for (std::size_t panel = 0; panel < panels; ++panel) {
        Floats sums[2] = {};
        for (std::size_t row = 0; row < kChunkRows; ++row)
            for (std::size_t half = 0; half < 2; ++half) {
                Floats values;
                simd::load(values, packed + (panel * kChunkRows + row) * kPanel + half * kLanes);
                sums[half] += values * values;
            }
        addTo(squares + panel * kPanel, sums[0]);
        addTo(squares + panel * kPanel + kLanes, sums[1]);
    }
}

SINKSCOPE_CLONES void addNormalProducts(const float* packed, std::size_t panels, const float* directions, double* result) {
    float products[kChunkRows * kDirections];
    for (std::size_t row = 0; row < kChunkRows; row += kTileRows) {
        Floats sums[kTileRows] = {};
        for (std::size_t panel = 0; panel < panels; ++panel)
            for (std::size_t column = 0; column < kPanel; ++column) {
                Floats direction;
                simd::load(direction, directions + (panel * kPanel + column) * kDirections);
                for (std::size_t r = 0; r < kTileRows; ++r)
                    sums[r] += packed[(panel * kChunkRows + row + r) * kPanel + column] * direction;
            }
        for (std::size_t r = 0; r < kTileRows; ++r)
            simd::store(products + (row + r) * kDirections, sums[r]);
    }
    for (std::size_t column = 0; column < panels * kPanel; column += kTileRows) {
        Floats sums[kTileRows] = {};
        const float* values = packed + column / kPanel * kPanel * kChunkRows + column % kPanel;
        for (std::size_t row = 0; row < kChunkRows; ++row) {
            Floats product;
            simd::load(product, products + row * kDirections);
            for (std::size_t r = 0; r < kTileRows; ++r)
                sums[r] += values[row * kPanel + r] * product;
        }
        for (std::size_t r = 0; r < kTileRows; ++r)
            addTo(result + (column + r) * kDirections, sums[r]);
    }
}

SINKSCOPE_CLONES void projectRows(const float* rows, std::size_t count, std::size_t width, const double* mean, const double* axes,
                                  std::size_t axisCount, float* out) {
    for (std::size_t row = 0; row < count; ++row)
        for (std::size_t axis = 0; axis < axisCount;) {
            const float* from = rows + row * width;
            const double* along = axes + axis * width;
            float* to = out + row * axisCount + axis;
            if (axisCount - axis >= 3)
                projectRow<3>(from, width, mean, along, to);
            else
                projectRow<1>(from, width, mean, along, to);
            axis += axisCount - axis >= 3 ? 3 : 1;
        }
}

} // namespace sinkscope::pca
