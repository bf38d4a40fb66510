// SPDX-License-Identifier: Apache-2.0
#include "app/sweep_results.h"

#include "app/qt_text.h"
#include "core/analysis/verdict_text.h"
#include "views/data_table.h"
#include "views/models/frame_kind.h"
#include "views/models/text_format.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

enum Tab { kFrames, kValues, kCorrelations };
constexpr std::size_t kMostVerdicts = 40; ///< in words at once: what the window's thread lays out in a few milliseconds
constexpr int kFrameRole = Qt::UserRole + 1; ///< of a row of frames: its place in the table, however it is sorted

QString minus(double value) {
    const QString text = numberText(std::abs(value));
    return value < 0 ? QChar(0x2212) + text : text;
}

/// One sample has no interval.
QString intervalText(const Estimate& estimate) {
    return estimate.samples < 2 ? QStringLiteral("–") : SweepResults::tr("%1 to %2").arg(minus(estimate.low), minus(estimate.high));
}

QString withInterval(const Estimate& estimate) {
    if (estimate.samples == 0)
        return QStringLiteral("–");
    return estimate.samples < 2 ? minus(estimate.value) : SweepResults::tr("%1 (%2)").arg(minus(estimate.value), intervalText(estimate));
}

void addRow(QStandardItemModel& model, const QStringList& texts, const QList<double>& sortKeys, const QString& toolTip = {}) {
    QList<QStandardItem*> items;
    for (qsizetype i = 0; i < texts.size(); ++i) {
        auto* item = new QStandardItem(texts[i]);
        item->setEditable(false);
        item->setToolTip(toolTip);
        if (i < sortKeys.size() && !std::isnan(sortKeys[i]))
            item->setData(sortKeys[i], Qt::UserRole);
        else
            item->setData(texts[i], Qt::UserRole);
        items.append(item);
    }
    model.appendRow(items);
}

/// Empties the model; rows are added in the order of the table, whatever column was sorted by.
void startFilling(DataTable& view, QStandardItemModel& model) {
    view.setSortingEnabled(false);
    model.removeRows(0, model.rowCount());
}

} // namespace

SweepResults::SweepResults(QWidget* parent)
    : QWidget(parent), m_frameTable(new DataTable), m_valueTable(new DataTable), m_correlationTable(new DataTable), m_words(new QTextBrowser),
      m_metric(new QComboBox), m_grouping(new QComboBox), m_tabs(new QTabWidget), m_notes(new QLabel) {
    m_metric->setObjectName(QStringLiteral("metric"));
    m_metric->setAccessibleName(tr("Metric"));
    m_grouping->setObjectName(QStringLiteral("grouping"));
    m_grouping->setAccessibleName(tr("Rows"));
    m_grouping->addItem(tr("All samples"), static_cast<int>(TableGrouping::None));
    m_grouping->addItem(tr("All samples, and each group"), static_cast<int>(TableGrouping::Group));
    m_grouping->addItem(tr("All samples, and each range of length"), static_cast<int>(TableGrouping::Length));
    m_tabs->setObjectName(QStringLiteral("parts"));
    m_notes->setWordWrap(true);
    m_notes->setProperty("muted", true);
    m_frames.setHorizontalHeaderLabels({tr("Model"), tr("Variant"), tr("Group"), tr("Frame"), tr("Excess"), tr("Anchors"), tr("Read with")});
    m_values.setHorizontalHeaderLabels({tr("Model"), tr("Variant"), tr("Group"), tr("Metric"), tr("Mean"), tr("95 % interval"), tr("Samples")});
    m_correlations.setHorizontalHeaderLabels({tr("Model"), tr("Variant"), tr("Over"), tr("Metric"), tr("ρ"), tr("p"), tr("p corrected"), tr("n")});
    const std::pair<DataTable*, QStandardItemModel*> tables[] = {{m_frameTable, &m_frames}, {m_valueTable, &m_values}, {m_correlationTable, &m_correlations}};
    for (const auto& [view, model] : tables) {
        model->setSortRole(Qt::UserRole);
        view->setModel(model);
    }
    m_frameTable->setAccessibleName(tr("Frames of the sweep"));
    m_valueTable->setAccessibleName(tr("Values of the sweep"));
    m_correlationTable->setAccessibleName(tr("Rank correlations of the sweep"));
    m_tabs->addTab(framesPage(), tr("Frames"));
    m_tabs->addTab(pageOf(m_valueTable, m_metric), tr("Values"));
    m_tabs->addTab(pageOf(m_correlationTable), tr("Rank correlations"));
    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("Rows")));
    row->addWidget(m_grouping, 1);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(row);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(m_notes);
    connect(m_metric, &QComboBox::currentIndexChanged, this, &SweepResults::fillValues);
    connect(m_grouping, &QComboBox::activated, this, &SweepResults::groupingChosen);
}

