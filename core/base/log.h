// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace sinkscope {

enum class LogLevel { Debug, Info, Warning, Error };

/// Writes one line. The default goes to standard error from Warning up. Thread: any.
void logMessage(LogLevel level, std::string_view text);
/// Replaces the destination (the log panel, or a program that wants Info too). Pass nothing to restore the default. Thread: any.
void setLogSink(std::function<void(LogLevel, const std::string&)> sink);

} // namespace sinkscope
