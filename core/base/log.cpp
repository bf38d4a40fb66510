// SPDX-License-Identifier: Apache-2.0
#include "core/base/log.h"

#include <cstdio>
#include <mutex>

namespace sinkscope {
namespace {

std::mutex& sinkMutex() {
    static std::mutex mutex;
    return mutex;
}

std::function<void(LogLevel, const std::string&)>& sinkFunction() {
    static std::function<void(LogLevel, const std::string&)> sink;
    return sink;
}

} // namespace

void logMessage(LogLevel level, std::string_view text) {
    const std::lock_guard lock(sinkMutex());
    if (const auto& sink = sinkFunction())
        sink(level, std::string(text));
    else if (level >= LogLevel::Warning)
        std::fprintf(stderr, "sinkscope: %.*s\n", static_cast<int>(text.size()), text.data());
}

void setLogSink(std::function<void(LogLevel, const std::string&)> sink) {
    const std::lock_guard lock(sinkMutex());
    sinkFunction() = std::move(sink);
}

} // namespace sinkscope
