// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/gguf_reader.h"

#include "core/base/checked_math.h"
#include "core/base/printable.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <unordered_set>

namespace sinkscope {
namespace {

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint64_t kDefaultAlignment = 32, kMaxAlignment = 1 << 20;
constexpr std::uint32_t kMaxDimensions = 4;

/// Types by their number in the file; numbers that were given up are not listed.
struct NumberedType {
    std::uint32_t number;
    DType type;
};
constexpr NumberedType kTypes[] = {
    {0, DType::F32}, {1, DType::F16}, {2, DType::Q4_0}, {3, DType::Q4_1}, {6, DType::Q5_0}, {7, DType::Q5_1}, {8, DType::Q8_0},
    {9, DType::Q8_1}, {10, DType::Q2_K}, {11, DType::Q3_K}, {12, DType::Q4_K}, {13, DType::Q5_K}, {14, DType::Q6_K}, {15, DType::Q8_K},
    {16, DType::IQ2_XXS}, {17, DType::IQ2_XS}, {18, DType::IQ3_XXS}, {19, DType::IQ1_S}, {20, DType::IQ4_NL}, {21, DType::IQ3_S},
    {22, DType::IQ2_S}, {23, DType::IQ4_XS}, {24, DType::I8}, {25, DType::I16}, {26, DType::I32}, {27, DType::I64}, {28, DType::F64},
    {29, DType::IQ1_M}, {30, DType::BF16}, {34, DType::TQ1_0}, {35, DType::TQ2_0}, {39, DType::MXFP4}, {40, DType::NVFP4},
    {41, DType::Q1_0},
};

DType typeOf(std::uint32_t number) {
    const auto found = std::ranges::find(kTypes, number, &NumberedType::number);
    return found == std::end(kTypes) ? DType::Unknown : found->type;
}

/// Bytes of a number; 0 for strings and arrays.
std::size_t widthOf(GgufType type) {
    switch (type) {
    case GgufType::U8: case GgufType::I8: case GgufType::Bool: return 1;
    case GgufType::U16: case GgufType::I16: return 2;
    case GgufType::U32: case GgufType::I32: case GgufType::F32: return 4;
    case GgufType::U64: case GgufType::I64: case GgufType::F64: return 8;
    default: return 0;
    }
}

/// Walks through the header; every step checks what is left.
class Cursor {
public:
    Cursor(std::span<const std::byte> content, const std::filesystem::path& file) : m_content(content), m_file(file) {}

    [[nodiscard]] std::uint64_t position() const { return m_position; }
    [[nodiscard]] std::uint64_t rest() const { return m_content.size() - m_position; }
    [[nodiscard]] Error error(ErrorCode code, std::string detail) const { return Error{code, std::move(detail), m_file}; }

