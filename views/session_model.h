// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture_store.h"
#include "core/session/capture_run.h"

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace sinkscope {

/// What is open, as views see it: immutable snapshots, replaced whole. The application's controller sets them; views only read and
/// listen. Thread: gui.
class SessionModel : public QObject {
    Q_OBJECT
public:
    enum class RunState { None, Running, Complete, Stopped };
    using StatisticsPtr = std::shared_ptr<const LayerStatistics>;
    /// A capture that can be shown instead of the current one: a run of this session, or an opened file.
    struct Run {
        QString title;
        std::shared_ptr<CaptureSource> capture;
    };

    using QObject::QObject;

    /// Null before anything was opened, and when only a capture is open.
    [[nodiscard]] const std::shared_ptr<const LoadedModel>& model() const { return m_model; }
    /// Null before the first run or capture.
    [[nodiscard]] const std::shared_ptr<CaptureSource>& capture() const { return m_capture; }
    [[nodiscard]] const CaptureHeader* header() const { return m_capture ? &m_capture->header() : nullptr; }
    /// Null until that layer of that sample has arrived, or when the indices are out of range.
    [[nodiscard]] StatisticsPtr statistics(int sample, int layer) const;
    /// Null until the run is complete and analysed.
    [[nodiscard]] const std::shared_ptr<const AnalysisResult>& analysis() const { return m_analysis; }
    [[nodiscard]] RunState runState() const { return m_runState; }
    /// In the order in which views step through them: the steps of a training, say.
    [[nodiscard]] const std::vector<Run>& runs() const { return m_runs; }
    /// Of the current capture in `runs`; -1 when it is not among them.
    [[nodiscard]] int currentRun() const;

    void setModel(std::shared_ptr<const LoadedModel> model);
    /// Begins a new run, or shows an opened capture: forgets statistics and analysis.
    void setCapture(std::shared_ptr<CaptureSource> capture);
    void addStatistics(StatisticsPtr statistics);
    void setAnalysis(std::shared_ptr<const AnalysisResult> analysis);
    void setRunState(RunState state);
    void setRuns(std::vector<Run> runs);
    /// A view asks for another of the runs to be shown.
    void requestRun(int index) { Q_EMIT runRequested(index); }
    /// A view asks for a family that the analysis left out; the application evaluates it and replaces the analysis.
    void requestFamily(const QString& id) { Q_EMIT familyRequested(id); }
    /// A view asks for the analysis with other parameters (AnalysisRequest::features); those that are not named stay as they are.
    void requestParameters(const ParameterValues& parameters) { Q_EMIT parametersRequested(parameters); }

Q_SIGNALS:
    void modelChanged();
    void captureChanged();
    /// Many may arrive in a row; views should coalesce repaints (QWidget::update does).
    void statisticsArrived(int sample, int layer);
    void analysisChanged();
    void runStateChanged();
    void runsChanged();
    void runRequested(int index);
    void familyRequested(const QString& id);
    void parametersRequested(const sinkscope::ParameterValues& parameters);

private:
    std::shared_ptr<const LoadedModel> m_model;
    std::shared_ptr<CaptureSource> m_capture;
    std::vector<std::vector<StatisticsPtr>> m_statistics; ///< [sample][layer]
    std::shared_ptr<const AnalysisResult> m_analysis;
    RunState m_runState = RunState::None;
    std::vector<Run> m_runs;
};

} // namespace sinkscope
