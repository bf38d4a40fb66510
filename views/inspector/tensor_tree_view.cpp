// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/tensor_tree_view.h"

#include "views/models/text_format.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QScopedValueRollback>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kOpenAtMost = 400;  ///< tensors found, for which their groups are opened
constexpr int kNameMinimum = 150; ///< pixels, before other columns have to go
constexpr int kSlice = 1000;      ///< tensors whose texts are made at once: a few milliseconds

bool isNumber(const QString& word) {
    return std::ranges::all_of(word, [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); });
}

/// Numbers count as numbers: "2" is not in "128". Both in lower case.
bool holds(const QString& text, const QString& word) {
    if (!isNumber(word))
        return text.contains(word);
    for (qsizetype at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
        const qsizetype end = at + word.size();
        if ((at == 0 || !text[at - 1].isDigit()) && (end == text.size() || !text[end].isDigit()))
            return true;
    }
    return false;
}

} // namespace

/// Rebuilding what is shown is quicker than telling of every row that goes or comes.
void TensorTreeView::Proxy::setWords(const QStringList& words) {
    if (words == m_words)
        return;
    m_words = words;
    m_generation = -1;
    invalidate();
}

/// A group is there when something in it is; a tensor, when every word is in it or in the groups above it.
void TensorTreeView::Proxy::judge() const {
    if (m_generation == m_tensors.generation())
        return;
    m_generation = m_tensors.generation();
    const std::vector<TensorNode>& nodes = m_tensors.tree().nodes;
    m_passes.assign(nodes.size(), 0);
    for (std::size_t node = 1; node < nodes.size(); ++node) {
        if (nodes[node].tensor < 0)
            continue;
        const QString& text = m_tensors.searchText(static_cast<int>(node));
        if (!std::ranges::all_of(m_words, [&text](const QString& word) { return holds(text, word); }))
            continue;
        for (int at = static_cast<int>(node); at >= 0; at = nodes[static_cast<std::size_t>(at)].parent)
            ++m_passes[static_cast<std::size_t>(at)];
    }
}

QVariant TensorTreeView::Proxy::data(const QModelIndex& index, int role) const {
    const QModelIndex source = mapToSource(index);
    if (role != Qt::DisplayRole || index.column() != TensorTreeModel::Shape || !isFiltered() || !source.isValid())
        return QSortFilterProxyModel::data(index, role);
    const auto node = static_cast<std::size_t>(TensorTreeModel::nodeOf(source));
    const TensorNode& group = m_tensors.tree().nodes[node];
    judge();
    if (group.tensor >= 0 || static_cast<std::size_t>(m_passes[node]) == group.tensors)
        return QSortFilterProxyModel::data(index, role);
    return TensorTreeView::tr("%1 of %2").arg(groupedDigits(m_passes[node]), groupedDigits(static_cast<qint64>(group.tensors)));
}

int TensorTreeView::Proxy::shown() const {
    judge();
    return m_passes.front();
}

bool TensorTreeView::Proxy::filterAcceptsRow(int row, const QModelIndex& parent) const {
    if (m_words.isEmpty())
        return true;
    judge();
    const int above = parent.isValid() ? TensorTreeModel::nodeOf(parent) : 0;
    return m_passes[static_cast<std::size_t>(m_tensors.tree().nodes[static_cast<std::size_t>(above)].children[static_cast<std::size_t>(row)])] != 0;
}

