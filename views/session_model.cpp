// SPDX-License-Identifier: Apache-2.0
#include "views/session_model.h"

#include <algorithm>

namespace sinkscope {

SessionModel::StatisticsPtr SessionModel::statistics(int sample, int layer) const {
    if (sample < 0 || sample >= static_cast<int>(m_statistics.size()))
        return nullptr;
    const auto& layers = m_statistics[static_cast<std::size_t>(sample)];
    return layer < 0 || layer >= static_cast<int>(layers.size()) ? nullptr : layers[static_cast<std::size_t>(layer)];
}

void SessionModel::setModel(std::shared_ptr<const LoadedModel> model) {
    m_model = std::move(model);
    Q_EMIT modelChanged();
}

void SessionModel::setCapture(std::shared_ptr<CaptureSource> capture) {
    m_capture = std::move(capture);
    m_analysis.reset();
    m_statistics.clear();
    if (m_capture)
        m_statistics.assign(m_capture->header().samples.size(),
                            std::vector<StatisticsPtr>(static_cast<std::size_t>(m_capture->header().layers)));
    Q_EMIT captureChanged();
    Q_EMIT analysisChanged();
}

void SessionModel::addStatistics(StatisticsPtr statistics) {
    const auto sample = static_cast<std::size_t>(statistics->sample);
    const auto layer = static_cast<std::size_t>(statistics->layer);
    if (sample >= m_statistics.size() || layer >= m_statistics[sample].size())
        return; // of a run that has been replaced
    m_statistics[sample][layer] = std::move(statistics);
    Q_EMIT statisticsArrived(static_cast<int>(sample), static_cast<int>(layer));
}

void SessionModel::setAnalysis(std::shared_ptr<const AnalysisResult> analysis) {
    m_analysis = std::move(analysis);
    Q_EMIT analysisChanged();
}

int SessionModel::currentRun() const {
    const auto found = std::find_if(m_runs.begin(), m_runs.end(), [this](const Run& run) { return run.capture == m_capture; });
    return !m_capture || found == m_runs.end() ? -1 : static_cast<int>(found - m_runs.begin());
}

void SessionModel::setRuns(std::vector<Run> runs) {
    m_runs = std::move(runs);
    Q_EMIT runsChanged();
}

void SessionModel::setRunState(RunState state) {
    m_runState = state;
    Q_EMIT runStateChanged();
}

} // namespace sinkscope
