// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "core/spaces/point_cloud.h"

#include <utility>

namespace sinkscope {

/// Along what clouds follow each other. Runs: other models, or other steps of a training, on the same texts.
enum class CloudAxis { Layers, Heads, Runs };

/// Points of two clouds that stand for the same token of the same sample and kind, as indices into both, in the order of the first. Along Heads the
/// first, second, ... head of one cloud corresponds to that of the other; else heads correspond by number, and along Runs layers too. Thread: any.
std::vector<std::pair<std::size_t, std::size_t>> correspondingPoints(std::span<const CloudPoint> a, std::span<const CloudPoint> b, CloudAxis axis);

/// Rows of coordinates, one after the other: those of the first cloud and those of the second. Both are [points, dimensions].
std::pair<std::vector<float>, std::vector<float>> correspondingRows(std::span<const std::pair<std::size_t, std::size_t>> pairs,
                                                                    std::span<const float> a, std::span<const float> b, int dimensions);

/// Runs can be laid over each other token by token only where the texts were cut into the same tokens. `samples` empty: all. Errors:
/// InvalidArgument, naming the sample.
Result<void> checkSameTokens(const CaptureHeader& a, const CaptureHeader& b, std::span<const int> samples);

} // namespace sinkscope
