// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/head_follower.h"
#include "views/view_spec.h"

#include <QWidget>

class QComboBox;
class QGridLayout;
class QLabel;

namespace sinkscope {

/// The verdict on the model for every group of samples, by subject or by length, one row each: excess with its interval, kind, number of samples. Groups with
/// too few samples say so. Thread: gui.
class FrameGroups : public QWidget {
    Q_OBJECT
public:
    explicit FrameGroups(const ViewContext& context, QWidget* parent = nullptr);

    /// Shows the groups of another analysis; hides itself where there is only one sample. Verdicts are made in a worker.
    void setAnalysis(std::shared_ptr<const AnalysisResult> analysis);
    /// Of the rows that are shown.
    [[nodiscard]] const std::vector<GroupResult>& groups() const { return m_groups; }

private:
    void offerGroupings(const CaptureHeader& header);
    void request();
    void show(std::vector<GroupResult> groups);
    void addRow(QGridLayout& grid, int row, const GroupResult& group);

    ViewContext m_context;
    QComboBox* m_grouping;
    QWidget* m_rows;
    QLabel *m_scale, *m_more;
    std::shared_ptr<const AnalysisResult> m_analysis;
    std::vector<GroupResult> m_groups;
    bool m_isChosen = false; ///< somebody has chosen a grouping; until then subjects are shown where there are some
    LatestJob<std::vector<GroupResult>> m_job;
};

} // namespace sinkscope
