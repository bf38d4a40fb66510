// SPDX-License-Identifier: Apache-2.0
#include "app/compare_dialog.h"

#include "app/error_text.h"
#include "app/qt_text.h"
#include "core/io/atomic_write.h"
#include "views/data_table.h"
#include "views/models/text_format.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

constexpr Change kChanges[] = {Change::Values, Change::Shape, Change::OnlyFirst, Change::OnlySecond, Change::Type, Change::None};

QString summaryOf(const CheckpointDiff& diff) {
    if (diff.tensors.empty())
        return CompareDialog::tr("Neither checkpoint holds a tensor.");
    if (diff.isIdentical())
        return CompareDialog::tr("The weights are identical: all tensors (%1), every bit.").arg(groupedDigits(static_cast<qint64>(diff.tensors.size())));
    QStringList parts;
    for (const Change change : kChanges)
        if (const std::size_t count = diff.count(change); count > 0)
            parts.append(QStringLiteral("%1 %2").arg(groupedDigits(static_cast<qint64>(count)), titleOf(change)));
    return CompareDialog::tr("Tensors: %1").arg(parts.join(QStringLiteral(" · ")));
}

} // namespace

CompareDialog::CompareDialog(const ViewContext& context, const QString& folder, QWidget* parent)
    : QDialog(parent), m_context(context), m_folder(folder), m_table(new DataTable), m_status(new QLabel), m_progress(new QProgressBar) {
    setWindowTitle(tr("Compare checkpoints"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(1080, 680);
    m_proxy.setSourceModel(&m_model);
    m_table->setModel(&m_proxy);
    m_table->sortByColumn(-1, Qt::AscendingOrder); // the order of the files until somebody sorts
    m_table->setColumnPlan(DifferenceModel::Name, 220, {DifferenceModel::RoleName, DifferenceModel::Type, DifferenceModel::Shape, DifferenceModel::Changed});
    m_table->setAccessibleName(tr("Tensors of both checkpoints"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_progress->setAccessibleName(tr("Progress of the comparison"));
    m_status->setWordWrap(true);
    m_status->setObjectName(QStringLiteral("status"));
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_status->setText(tr("Tensors are matched by name, by role where both architectures are known, and by the ends of their names."));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setIcon({});
    m_copy = buttons->addButton(tr("Copy Table"), QDialogButtonBox::ActionRole);
    m_export = buttons->addButton(tr("Export CSV…"), QDialogButtonBox::ActionRole);
    m_compare = buttons->addButton(tr("Compare"), QDialogButtonBox::ActionRole);
    m_compare->setObjectName(QStringLiteral("compare"));
    m_compare->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(makeSources());
    layout->addWidget(makeFilters());
    layout->addWidget(m_table, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_status);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_compare, &QPushButton::clicked, this, &CompareDialog::compareOrStop);
    connect(m_copy, &QPushButton::clicked, m_table, &DataTable::copy);
    connect(m_export, &QPushButton::clicked, this, &CompareDialog::exportCsv);
    connect(this, &QDialog::finished, this, [this] { m_job.cancel(); });
    connect(m_table, &QAbstractItemView::activated, this, [this](const QModelIndex& index) {
        m_context.selection.setTensor(index.siblingAtColumn(0).data(DifferenceModel::TensorRole).toString());
        m_context.selection.showView(QStringLiteral("weight_map"));
    });
    if (const auto& model = context.session.model(); model && model->checkpoint)
        m_first->setText(fromPath(model->checkpoint->opened));
    (m_first->text().isEmpty() ? m_first : m_second)->setFocus();
    updateButtons();
    updateShown();
}

QWidget* CompareDialog::makeSources() {
    auto* sources = new QWidget;
    auto* layout = new QGridLayout(sources);
    layout->setContentsMargins(0, 0, 0, 0);
    m_first = addSource(*layout, 0, tr("A"), tr("First checkpoint"));
    m_second = addSource(*layout, 1, tr("B"), tr("Second checkpoint"));
    return sources;
}

QLineEdit* CompareDialog::addSource(QGridLayout& layout, int row, const QString& label, const QString& name) {
    auto* edit = new QLineEdit;
    edit->setPlaceholderText(tr("Folder or file of a checkpoint"));
    edit->setAccessibleName(name);
    edit->setClearButtonEnabled(true);
    auto* title = new QLabel(label);
    title->setBuddy(edit);
    auto* folder = new QPushButton(tr("Folder…"));
    auto* file = new QPushButton(tr("File…"));
    for (QPushButton* button : {folder, file}) {
        button->setAutoDefault(false);
        button->setAccessibleName(name + QStringLiteral(": ") + button->text());
    }
    connect(folder, &QPushButton::clicked, this, [this, edit] { choose(*edit, true); });
    connect(file, &QPushButton::clicked, this, [this, edit] { choose(*edit, false); });
    connect(edit, &QLineEdit::textChanged, this, &CompareDialog::updateButtons);
    layout.addWidget(title, row, 0);
    layout.addWidget(edit, row, 1);
    layout.addWidget(folder, row, 2);
    layout.addWidget(file, row, 3);
    return edit;
}

QWidget* CompareDialog::makeFilters() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_filter = new QLineEdit;
    m_filter->setPlaceholderText(tr("Filter by name or role"));
    m_filter->setAccessibleName(m_filter->placeholderText());
    m_filter->setClearButtonEnabled(true);
    m_kind = new QComboBox;
    m_kind->setAccessibleName(tr("Which tensors"));
    m_kind->addItem(tr("What differs"));
    m_kind->addItem(tr("All tensors"));
    for (const Change change : kChanges)
        m_kind->addItem(titleOf(change), static_cast<int>(change));
    m_shown = new QLabel;
    m_shown->setProperty("muted", true);
    layout->addWidget(m_filter, 1);
    layout->addWidget(m_kind);
    layout->addWidget(m_shown);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& words) {
        m_proxy.setWords(words);
        updateShown();
    });
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this](int index) {
        using Kind = DifferenceFilter::Kind;
        if (index < 2)
            m_proxy.setKind(index == 0 ? Kind::Differing : Kind::All);
        else
            m_proxy.setKind(Kind::Only, static_cast<Change>(m_kind->currentData().toInt()));
        updateShown();
    });
    return row;
}

