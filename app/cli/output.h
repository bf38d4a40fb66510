// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/io/json_reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Everything that a command prints on stdout goes through here, so that a full disk behind a redirection is an error.
/// Errors: WriteFailed, DiskFull.
Result<void> printText(std::string_view text);
/// One line of JSON. Bytes that are not UTF-8 (a file name) are replaced.
Result<void> printJson(const Json& value);

/// JSON array of {"code", "message"}.
Json jsonOf(const std::vector<Error>& errors);
/// null for NaN and infinity, which JSON cannot hold.
Json jsonNumber(double value);

/// "124 439 808".
std::string grouped(std::uint64_t number);
/// "497.8 MB"; powers of 1000.
std::string bytesText(std::uint64_t bytes);

/// Rows of cells as lines of columns, two spaces apart. Columns named in `right` are aligned to the right.
std::string tableText(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right);

} // namespace sinkscope
