// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace sinkscope {

/// A file that is written at known offsets. Writes may come from several threads at once.
class RawFile {
public:
    RawFile() = default;
    RawFile(RawFile&& other) noexcept;
    RawFile& operator=(RawFile&& other) noexcept;
    ~RawFile();

    /// Opens an existing file for writing. `name` is what errors call it. Errors: WriteFailed.
    static Result<RawFile> open(const std::filesystem::path& path, const std::filesystem::path& name);
    /// Errors: WriteFailed, DiskFull.
    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) const;
    /// Keeps other processes of this program from writing the file as long as this is open, where the file system knows locks.
    /// Errors: WriteFailed when another has it.
    Result<void> lock() const;
    explicit operator bool() const { return m_descriptor >= 0; }

private:
    int m_descriptor = -1;
    std::filesystem::path m_name;
};

/// Checks that a folder's disk has room for a file. Errors: DiskFull, WriteFailed when there is no such folder.
Result<void> checkDiskSpace(const std::filesystem::path& file, std::uint64_t bytes);
/// Takes room on the disk for a file, where the file system can; creates the file. Quotas and limits on file size show here as
/// well. `name` is what errors call it. Errors: DiskFull, WriteFailed.
Result<void> tryToReserve(const std::filesystem::path& path, const std::filesystem::path& name, std::uint64_t bytes);

} // namespace sinkscope
