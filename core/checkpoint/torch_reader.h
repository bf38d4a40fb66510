// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <string>
#include <vector>

namespace sinkscope {

/// What a PyTorch file holds.
struct TorchFile {
    std::vector<TensorInfo> tensors; ///< in the order of the pickle
    std::vector<std::string> notes;
};

/// Tensors whose elements do not lie in order (transposed, expanded) are put in order in memory, up to this much and to the file's size.
inline constexpr std::uint64_t kMaxReorderedBytes = 1ULL << 30U;

/// Reads what torch.save wrote, in its zip format (since PyTorch 1.6) or the older one, a sequence of pickles followed by the storages.
/// Nothing in it is executed; tensors are parts of `content`, which `mapping` keeps alive (null if the caller does). Storages are checked
/// against the file's size, tensors against their storages.
/// Errors: PickleRefused (what it asks for is in the detail), UnknownFormat (some other zip archive or pickle), FormatUnsupported
/// (compressed, TorchScript, big-endian, tar), HeaderTruncated, HeaderTooLarge, HeaderInvalid, TensorOutOfFile, TensorOverlap,
/// ShapeOverflow, MemoryExceeded. `file` goes into them. Thread: any.
Result<TorchFile> parseTorch(std::span<const std::byte> content, const std::filesystem::path& file,
                             const std::shared_ptr<const MappedFile>& mapping);

/// Maps a file and reads it. Errors: those of MappedFile::open and parseTorch. Thread: any but gui.
Result<TorchFile> readTorch(const std::filesystem::path& path);

} // namespace sinkscope