QWidget* SweepResults::pageOf(DataTable* table, QWidget* above) {
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    if (above)
        layout->addWidget(above);
    layout->addWidget(table, 1);
    return page;
}

/// The table, and below it the verdicts in words: of the chosen rows, or without a choice from the first on.
QWidget* SweepResults::framesPage() {
    m_words->setObjectName(QStringLiteral("verdicts"));
    m_words->setAccessibleName(tr("Verdicts in words"));
    m_words->setOpenLinks(false);
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(m_frameTable);
    splitter->addWidget(m_words);
    splitter->setChildrenCollapsible(false);
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->addWidget(splitter);
    connect(m_frameTable->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SweepResults::fillWords);
    return page;
}

SweepPart SweepResults::part() const {
    const int tab = m_tabs->currentIndex();
    return tab == kFrames ? SweepPart::Frames : tab == kValues ? SweepPart::Values : SweepPart::Correlations;
}

TableGrouping SweepResults::grouping() const { return static_cast<TableGrouping>(m_grouping->currentData().toInt()); }

void SweepResults::setTable(const std::shared_ptr<const SweepTable>& table, const std::vector<std::string>& notes) {
    m_table = table;
    fillMetrics();
    fillFrames();
    fillValues();
    fillCorrelations();
    QStringList lines;
    for (const auto* list : {&notes, &m_table->notes})
        for (const std::string& note : *list)
            lines.append(fromUtf8(note));
    lines.removeDuplicates();
    m_notes->setText(lines.join(QLatin1Char('\n')));
    m_notes->setVisible(!lines.isEmpty());
}

/// Those that the table has values of.
void SweepResults::fillMetrics() {
    const QSignalBlocker blocker(m_metric);
    const QVariant before = m_metric->currentData();
    m_metric->clear();
    m_metric->addItem(tr("All metrics"), QString());
    for (std::size_t i = 0; i < m_table->header.metrics.size(); ++i)
        if (std::ranges::any_of(m_table->rows, [&](const SweepRow& row) { return row.metric == static_cast<int>(i); }))
            m_metric->addItem(fromUtf8(m_table->header.metrics[i].title), fromUtf8(m_table->header.metrics[i].id));
    const int same = before.isValid() ? m_metric->findData(before) : -1;
    m_metric->setCurrentIndex(same >= 0 ? same : std::max(0, m_metric->findData(fromUtf8(m_table->request.reference))));
}

void SweepResults::fillFrames() {
    startFilling(*m_frameTable, m_frames);
    bool grouped = false;
    for (const SweepFrame& frame : m_table->frames) {
        const FrameVerdict& verdict = frame.verdict;
        const QString context = fromUtf8(textOf(frame.context));
        grouped = grouped || !frame.group.empty();
        addRow(m_frames,
               {fromUtf8(m_table->header.models[static_cast<std::size_t>(frame.model)].title),
                fromUtf8(m_table->header.variants[static_cast<std::size_t>(frame.variant)].id), frame.group.empty() ? tr("all") : fromUtf8(frame.group),
                kindTitle(verdict.kind), withInterval(verdict.excess), withInterval(verdict.anchors), context},
               {NAN, NAN, NAN, NAN, verdict.excess.value, verdict.anchors.value}, fromUtf8(verdict.reason) + QStringLiteral("\n\n") + context);
    }
    for (int row = 0; row < m_frames.rowCount(); ++row)
        m_frames.item(row)->setData(row, kFrameRole);
    fillWords();
    m_frameTable->setColumnAway(2, !grouped);
    m_frameTable->setColumnPlan(1, 120, {6, 5}); // what it is read with stands below too
    m_frameTable->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_frameTable->setSortingEnabled(true);
}

