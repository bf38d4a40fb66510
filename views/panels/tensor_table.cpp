// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/tensor_tree_view.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QAction>
#include <QActionGroup>
#include <QLineEdit>
#include <QTimer>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

constexpr int kTypingPause = 120;   ///< milliseconds between keys, after which many tensors are filtered
constexpr int kManyTensors = 5000;  ///< fewer are filtered with every key

/// Every tensor of the checkpoint by role and layer, or by the parts of its name where the architecture is not known.
class TensorTable : public PanelFrame {
    Q_OBJECT
public:
    TensorTable(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Tensors"), parent), m_context(context), m_filter(new QLineEdit), m_tree(new TensorTreeView) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_filter->setPlaceholderText(tr("Filter by name, role, shape or type"));
        m_filter->setAccessibleName(m_filter->placeholderText());
        m_filter->setClearButtonEnabled(true);
        auto* filterRow = new QVBoxLayout;
        filterRow->setContentsMargins(8, 6, 8, 4);
        filterRow->addWidget(m_filter);
        layout->addLayout(filterRow);
        layout->addWidget(m_tree, 1);
        setContent(page);
        setEmptyText(tr("No tensors"), tr("Open a checkpoint to list what it holds."));
        m_tree->setAccessibleName(tr("Tensors of the checkpoint"));
        addGroupings();
        addContextMenu();
        m_typing.setSingleShot(true);
        m_typing.setInterval(kTypingPause);
        connect(&m_typing, &QTimer::timeout, this, &TensorTable::applyFilter);
        connect(m_filter, &QLineEdit::textChanged, this, [this] {
            if (m_tree->tensors().tensors() > kManyTensors)
                m_typing.start(); // again
            else
                applyFilter();
        });
        connect(m_filter, &QLineEdit::returnPressed, this, &TensorTable::applyFilter);
        connect(m_tree, &TensorTreeView::tensorChosen, &context.selection, &Selection::setTensor);
        connect(m_tree, &TensorTreeView::tensorOpened, this, [this] { m_context.selection.showView(QStringLiteral("weight_map")); });
        connect(&context.selection, &Selection::tensorChanged, m_tree, &TensorTreeView::select);
        connect(&context.session, &SessionModel::modelChanged, this, &TensorTable::reload);
        reload();
    }

private:
    void addGroupings() {
        auto* group = new QActionGroup(this);
        const auto add = [&](const QString& title, const QString& explanation, TensorGrouping grouping) {
            QAction* action = group->addAction(title);
            action->setToolTip(explanation);
            action->setCheckable(true);
            connect(action, &QAction::triggered, this, [this, grouping] {
                const QString name = m_tree->currentTensor();
                m_tree->tensors().setGrouping(grouping);
                m_tree->setFilter(m_filter->text());
                m_tree->select(name);
            });
            return action;
        };
        m_byRole = add(tr("By role"), tr("Embedding, layers with attention, MLP and norms, head"), TensorGrouping::Role);
        m_byName = add(tr("By name"), tr("By the parts of the names"), TensorGrouping::Name);
        add(tr("List"), tr("Every tensor, in the order of the files"), TensorGrouping::None);
        m_byName->setChecked(true);
        addChoice(tr("Grouping"), group);
    }

    void addContextMenu() {
        const auto add = [this](const QString& title, auto&& what) {
            auto* action = new QAction(title, m_tree);
            connect(action, &QAction::triggered, this, what);
            m_tree->addAction(action);
            return action;
        };
        QAction* map = add(tr("Show Heat Map"), [this] { m_context.selection.showView(QStringLiteral("weight_map")); });
        QAction* numbers = add(tr("Show Statistics and Spectrum"), [this] { m_context.selection.showView(QStringLiteral("tensor_statistics")); });
        const auto addSeparator = [this] {
            auto* separator = new QAction(m_tree);
            separator->setSeparator(true);
            m_tree->addAction(separator);
        };
        addSeparator();
        QAction* name = add(tr("Copy Name"), [this] { m_tree->copyName(); });
        QAction* table = add(tr("Copy as Table"), [this] { m_tree->copy(); });
        table->setShortcut(QKeySequence::Copy);
        table->setShortcutContext(Qt::WidgetShortcut);
        addSeparator();
        add(tr("Expand All"), [this] { m_tree->expandAll(); });
        add(tr("Collapse All"), [this] { m_tree->collapseAll(); });
        m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
        const auto update = [=, this] {
            for (QAction* action : {map, numbers, name})
                action->setEnabled(!m_tree->currentTensor().isEmpty());
        };
        connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, update);
        connect(&m_tree->tensors(), &QAbstractItemModel::modelReset, this, update);
        update();
    }

    void reload() {
        const auto model = m_context.session.model();
        m_tree->tensors().setCheckpoint(model ? model->checkpoint : nullptr, model ? model->spec : nullptr);
        const bool hasRoles = m_tree->tensors().hasRoles();
        m_byRole->setEnabled(hasRoles);
        (hasRoles ? m_byRole : m_byName)->setChecked(true);
        m_tree->setFilter(m_filter->text());
        m_tree->select(m_context.selection.tensor());
        setEmpty(m_tree->tensors().tensors() == 0);
        updateNote();
    }

    void applyFilter() {
        m_typing.stop();
        m_tree->setFilter(m_filter->text());
        updateNote();
    }

    void updateNote() {
        const int all = m_tree->tensors().tensors(), shown = m_tree->shownTensors();
        setNote(all == 0 ? QString() : shown == all ? groupedDigits(all) : tr("%1 of %2").arg(groupedDigits(shown), groupedDigits(all)));
    }

    ViewContext m_context;
    QLineEdit* m_filter;
    TensorTreeView* m_tree;
    QTimer m_typing;
    QAction* m_byRole = nullptr;
    QAction* m_byName = nullptr;
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
