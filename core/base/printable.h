// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace sinkscope {

/// Text from a file, made fit for one line of a terminal or a log: control characters become "\xNN", and anything beyond
/// `limit` bytes becomes "...". (A tensor's name may hold line breaks or terminal escapes.)
std::string printable(std::string_view text, std::size_t limit = 200);

} // namespace sinkscope
