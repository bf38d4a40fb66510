// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>

namespace sinkscope {

/// A generator whose numbers depend on its keys only, on every platform (the distributions of the standard library differ): splitmix64.
class SeededRandom {
public:
    /// Different keys, such as a seed and the position of a head, give independent sequences.
    explicit SeededRandom(std::initializer_list<std::uint64_t> keys) {
        for (const std::uint64_t key : keys) {
            m_state ^= key + 0x9e3779b97f4a7c15;
            m_state = next();
        }
    }
    std::uint64_t next() {
        m_state += 0x9e3779b97f4a7c15;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
        return z ^ (z >> 31U);
    }
    /// In [0, 1).
    double uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    /// In 0..count-1. The bias of the remainder is below count / 2^64.
    std::uint64_t below(std::uint64_t count) { return next() % count; }
    /// Standard normal (Box and Muller).
    double normal() {
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        return radius * std::cos(2 * std::numbers::pi * uniform());
    }

private:
    std::uint64_t m_state = 0;
};

} // namespace sinkscope
