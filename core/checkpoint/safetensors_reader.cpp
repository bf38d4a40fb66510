// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/safetensors_reader.h"

#include "core/base/checked_math.h"
#include "core/base/printable.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <simdjson.h>
#include <unordered_set>

namespace sinkscope {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
using simdjson::dom::element;

/// What every check needs to know about the file it is in.
struct Place {
    const std::filesystem::path& file;
    std::uint64_t dataBegin = 0; ///< where the header ends
    std::uint64_t dataSize = 0;

    [[nodiscard]] Error error(ErrorCode code, std::string detail) const { return Error{code, std::move(detail), file}; }
    [[nodiscard]] Error error(ErrorCode code, std::string_view tensor, const std::string& text) const {
        return error(code, "tensor '" + printable(tensor) + "': " + text);
    }
};

std::uint64_t lengthOf(std::span<const std::byte> content) {
    std::uint64_t length = 0;
    std::memcpy(&length, content.data(), kLengthBytes); // little-endian, as convert.cpp asserts
    return length;
}

Result<std::string_view> headerText(std::span<const std::byte> content, const std::filesystem::path& file) {
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    if (text.starts_with("version https://git-lfs"))
        return Error{ErrorCode::HeaderInvalid, "this is a Git LFS pointer, not the weights that it stands for", file};
    if (content.size() < kLengthBytes)
        return Error{ErrorCode::HeaderTruncated,
                     "the file has " + std::to_string(content.size()) + " bytes, a safetensors header needs at least 8", file};
    const std::uint64_t length = lengthOf(content);
    if (length > kMaxSafetensorsHeader)
        return Error{ErrorCode::HeaderTooLarge,
                     "the header claims " + std::to_string(length) + " bytes, more than the " +
                         std::to_string(kMaxSafetensorsHeader) + " allowed",
                     file};
    if (length > content.size() - kLengthBytes)
        return Error{ErrorCode::HeaderTruncated,
                     "the header needs " + std::to_string(length) + " bytes, the file ends after " +
                         std::to_string(content.size() - kLengthBytes),
                     file};
    if (length == 0 || text[kLengthBytes] != '{')
        return Error{ErrorCode::HeaderInvalid, "the header does not begin with '{'", file};
    return text.substr(kLengthBytes, length);
}

Result<void> checkMetadata(const element& value, const Place& place) {
    simdjson::dom::object object;
    if (value.is_null())
        return {};
    if (value.get(object) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, "__metadata__ is not an object");
    for (const auto field : object)
        if (!field.value.is_string())
            return place.error(ErrorCode::HeaderInvalid, "__metadata__ '" + printable(field.key) + "' is not a string");
    return {};
}

Result<std::vector<std::int64_t>> readShape(const element& value, std::string_view name, const Place& place) {
    simdjson::dom::array dimensions;
    if (value.get(dimensions) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, name, "shape is not a list");
    std::vector<std::int64_t> shape;
    shape.reserve(dimensions.size());
    for (const element dimension : dimensions) {
        std::uint64_t size = 0;
        if (dimension.get(size) != simdjson::SUCCESS)
            return place.error(ErrorCode::HeaderInvalid, name, "a dimension is not a whole number");
        if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return place.error(ErrorCode::ShapeOverflow, name, "a dimension of " + std::to_string(size) + " is absurd");
        shape.push_back(static_cast<std::int64_t>(size));
    }
    return shape;
}

/// Turns data_offsets into positions in the file, which must contain them.
Result<void> readRange(const element& value, SafetensorsEntry& entry, const Place& place) {
    simdjson::dom::array offsets;
    std::uint64_t begin = 0, end = 0;
    if (value.get(offsets) != simdjson::SUCCESS || offsets.size() != 2 || offsets.at(0).get(begin) != simdjson::SUCCESS ||
        offsets.at(1).get(end) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, entry.name, "data_offsets is not a pair of whole numbers");
    if (begin > end)
        return place.error(ErrorCode::HeaderInvalid, entry.name,
                           "data_offsets run backwards, from " + std::to_string(begin) + " to " + std::to_string(end));
    if (end > place.dataSize)
        return place.error(ErrorCode::TensorOutOfFile, entry.name,
                           "its bytes end at " + std::to_string(end) + ", the file has " + std::to_string(place.dataSize) +
                               " bytes of data");
    entry.begin = place.dataBegin + begin;
    entry.end = place.dataBegin + end;
    return {};
}

Result<void> checkSize(const SafetensorsEntry& entry, const Place& place) {
    const auto count = elementCount(entry.shape);
    const auto bits = count ? checkedMul(*count, static_cast<std::int64_t>(bitsOf(entry.dtype))) : std::nullopt;
    if (!bits)
        return place.error(ErrorCode::ShapeOverflow, entry.name, "the number of bytes of its shape overflows");
    if (*bits % 8 != 0)
        return place.error(ErrorCode::ShapeOverflow, entry.name,
                           "its packed elements, of " + std::to_string(bitsOf(entry.dtype)) + " bits each, do not fill whole bytes");
    if (static_cast<std::uint64_t>(*bits / 8) != entry.end - entry.begin)
        return place.error(ErrorCode::ShapeOverflow, entry.name,
                           "its shape needs " + std::to_string(*bits / 8) + " bytes of " + std::string(nameOf(entry.dtype)) +
                               ", its range has " + std::to_string(entry.end - entry.begin));
    return {};
}

Result<SafetensorsEntry> readEntry(std::string_view name, const element& value, const Place& place) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, name, "its description is not an object");
    std::string_view type;
    element shape, offsets;
    if (object.at_key("dtype").get(type) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, name, "dtype is missing");
    if (object.at_key("shape").get(shape) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, name, "shape is missing");
    if (object.at_key("data_offsets").get(offsets) != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, name, "data_offsets is missing");
    const auto known = dtypeFromName(type);
    if (!known)
        return place.error(ErrorCode::HeaderInvalid, name, "dtype '" + printable(type, 40) + "' is not one that is read");
    SafetensorsEntry entry{std::string(name), *known, {}, 0, 0};
    SINKSCOPE_TRY(entry.shape, readShape(shape, name, place));
    SINKSCOPE_CHECK(readRange(offsets, entry, place));
    SINKSCOPE_CHECK(checkSize(entry, place));
    return entry;
}

