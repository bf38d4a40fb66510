// SPDX-License-Identifier: Apache-2.0
#include "core/capture/raw_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace sinkscope {
namespace {

Error writeError(int reason, const std::filesystem::path& file) {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG; // disk, quota, or limit on file size
    return Error{full ? ErrorCode::DiskFull : ErrorCode::WriteFailed, std::strerror(reason), file};
}

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 999'999) / 1'000'000) + " MB"; }

} // namespace

RawFile::RawFile(RawFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_name(std::move(other.m_name)) {}

RawFile& RawFile::operator=(RawFile&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_name, other.m_name);
    return *this;
}

RawFile::~RawFile() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<RawFile> RawFile::open(const std::filesystem::path& path, const std::filesystem::path& name) {
    RawFile file;
    file.m_descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    file.m_name = name;
    if (!file)
        return writeError(errno, name);
    return file;
}

Result<void> RawFile::lock() const {
    // Not flock: other programs that read HDF5 files take that kind, and reading is welcome.
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(m_descriptor, F_OFD_SETLK, &whole) == 0 || (errno != EAGAIN && errno != EACCES))
        return {};
    return Error{ErrorCode::WriteFailed, "another process is writing it", m_name};
}

Result<void> RawFile::write(std::uint64_t offset, std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return writeError(errno, m_name);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Result<void> checkDiskSpace(const std::filesystem::path& file, std::uint64_t bytes) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0)
        return Error{ErrorCode::WriteFailed, "folder " + folder.string() + ": " + std::strerror(errno), file};
    const std::uint64_t available = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (bytes > available)
        return Error{ErrorCode::DiskFull, "the capture needs " + megabytes(bytes) + ", the disk has " + megabytes(available) + " left",
                     file};
    return {};
}

Result<void> tryToReserve(const std::filesystem::path& path, const std::filesystem::path& name, std::uint64_t bytes) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return writeError(errno, name);
    // Not posix_fallocate: where the file system cannot do it, that writes zeros over the whole length.
    const int reason = ::fallocate(descriptor, 0, 0, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
    ::close(descriptor);
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        return writeError(reason, name);
    return {};
}

} // namespace sinkscope
