// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/bundled.h"

namespace sinkscope {

std::optional<std::filesystem::path> bundledSampleSet(std::string_view name) {
    if (name != "stem")
        return std::nullopt;
    std::error_code failure;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
    for (const std::filesystem::path& folder :
         {program.parent_path().parent_path() / "share/sinkscope/corpus", std::filesystem::path(SINKSCOPE_SOURCE_DIR "/resources/corpus")}) {
        const auto file = folder / (std::string(name) + ".jsonl");
        if (std::filesystem::is_regular_file(file, failure))
            return file;
    }
    return std::nullopt;
}

} // namespace sinkscope
