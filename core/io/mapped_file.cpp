// SPDX-License-Identifier: Apache-2.0
#include "core/io/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sinkscope {
namespace {

/// Applies an madvise to the whole pages inside (shrink) or around (grow) a part of a mapping.
void advise(std::span<const std::byte> part, int advice, bool grow) {
    if (part.empty())
        return;
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    auto begin = reinterpret_cast<std::uintptr_t>(part.data());
    auto end = begin + part.size();
    begin = grow ? begin / page * page : (begin + page - 1) / page * page;
    end = grow ? end : end / page * page;
    if (begin < end)
        madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

} // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        const auto code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::FileNotFound : ErrorCode::FileUnreadable;
        return Error{code, std::strerror(errno), path};
    }
    struct stat info {};
    const bool regular = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
    if (!regular) {
        ::close(descriptor);
        return Error{ErrorCode::FileUnreadable, "not a regular file", path};
    }
    std::span<const std::byte> bytes;
    if (info.st_size > 0) {
        const auto size = static_cast<std::size_t>(info.st_size);
        void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data == MAP_FAILED) {
            const int reason = errno;
            ::close(descriptor);
            return Error{ErrorCode::FileUnreadable, std::strerror(reason), path};
        }
        bytes = {static_cast<const std::byte*>(data), size};
    }
    ::close(descriptor); // the mapping keeps the file alive
    return std::shared_ptr<const MappedFile>(new MappedFile(path, bytes));
}

std::shared_ptr<const MappedFile> MappedFile::ofMemory(const std::filesystem::path& path, std::vector<std::byte> bytes) {
    return std::shared_ptr<const MappedFile>(new MappedFile(path, std::move(bytes)));
}

MappedFile::~MappedFile() {
    if (!m_bytes.empty() && m_memory.empty())
        munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

void MappedFile::prefetch(std::span<const std::byte> part) const {
    if (m_memory.empty())
        advise(part, MADV_WILLNEED, true);
}

void MappedFile::release(std::span<const std::byte> part) const {
    if (m_memory.empty()) // given back, memory of our own would come again as zeros
        advise(part, MADV_DONTNEED, false);
}

} // namespace sinkscope
