// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

namespace sinkscope {

/// Keys that one panel holds, component by component: panel p is [headWidth, kPanelKeys], zeros beyond the last key.
inline constexpr std::size_t kPanelKeys = 32;

/// Keys [tokens, headWidth] as panels.
std::vector<float> keyPanels(const float* keys, std::size_t tokens, std::size_t headWidth);

/// out[r, j] = scale * query r . key (kPanelKeys * firstPanel + j) for the keys of `panels` panels; rows of `out` are `stride` floats apart.
void panelLogits(const float* queries, std::size_t rows, std::size_t headWidth, const float* firstPanel, std::size_t panels, float scale, float* out,
                 std::size_t stride);

/// Least and most of some numbers, at least one.
void rangeOf(const float* row, std::size_t count, float& least, float& most);
/// Raises columns to what a row holds there.
void raiseColumns(const float* row, std::size_t count, float* largest);
/// The same, with the smallest and the sum.
void poolColumns(const float* row, std::size_t count, float* largest, float* smallest, float* sum);
/// row = exp(row - shift).
void exponentiate(float* row, std::size_t count, float shift);

} // namespace sinkscope
