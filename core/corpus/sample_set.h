// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Largest sample set that is read: bytes of its files, and samples.
inline constexpr std::uint64_t kMaxSampleSetBytes = std::uint64_t{256} << 20;
inline constexpr std::size_t kMaxSamples = std::size_t{1} << 20;

/// One text of a sample set.
struct Sample {
    std::string text;              ///< UTF-8, not empty
    std::string group{};           ///< subject or whatever the set sorts by; may be empty
    std::filesystem::path file{};  ///< where it stands; relative to the folder when the set is one
    std::size_t line = 0;          ///< 1-based; 0 when the whole file is the sample
};

/// Texts that are measured together. Immutable once it is shared.
struct SampleSet {
    std::string title;             ///< name of the file or folder
    std::filesystem::path source;
    std::string format;            ///< id of the SampleFormat
    std::vector<Sample> samples;   ///< never empty
    /// "fnv1a64:<16 hex digits>" over texts and groups in order: the same sentences have the same fingerprint wherever they lie.
    [[nodiscard]] std::string fingerprint() const;
    /// Names of the groups, ascending, each once; an empty name stands for the samples without a group.
    [[nodiscard]] std::vector<std::string> groups() const;
};

/// A way to keep samples on disk. Registered in core/CMakeLists.txt (list `sample_formats`).
struct SampleFormat {
    std::string_view id;
    std::string_view title;
    std::string_view patterns; ///< of file names, for file dialogs; empty for folders
    /// How sure the format is that the path is one of its own: 0 is not at all. Must not fail on any path.
    int (*score)(const std::filesystem::path& path);
    Result<std::vector<Sample>> (*read)(const std::filesystem::path& path);
};
std::span<const SampleFormat* const> sample_formats();

/// Reads a text file, JSON lines or a folder of text files; what it is is judged by its content. Thread: any but gui.
/// Errors: FileNotFound, FileUnreadable, InvalidUtf8, SamplesInvalid, TextTooLong and EmptyText, each naming the line;
/// PathEscapes when a link of a folder leads out of it.
Result<std::shared_ptr<const SampleSet>> openSampleSet(const std::filesystem::path& path);

/// Which samples of a set to take. The chosen ones keep the set's order.
struct SampleSelection {
    std::size_t limit = 0;               ///< at most this many; 0: all
    std::optional<std::uint64_t> seed{}; ///< choose by chance; nothing: the first
    std::vector<std::string> groups{};   ///< only these; empty: all
};
/// The same seed chooses the same samples on every machine. Errors: InvalidArgument for a group that the set does not have.
Result<std::shared_ptr<const SampleSet>> selectSamples(const std::shared_ptr<const SampleSet>& set, const SampleSelection& selection);

} // namespace sinkscope
