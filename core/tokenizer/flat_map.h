// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sinkscope {

/// Open-addressing hash map from 64-bit keys to small values, made once and then only read: lookups are what a tokenizer spends its time on, and a node
/// per entry costs a cache miss each.
template <typename Value> class FlatMap {
public:
    /// Makes room for `count` entries. Call it once, before inserting.
    void reserve(std::size_t count) { m_slots.assign(std::bit_ceil(count * 2 + 2), Slot{}); }
    /// Sets the value of a key, replacing an earlier one. At most as many different keys as were reserved.
    void set(std::uint64_t key, Value value) {
        Slot& slot = m_slots[placeOf(key)];
        slot = {key, value, true};
    }
    [[nodiscard]] const Value* find(std::uint64_t key) const {
        if (m_slots.empty())
            return nullptr;
        const Slot& slot = m_slots[placeOf(key)];
        return slot.used ? &slot.value : nullptr;
    }

private:
    struct Slot {
        std::uint64_t key = 0;
        Value value{};
        bool used = false;
    };
    /// Where the key is, or the free place where it belongs.
    [[nodiscard]] std::size_t placeOf(std::uint64_t key) const {
        const std::size_t mask = m_slots.size() - 1;
        std::uint64_t mixed = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15ULL;
        mixed ^= mixed >> 29;
        std::size_t place = static_cast<std::size_t>(mixed) & mask;
        while (m_slots[place].used && m_slots[place].key != key)
            place = (place + 1) & mask;
        return place;
    }
    std::vector<Slot> m_slots;
};

} // namespace sinkscope
