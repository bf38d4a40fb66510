// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"

namespace sinkscope {

std::string printable(std::string_view text, std::size_t limit) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::size_t end = text.size();
    if (end > limit) {
        end = limit;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) // do not cut a UTF-8 sequence
            --end;
    }
    std::string line;
    line.reserve(end + 3);
    for (const char character : text.substr(0, end)) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte != 0x7F) {
            line += character;
            continue;
        }
        line += "\\x";
        line += kDigits[byte >> 4U];
        line += kDigits[byte & 15U];
    }
    if (end < text.size())
        line += "...";
    return line;
}

} // namespace sinkscope
