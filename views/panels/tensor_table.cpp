// SPDX-License-Identifier: Apache-2.0
#include "views/data_table.h"
#include "views/models/tensor_table_model.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

/// Every tensor of the checkpoint, also of an unknown architecture.
class TensorTable : public PanelFrame {
    Q_OBJECT
public:
    TensorTable(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Tensors"), parent), m_session(context.session), m_filter(new QLineEdit), m_table(new DataTable) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_filter->setPlaceholderText(tr("Filter by name"));
        m_filter->setAccessibleName(m_filter->placeholderText());
        m_filter->setClearButtonEnabled(true);
        auto* filterRow = new QVBoxLayout;
        filterRow->setContentsMargins(8, 6, 8, 4);
        filterRow->addWidget(m_filter);
        layout->addLayout(filterRow);
        layout->addWidget(m_table, 1);
        setContent(page);
        setEmptyText(tr("No tensors"), tr("Open a checkpoint to list what it holds."));

        m_proxy.setSourceModel(&m_model);
        m_proxy.setSortRole(Qt::UserRole);
        m_proxy.setFilterKeyColumn(TensorTableModel::Name);
        m_proxy.setFilterCaseSensitivity(Qt::CaseInsensitive);
        m_table->setModel(&m_proxy);
        m_table->sortByColumn(-1, Qt::AscendingOrder); // the order of the file until somebody sorts
        m_table->setColumnPlan(TensorTableModel::Name, 130, {TensorTableModel::Bytes, TensorTableModel::Type});
        m_table->setAccessibleName(tr("Tensors of the checkpoint"));
        connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& filter) {
            m_proxy.setFilterFixedString(filter);
            updateNote();
        });
        connect(&m_session, &SessionModel::modelChanged, this, &TensorTable::reload);
        reload();
    }

private:
    void reload() {
        const auto model = m_session.model();
        m_model.setCheckpoint(model ? model->checkpoint : nullptr);
        m_table->fitColumns();
        setEmpty(m_model.rowCount() == 0);
        updateNote();
    }

    void updateNote() {
        const int all = m_model.rowCount(), shown = m_proxy.rowCount();
        setNote(all == 0 ? QString() : shown == all ? groupedDigits(all) : tr("%1 of %2").arg(groupedDigits(shown), groupedDigits(all)));
    }

    SessionModel& m_session;
    TensorTableModel m_model;
    QSortFilterProxyModel m_proxy;
    QLineEdit* m_filter;
    DataTable* m_table;
};

QWidget* create(const ViewContext& context, QWidget* parent) {
    return new TensorTable(context, parent);
}

} // namespace

namespace registry_views {
extern const ViewSpec tensor_table;
const ViewSpec tensor_table{"tensor_table", QT_TRANSLATE_NOOP("Views", "Tensors"), DockArea::Left, 0, create};
} // namespace registry_views
} // namespace sinkscope

#include "tensor_table.moc"
