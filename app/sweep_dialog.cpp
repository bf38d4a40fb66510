// SPDX-License-Identifier: Apache-2.0
#include "app/sweep_dialog.h"

#include "app/error_text.h"
#include "app/qt_text.h"
#include "core/export/sweep_export.h"
#include "core/io/atomic_write.h"
#include "views/data_table.h"
#include "views/models/text_format.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

std::vector<std::string> textsOf(const CaptureHeader* header) {
    std::vector<std::string> texts;
    if (header)
        for (const auto& sample : header->samples)
            texts.push_back(sample->text);
    return texts;
}

QString modelPathOf(const SessionModel& session) { return session.header() ? fromUtf8(session.header()->source) : QString(); }

QString minus(double value) {
    const QString text = numberText(std::abs(value));
    return value < 0 ? QChar(0x2212) + text : text;
}

void addRow(QStandardItemModel& model, const QStringList& texts, const QList<double>& sortKeys) {
    QList<QStandardItem*> items;
    for (qsizetype i = 0; i < texts.size(); ++i) {
        auto* item = new QStandardItem(texts[i]);
        item->setEditable(false);
        if (i < sortKeys.size() && !std::isnan(sortKeys[i]))
            item->setData(sortKeys[i], Qt::UserRole);
        else
            item->setData(texts[i], Qt::UserRole);
        items.append(item);
    }
    model.appendRow(items);
}

Result<std::shared_ptr<const SweepTable>> tableOf(const std::filesystem::path& path, JobContext& context) {
    SINKSCOPE_TRY(const auto sweep, SweepReader::open(path));
    SINKSCOPE_TRY(SweepTable table, tabulateSweep(*sweep, {}, context));
    return std::shared_ptr<const SweepTable>(std::make_shared<SweepTable>(std::move(table)));
}

} // namespace

