// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

/// The loops over every number of a matrix of principal components, vectorised for the processor that they run on. Thread: any.
namespace sinkscope::pca {

/// Rows of a chunk: what one sum in float32 covers before it is added to one in double.
inline constexpr std::size_t kChunkRows = 128;
/// Columns of a panel. A packed chunk is [panels, kChunkRows, kPanelColumns], so that what a loop needs lies together.
inline constexpr std::size_t kPanelColumns = 32;
/// Directions that are followed at once by the randomized method.
inline constexpr std::size_t kDirections = 16;

[[nodiscard]] constexpr std::size_t panelsOf(std::size_t width) { return (width + kPanelColumns - 1) / kPanelColumns; }
/// Columns with the last panel filled up.
[[nodiscard]] constexpr std::size_t paddedWidth(std::size_t width) { return panelsOf(width) * kPanelColumns; }

/// Packs up to kChunkRows rows as scale * x - shift, the rest as zeros, and adds what it packs to `sums` [padded width]. `shift` is [padded
/// width] too. A number that is not finite, or too large, makes its sum not finite.
void packChunk(const float* rows, std::size_t count, std::size_t width, const float* shift, float scale, float* packed, double* sums);

/// Adds the products of all columns of a packed chunk with each other to `products` [padded width, padded width]: those of the upper triangle
/// of panels, which is half of the work.
void addProducts(const float* packed, std::size_t panels, double* products);

/// Adds the squares of a packed chunk, column by column, to `squares` [padded width].
void addSquares(const float* packed, std::size_t panels, double* squares);

/// result += X^T (X directions) for the packed chunk X; `directions` is [padded width, kDirections], `result` too.
void addNormalProducts(const float* packed, std::size_t panels, const float* directions, double* result);

/// out[row, axis] = sum over columns of (x - mean) * axes[axis, column], in double precision; out is [count, axes].
void projectRows(const float* rows, std::size_t count, std::size_t width, const double* mean, const double* axes, std::size_t axisCount, float* out);

} // namespace sinkscope::pca
