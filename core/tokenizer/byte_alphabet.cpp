// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_alphabet.h"

namespace sinkscope {
namespace {

constexpr bool standsForItself(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr std::array<char32_t, 256> makeAlphabet() {
    std::array<char32_t, 256> alphabet{};
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte)
        alphabet[byte] = standsForItself(byte) ? byte : next++;
    return alphabet;
}

constexpr auto kAlphabet = makeAlphabet();

} // namespace

const std::array<char32_t, 256>& byteAlphabet() { return kAlphabet; }

std::optional<unsigned char> byteOfCharacter(char32_t character) {
    if (character < 256 && standsForItself(static_cast<unsigned>(character)))
        return static_cast<unsigned char>(character);
    for (unsigned byte = 0; byte < 256; ++byte)
        if (kAlphabet[byte] == character)
            return static_cast<unsigned char>(byte);
    return std::nullopt;
}

} // namespace sinkscope