Result<std::vector<SafetensorsEntry>> readEntries(const simdjson::dom::object& root, const Place& place) {
    std::vector<SafetensorsEntry> entries;
    std::unordered_set<std::string_view> names; // the keys live in the parser
    entries.reserve(root.size());
    for (const auto field : root) {
        if (!names.insert(field.key).second)
            return place.error(ErrorCode::HeaderInvalid, field.key, "described twice");
        if (field.key == "__metadata__") {
            SINKSCOPE_CHECK(checkMetadata(field.value, place));
            continue;
        }
        SINKSCOPE_TRY(auto entry, readEntry(field.key, field.value, place));
        entries.push_back(std::move(entry));
    }
    return entries;
}

/// The ranges, in order, must tile the data exactly: anything else hides bytes or shares them.
Result<void> checkTiling(const std::vector<SafetensorsEntry>& entries, const Place& place) {
    std::uint64_t position = place.dataBegin;
    for (const SafetensorsEntry& entry : entries) {
        if (entry.begin < position)
            return place.error(ErrorCode::TensorOverlap, entry.name,
                               "shares " + std::to_string(std::min(position, entry.end) - entry.begin) +
                                   " bytes with the tensor before it");
        if (entry.begin > position)
            return place.error(ErrorCode::HeaderInvalid, entry.name,
                               std::to_string(entry.begin - position) + " bytes before it belong to no tensor");
        position = entry.end;
    }
    const std::uint64_t rest = place.dataBegin + place.dataSize - position;
    if (rest != 0)
        return place.error(ErrorCode::HeaderInvalid,
                           "the last " + std::to_string(rest) + " bytes of the file belong to no tensor");
    return {};
}

} // namespace

Result<std::vector<SafetensorsEntry>> parseSafetensors(std::span<const std::byte> content, const std::filesystem::path& file) {
    SINKSCOPE_TRY(const std::string_view text, headerText(content, file));
    const std::uint64_t dataBegin = kLengthBytes + text.size();
    const Place place{file, dataBegin, content.size() - dataBegin};
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    const auto failure = parser.parse(simdjson::padded_string(text)).get(root);
    if (failure == simdjson::MEMALLOC)
        return place.error(ErrorCode::OutOfMemory, "no memory for a header of " + std::to_string(text.size()) + " bytes");
    if (failure != simdjson::SUCCESS)
        return place.error(ErrorCode::HeaderInvalid, "the header is not a JSON object");
    SINKSCOPE_TRY(auto entries, readEntries(root, place));
    std::stable_sort(entries.begin(), entries.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    SINKSCOPE_CHECK(checkTiling(entries, place));
    return entries;
}

Result<std::vector<TensorInfo>> readSafetensors(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    SINKSCOPE_TRY(auto entries, parseSafetensors(file->bytes(), path));
    std::vector<TensorInfo> tensors;
    tensors.reserve(entries.size());
    for (SafetensorsEntry& entry : entries)
        tensors.push_back({std::move(entry.name), entry.dtype, std::move(entry.shape),
                           file->bytes().subspan(entry.begin, entry.end - entry.begin), file});
    return tensors;
}

bool looksLikeSafetensors(const std::filesystem::path& path) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure)) // a pipe would block
        return false;
    std::array<char, kLengthBytes + 1> start{};
    std::ifstream stream(path, std::ios::binary);
    if (!stream.read(start.data(), start.size()))
        return false;
    const std::uint64_t length = lengthOf(std::as_bytes(std::span(start)));
    return length > 0 && length <= kMaxSafetensorsHeader && start.back() == '{';
}

} // namespace sinkscope
