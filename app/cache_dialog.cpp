// SPDX-License-Identifier: Apache-2.0
#include "app/cache_dialog.h"

#include "app/error_text.h"
#include "app/qt_text.h"
#include "views/data_table.h"
#include "views/models/text_format.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

constexpr int kPathRole = Qt::UserRole + 1;
enum Column { Model, Architecture, Size, State };

} // namespace

CacheDialog::CacheDialog(JobBridge& jobs, std::filesystem::path folder, QWidget* parent)
    : QDialog(parent), m_jobs(jobs), m_folder(std::move(folder)), m_table(new DataTable), m_status(new QLabel) {
    setWindowTitle(tr("Open from the Hugging Face cache"));
    resize(760, 460);
    m_models.setHorizontalHeaderLabels({tr("Model"), tr("Architecture"), tr("Size"), tr("Weights")});
    m_filtered.setSourceModel(&m_models);
    m_filtered.setFilterKeyColumn(-1);
    m_filtered.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filtered.setSortRole(Qt::UserRole);
    m_table->setModel(&m_filtered);
    m_table->setObjectName(QStringLiteral("models"));
    m_table->setAccessibleName(tr("Models in the cache"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setColumnPlan(Model, 220, {Architecture});
    m_table->setColumnWidth(Architecture, 120);
    m_table->setColumnWidth(Size, 90);

    auto* filter = new QLineEdit;
    filter->setObjectName(QStringLiteral("filter"));
    filter->setPlaceholderText(tr("Filter"));
    filter->setAccessibleName(tr("Filter the models"));
    filter->setClearButtonEnabled(true);
    m_status->setWordWrap(true);
    m_status->setProperty("muted", true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    m_open->setObjectName(QStringLiteral("open"));
    m_open->setProperty("primary", true);

    auto* layout = new QVBoxLayout(this);
    layout->addWidget(filter);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_status);
    layout->addWidget(buttons);
    connect(filter, &QLineEdit::textChanged, &m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    connect(&m_filtered, &QAbstractItemModel::layoutChanged, this, &CacheDialog::updateButton);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &CacheDialog::updateButton);
    connect(m_table, &QTableView::doubleClicked, this, &CacheDialog::choose);
    connect(buttons, &QDialogButtonBox::accepted, this, &CacheDialog::choose);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(this, &QDialog::finished, this, [this] { m_job.cancel(); });
    updateButton();
    list();
}

void CacheDialog::list() {
    m_status->setText(tr("Reading %1…").arg(fromPath(m_folder)));
    m_job = m_jobs.run<std::vector<CachedModel>>(
        this, Strand::Free, [folder = m_folder](JobContext& context) { return listHubCache(folder, context); },
        [this](const Result<std::vector<CachedModel>>& models) { present(models); },
        [this](double, const QString& id) {
            if (!m_listed)
                m_status->setText(tr("Reading %1…").arg(id));
        });
}

void CacheDialog::present(const Result<std::vector<CachedModel>>& models) {
    m_listed = true;
    if (!models) {
        m_status->setText(titleOf(models.error().code) + QStringLiteral(": ") + fromUtf8(models.error().detail));
        return;
    }
    for (const CachedModel& model : *models)
        addModel(model);
    if (models->empty())
        m_status->setText(tr("There are no models in %1. Set HF_HOME or HF_HUB_CACHE if the cache is elsewhere.").arg(fromPath(m_folder)));
    else
        m_status->setText(tr("%1. Nothing is fetched: what is missing, the hub's own tools can complete.").arg(fromPath(m_folder)));
    m_table->fitColumns();
    if (m_filtered.rowCount() > 0)
        m_table->selectRow(0);
    updateButton();
}

QString CacheDialog::stateOf(const CachedModel& model) {
    if (model.revision.empty())
        return tr("no revision");
    if (model.weights.empty())
        return tr("none that can be read");
    if (model.missing > 0)
        return tr("%n shard(s) missing", nullptr, static_cast<int>(model.missing));
    return fromUtf8(model.weights);
}

void CacheDialog::addModel(const CachedModel& model) {
    const QString size = model.bytes > 0 ? byteText(model.bytes) : QString();
    QList<QStandardItem*> items;
    for (const QString& text : {fromUtf8(model.id), fromUtf8(model.architecture), size, stateOf(model)}) {
        auto* item = new QStandardItem(text);
        item->setEditable(false);
        item->setEnabled(model.canOpen());
        if (!model.canOpen())
            item->setForeground(palette().brush(QPalette::Disabled, QPalette::Text));
        item->setData(text, Qt::UserRole);
        items.append(item);
    }
    items[Size]->setData(static_cast<qulonglong>(model.bytes), Qt::UserRole);
    items[Size]->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    items[Model]->setData(model.canOpen() ? fromPath(model.repository) : QString(), kPathRole);
    items[Model]->setToolTip(fromPath(model.repository));
    m_models.appendRow(items);
}

QString CacheDialog::currentPath() const {
    const QModelIndex row = m_table->currentIndex();
    return row.isValid() ? row.siblingAtColumn(Model).data(kPathRole).toString() : QString();
}

void CacheDialog::updateButton() { m_open->setEnabled(!currentPath().isEmpty()); }

void CacheDialog::choose() {
    const QString path = currentPath();
    if (path.isEmpty())
        return;
    accept();
    Q_EMIT chosen(path);
}

} // namespace sinkscope
