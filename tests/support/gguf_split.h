// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/gguf_reader.h"
#include "support/gguf_writer.h"
#include "support/safetensors_writer.h"

#include <cstdio>

namespace sinkscope::test {

struct GgufSplit {
    int count = 3;
    int parts = 3;             ///< that are written
    std::uint32_t total = 0;   ///< tensors that the parts are said to hold; 0: as many as they do
    bool repeats = false;      ///< the last part has the first tensor again
};

/// Writes a GGUF file in parts, "<stem>-00001-of-00003.gguf" and so on, as llama.cpp's splitter names them; the metadata is in the first one.
/// Returns their paths; none when the file cannot be read.
inline std::vector<std::filesystem::path> splitGguf(const std::filesystem::path& whole, const std::filesystem::path& stem, const GgufSplit& changes = {}) {
    const std::string content = readBytes(whole);
    const auto header = parseGguf(std::as_bytes(std::span(content)), whole);
    if (!header)
        return {};
    const auto& tensors = header->tensors;
    std::vector<std::filesystem::path> paths;
    for (int part = 0; part < changes.parts; ++part) {
        GgufWriter writer;
        for (const auto& [key, value] : header->metadata)
            if (part == 0) {
                // The bytes of a value begin behind the type that stands behind its key.
                const auto* begin = content.data() + (key.data() + key.size() - content.data()) + 4;
                const auto* end = reinterpret_cast<const char*>(value.payload.data() + value.payload.size());
                writer.pair(std::string(key), static_cast<std::uint32_t>(value.type), std::string(begin, end));
            }
        writer.half("split.no", static_cast<std::uint16_t>(part)).half("split.count", static_cast<std::uint16_t>(changes.count));
        writer.size("split.tensors.count", changes.total > 0 ? changes.total : static_cast<std::uint32_t>(tensors.size()));
        const auto add = [&](const GgufEntry& entry) {
            writer.tensor(entry.name, entry.shape, entry.typeNumber, std::string_view(content).substr(entry.begin, entry.end - entry.begin));
        };
        for (std::size_t i = 0; i < tensors.size(); ++i)
            if (static_cast<int>(i * static_cast<std::size_t>(changes.count) / tensors.size()) == part)
                add(tensors[i]);
        if (changes.repeats && part + 1 == changes.parts)
            add(tensors.front());
        char ending[40];
        std::snprintf(ending, sizeof ending, "-%05d-of-%05d.gguf", part + 1, changes.count);
        paths.push_back(stem);
        paths.back() += ending;
        writeBytes(paths.back(), writer.bytes());
    }
    return paths;
}

} // namespace sinkscope::test
