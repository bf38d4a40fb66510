// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sinkscope::test {

/// Writes a file as it is.
inline void writeBytes(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
}

inline std::string readBytes(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A safetensors file from any header and data, valid or not.
inline std::string safetensorsBytes(std::string_view header, std::string_view data) {
    const std::uint64_t length = header.size();
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes.append(header).append(data);
}

/// The bytes of numbers as they lie in a tensor.
template <typename T> std::string tensorBytes(const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

/// Collects tensors and lays them out one after the other, as the safetensors library does.
class SafetensorsWriter {
public:
    SafetensorsWriter& add(const std::string& name, DType type, const std::vector<std::int64_t>& shape, const std::string& bytes) {
        std::string dimensions;
        for (const std::int64_t size : shape)
            dimensions += (dimensions.empty() ? "" : ",") + std::to_string(size);
        m_header += (m_header.empty() ? "\"" : ",\"") + name + "\":{\"dtype\":\"" + std::string(nameOf(type)) + "\",\"shape\":[" +
                    dimensions + "],\"data_offsets\":[" + std::to_string(m_data.size()) + "," +
                    std::to_string(m_data.size() + bytes.size()) + "]}";
        m_data += bytes;
        return *this;
    }
    SafetensorsWriter& addFloats(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
        return add(name, DType::F32, shape, tensorBytes(values));
    }
    [[nodiscard]] std::string bytes() const { return safetensorsBytes("{" + m_header + "}", m_data); }
    void write(const std::filesystem::path& path) const { writeBytes(path, bytes()); }

private:
    std::string m_header, m_data;
};

} // namespace sinkscope::test