void SweepResults::fillWords() {
    if (!m_table || static_cast<std::size_t>(m_frames.rowCount()) != m_table->frames.size())
        return; // the table is being filled
    std::vector<std::size_t> shown;
    for (const QModelIndex& row : m_frameTable->selectionModel()->selectedRows())
        shown.push_back(row.data(kFrameRole).toULongLong());
    std::ranges::sort(shown);
    if (shown.empty()) {
        shown.resize(m_table->frames.size());
        std::iota(shown.begin(), shown.end(), std::size_t{0});
    }
    const std::size_t more = shown.size() > kMostVerdicts ? shown.size() - kMostVerdicts : 0;
    shown.resize(shown.size() - more);
    QString html;
    for (const std::size_t i : shown) {
        const SweepFrame& frame = m_table->frames[i];
        QString subject = fromUtf8(m_table->header.models[static_cast<std::size_t>(frame.model)].title) + QStringLiteral(", ") +
                          fromUtf8(m_table->header.variants[static_cast<std::size_t>(frame.variant)].id);
        if (!frame.group.empty())
            subject += QStringLiteral(", ") + fromUtf8(frame.group);
        html += QStringLiteral("<p style='margin:%1px 0 3px 0'><b>%2: %3</b></p>")
                    .arg(html.isEmpty() ? 0 : 12)
                    .arg(subject.toHtmlEscaped(), kindTitle(frame.verdict.kind).toHtmlEscaped());
        for (const VerdictLine& line : verdictLines(frame.verdict, frame.context))
            if (line.name != "frame") // stands in the heading
                html += QStringLiteral("<p style='margin:0 0 2px 14px'><i>%1</i>&nbsp; %2</p>").arg(fromUtf8(line.name), fromUtf8(line.text).toHtmlEscaped());
    }
    if (more > 0)
        html += QStringLiteral("<p style='margin:12px 0 0 0'>%1</p>").arg(tr("And %n more: choose rows above to read theirs.", nullptr, static_cast<int>(more)));
    m_words->setHtml(html);
}

void SweepResults::fillValues() {
    if (!m_table)
        return;
    const QString metric = m_metric->currentData().toString();
    startFilling(*m_valueTable, m_values);
    bool grouped = false;
    for (const SweepRow& row : m_table->rows) {
        const SweepMetric& its = m_table->header.metrics[static_cast<std::size_t>(row.metric)];
        if (!metric.isEmpty() && metric != fromUtf8(its.id))
            continue;
        grouped = grouped || !row.group.empty();
        addRow(m_values,
               {fromUtf8(m_table->header.models[static_cast<std::size_t>(row.model)].title),
                fromUtf8(m_table->header.variants[static_cast<std::size_t>(row.variant)].id), row.group.empty() ? tr("all") : fromUtf8(row.group),
                fromUtf8(its.title), minus(row.estimate.value), intervalText(row.estimate), QString::number(row.estimate.samples)},
               {NAN, NAN, NAN, NAN, row.estimate.value, row.estimate.low, static_cast<double>(row.estimate.samples)});
    }
    m_valueTable->setColumnAway(2, !grouped);
    m_valueTable->setColumnPlan(3, 140, {6});
    m_valueTable->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_valueTable->setSortingEnabled(true);
}

void SweepResults::fillCorrelations() {
    startFilling(*m_correlationTable, m_correlations);
    for (const SweepCorrelation& one : m_table->correlations)
        addRow(m_correlations,
               {fromUtf8(m_table->header.models[static_cast<std::size_t>(one.model)].title),
                fromUtf8(m_table->header.variants[static_cast<std::size_t>(one.variant)].id), one.overHeads ? tr("heads") : tr("samples"),
                fromUtf8(m_table->header.metrics[static_cast<std::size_t>(one.metric)].title), minus(one.rho), numberText(one.p), numberText(one.adjusted),
                QString::number(one.count)},
               {NAN, NAN, NAN, NAN, std::abs(one.rho), one.p, one.adjusted, static_cast<double>(one.count)});
    m_correlationTable->setColumnPlan(3, 140, {7, 5});
    m_correlationTable->setToolTip(fromUtf8(correlationText(m_table->request)));
    m_correlationTable->setSortingEnabled(true);
    m_correlationTable->sortByColumn(4, Qt::DescendingOrder);
}

} // namespace sinkscope
