// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_lines.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>

namespace sinkscope::registry_sample_formats {
namespace {

namespace fs = std::filesystem;

/// Folders deeper than this are a mistake (a home folder, a mounted disk) rather than a sample set; so are more entries than these.
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxEntries = 4 * kMaxSamples;

int scoreTextFolder(const fs::path& path) {
    std::error_code failure;
    return fs::is_directory(path, failure) ? 50 : 0;
}

/// A link may name another file of the folder, not one outside: a sample set must not bring in what else lies on the machine.
Result<void> checkInside(const fs::path& entry, const fs::path& root) {
    std::error_code failure;
    const fs::path target = fs::canonical(entry, failure);
    if (failure || std::mismatch(root.begin(), root.end(), target.begin(), target.end()).first != root.end())
        return Error{ErrorCode::PathEscapes, "this link leads out of the folder of samples", entry};
    return {};
}

Result<std::vector<fs::path>> textFilesIn(const fs::path& root) {
    std::vector<fs::path> files;
    std::error_code failure;
    std::size_t entries = 0;
    fs::recursive_directory_iterator at(root, failure);
    for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
        if (++entries > kMaxEntries || at.depth() > kMaxDepth)
            return Error{ErrorCode::SamplesInvalid, "holds too many files or folders to be a sample set", root};
        std::error_code ignored;
        if (at->is_symlink(ignored))
            SINKSCOPE_CHECK(checkInside(at->path(), root));
        if (at->path().extension() == ".txt" && at->is_regular_file(ignored))
            files.push_back(at->path());
    }
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), root};
    if (files.size() > kMaxSamples)
        return Error{ErrorCode::SamplesInvalid, "holds more than " + std::to_string(kMaxSamples) + " samples", root};
    std::ranges::sort(files);
    return files;
}

Result<std::vector<Sample>> readTextFolder(const fs::path& path) {
    std::error_code failure;
    const fs::path root = fs::canonical(path, failure);
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), path};
    SINKSCOPE_TRY(const auto files, textFilesIn(root));
    std::vector<Sample> samples;
    std::uint64_t bytes = 0;
    for (const fs::path& file : files) {
        SINKSCOPE_TRY(const std::string content, readSampleFile(file));
        bytes += content.size();
        if (bytes > kMaxSampleSetBytes)
            return Error{ErrorCode::SamplesInvalid, "holds more than " + std::to_string(kMaxSampleSetBytes) + " bytes of text", path};
        SINKSCOPE_TRY(std::string text, parseWholeText(content, file));
        const fs::path relative = file.lexically_relative(root);
        if (firstInvalidUtf8(relative.native()))
            return Error{ErrorCode::InvalidUtf8, "the name is not UTF-8", file};
        if (!text.empty())
            samples.push_back({.text = std::move(text), .group = relative.parent_path().generic_string(), .file = relative});
    }
    if (samples.empty())
        return Error{ErrorCode::EmptyText, "holds no .txt file with text", path};
    return samples;
}

} // namespace

extern const SampleFormat text_folder;
const SampleFormat text_folder{"text_folder", "Folder of text files", "", scoreTextFolder, readTextFolder};

} // namespace sinkscope::registry_sample_formats
