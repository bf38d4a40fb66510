// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/hub_cache.h"
#include "views/job_bridge.h"

#include <QDialog>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>

class QLabel;
class QPushButton;

namespace sinkscope {

class DataTable;

/// The models of the local Hugging Face cache, to open one. A worker reads the folder; nothing is fetched. Thread: gui.
class CacheDialog : public QDialog {
    Q_OBJECT
public:
    CacheDialog(JobBridge& jobs, std::filesystem::path folder, QWidget* parent = nullptr);

    /// The folder has been read.
    [[nodiscard]] bool isListed() const { return m_listed; }

Q_SIGNALS:
    /// A model was chosen; the dialog is closed.
    void chosen(const QString& path);

private:
    void list();
    void present(const Result<std::vector<CachedModel>>& models);
    void addModel(const CachedModel& model);
    void choose();
    void updateButton();
    [[nodiscard]] static QString stateOf(const CachedModel& model);
    /// The path of the current row; empty when there is none that opens.
    [[nodiscard]] QString currentPath() const;

    JobBridge& m_jobs;
    std::filesystem::path m_folder;
    QStandardItemModel m_models;
    QSortFilterProxyModel m_filtered;
    DataTable* m_table;
    QLabel* m_status;
    QPushButton* m_open = nullptr;
    JobHandle m_job;
    bool m_listed = false;
};

} // namespace sinkscope
