// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/head_follower.h"
#include "views/inspector/difference_model.h"

#include <QDialog>

class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace sinkscope {

class DataTable;

/// Two checkpoints tensor by tensor: what is missing, what has another shape or type, how far values are apart. Thread: gui.
class CompareDialog : public QDialog {
    Q_OBJECT
public:
    /// The first one is the checkpoint that is open, unless the user takes another. `folder` is where file dialogs start.
    CompareDialog(const ViewContext& context, const QString& folder, QWidget* parent = nullptr);

    void setPaths(const QString& first, const QString& second);
    [[nodiscard]] DifferenceModel& model() { return m_model; }
    [[nodiscard]] bool isRunning() const { return m_isRunning; }

public Q_SLOTS:
    /// Compares, or stops.
    void compareOrStop();

private:
    using DiffPtr = std::shared_ptr<const CheckpointDiff>;
    QWidget* makeSources();
    QWidget* makeFilters();
    QLineEdit* addSource(QGridLayout& layout, int row, const QString& label, const QString& name);
    void choose(QLineEdit& edit, bool isFolder);
    void arrived(const Result<DiffPtr>& result);
    void updateButtons();
    void updateShown();
    void exportCsv();

    ViewContext m_context;
    QString m_folder;
    QLineEdit *m_first = nullptr, *m_second = nullptr, *m_filter = nullptr;
    QComboBox* m_kind = nullptr;
    DifferenceModel m_model;
    DifferenceFilter m_proxy;
    DataTable* m_table;
    QLabel* m_status;
    QLabel* m_shown = nullptr;
    QProgressBar* m_progress;
    QPushButton* m_compare = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_export = nullptr;
    bool m_isRunning = false;
    LatestJob<DiffPtr> m_job;
    LatestJob<bool> m_exportJob;
};

} // namespace sinkscope
