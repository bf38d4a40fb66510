// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_schema.h"

#include <algorithm>

namespace sinkscope {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames{
    "query",         "key",         "value",     "attention",     "hidden",     "column_mass",
    "row_entropy",   "row_argmax",  "previous_weight", "self_weight", "threshold", "hit_frequency",
    "query_norm",    "key_norm",    "value_norm", "hidden_norm",  "thumbnail",
    "sink_weight"};

std::string padded(int number, std::size_t digits) {
    std::string text = std::to_string(number);
    return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

} // namespace

std::string_view nameOf(Field field) { return kNames[static_cast<std::size_t>(field)]; }

Shape shapeOf(Field field, const LayerDimensions& dimensions) {
    const auto tokens = static_cast<std::uint64_t>(dimensions.tokens);
    const auto heads = static_cast<std::uint64_t>(dimensions.heads);
    const auto groups = static_cast<std::uint64_t>(dimensions.keyValueHeads);
    const auto headWidth = static_cast<std::uint64_t>(dimensions.headWidth);
    const auto side = std::min(tokens, static_cast<std::uint64_t>(kThumbnailSize));
    switch (field) {
    case Field::Query:
        return {heads, tokens, headWidth};
    case Field::Key:
    case Field::Value:
        return {groups, tokens, headWidth};
    case Field::Attention:
        return {heads, tokens, tokens};
    case Field::Hidden:
        return {tokens, static_cast<std::uint64_t>(dimensions.width)};
    case Field::Threshold:
        return {heads};
    case Field::KeyNorm:
    case Field::ValueNorm:
        return {groups, tokens};
    case Field::HiddenNorm:
        return {tokens};
    case Field::Thumbnail:
        return {heads, side, side};
    default:
        return {heads, tokens};
    }
}

Element elementOf(Field field, const KeepOptions& keep) {
    if (field == Field::RowArgmax)
        return Element::Int32;
    return static_cast<std::size_t>(field) < kFirstStatistic && keep.halfPrecision ? Element::Float16 : Element::Float32;
}

bool isKept(Field field, const KeepOptions& keep, const CaptureHeader& header) {
    switch (field) {
    case Field::Query:
    case Field::Key:
    case Field::Value:
        return keep.vectors;
    case Field::Attention:
        return keep.attention;
    case Field::Hidden:
        return keep.hidden;
    case Field::SinkWeight:
        return !header.headRules.sinks.empty();
    default:
        return true;
    }
}

std::uint64_t countOf(const Shape& shape) {
    std::uint64_t count = 1;
    for (const std::uint64_t dimension : shape)
        count *= dimension;
    return count;
}

std::string samplePath(int sample) { return "/samples/" + padded(sample, 4); }

std::string layerPath(int sample, int layer) { return samplePath(sample) + "/layers/" + padded(layer, 2); }

std::string fieldPath(int sample, int layer, Field field) {
    const bool isStatistic = static_cast<std::size_t>(field) >= kFirstStatistic;
    return layerPath(sample, layer) + (isStatistic ? "/stats/" : "/") + std::string(nameOf(field));
}

LayerDimensions dimensionsOf(const CaptureHeader& header, int sample) {
    return {.tokens = static_cast<int>(header.samples[static_cast<std::size_t>(sample)]->encoding.ids.size()),
            .heads = header.heads,
            .keyValueHeads = header.keyValueHeads,
            .headWidth = header.headWidth,
            .width = header.width};
}

std::optional<std::size_t> slotOfLayer(const CaptureHeader& header, int layer) {
    const auto found = std::ranges::lower_bound(header.capturedLayers, layer);
    if (found == header.capturedLayers.end() || *found != layer)
        return std::nullopt;
    return static_cast<std::size_t>(found - header.capturedLayers.begin());
}

} // namespace sinkscope
