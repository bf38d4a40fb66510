// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

/// A file inside a zip archive. `begin` and `packedSize` have been checked against the archive's size.
struct ZipMember {
    std::string_view name;         ///< inside the archive's bytes
    bool stored = true;            ///< not compressed: its bytes are as they are
    std::uint64_t begin = 0;       ///< where its bytes start, from the start of the archive
    std::uint64_t packedSize = 0;  ///< bytes in the archive
};

/// Reads the directory of an archive that is wholly in memory (APPNOTE.TXT 6.3.10, zip64 included), in the order of the directory. Members may
/// not overlap each other or the directory, and no two have one name. Nothing is unpacked and no checksum is verified.
/// Errors: HeaderTruncated (no directory at its end), HeaderInvalid, TensorOverlap, FormatUnsupported (encrypted, or in several volumes).
/// Thread: any.
Result<std::vector<ZipMember>> parseZip(std::span<const std::byte> content, const std::filesystem::path& file);

/// The member of that name, null if there is none.
const ZipMember* findMember(std::span<const ZipMember> members, std::string_view name);

} // namespace sinkscope
