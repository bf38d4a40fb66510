// SPDX-License-Identifier: Apache-2.0
#include "app/sweep_dialog.h"

#include "app/error_text.h"
#include "app/qt_text.h"
#include "core/io/atomic_write.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
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

Result<std::shared_ptr<const SweepTable>> tableOf(const std::filesystem::path& path, TableGrouping grouping, JobContext& context) {
    SINKSCOPE_TRY(const auto sweep, SweepReader::open(path));
    SINKSCOPE_TRY(SweepTable table, tabulateSweep(*sweep, {.grouping = grouping}, context));
    return std::shared_ptr<const SweepTable>(std::make_shared<SweepTable>(std::move(table)));
}

} // namespace

SweepDialog::SweepDialog(const ViewContext& context, AnalysisRequest analysis, QWidget* parent)
    : QDialog(parent), m_context(context), m_analysis(std::move(analysis)), m_form(new SweepForm(modelPathOf(context.session), textsOf(context.session.header()))),
      m_pages(new QTabWidget), m_results(new SweepResults), m_status(new QLabel), m_progress(new QProgressBar) {
    setWindowTitle(tr("Sweep"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(760, 640);
    auto* setup = new QWidget;
    auto* setupLayout = new QVBoxLayout(setup);
    setupLayout->addWidget(m_form);
    setupLayout->addStretch(1);
    m_pages->addTab(setup, tr("Set up"));
    m_pages->addTab(m_results, tr("Results"));
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
    connect(m_results, &SweepResults::groupingChosen, this, [this] { openFile(m_file); });
    connect(this, &QDialog::finished, this, [this] { m_job.cancel(); });
    updateButtons();
}

void SweepDialog::updateButtons() {
    const QString problem = m_form->problem();
    m_run->setEnabled(m_running || problem.isEmpty());
    m_run->setText(m_running ? tr("Stop") : tr("Sweep"));
    m_run->setProperty("primary", !m_running);
    m_run->style()->unpolish(m_run);
    m_run->style()->polish(m_run);
    m_export->setEnabled(table() != nullptr);
    m_progress->setVisible(m_running);
    m_form->setEnabled(!m_running);
    if (!m_running && m_pages->currentIndex() == 0)
        m_status->setText(problem);
}

void SweepDialog::run() {
    const SweepForm::Maker maker = m_form->maker();
    start([maker, analysis = m_analysis, grouping = m_results->grouping()](JobContext& context) -> Result<Finished> {
        SINKSCOPE_TRY(SweepRequest request, maker());
        request.analysis = analysis;
        SINKSCOPE_TRY(const SweepReport report, runSweep(request, context));
        SINKSCOPE_TRY(auto table, tableOf(request.output, grouping, context));
        return Finished{.table = std::move(table), .file = request.output, .notes = report.notes, .done = report.done, .before = report.before,
                        .leftOut = report.leftOut, .swept = true};
    });
}

void SweepDialog::openResults() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Results of a Sweep"), {}, tr("Sweeps (*.h5);;All files (*)"));
    if (!path.isEmpty())
        openFile(toPath(path));
}

void SweepDialog::openFile(const std::filesystem::path& path) {
    start([path, grouping = m_results->grouping()](JobContext& context) -> Result<Finished> {
        SINKSCOPE_TRY(auto table, tableOf(path, grouping, context));
        return Finished{.table = std::move(table), .file = path, .notes = {}};
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
    m_file = result->file;
    m_results->setTable(result->table, result->notes);
    m_pages->setTabEnabled(1, true);
    m_pages->setCurrentIndex(1);
    updateButtons();
    m_status->setText(result->swept ? tr("%1 samples computed now, %2 before, %3 left out.").arg(result->done).arg(result->before).arg(result->leftOut)
                                    : fromUtf8(m_file.filename().string()));
}

void SweepDialog::chooseExport() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Export the Table"), {}, tr("CSV (*.csv);;JSON (*.json);;LaTeX (*.tex)"));
    if (!path.isEmpty())
        exportTo(path);
}

void SweepDialog::exportTo(const QString& path, const std::function<void(const Result<void>&)>& done) {
    if (!table())
        return;
    const QString kind = path.section(QLatin1Char('.'), -1).toLower();
    m_exportJob.run(
        m_context.jobs, this,
        [table = table(), kind, part = m_results->part(), file = toPath(path)](JobContext&) -> Result<bool> {
            if (kind != QLatin1String("csv") && kind != QLatin1String("json") && kind != QLatin1String("tex"))
                return Error{ErrorCode::InvalidArgument, "a table is written as .csv, .json or .tex", file};
            const std::string text = kind == QLatin1String("csv")    ? sweepCsv(*table, part)
                                     : kind == QLatin1String("json") ? sweepJson(*table)
                                                                     : sweepLatex(*table, part);
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
