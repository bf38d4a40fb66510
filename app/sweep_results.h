// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/sweep_table.h"
#include "core/export/sweep_export.h"

#include <QStandardItemModel>
#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;
class QTabWidget;
class QTextBrowser;

namespace sinkscope {

class DataTable;

/// What a sweep found: kinds of frame, values and rank correlations, for all samples and by group or length. Thread: gui.
class SweepResults : public QWidget {
    Q_OBJECT
public:
    explicit SweepResults(QWidget* parent = nullptr);
    /// `notes` are shown below the table's own.
    void setTable(const std::shared_ptr<const SweepTable>& table, const std::vector<std::string>& notes);
    [[nodiscard]] const std::shared_ptr<const SweepTable>& table() const { return m_table; }
    /// Whose tab is in front.
    [[nodiscard]] SweepPart part() const;
    [[nodiscard]] TableGrouping grouping() const;

Q_SIGNALS:
    /// Another table has to be made.
    void groupingChosen();

private:
    QWidget* pageOf(DataTable* table, QWidget* above = nullptr);
    void fillMetrics();
    QWidget* framesPage();
    void fillFrames();
    void fillWords();
    void fillValues();
    void fillCorrelations();

    std::shared_ptr<const SweepTable> m_table;
    QStandardItemModel m_frames, m_values, m_correlations;
    DataTable* m_frameTable;
    DataTable* m_valueTable;
    DataTable* m_correlationTable;
    QTextBrowser* m_words; ///< the verdicts of the chosen rows
    QComboBox* m_metric;
    QComboBox* m_grouping;
    QTabWidget* m_tabs;
    QLabel* m_notes;
};

} // namespace sinkscope
