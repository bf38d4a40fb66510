// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sinkscope {

/// SHA-256 (FIPS 180-4) of bytes that arrive in parts, by OpenSSL, which uses the processor's instructions for it where there are any.
/// Thread: one at a time.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void add(std::span<const std::byte> bytes);
    void add(std::string_view text);
    /// Eight bytes, the lowest first.
    void add(std::uint64_t number);
    /// 64 lower-case digits of all that was added. To be called once. Errors: Internal (the library has no SHA-256, as in some builds of it).
    [[nodiscard]] Result<std::string> hex();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace sinkscope
