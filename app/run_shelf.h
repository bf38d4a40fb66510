// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/session_model.h"

#include <memory>
#include <vector>

namespace sinkscope {

/// Runs of this process and captures that were opened, in order, to go back to or to step through. Thread: gui.
class RunShelf {
public:
    struct Entry {
        QString title;
        std::shared_ptr<const LoadedModel> model; ///< null for captures without it
        std::shared_ptr<CaptureStore> store;
        std::shared_ptr<const AnalysisResult> analysis{}; ///< null until it was made
    };

    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    /// At the end. An entry of the same file goes: that file may have been written anew.
    void add(Entry entry);
    /// Null when it is not here, or not analysed.
    [[nodiscard]] std::shared_ptr<const AnalysisResult> analysisOf(const CaptureStore* store) const;
    void keepAnalysis(const CaptureStore* store, std::shared_ptr<const AnalysisResult> analysis);
    /// Other choices: what was analysed before no longer answers them.
    void forgetAnalyses();
    /// As views see them.
    [[nodiscard]] std::vector<SessionModel::Run> runs() const;

private:
    std::vector<Entry> m_entries;
};

} // namespace sinkscope
