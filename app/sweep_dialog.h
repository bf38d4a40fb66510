// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/sweep_form.h"
#include "core/analysis/sweep_table.h"
#include "views/head_follower.h"

#include <QDialog>
#include <QStandardItemModel>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace sinkscope {

class DataTable;

/// A sweep from the window: what to sweep, how far it is, the table of what was found. A sweep that is stopped goes on where it was with the same
/// output file. Thread: gui.
class SweepDialog : public QDialog {
    Q_OBJECT
public:
    /// `analysis` says which families are evaluated.
    SweepDialog(const ViewContext& context, AnalysisRequest analysis, QWidget* parent = nullptr);

    [[nodiscard]] SweepForm& form() { return *m_form; }
    [[nodiscard]] const std::shared_ptr<const SweepTable>& table() const { return m_table; }
    /// .csv, .json or .tex; of what is shown, values or correlations (JSON has both). `done` is called on the GUI thread.
    void exportTo(const QString& path, const std::function<void(const Result<void>&)>& done = {});

private:
    /// What a job brings back.
    struct Finished {
        std::shared_ptr<const SweepTable> table;
        std::vector<std::string> notes;
        std::size_t done = 0, before = 0, leftOut = 0;
    };
    QWidget* makeResults();
    void run();
    void openResults();
    void start(std::function<Result<Finished>(JobContext&)> work);
    void stop(const QString& message);
    void arrived(const Result<Finished>& result);
    void updateButtons();
    void fillMetrics();
    void fillTables();
    void fillValues(const QString& metric);
    void fillCorrelations();
    void chooseExport();

    ViewContext m_context;
    AnalysisRequest m_analysis;
    SweepForm* m_form;
    QTabWidget* m_pages;
    QStandardItemModel m_values, m_correlations;
    DataTable* m_valueTable;
    DataTable* m_correlationTable;
    QComboBox* m_metric;
    QTabWidget* m_tables;
    QLabel* m_status;
    QLabel* m_notes;
    QProgressBar* m_progress;
    QPushButton* m_run = nullptr;
    QPushButton* m_export = nullptr;
    bool m_running = false;
    std::shared_ptr<const SweepTable> m_table;
    LatestJob<Finished> m_job;
    LatestJob<bool> m_exportJob;
};

} // namespace sinkscope
