// SPDX-License-Identifier: Apache-2.0
#include "views/data_table.h"
#include "views/models/sink_table_model.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QLineEdit>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QToolButton>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

/// The tokens that anchor the model, in how many heads, and how far above chance.
class SinkTable : public PanelFrame {
    Q_OBJECT
public:
    SinkTable(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Sinks"), parent), m_context(context), m_filter(new QLineEdit), m_table(new DataTable) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_filter->setPlaceholderText(tr("Filter by token"));
        m_filter->setAccessibleName(m_filter->placeholderText());
        m_filter->setClearButtonEnabled(true);
        auto* filterRow = new QVBoxLayout;
        filterRow->setContentsMargins(8, 6, 8, 4);
        filterRow->addWidget(m_filter);
        layout->addLayout(filterRow);
        layout->addWidget(m_table, 1);
        setContent(page);
        addSampleChoice();
        addCopyButton();

        m_proxy.setSourceModel(&m_model);
        m_proxy.setSortRole(SinkTableModel::SortRole);
        m_proxy.setFilterKeyColumn(SinkTableModel::Piece);
        m_proxy.setFilterCaseSensitivity(Qt::CaseInsensitive);
        m_table->setModel(&m_proxy);
        m_table->setSelectionMode(QAbstractItemView::SingleSelection);
        m_table->sortByColumn(SinkTableModel::Heads, Qt::DescendingOrder);
        m_table->setColumnPlan(SinkTableModel::Piece, 84,
                               {SinkTableModel::Received, SinkTableModel::KeyNorm, SinkTableModel::ValueNorm, SinkTableModel::Excess, SinkTableModel::Adjusted});
        m_table->setAccessibleName(tr("Sinks"));
        connectAll();
        reload();
    }

private:
    void addSampleChoice() {
        auto* group = new QActionGroup(this);
        for (const bool all : {false, true}) {
            QAction* action = group->addAction(all ? tr("All samples") : tr("This sample"));
            action->setObjectName(all ? QStringLiteral("allSamples") : QStringLiteral("thisSample"));
            action->setCheckable(true);
            action->setChecked(!all);
            connect(action, &QAction::triggered, this, [this, all] {
                m_all = all;
                reload();
            });
        }
        m_choice = addChoice(tr("Whose sinks"), group);
    }

    void addCopyButton() {
        auto* copy = new QAction(tr("Copy"), this);
        copy->setObjectName(QStringLiteral("copyAction"));
        copy->setToolTip(tr("Copy the table as tab-separated values"));
        connect(copy, &QAction::triggered, this, [this] {
            m_table->clearSelection(); // everything that is shown, not one row
            m_table->copy();
            showSelection();
        });
        addButton(copy);
    }

    void connectAll() {
        const SessionModel& session = m_context.session;
        const Selection& selection = m_context.selection;
        connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& filter) {
            m_proxy.setFilterFixedString(filter);
            updateNote();
        });
        connect(&session, &SessionModel::captureChanged, this, &SinkTable::reload);
        connect(&session, &SessionModel::analysisChanged, this, &SinkTable::reload);
        connect(&selection, &Selection::sampleChanged, this, [this] {
            if (m_all)
                showSelection();
            else
                reload();
        });
        connect(&selection, &Selection::tokenChanged, this, &SinkTable::showSelection);
        connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
            if (m_updating || !current.isValid())
                return;
            const SinkToken sink = m_model.sinkAt(m_proxy.mapToSource(current).row());
            const QScopedValueRollback guard(m_updating, true);
            m_context.selection.setSample(SampleId(sink.sample));
            m_context.selection.setToken(TokenId(sink.token));
        });
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, m_table->viewport(), qOverload<>(&QWidget::update));
    }

    void reload() {
        const QScopedValueRollback guard(m_updating, true);
        const auto& analysis = m_context.session.analysis();
        const CaptureHeader* header = m_context.session.header();
        const bool several = header && header->samples.size() > 1;
        m_choice->setVisible(several);
        m_model.setContent(analysis, m_context.session.capture(), several && m_all ? -1 : m_context.selection.sample().value);
        if (!header)
            setEmptyText(tr("No sinks yet"), tr("Run a text: the tokens that draw attention in many heads are listed here."));
        else if (!analysis)
            setEmptyText(tr("Not analysed yet"), tr("Sinks are known once the run has been analysed."));
        else
            setEmptyText(tr("No sinks"), several && !m_all ? tr("No token of this sample is a sink in any head.") : tr("No token is a sink in any head."));
        setEmpty(m_model.rowCount() == 0);
        m_table->setColumnAway(SinkTableModel::Sample, !several || !m_all);
        updateNote();
        showSelection();
    }

    void updateNote() {
        const int all = m_model.rowCount(), shown = m_proxy.rowCount();
        setNote(all == 0 ? QString() : shown == all ? groupedDigits(all) : tr("%1 of %2").arg(groupedDigits(shown), groupedDigits(all)));
    }

    void showSelection() {
        const QScopedValueRollback guard(m_updating, true);
        const int sample = m_context.selection.sample().value, token = m_context.selection.token().value;
        for (int row = 0; row < m_proxy.rowCount(); ++row)
            if (const SinkToken& sink = m_model.sinkAt(m_proxy.mapToSource(m_proxy.index(row, 0)).row()); sink.sample == sample && sink.token == token) {
                m_table->setCurrentIndex(m_proxy.index(row, SinkTableModel::Piece));
                return m_table->scrollTo(m_proxy.index(row, SinkTableModel::Piece));
            }
        m_table->clearSelection();
        m_table->setCurrentIndex({});
    }

    ViewContext m_context;
    SinkTableModel m_model;
    QSortFilterProxyModel m_proxy;
    QLineEdit* m_filter;
    DataTable* m_table;
    QToolButton* m_choice = nullptr;
    bool m_all = false, m_updating = false;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new SinkTable(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec sink_table;
const ViewSpec sink_table{"sink_table", QT_TRANSLATE_NOOP("Views", "Sinks"), DockArea::Bottom, 2, create};
} // namespace registry_views
} // namespace sinkscope

#include "sink_table.moc"
