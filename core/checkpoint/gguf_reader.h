// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <utility>

namespace sinkscope {

/// Caps of what a GGUF header may claim. Published files stay far below: some 50 keys, 3,000 tensors, names of 64 bytes.
inline constexpr std::uint64_t kMaxGgufKeys = 1 << 16, kMaxGgufTensors = 1 << 18, kMaxGgufName = 1 << 16;
inline constexpr int kMaxGgufNesting = 4; ///< arrays inside arrays

enum class GgufType : std::uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

/// A metadata value where it lies in the file; nothing is copied. Arrays are checked when the header is read and walked when needed.
struct GgufValue {
    GgufType type = GgufType::U8;           ///< of an array: Array
    GgufType elementType = GgufType::U8;    ///< of an array's elements
    std::uint64_t count = 1;                ///< elements of an array
    std::span<const std::byte> payload;     ///< of a string: its text; of an array: its elements; else the number

    [[nodiscard]] std::optional<std::int64_t> integer() const; ///< of any whole-number type that fits
    [[nodiscard]] std::optional<double> number() const;        ///< of any number
    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::string_view> text() const;
    /// Element types other than the one asked for give nothing. Views into the file.
    [[nodiscard]] std::optional<std::vector<std::string_view>> texts() const;
    [[nodiscard]] std::optional<std::vector<double>> numbers() const;
    /// For people: numbers and text as they are (text cut after `longest` bytes), arrays as "3 numbers: 1, 2, 3" or "32000 strings".
    [[nodiscard]] std::string description(std::size_t longest = 160) const;
};

/// A tensor as the header describes it, its bytes checked against the file's size.
struct GgufEntry {
    std::string name;
    DType dtype = DType::F32;
    std::uint32_t typeNumber = 0;      ///< as stored, for types that have no name here
    std::vector<std::int64_t> shape;   ///< row-major: the reverse of what the file says
    std::uint64_t begin = 0, end = 0;  ///< bytes from the start of the file
};

/// The header of one GGUF file. Keys and values point into the file's bytes.
struct GgufHeader {
    std::uint32_t version = 3;
    std::vector<std::pair<std::string_view, GgufValue>> metadata; ///< in the order of the file
    std::vector<GgufEntry> tensors;                               ///< in the order of the file

    [[nodiscard]] const GgufValue* find(std::string_view key) const;
};

/// Reads the header at the start of `content`, a whole file of version 2 or 3. Demands whole metadata, known value types, names that are
/// not repeated, and tensors that are aligned, inside the file and apart from one another. Errors: HeaderTruncated, HeaderTooLarge,
/// HeaderInvalid (also for other versions and big-endian files), TensorOutOfFile, TensorOverlap, ShapeOverflow. Thread: any.
Result<GgufHeader> parseGguf(std::span<const std::byte> content, const std::filesystem::path& file);

/// True if a file begins with GGUF's magic. Reads four bytes; never fails.
bool looksLikeGguf(const std::filesystem::path& path);

} // namespace sinkscope
