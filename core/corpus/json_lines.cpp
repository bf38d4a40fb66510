// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_lines.h"

#include <fstream>

namespace sinkscope::registry_sample_formats {
namespace {

/// By its name, or when the first thing in it is an object, with which no sentence begins.
int scoreJsonLines(const std::filesystem::path& path) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure))
        return 0;
    if (path.extension() == ".jsonl" || path.extension() == ".ndjson")
        return 90;
    char head[256] = {};
    std::ifstream file(path, std::ios::binary);
    file.read(head, sizeof head);
    std::string_view start(head, static_cast<std::size_t>(file.gcount()));
    if (start.starts_with("\xEF\xBB\xBF"))
        start.remove_prefix(3);
    const std::size_t first = start.find_first_not_of(" \t\r\n");
    const std::size_t second = first == start.npos || start[first] != '{' ? start.npos : start.find_first_not_of(" \t", first + 1);
    return second != start.npos && start[second] == '"' ? 80 : 0;
}

Result<std::vector<Sample>> readJsonLines(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const std::string content, readSampleFile(path));
    return parseJsonLines(content, path);
}

} // namespace

extern const SampleFormat json_lines;
const SampleFormat json_lines{"json_lines", "JSON lines", "*.jsonl *.ndjson", scoreJsonLines, readJsonLines};

} // namespace sinkscope::registry_sample_formats
