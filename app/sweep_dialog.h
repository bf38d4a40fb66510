// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/sweep_form.h"
#include "app/sweep_results.h"
#include "core/analysis/sweep_table.h"
#include "views/head_follower.h"

#include <QDialog>

class QLabel;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace sinkscope {

/// A sweep from the window: what to sweep, how far it is, the table of what was found. A sweep that is stopped goes on where it was with the same
/// output file. Thread: gui.
class SweepDialog : public QDialog {
    Q_OBJECT
public:
    /// `analysis` says which families are evaluated.
    SweepDialog(const ViewContext& context, AnalysisRequest analysis, QWidget* parent = nullptr);

    [[nodiscard]] SweepForm& form() { return *m_form; }
    [[nodiscard]] const std::shared_ptr<const SweepTable>& table() const { return m_results->table(); }
    /// .csv, .json or .tex; of what is shown: frames, values or correlations (JSON has all). `done` is called on the GUI thread.
    void exportTo(const QString& path, const std::function<void(const Result<void>&)>& done = {});

private:
    /// What a job brings back.
    struct Finished {
        std::shared_ptr<const SweepTable> table;
        std::filesystem::path file;
        std::vector<std::string> notes;
        std::size_t done = 0, before = 0, leftOut = 0;
        bool swept = false; ///< now, not only read
    };
    void run();
    void openResults();
    void openFile(const std::filesystem::path& path);
    void start(std::function<Result<Finished>(JobContext&)> work);
    void stop(const QString& message);
    void arrived(const Result<Finished>& result);
    void updateButtons();
    void chooseExport();

    ViewContext m_context;
    AnalysisRequest m_analysis;
    SweepForm* m_form;
    QTabWidget* m_pages;
    SweepResults* m_results;
    QLabel* m_status;
    QProgressBar* m_progress;
    QPushButton* m_run = nullptr;
    QPushButton* m_export = nullptr;
    bool m_running = false;
    std::filesystem::path m_file; ///< of the results
    LatestJob<Finished> m_job;
    LatestJob<bool> m_exportJob;
};

} // namespace sinkscope
