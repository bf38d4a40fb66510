// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace sinkscope::test {

/// Lays out a GGUF file of version 3.
class GgufWriter {
public:
    GgufWriter& text(const std::string& key, const std::string& value) { return pair(key, 8, string(value)); }
    GgufWriter& size(const std::string& key, std::uint32_t value) { return pair(key, 4, plain(value)); }
    GgufWriter& half(const std::string& key, std::uint16_t value) { return pair(key, 2, plain(value)); }
    GgufWriter& number(const std::string& key, float value) { return pair(key, 6, plain(value)); }
    GgufWriter& flags(const std::string& key, const std::vector<bool>& values) {
        std::string list = plain(std::uint32_t{7}) + plain(std::uint64_t{values.size()});
        for (const bool value : values)
            list += value ? '\1' : '\0';
        return pair(key, 9, list);
    }
    /// A value as another file has it: type and bytes.
    GgufWriter& pair(const std::string& key, std::uint32_t type, const std::string& bytes) {
        m_pairs += string(key) + plain(type) + bytes;
        ++m_pairCount;
        return *this;
    }
    /// `type`: number of the type in GGUF, 0 for F32.
    GgufWriter& tensor(const std::string& name, const std::vector<std::int64_t>& shape, std::uint32_t type, std::string_view bytes) {
        m_tensors += string(name) + plain(static_cast<std::uint32_t>(shape.size()));
        for (auto size = shape.rbegin(); size != shape.rend(); ++size)
            m_tensors += plain(static_cast<std::uint64_t>(*size));
        m_tensors += plain(type) + plain(std::uint64_t{m_data.size()});
        m_data += bytes;
        m_data.resize((m_data.size() + 31) / 32 * 32);
        ++m_tensorCount;
        return *this;
    }
    [[nodiscard]] std::string bytes() const {
        std::string file = "GGUF" + plain(std::uint32_t{3}) + plain(m_tensorCount) + plain(m_pairCount) + m_pairs + m_tensors;
        file.resize((file.size() + 31) / 32 * 32);
        return file + m_data;
    }

private:
    template <typename T> static std::string plain(T value) {
        static_assert(std::is_arithmetic_v<T>);
        std::string bytes(sizeof(T), '\0');
        std::memcpy(bytes.data(), &value, sizeof(T));
        return bytes;
    }
    static std::string string(const std::string& text) { return plain(std::uint64_t{text.size()}) + text; }

    std::string m_pairs, m_tensors, m_data;
    std::uint64_t m_pairCount = 0, m_tensorCount = 0;
};

} // namespace sinkscope::test
