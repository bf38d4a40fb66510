// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace sinkscope {

/// A file mapped read-only and privately. Immutable and shared between threads; pages are read when they are touched.
class MappedFile {
public:
    /// Errors: FileNotFound, FileUnreadable (also for folders and devices). An empty file maps to an empty span.
    static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
    /// Bytes that had to be put together from a file, and so live in memory. They count as that file.
    static std::shared_ptr<const MappedFile> ofMemory(const std::filesystem::path& path, std::vector<std::byte> bytes);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    /// Starts reading a part of `bytes()` ahead of its use. A hint: never fails.
    void prefetch(std::span<const std::byte> part) const;
    /// Gives back the memory of a part that is not needed for now; touching it again reads it again. A hint: never fails.
    void release(std::span<const std::byte> part) const;

private:
    MappedFile(std::filesystem::path path, std::span<const std::byte> bytes) : m_path(std::move(path)), m_bytes(bytes) {}
    MappedFile(std::filesystem::path path, std::vector<std::byte> memory)
        : m_path(std::move(path)), m_memory(std::move(memory)), m_bytes(m_memory) {}
    std::filesystem::path m_path;
    std::vector<std::byte> m_memory; ///< empty when the bytes are mapped
    std::span<const std::byte> m_bytes;
};

} // namespace sinkscope