    Result<std::span<const std::byte>> take(std::uint64_t count, std::string_view what) {
        if (count > rest())
            return error(ErrorCode::HeaderTruncated, "the file ends inside " + std::string(what) + ": " + std::to_string(count) +
                                                         " bytes are needed at byte " + std::to_string(m_position) + ", " +
                                                         std::to_string(rest()) + " are left");
        const auto part = m_content.subspan(m_position, count);
        m_position += count;
        return part;
    }
    template <typename T> Result<T> number(std::string_view what) {
        SINKSCOPE_TRY(const auto bytes, take(sizeof(T), what));
        T value{};
        std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }
    /// A length and so many bytes.
    Result<std::span<const std::byte>> string(std::string_view what) {
        SINKSCOPE_TRY(const auto length, number<std::uint64_t>(what));
        return take(length, what);
    }
    Result<std::string_view> name(std::string_view what) {
        SINKSCOPE_TRY(const auto bytes, string(what));
        if (bytes.empty() || bytes.size() > kMaxGgufName)
            return error(ErrorCode::HeaderInvalid, std::string(what) + " of " + std::to_string(bytes.size()) + " bytes");
        return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    Result<GgufType> valueType(std::string_view key) {
        SINKSCOPE_TRY(const auto type, number<std::uint32_t>("a metadata value"));
        if (type > static_cast<std::uint32_t>(GgufType::F64))
            return error(ErrorCode::HeaderInvalid, "key '" + printable(key) + "': value type " + std::to_string(type) + " does not exist");
        return static_cast<GgufType>(type);
    }

    /// The elements of an array, inner arrays with their own types and counts.
    Result<void> skipElements(GgufType type, std::uint64_t count, std::string_view key, int depth) {
        if (depth > kMaxGgufNesting)
            return error(ErrorCode::HeaderInvalid, "key '" + printable(key) + "': lists nested deeper than " + std::to_string(kMaxGgufNesting));
        if (const std::size_t width = widthOf(type); width > 0) {
            const auto bytes = checkedMul<std::uint64_t>(count, width);
            if (!bytes)
                return error(ErrorCode::HeaderTooLarge, "key '" + printable(key) + "': a list of " + std::to_string(count) + " numbers");
            SINKSCOPE_TRY([[maybe_unused]] const auto skipped, take(*bytes, "a list"));
            return {};
        }
        for (std::uint64_t i = 0; i < count; ++i) { // each takes eight bytes or more, so that the file's end ends the loop
            if (type == GgufType::String) {
                SINKSCOPE_TRY([[maybe_unused]] const auto skipped, string("a list of strings"));
                continue;
            }
            SINKSCOPE_TRY(const GgufType inner, valueType(key));
            SINKSCOPE_TRY(const auto innerCount, number<std::uint64_t>("a list"));
            SINKSCOPE_CHECK(skipElements(inner, innerCount, key, depth + 1));
        }
        return {};
    }

    Result<GgufValue> value(std::string_view key) {
        GgufValue value;
        SINKSCOPE_TRY(value.type, valueType(key));
        if (value.type == GgufType::String) {
            SINKSCOPE_TRY(value.payload, string("a metadata value"));
        } else if (value.type == GgufType::Array) {
            SINKSCOPE_TRY(value.elementType, valueType(key));
            SINKSCOPE_TRY(value.count, number<std::uint64_t>("a list"));
            const std::uint64_t begin = m_position;
            SINKSCOPE_CHECK(skipElements(value.elementType, value.count, key, 1));
            value.payload = m_content.subspan(begin, m_position - begin);
        } else {
            SINKSCOPE_TRY(value.payload, take(widthOf(value.type), "a metadata value"));
        }
        return value;
    }

private:
    std::span<const std::byte> m_content;
    const std::filesystem::path& m_file;
    std::uint64_t m_position = 0;
};

Result<std::uint32_t> readVersion(Cursor& cursor) {
    SINKSCOPE_TRY(const auto magic, cursor.take(kMagic.size(), "the header"));
    if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0)
        return cursor.error(ErrorCode::HeaderInvalid, "does not begin with GGUF");
    SINKSCOPE_TRY(const auto version, cursor.number<std::uint32_t>("the header"));
    if (version != 0 && (version & 0xFFFFU) == 0)
        return cursor.error(ErrorCode::HeaderInvalid, "is a big-endian GGUF file; only little-endian ones are read");
    if (version != 2 && version != 3)
        return cursor.error(ErrorCode::HeaderInvalid, "is GGUF version " + std::to_string(version) + "; versions 2 and 3 are read");
    return version;
}

Result<void> readMetadata(Cursor& cursor, std::uint64_t count, GgufHeader& header) {
    std::unordered_set<std::string_view> seen;
    for (std::uint64_t i = 0; i < count; ++i) {
        SINKSCOPE_TRY(const auto key, cursor.name("a metadata key"));
        if (!seen.insert(key).second)
            return cursor.error(ErrorCode::HeaderInvalid, "key '" + printable(key) + "' stands there twice");
        SINKSCOPE_TRY(auto value, cursor.value(key));
        header.metadata.emplace_back(key, value);
    }
    return {};
}

Error aboutTensor(const Cursor& cursor, ErrorCode code, const GgufEntry& entry, const std::string& text) {
    return cursor.error(code, "tensor '" + printable(entry.name) + "': " + text);
}

/// Bytes that a shape needs; nothing for types of unknown size.
Result<std::optional<std::uint64_t>> sizeOfEntry(const Cursor& cursor, const GgufEntry& entry) {
    const auto count = elementCount(entry.shape);
    const BlockSize block = blockOf(entry.dtype);
    const auto bytes = count ? checkedMul(*count, static_cast<std::int64_t>(block.bytes)) : std::nullopt;
    if (!bytes)
        return aboutTensor(cursor, ErrorCode::ShapeOverflow, entry, "the number of bytes of its shape overflows");
    if (entry.dtype == DType::Unknown)
        return std::optional<std::uint64_t>();
    const auto row = static_cast<std::uint64_t>(entry.shape.empty() ? 1 : entry.shape.back());
    if (row % block.elements != 0)
        return aboutTensor(cursor, ErrorCode::ShapeOverflow, entry,
                           "rows of " + std::to_string(row) + " are no whole number of " + std::string(nameOf(entry.dtype)) + " blocks of " +
                               std::to_string(block.elements));
    return std::optional(static_cast<std::uint64_t>(*bytes) / block.elements);
}

/// Everything but the end; `begin` counts from the start of the data.
Result<GgufEntry> readEntry(Cursor& cursor, std::uint64_t alignment) {
    GgufEntry entry;
    SINKSCOPE_TRY(entry.name, cursor.name("a tensor's name"));
    SINKSCOPE_TRY(const auto dimensions, cursor.number<std::uint32_t>("the list of tensors"));
    if (dimensions > kMaxDimensions)
        return aboutTensor(cursor, ErrorCode::HeaderInvalid, entry, std::to_string(dimensions) + " dimensions, at most 4 are possible");
    for (std::uint32_t i = 0; i < dimensions; ++i) {
        SINKSCOPE_TRY(const auto size, cursor.number<std::uint64_t>("the list of tensors"));
        if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return aboutTensor(cursor, ErrorCode::ShapeOverflow, entry, "a dimension of " + std::to_string(size) + " is absurd");
        entry.shape.insert(entry.shape.begin(), static_cast<std::int64_t>(size));
    }
    SINKSCOPE_TRY(entry.typeNumber, cursor.number<std::uint32_t>("the list of tensors"));
    entry.dtype = typeOf(entry.typeNumber);
    SINKSCOPE_TRY(entry.begin, cursor.number<std::uint64_t>("the list of tensors"));
    if (entry.begin % alignment != 0)
        return aboutTensor(cursor, ErrorCode::HeaderInvalid, entry,
                           "begins at byte " + std::to_string(entry.begin) + " of the data, which the alignment of " + std::to_string(alignment) +
                               " forbids");
    return entry;
}

Result<std::uint64_t> alignmentOf(const Cursor& cursor, const GgufHeader& header) {
    const GgufValue* value = header.find("general.alignment");
    if (!value)
        return kDefaultAlignment;
    const auto alignment = value->integer();
    if (!alignment || *alignment < 1 || *alignment > static_cast<std::int64_t>(kMaxAlignment) ||
        !std::has_single_bit(static_cast<std::uint64_t>(*alignment)))
        return cursor.error(ErrorCode::HeaderInvalid, "general.alignment = " + value->description(40) + ": expected a power of two");
    return static_cast<std::uint64_t>(*alignment);
}

/// Turns offsets into places in the file, which must contain them, and no two of which may share bytes.
Result<void> placeTensors(const Cursor& cursor, std::uint64_t dataBegin, std::uint64_t fileSize, GgufHeader& header) {
    const std::uint64_t dataSize = fileSize > dataBegin ? fileSize - dataBegin : 0;
    std::vector<GgufEntry*> order;
    order.reserve(header.tensors.size());
    for (GgufEntry& entry : header.tensors)
        order.push_back(&entry);
    std::ranges::stable_sort(order, {}, &GgufEntry::begin);
    for (std::size_t i = 0; i < order.size(); ++i) {
        GgufEntry& entry = *order[i];
        if (entry.begin > dataSize)
            return aboutTensor(cursor, ErrorCode::TensorOutOfFile, entry,
                               "begins at " + std::to_string(entry.begin) + ", the file has " + std::to_string(dataSize) + " bytes of data");
        SINKSCOPE_TRY(const auto known, sizeOfEntry(cursor, entry));
        const std::uint64_t next = i + 1 < order.size() ? std::min(order[i + 1]->begin, dataSize) : dataSize;
        const std::uint64_t size = known.value_or(next - std::min(next, entry.begin));
        if (size > dataSize - entry.begin)
            return aboutTensor(cursor, ErrorCode::TensorOutOfFile, entry,
                               "its " + std::to_string(size) + " bytes begin at " + std::to_string(entry.begin) + ", the file has " +
                                   std::to_string(dataSize) + " bytes of data");
        if (i + 1 < order.size() && size > order[i + 1]->begin - entry.begin)
            return aboutTensor(cursor, ErrorCode::TensorOverlap, *order[i + 1],
                               "shares bytes with '" + printable(entry.name) + "'");
        entry.end = dataBegin + entry.begin + size;
    }
    for (GgufEntry& entry : header.tensors)
        entry.begin += dataBegin;
    return {};
}

} // namespace

const GgufValue* GgufHeader::find(std::string_view key) const {
    const auto found = std::ranges::find(metadata, key, &std::pair<std::string_view, GgufValue>::first);
    return found == metadata.end() ? nullptr : &found->second;
}

Result<GgufHeader> parseGguf(std::span<const std::byte> content, const std::filesystem::path& file) {
    Cursor cursor(content, file);
    GgufHeader header;
    SINKSCOPE_TRY(header.version, readVersion(cursor));
    SINKSCOPE_TRY(const auto tensors, cursor.number<std::uint64_t>("the header"));
    SINKSCOPE_TRY(const auto keys, cursor.number<std::uint64_t>("the header"));
    if (tensors > kMaxGgufTensors || keys > kMaxGgufKeys)
        return cursor.error(ErrorCode::HeaderTooLarge, "the header claims " + std::to_string(tensors) + " tensors and " + std::to_string(keys) +
                                                           " keys; at most " + std::to_string(kMaxGgufTensors) + " and " +
                                                           std::to_string(kMaxGgufKeys) + " are read");
    SINKSCOPE_CHECK(readMetadata(cursor, keys, header));
    SINKSCOPE_TRY(const std::uint64_t alignment, alignmentOf(cursor, header));
    std::unordered_set<std::string> names;
    for (std::uint64_t i = 0; i < tensors; ++i) {
        SINKSCOPE_TRY(GgufEntry entry, readEntry(cursor, alignment));
        if (!names.insert(entry.name).second)
            return aboutTensor(cursor, ErrorCode::HeaderInvalid, entry, "described twice");
        header.tensors.push_back(std::move(entry));
    }
    const std::uint64_t dataBegin = (cursor.position() + alignment - 1) / alignment * alignment;
    // A file may end before its padding does, when its tensors are empty: they lie at its end then.
    SINKSCOPE_CHECK(placeTensors(cursor, std::min<std::uint64_t>(dataBegin, content.size()), content.size(), header));
    return header;
}

bool looksLikeGguf(const std::filesystem::path& path) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure)) // a pipe would block
        return false;
    std::array<char, 4> start{};
    std::ifstream stream(path, std::ios::binary);
    return stream.read(start.data(), start.size()) && std::string_view(start.data(), start.size()) == kMagic;
}

} // namespace sinkscope
