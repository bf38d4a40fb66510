// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/checkpoint/gguf_reader.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <sstream>

namespace sinkscope {
namespace {

template <typename T> T at(std::span<const std::byte> bytes, std::size_t index = 0) {
    T value{};
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T)); // little-endian, as convert.cpp asserts
    return value;
}

std::string_view textOf(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::optional<double> numberOf(GgufType type, std::span<const std::byte> bytes, std::size_t index) {
    switch (type) {
    case GgufType::U8: return at<std::uint8_t>(bytes, index);
    case GgufType::I8: return at<std::int8_t>(bytes, index);
    case GgufType::U16: return at<std::uint16_t>(bytes, index);
    case GgufType::I16: return at<std::int16_t>(bytes, index);
    case GgufType::U32: return at<std::uint32_t>(bytes, index);
    case GgufType::I32: return at<std::int32_t>(bytes, index);
    case GgufType::U64: return static_cast<double>(at<std::uint64_t>(bytes, index));
    case GgufType::I64: return static_cast<double>(at<std::int64_t>(bytes, index));
    case GgufType::F32: return static_cast<double>(at<float>(bytes, index));
    case GgufType::F64: return at<double>(bytes, index);
    case GgufType::Bool: return at<std::uint8_t>(bytes, index) != 0 ? 1.0 : 0.0;
    default: return std::nullopt;
    }
}

std::string shortText(double value) {
    std::ostringstream text;
    text.precision(9);
    text << value;
    return text.str();
}

} // namespace

std::optional<std::int64_t> GgufValue::integer() const {
    if (type == GgufType::U64) {
        const auto value = at<std::uint64_t>(payload);
        return value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ? std::optional(static_cast<std::int64_t>(value))
                                                                                            : std::nullopt;
    }
    if (type == GgufType::I64)
        return at<std::int64_t>(payload);
    if (type == GgufType::F32 || type == GgufType::F64 || type == GgufType::Bool)
        return std::nullopt;
    const auto value = numberOf(type, payload, 0);
    return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

std::optional<double> GgufValue::number() const { return type == GgufType::Bool ? std::nullopt : numberOf(type, payload, 0); }

std::optional<bool> GgufValue::boolean() const {
    return type == GgufType::Bool ? std::optional(at<std::uint8_t>(payload) != 0) : std::nullopt;
}

std::optional<std::string_view> GgufValue::text() const {
    return type == GgufType::String ? std::optional(textOf(payload)) : std::nullopt;
}

std::optional<std::vector<std::string_view>> GgufValue::texts() const {
    if (type != GgufType::Array || elementType != GgufType::String)
        return std::nullopt;
    std::vector<std::string_view> texts;
    texts.reserve(count); // each takes at least eight bytes of the file
    for (auto rest = payload; texts.size() < count;) {
        const auto length = static_cast<std::size_t>(at<std::uint64_t>(rest));
        texts.push_back(textOf(rest.subspan(8, length)));
        rest = rest.subspan(8 + length);
    }
    return texts;
}

std::optional<std::vector<double>> GgufValue::numbers() const {
    if (type != GgufType::Array || elementType == GgufType::String || elementType == GgufType::Array)
        return std::nullopt;
    std::vector<double> numbers(count);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = *numberOf(elementType, payload, i);
    return numbers;
}

std::string GgufValue::description(std::size_t longest) const {
    constexpr std::uint64_t kMostListed = 8;
    if (const auto string = text())
        return printable(*string, longest);
    if (const auto flag = boolean())
        return *flag ? "true" : "false";
    if (type != GgufType::Array)
        return integer() ? std::to_string(*integer()) : shortText(number().value_or(0));
    const std::string size = std::to_string(count);
    if (elementType == GgufType::String)
        return size + (count == 1 ? " string" : " strings");
    if (elementType == GgufType::Array)
        return size + (count == 1 ? " list" : " lists");
    std::string list = size + (count == 1 ? " number: " : " numbers: ");
    for (std::size_t i = 0; i < std::min(count, kMostListed); ++i)
        list += (i > 0 ? ", " : "") + shortText(numberOf(elementType, payload, i).value_or(0));
    return count > kMostListed ? list + ", ..." : list;
}

} // namespace sinkscope