void CompareDialog::setPaths(const QString& first, const QString& second) {
    m_first->setText(first);
    m_second->setText(second);
}

void CompareDialog::choose(QLineEdit& edit, bool isFolder) {
    const QString start = edit.text().isEmpty() ? m_folder : edit.text();
    const QString path = isFolder ? QFileDialog::getExistingDirectory(this, tr("Choose a checkpoint folder"), start)
                                  : QFileDialog::getOpenFileName(this, tr("Choose a checkpoint"), start);
    if (path.isEmpty())
        return;
    m_folder = QFileInfo(path).absolutePath();
    edit.setText(path);
}

void CompareDialog::compareOrStop() {
    if (m_isRunning) {
        m_job.cancel();
        m_isRunning = false;
        m_status->setText(tr("Stopped."));
        return updateButtons();
    }
    if (m_first->text().isEmpty() || m_second->text().isEmpty())
        return;
    m_isRunning = true;
    m_model.setDiff(nullptr);
    m_progress->setValue(0);
    m_status->setText(tr("Comparing…"));
    updateButtons();
    updateShown();
    m_job.run(
        m_context.jobs, this,
        [first = toPath(m_first->text()), second = toPath(m_second->text())](JobContext& context) -> Result<DiffPtr> {
            SINKSCOPE_TRY(auto a, openCheckpoint(first));
            SINKSCOPE_TRY(auto b, openCheckpoint(second));
            SINKSCOPE_TRY(CheckpointDiff diff, diffCheckpoints(std::move(a), std::move(b), context));
            return std::make_shared<const CheckpointDiff>(std::move(diff));
        },
        [this](const Result<DiffPtr>& result) { arrived(result); }, Strand::Free,
        [this](double fraction, const QString& tensor) {
            m_progress->setValue(static_cast<int>(1000 * fraction));
            m_status->setText(tr("Comparing %1").arg(tensor));
        });
}

void CompareDialog::arrived(const Result<DiffPtr>& result) {
    m_isRunning = false;
    if (result) {
        m_model.setDiff(*result);
        if ((*result)->isIdentical())
            m_kind->setCurrentIndex(1);
        m_table->fitColumns();
    }
    m_status->setText(result ? summaryOf(**result) : fromUtf8(describe(result.error())));
    updateButtons();
    updateShown();
}

void CompareDialog::updateButtons() {
    m_compare->setEnabled(m_isRunning || (!m_first->text().isEmpty() && !m_second->text().isEmpty()));
    m_compare->setText(m_isRunning ? tr("Stop") : tr("Compare"));
    m_compare->setProperty("primary", !m_isRunning);
    m_compare->style()->unpolish(m_compare);
    m_compare->style()->polish(m_compare);
    m_copy->setEnabled(m_model.diff() != nullptr);
    m_export->setEnabled(m_model.diff() != nullptr);
    m_progress->setVisible(m_isRunning);
}

void CompareDialog::updateShown() {
    const int all = m_model.rowCount(), shown = m_proxy.rowCount();
    m_shown->setText(all == 0 ? QString() : tr("%1 of %2").arg(groupedDigits(shown), groupedDigits(all)));
}

void CompareDialog::exportCsv() {
    QString path = QFileDialog::getSaveFileName(this, tr("Export the comparison"), m_folder + QStringLiteral("/differences.csv"), tr("Tables (*.csv)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QStringLiteral(".csv");
    m_exportJob.run(
        m_context.jobs, this,
        [path = toPath(path), csv = m_model.asCsv().toStdString()](JobContext&) -> Result<bool> {
            SINKSCOPE_CHECK(writeFileAtomically(path, csv));
            return true;
        },
        [this, path](const Result<bool>& written) { m_status->setText(written ? tr("Wrote %1").arg(path) : fromUtf8(describe(written.error()))); });
}

} // namespace sinkscope
