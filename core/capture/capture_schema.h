// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_store.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

inline constexpr std::string_view kCaptureFormat = "sinkscope-capture";
/// 2: attention needs more than scale and mask (windows, ALiBi, soft cap, learned sinks). Where it does not, 1 is written, which older
/// programs read.
inline constexpr int kCaptureVersion = 2;

/// The datasets of one sample's layer.
enum class Field : std::uint8_t {
    Query, Key, Value, Attention, Hidden,
    ColumnMass, RowEntropy, RowArgmax, PreviousWeight, SelfWeight, Threshold, HitFrequency,
    QueryNorm, KeyNorm, ValueNorm, HiddenNorm, Thumbnail,
    SinkWeight, ///< only when the heads have learned sinks
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::SinkWeight) + 1;
inline constexpr auto kFirstStatistic = static_cast<std::size_t>(Field::ColumnMass);

enum class Element : std::uint8_t { Float32, Float16, Int32 };
[[nodiscard]] constexpr std::size_t sizeOf(Element element) { return element == Element::Float16 ? 2 : 4; }

/// Sizes that the datasets of a layer depend on.
struct LayerDimensions {
    int tokens = 0, heads = 0, keyValueHeads = 0, headWidth = 0, width = 0;
};

using Shape = std::vector<std::uint64_t>;

/// Name of a field inside the group of its layer; statistics lie in its subgroup `stats`.
std::string_view nameOf(Field field);
Shape shapeOf(Field field, const LayerDimensions& dimensions);
Element elementOf(Field field, const KeepOptions& keep);
/// Whether a run with these options writes the field.
bool isKept(Field field, const KeepOptions& keep, const CaptureHeader& header);
std::uint64_t countOf(const Shape& shape);

std::string samplePath(int sample);            ///< "/samples/0003"
std::string layerPath(int sample, int layer);  ///< "/samples/0003/layers/07"
std::string fieldPath(int sample, int layer, Field field);

LayerDimensions dimensionsOf(const CaptureHeader& header, int sample);
/// Where a layer stands in `capturedLayers`; nothing when it was not captured.
std::optional<std::size_t> slotOfLayer(const CaptureHeader& header, int layer);

/// Largest sizes that are believed when a file states them: far above any model, far below what would exhaust memory by itself.
namespace limits {
inline constexpr int kLayers = 4096, kHeads = 4096, kHeadWidth = 65536, kWidth = 1 << 20, kVocabulary = 1 << 26;
inline constexpr int kSamples = 1 << 20, kTokens = 1 << 22;
inline constexpr std::size_t kText = std::size_t{64} << 20;
} // namespace limits

} // namespace sinkscope
