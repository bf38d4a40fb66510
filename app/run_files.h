// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace sinkscope {

/// Where runs are written until the user saves them: files of this process in the user's cache folder. Thread: any but gui, except
/// `next`, which touches no file.
class RunFiles {
public:
    explicit RunFiles(std::filesystem::path folder);
    /// Deletes the files of this process.
    ~RunFiles();
    RunFiles(const RunFiles&) = delete;
    RunFiles& operator=(const RunFiles&) = delete;

    /// A path that no run has used yet.
    std::filesystem::path next();
    /// Makes the folder and deletes what processes that no longer live left in it, and anything older than 14 days. Other files are
    /// never touched.
    static void clean(const std::filesystem::path& folder);
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder; }

private:
    std::filesystem::path m_folder;
    int m_count = 0;
};

} // namespace sinkscope
