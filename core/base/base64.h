// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sinkscope {

/// Bytes as base64 text. Thread: any.
std::string encodeBase64(std::string_view bytes);
/// The bytes of base64 text (RFC 4648, the alphabet with '+' and '/', padded); nothing when the text is anything else. Thread: any.
std::optional<std::string> decodeBase64(std::string_view text);

} // namespace sinkscope