SweepDialog::SweepDialog(const ViewContext& context, AnalysisRequest analysis, QWidget* parent)
    : QDialog(parent), m_context(context), m_analysis(std::move(analysis)), m_form(new SweepForm(modelPathOf(context.session), textsOf(context.session.header()))),
      m_pages(new QTabWidget), m_valueTable(new DataTable), m_correlationTable(new DataTable), m_metric(new QComboBox), m_tables(new QTabWidget),
      m_status(new QLabel), m_notes(new QLabel), m_progress(new QProgressBar) {
    setWindowTitle(tr("Sweep"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(760, 640);
    auto* setup = new QWidget;
    auto* setupLayout = new QVBoxLayout(setup);
    setupLayout->addWidget(m_form);
    setupLayout->addStretch(1);
    m_pages->addTab(setup, tr("Set up"));
    m_pages->addTab(makeResults(), tr("Results"));
    m_pages->setTabEnabled(1, false);
    m_status->setWordWrap(true);
    m_status->setProperty("muted", true);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_progress->setAccessibleName(tr("Progress of the sweep"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setIcon({});
    auto* open = buttons->addButton(tr("Open Results…"), QDialogButtonBox::ActionRole);
    m_export = buttons->addButton(tr("Export…"), QDialogButtonBox::ActionRole);
    m_run = buttons->addButton(tr("Sweep"), QDialogButtonBox::ActionRole);
    m_run->setObjectName(QStringLiteral("run"));
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_status);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(open, &QPushButton::clicked, this, &SweepDialog::openResults);
    connect(m_export, &QPushButton::clicked, this, &SweepDialog::chooseExport);
    connect(m_run, &QPushButton::clicked, this, [this] { m_running ? stop(tr("Stopped. The same output file goes on from here.")) : run(); });
    connect(m_form, &SweepForm::changed, this, &SweepDialog::updateButtons);
    connect(this, &QDialog::finished, this, [this] { m_job.cancel(); });
    updateButtons();
}

QWidget* SweepDialog::makeResults() {
    m_metric->setObjectName(QStringLiteral("metric"));
    m_metric->setAccessibleName(tr("Metric"));
    m_notes->setWordWrap(true);
    m_notes->setProperty("muted", true);
    m_values.setSortRole(Qt::UserRole);
    m_correlations.setSortRole(Qt::UserRole);
    m_values.setHorizontalHeaderLabels({tr("Model"), tr("Variant"), tr("Metric"), tr("Mean"), tr("95 % interval"), tr("Samples")});
    m_correlations.setHorizontalHeaderLabels({tr("Model"), tr("Variant"), tr("Over"), tr("Metric"), tr("ρ"), tr("p"), tr("p corrected"), tr("n")});
    m_valueTable->setModel(&m_values);
    m_correlationTable->setModel(&m_correlations);
    m_valueTable->setAccessibleName(tr("Values of the sweep"));
    m_correlationTable->setAccessibleName(tr("Rank correlations of the sweep"));
    auto* values = new QWidget;
    auto* valuesLayout = new QVBoxLayout(values);
    valuesLayout->setContentsMargins(0, 6, 0, 0);
    valuesLayout->addWidget(m_metric);
    valuesLayout->addWidget(m_valueTable, 1);
    m_tables->addTab(values, tr("Values"));
    m_tables->addTab(m_correlationTable, tr("Rank correlations"));
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->addWidget(m_tables, 1);
    layout->addWidget(m_notes);
    connect(m_metric, &QComboBox::currentIndexChanged, this, [this] { fillValues(m_metric->currentData().toString()); });
    return page;
}

void SweepDialog::updateButtons() {
    const QString problem = m_form->problem();
    m_run->setEnabled(m_running || problem.isEmpty());
    m_run->setText(m_running ? tr("Stop") : tr("Sweep"));
    m_run->setProperty("primary", !m_running);
    m_run->style()->unpolish(m_run);
    m_run->style()->polish(m_run);
    m_export->setEnabled(m_table != nullptr);
    m_progress->setVisible(m_running);
    m_form->setEnabled(!m_running);
    if (!m_running && m_pages->currentIndex() == 0)
        m_status->setText(problem);
}

void SweepDialog::run() {
    const SweepForm::Maker maker = m_form->maker();
    start([maker, analysis = m_analysis](JobContext& context) -> Result<Finished> {
        SINKSCOPE_TRY(SweepRequest request, maker());
        request.analysis = analysis;
        SINKSCOPE_TRY(const SweepReport report, runSweep(request, context));
        SINKSCOPE_TRY(auto table, tableOf(request.output, context));
        return Finished{.table = std::move(table), .notes = report.notes, .done = report.done, .before = report.before, .leftOut = report.leftOut};
    });
}

void SweepDialog::openResults() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Results of a Sweep"), {}, tr("Sweeps (*.h5);;All files (*)"));
    if (path.isEmpty())
        return;
    start([path = toPath(path)](JobContext& context) -> Result<Finished> {
        SINKSCOPE_TRY(auto table, tableOf(path, context));
        return Finished{.table = std::move(table), .notes = {}};
    });
}

void SweepDialog::start(std::function<Result<Finished>(JobContext&)> work) {
    m_running = true;
    m_progress->setValue(0);
    m_status->setText(tr("Opening…"));
    updateButtons();
    m_job.run(
        m_context.jobs, this, std::move(work), [this](const Result<Finished>& result) { arrived(result); }, Strand::Torch,
        [this](double fraction, const QString& text) {
            if (!m_running)
                return;
            m_progress->setValue(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 1000));
            m_status->setText(text);
        });
}

void SweepDialog::stop(const QString& message) {
    m_job.cancel();
    m_running = false;
    updateButtons();
    m_status->setText(message);
}

void SweepDialog::arrived(const Result<Finished>& result) {
    m_running = false;
    if (!result) {
        updateButtons();
        const ErrorText text = errorText(result.error());
        return m_status->setText(text.title + QStringLiteral(": ") + text.detail);
    }
    m_table = result->table;
    fillMetrics();
    fillTables();
    m_pages->setTabEnabled(1, true);
    m_pages->setCurrentIndex(1);
    updateButtons();
    m_status->setText(tr("%1 samples computed now, %2 before, %3 left out.").arg(result->done).arg(result->before).arg(result->leftOut));
    QStringList notes;
    for (const auto* list : {&result->notes, &m_table->notes})
        for (const std::string& note : *list)
            notes.append(fromUtf8(note));
    notes.removeDuplicates();
    m_notes->setText(notes.join(QLatin1Char('\n')));
    m_notes->setVisible(!notes.isEmpty());
}

/// Those that the table has values of.
void SweepDialog::fillMetrics() {
    const QSignalBlocker blocker(m_metric);
    m_metric->clear();
    m_metric->addItem(tr("All metrics"), QString());
    for (std::size_t i = 0; i < m_table->header.metrics.size(); ++i)
        if (std::ranges::any_of(m_table->rows, [&](const SweepRow& row) { return row.metric == static_cast<int>(i); }))
            m_metric->addItem(fromUtf8(m_table->header.metrics[i].title), fromUtf8(m_table->header.metrics[i].id));
    m_metric->setCurrentIndex(std::max(0, m_metric->findData(fromUtf8(m_table->request.reference))));
}

void SweepDialog::fillTables() {
    fillValues(m_metric->currentData().toString());
    fillCorrelations();
}

void SweepDialog::fillValues(const QString& metric) {
    if (!m_table)
        return;
    m_valueTable->setSortingEnabled(false);
    m_values.removeRows(0, m_values.rowCount());
    for (const SweepRow& row : m_table->rows) {
        const SweepMetric& its = m_table->header.metrics[static_cast<std::size_t>(row.metric)];
        if (!metric.isEmpty() && metric != fromUtf8(its.id))
            continue;
        addRow(m_values,
               {fromUtf8(m_table->header.models[static_cast<std::size_t>(row.model)].title), fromUtf8(m_table->header.variants[static_cast<std::size_t>(row.variant)].id),
                fromUtf8(its.title), minus(row.estimate.value), tr("%1 to %2").arg(minus(row.estimate.low), minus(row.estimate.high)),
                QString::number(row.estimate.samples)},
               {NAN, NAN, NAN, row.estimate.value, row.estimate.low, static_cast<double>(row.estimate.samples)});
    }
    m_valueTable->setColumnPlan(2, 140, {5});
    m_valueTable->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_valueTable->setSortingEnabled(true);
}

void SweepDialog::fillCorrelations() {
    m_correlationTable->setSortingEnabled(false);
    m_correlations.removeRows(0, m_correlations.rowCount());
    for (const SweepCorrelation& one : m_table->correlations)
        addRow(m_correlations,
               {fromUtf8(m_table->header.models[static_cast<std::size_t>(one.model)].title), fromUtf8(m_table->header.variants[static_cast<std::size_t>(one.variant)].id),
                one.overHeads ? tr("heads") : tr("samples"), fromUtf8(m_table->header.metrics[static_cast<std::size_t>(one.metric)].title), minus(one.rho),
                numberText(one.p), numberText(one.adjusted), QString::number(one.count)},
               {NAN, NAN, NAN, NAN, std::abs(one.rho), one.p, one.adjusted, static_cast<double>(one.count)});
    m_correlationTable->setColumnPlan(3, 140, {7, 5});
    m_correlationTable->setToolTip(fromUtf8(correlationText(m_table->request)));
    m_correlationTable->setSortingEnabled(true);
    m_correlationTable->sortByColumn(4, Qt::DescendingOrder);
}

void SweepDialog::chooseExport() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the Table"), {}, tr("CSV (*.csv);;JSON (*.json);;LaTeX (*.tex)"));
    if (!path.isEmpty())
        exportTo(path);
}

void SweepDialog::exportTo(const QString& path, const std::function<void(const Result<void>&)>& done) {
    if (!m_table)
        return;
    const QString kind = path.section(QLatin1Char('.'), -1).toLower();
    m_exportJob.run(
        m_context.jobs, this,
        [table = m_table, kind, correlations = m_tables->currentIndex() == 1, file = toPath(path)](JobContext&) -> Result<bool> {
            if (kind != QLatin1String("csv") && kind != QLatin1String("json") && kind != QLatin1String("tex"))
                return Error{ErrorCode::InvalidArgument, "a table is written as .csv, .json or .tex", file};
            const std::string text = kind == QLatin1String("csv")    ? sweepCsv(*table, correlations)
                                     : kind == QLatin1String("json") ? sweepJson(*table)
                                                                     : sweepLatex(*table, correlations);
            SINKSCOPE_CHECK(writeFileAtomically(file, text));
            return true;
        },
        [this, path, done](const Result<bool>& written) {
            m_status->setText(written ? tr("Wrote %1").arg(path) : errorText(written.error()).title + QStringLiteral(": ") + errorText(written.error()).detail);
            if (done)
                done(written ? Result<void>() : Result<void>(written.error()));
        });
}

} // namespace sinkscope
