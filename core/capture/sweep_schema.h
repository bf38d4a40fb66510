// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_schema.h"
#include "core/capture/layout_writer.h"
#include "core/capture/sweep_store.h"

#include <array>

namespace sinkscope {

/// The datasets of a cell. The first axis of each is the sample.
enum class SweepField { State, Tokens, First, Frame, Model, Layers, Heads };
inline constexpr std::array kSweepFields{SweepField::State, SweepField::Tokens, SweepField::First, SweepField::Frame,
                                         SweepField::Model, SweepField::Layers, SweepField::Heads};
std::string_view nameOf(SweepField field);
[[nodiscard]] constexpr bool isFloat(SweepField field) { return field >= SweepField::Frame; }

std::string modelPath(int model);             ///< "/models/00"
std::string cellPath(int model, int variant); ///< "/models/00/variants/03"
std::string sweepPath(int model, int variant, SweepField field);
/// `samples`: length of the first axis.
Shape shapeOf(SweepField field, const SweepHeader& header, int model, int samples);

/// Everything but the datasets of cells.
void writeSweepHeader(LayoutWriter& writer, const SweepHeader& header);
/// "shard 2 of 4" and so on for people.
std::string shardText(const SweepHeader& header);
/// What differs first between two recipes, as "bos: was "no", is now "yes""; empty when they are the same.
std::string recipeDifference(const std::string& before, const std::string& now);

namespace limits {
inline constexpr int kSweepModels = 4096, kSweepVariants = 1024, kSweepMetrics = 65536;
inline constexpr std::uint64_t kSweepNumbers = std::uint64_t{1} << 28; ///< that one call may return
} // namespace limits

} // namespace sinkscope
