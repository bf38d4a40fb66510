// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

namespace sinkscope {

/// Where the extended grapheme cluster that begins at a byte of valid UTF-8 ends (Unicode Standard Annex 29). Thread: any.
std::size_t graphemeEnd(std::string_view utf8, std::size_t at);

} // namespace sinkscope
