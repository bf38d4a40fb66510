// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_lines.h"

namespace sinkscope::registry_sample_formats {
namespace {

/// Anything that is a file may be text; the other formats know their own.
int scoreTextLines(const std::filesystem::path& path) {
    std::error_code failure;
    return std::filesystem::is_directory(path, failure) ? 0 : 10;
}

Result<std::vector<Sample>> readTextLines(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const std::string content, readSampleFile(path));
    return parseTextLines(content, path);
}

} // namespace

extern const SampleFormat text_lines;
const SampleFormat text_lines{"text_lines", "Text, one sample a line", "*.txt", scoreTextLines, readTextLines};

} // namespace sinkscope::registry_sample_formats
