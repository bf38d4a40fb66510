// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/self_test.h"
#include "views/head_follower.h"

#include <QDialog>
#include <QStandardItemModel>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace sinkscope {

class DataTable;

/// Runs the fixtures on this machine, with this libtorch and the chosen device, and shows how far every number is from the reference
/// implementation's. Thread: gui.
class SelfTestDialog : public QDialog {
    Q_OBJECT
public:
    explicit SelfTestDialog(const ViewContext& context, QWidget* parent = nullptr);
    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    /// Null before the first run has ended.
    [[nodiscard]] const std::shared_ptr<const SelfTestRun>& result() const { return m_result; }
    [[nodiscard]] const QStandardItemModel& rows() const { return m_rows; }

public Q_SLOTS:
    void runOrStop();

private:
    using RunPtr = std::shared_ptr<const SelfTestRun>;
    void addCase(const SelfTestCase& one, std::optional<double> allowed);
    void arrived(const Result<RunPtr>& result);
    void updateButtons();

    ViewContext m_context;
    QComboBox* m_device;
    QStandardItemModel m_rows;
    DataTable* m_table;
    QLabel* m_status;
    QProgressBar* m_progress;
    QPushButton* m_run = nullptr;
    QPushButton* m_copy = nullptr;
    bool m_isRunning = false;
    int m_round = 0; ///< what arrives of an earlier run is dropped
    RunPtr m_result;
    LatestJob<RunPtr> m_job;
};

} // namespace sinkscope
