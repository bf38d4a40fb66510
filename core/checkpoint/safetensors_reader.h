// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

namespace sinkscope {

/// Largest header that the safetensors library reads; a larger claim is refused before anything is allocated.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// A tensor as the header describes it, checked against the file's size.
struct SafetensorsEntry {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0; ///< bytes from the start of the file
};

/// Reads the header at the start of `content`, a whole file, and demands what the safetensors library demands: the tensors'
/// bytes follow one another without gap or overlap and end with the file, and each range is what shape and type need.
/// Entries come in the order of their bytes. Errors: HeaderTruncated, HeaderTooLarge, HeaderInvalid, TensorOutOfFile,
/// TensorOverlap, ShapeOverflow, OutOfMemory. `file` goes into them. Thread: any.
Result<std::vector<SafetensorsEntry>> parseSafetensors(std::span<const std::byte> content, const std::filesystem::path& file);

/// Maps a file and reads its header. Errors: those of MappedFile::open and of parseSafetensors. Thread: any but gui.
Result<std::vector<TensorInfo>> readSafetensors(const std::filesystem::path& path);

/// True if a file begins like safetensors: a plausible header length, then a brace. Reads nine bytes; never fails.
bool looksLikeSafetensors(const std::filesystem::path& path);

} // namespace sinkscope
