// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sinkscope {

using Json = nlohmann::json;

/// Largest JSON file that is read (a 256k-token tokenizer is about 35 MB).
inline constexpr std::uint64_t kMaxJsonBytes = 256ULL << 20;

/// Parses JSON text; never throws. `invalid` is the code for text that is not JSON; `file` goes into the error.
Result<Json> parseJson(std::string_view text, ErrorCode invalid, const std::filesystem::path& file);
/// Reads and parses a file of at most `maxBytes`. Errors: those of MappedFile::open, and `invalid`.
Result<Json> readJson(const std::filesystem::path& path, ErrorCode invalid, std::uint64_t maxBytes = kMaxJsonBytes);

/// The value as an integer, also when it is written as 32.0; nothing when it is not exactly one.
std::optional<std::int64_t> integerOf(const Json& value);
/// Typed members of an object; nothing when absent, null or of another type (integers must be exact and fit).
std::optional<std::int64_t> integerAt(const Json& object, std::string_view key);
std::optional<double> numberAt(const Json& object, std::string_view key);
std::optional<bool> booleanAt(const Json& object, std::string_view key);
std::optional<std::string> stringAt(const Json& object, std::string_view key);

} // namespace sinkscope
