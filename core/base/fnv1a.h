// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace sinkscope {

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo), for telling things apart; no protection against tampering.
class Fnv1a {
public:
    void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes) {
            m_state ^= static_cast<std::uint64_t>(byte);
            m_state *= 0x100000001b3ULL;
        }
    }
    void add(std::uint64_t number) { add(std::as_bytes(std::span(&number, 1))); }
    /// The length goes in first, so that ("ab", "c") and ("a", "bc") differ.
    void addText(std::string_view text) {
        add(static_cast<std::uint64_t>(text.size()));
        add(std::as_bytes(std::span(text)));
    }
    [[nodiscard]] std::uint64_t value() const { return m_state; }
    [[nodiscard]] std::string hex() const { ///< 16 digits
        char text[20];
        std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(m_state));
        return text;
    }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
};

} // namespace sinkscope
