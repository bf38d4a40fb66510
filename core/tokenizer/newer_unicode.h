// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

namespace sinkscope {

/// Code points that the library's tables know and ICU 72 (Unicode 15.0) does not: those assigned by Unicode 15.1 and 16.
struct NewerRange {
    char32_t first, last;
    char category[3]; ///< general category, as "Lu"
};
std::span<const NewerRange> newerRanges();

/// Lower-case letters assigned after Unicode 15.0; 0 when `upper` is not among them.
char32_t newerLowerCase(char32_t upper);

} // namespace sinkscope
