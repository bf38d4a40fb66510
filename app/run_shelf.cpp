// SPDX-License-Identifier: Apache-2.0
#include "app/run_shelf.h"

#include <algorithm>

namespace sinkscope {

void RunShelf::add(Entry entry) {
    std::erase_if(m_entries, [&](const Entry& each) { return each.store->path() == entry.store->path(); });
    m_entries.push_back(std::move(entry));
}

std::shared_ptr<const AnalysisResult> RunShelf::analysisOf(const CaptureStore* store) const {
    const auto found = std::ranges::find_if(m_entries, [&](const Entry& each) { return each.store.get() == store; });
    return found == m_entries.end() ? nullptr : found->analysis;
}

void RunShelf::keepAnalysis(const CaptureStore* store, std::shared_ptr<const AnalysisResult> analysis) {
    for (Entry& each : m_entries)
        if (each.store.get() == store)
            each.analysis = analysis;
}

void RunShelf::forgetAnalyses() {
    for (Entry& each : m_entries)
        each.analysis.reset();
}

std::vector<SessionModel::Run> RunShelf::runs() const {
    std::vector<SessionModel::Run> runs;
    for (const Entry& each : m_entries)
        runs.push_back({each.title, each.store});
    return runs;
}

} // namespace sinkscope
