// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/assert.h"
#include "core/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace sinkscope {

/// A value or an Error. The names follow std::expected, which g++ 12 only has in C++23 mode, so that an alias can
/// replace this class later.
template <typename T> class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    [[nodiscard]] T& value() & { return checked(), *std::get_if<0>(&m_state); }
    [[nodiscard]] const T& value() const& { return checked(), *std::get_if<0>(&m_state); }
    [[nodiscard]] T&& value() && { return checked(), std::move(*std::get_if<0>(&m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const {
        SINKSCOPE_ASSERT(!has_value());
        return *std::get_if<1>(&m_state);
    }

private:
    void checked() const { SINKSCOPE_ASSERT(has_value()); }
    std::variant<T, Error> m_state;
};

/// Success without a value, or an Error. `return {};` is success.
template <> class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}
    [[nodiscard]] bool has_value() const { return !m_error.has_value(); }
    explicit operator bool() const { return has_value(); }
    [[nodiscard]] const Error& error() const {
        SINKSCOPE_ASSERT(m_error.has_value());
        return *m_error;
    }

private:
    std::optional<Error> m_error;
};

#define SINKSCOPE_CONCAT_(a, b) a##b
#define SINKSCOPE_CONCAT(a, b) SINKSCOPE_CONCAT_(a, b)
#define SINKSCOPE_TRY_(tmp, decl, expr)                                                                               \
    auto tmp = (expr);                                                                                                \
    if (!tmp.has_value())                                                                                             \
        return tmp.error();                                                                                           \
    decl = std::move(*tmp)
/// `SINKSCOPE_TRY(auto index, readIndex(path));` declares `index`, or returns the error from the enclosing function.
#define SINKSCOPE_TRY(decl, ...) SINKSCOPE_TRY_(SINKSCOPE_CONCAT(result_, __LINE__), decl, (__VA_ARGS__))
/// The same for Result<void>.
#define SINKSCOPE_CHECK(...)                                                                                          \
    do {                                                                                                              \
        if (auto result_ = (__VA_ARGS__); !result_.has_value())                                                       \
            return result_.error();                                                                                   \
    } while (false)

} // namespace sinkscope
