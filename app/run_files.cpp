// SPDX-License-Identifier: Apache-2.0
#include "app/run_files.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <system_error>
#include <unistd.h>

namespace sinkscope {
namespace {

constexpr std::string_view kPrefix = "run-";
constexpr std::string_view kSuffix = ".h5";
constexpr auto kMaxAge = std::chrono::hours(24 * 14);

/// The process that wrote "run-<pid>-<n>.h5"; nothing for any other name.
std::optional<pid_t> ownerOf(const std::string& name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix))
        return std::nullopt;
    pid_t owner = 0;
    const char* end = name.data() + name.size();
    const auto [rest, failure] = std::from_chars(name.data() + kPrefix.size(), end, owner);
    return failure == std::errc() && rest != end && *rest == '-' && owner > 0 ? std::optional(owner) : std::nullopt;
}

bool isAlive(pid_t process) { return kill(process, 0) == 0 || errno != ESRCH; }

} // namespace

RunFiles::RunFiles(std::filesystem::path folder) : m_folder(std::move(folder)) {}

RunFiles::~RunFiles() {
    std::error_code ignored;
    for (int i = 1; i <= m_count; ++i)
        std::filesystem::remove(m_folder / (std::string(kPrefix) + std::to_string(getpid()) + '-' + std::to_string(i) +
                                            std::string(kSuffix)),
                                ignored);
}

std::filesystem::path RunFiles::next() {
    return m_folder /
           (std::string(kPrefix) + std::to_string(getpid()) + '-' + std::to_string(++m_count) + std::string(kSuffix));
}

void RunFiles::clean(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    const auto now = std::filesystem::file_time_type::clock::now();
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        const auto owner = ownerOf(entry.path().filename().string());
        if (!owner || *owner == getpid())
            continue;
        std::error_code statFailure;
        const auto written = entry.last_write_time(statFailure);
        if (!isAlive(*owner) || (!statFailure && now - written > kMaxAge))
            std::filesystem::remove(entry.path(), statFailure);
    }
}

} // namespace sinkscope