TensorTreeView::TensorTreeView(QWidget* parent) : QTreeView(parent) {
    m_proxy.setSourceModel(&m_model);
    m_proxy.setSortRole(TensorTreeModel::SortRole);
    setModel(&m_proxy);
    setUniformRowHeights(true);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setTextElideMode(Qt::ElideRight);
    setIndentation(14);
    setExpandsOnDoubleClick(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setMouseTracking(true);
    header()->setHighlightSections(false);
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(24);
    header()->setResizeContentsPrecision(60);
    for (int column = 0; column < TensorTreeModel::ColumnCount; ++column)
        header()->setSectionResizeMode(column, column == TensorTreeModel::Name ? QHeaderView::Stretch : QHeaderView::Fixed);
    setSortingEnabled(true);
    sortByColumn(-1, Qt::AscendingOrder); // the order of reading until somebody sorts
    connect(&m_model, &QAbstractItemModel::modelReset, this, &TensorTreeView::fitColumns);
    connect(&m_model, &QAbstractItemModel::modelReset, &m_preparation, qOverload<>(&QTimer::start));
    connect(&m_preparation, &QTimer::timeout, this, [this] {
        if (!m_model.prepareFilterTexts(kSlice))
            m_preparation.stop();
    });
    connect(this, &QTreeView::activated, this, [this](const QModelIndex& index) {
        if (const QString name = index.siblingAtColumn(0).data(TensorTreeModel::TensorRole).toString(); !name.isEmpty())
            Q_EMIT tensorOpened(name);
    });
}

void TensorTreeView::fitColumns() {
    int needed = kNameMinimum;
    for (const int column : {TensorTreeModel::Shape, TensorTreeModel::Type, TensorTreeModel::Bytes}) {
        // What the rows in view need says little about the others: a typical shape and size at least.
        const QString typical = column == TensorTreeModel::Shape ? QStringLiteral("4096×4096") : column == TensorTreeModel::Type ? QStringLiteral("BF16") : QStringLiteral("999.9 MB");
        const int width = std::max({sizeHintForColumn(column), header()->sectionSizeHint(column) - 8, fontMetrics().horizontalAdvance(typical) + 10});
        setColumnWidth(column, width);
        setColumnHidden(column, false);
        needed += width;
    }
    for (const int column : {TensorTreeModel::Type, TensorTreeModel::Bytes, TensorTreeModel::Shape}) {
        if (needed <= viewport()->width())
            break;
        needed -= columnWidth(column);
        setColumnHidden(column, true);
    }
}

void TensorTreeView::setFilter(const QString& words) {
    m_proxy.setWords(words.toLower().split(QLatin1Char(' '), Qt::SkipEmptyParts));
    if (!words.trimmed().isEmpty() && shownTensors() <= kOpenAtMost)
        expandAll();
}

int TensorTreeView::shownTensors() const { return m_proxy.isFiltered() ? m_proxy.shown() : m_model.tensors(); }

void TensorTreeView::select(const QString& name) {
    const QModelIndex index = m_proxy.mapFromSource(m_model.find(name));
    if (!index.isValid() || currentTensor() == name)
        return;
    setCurrentIndex(index);
    scrollTo(index);
}

QString TensorTreeView::currentTensor() const { return currentIndex().siblingAtColumn(0).data(TensorTreeModel::TensorRole).toString(); }

void TensorTreeView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTreeView::currentChanged(current, previous);
    if (const QString name = currentTensor(); !name.isEmpty())
        Q_EMIT tensorChosen(name);
}

void TensorTreeView::collect(const QModelIndex& index, QStringList& lines) const {
    const int rows = m_proxy.rowCount(index);
    for (int row = 0; row < rows; ++row)
        collect(m_proxy.index(row, 0, index), lines);
    if (!index.isValid() || !index.data(TensorTreeModel::TensorRole).isValid())
        return;
    QStringList cells{index.data(TensorTreeModel::TensorRole).toString(), index.data(TensorTreeModel::PlaceRole).toString()};
    cells.append(index.siblingAtColumn(TensorTreeModel::Shape).data().toString());
    cells.append(index.siblingAtColumn(TensorTreeModel::Type).data().toString());
    cells.append(index.siblingAtColumn(TensorTreeModel::Bytes).data(TensorTreeModel::SortRole).toString());
    for (QString& cell : cells)
        cell.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    lines.append(cells.join(QLatin1Char('\t')));
}

QString TensorTreeView::asTsv() const {
    QStringList lines{QStringList{tr("Name"), tr("Role"), tr("Shape"), tr("Type"), tr("Bytes")}.join(QLatin1Char('\t'))};
    QModelIndexList selected = selectionModel()->selectedRows(0);
    if (selected.isEmpty())
        collect({}, lines);
    for (const QModelIndex& index : selected) {
        bool isInside = false; // of a group that is selected too
        for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
            isInside = isInside || selectionModel()->isRowSelected(above.row(), above.parent());
        if (!isInside)
            collect(index, lines);
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void TensorTreeView::copy() { QGuiApplication::clipboard()->setText(asTsv()); }

void TensorTreeView::copyName() {
    if (const QString name = currentTensor(); !name.isEmpty())
        QGuiApplication::clipboard()->setText(name);
}

void TensorTreeView::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    fitColumns();
}

void TensorTreeView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy))
        return copy();
    QTreeView::keyPressEvent(event);
}

} // namespace sinkscope
