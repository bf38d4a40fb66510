// SPDX-License-Identifier: Apache-2.0
#include "core/io/atomic_write.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace sinkscope {
namespace {

Error writeError(int reason, const std::filesystem::path& path) {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG; // disk, quota, or limit on file size
    return Error{full ? ErrorCode::DiskFull : ErrorCode::WriteFailed, std::strerror(reason), path};
}

Result<void> writeAll(const std::filesystem::path& path, std::string_view content) {
    // In a folder that others may write to, the name could have been made a link to a file of the user's.
    ::unlink(path.c_str());
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return writeError(errno, path);
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            const int reason = errno;
            ::close(descriptor);
            return writeError(reason, path);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool synced = fsync(descriptor) == 0;
    const int reason = errno;
    if (::close(descriptor) != 0 || !synced)
        return writeError(synced ? errno : reason, path);
    return {};
}

} // namespace

Result<void> replaceFileAtomically(const std::filesystem::path& path,
                                   const std::function<Result<void>(const std::filesystem::path&)>& write) {
    // The extension is kept: writers such as Qt's choose the format by it.
    static std::atomic<unsigned> serial{0}; // two threads may write one file
    const std::string part = ".part" + std::to_string(getpid()) + "-" + std::to_string(serial++);
    auto temporary = path;
    temporary.replace_filename("." + path.stem().string() + part + path.extension().string());
    auto written = write(temporary);
    std::error_code failure;
    if (!written) {
        std::filesystem::remove(temporary, failure);
        Error error = written.error();
        if (error.file == temporary)
            error.file = path;
        return error;
    }
    std::filesystem::rename(temporary, path, failure);
    if (failure) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        return writeError(failure.value(), path);
    }
    return {};
}

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content) {
    return replaceFileAtomically(path, [&](const std::filesystem::path& temporary) { return writeAll(temporary, content); });
}

} // namespace sinkscope
