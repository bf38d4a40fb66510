// SPDX-License-Identifier: Apache-2.0
#include "views/data_table.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kArrow = 12; ///< of the sorted column, with its gap

} // namespace

DataTable::DataTable(QWidget* parent) : QTableView(parent) {
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setShowGrid(false);
    setWordWrap(false);
    setTextElideMode(Qt::ElideMiddle);
    setSortingEnabled(true);
    setTabKeyNavigation(false);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMouseTracking(true);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(24);
    horizontalHeader()->setResizeContentsPrecision(60); // a look at some rows is enough, also of a hundred thousand

    connect(horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, &DataTable::fitColumns);
    auto* copyAction = new QAction(tr("Copy as table"), this);
    copyAction->setShortcut(QKeySequence::Copy);
    copyAction->setShortcutContext(Qt::WidgetShortcut);
    connect(copyAction, &QAction::triggered, this, &DataTable::copy);
    addAction(copyAction);
    setContextMenuPolicy(Qt::ActionsContextMenu);
}

void DataTable::setModel(QAbstractItemModel* newModel) {
    QTableView::setModel(newModel);
    connect(newModel, &QAbstractItemModel::modelReset, this, &DataTable::fitColumns);
}

void DataTable::setColumnPlan(int stretch, int stretchMinimum, QList<int> leftOut) {
    m_stretch = stretch;
    m_stretchMinimum = stretchMinimum;
    m_leftOut = std::move(leftOut);
    for (int column = 0; column < model()->columnCount(); ++column)
        horizontalHeader()->setSectionResizeMode(column, column == stretch ? QHeaderView::Stretch : QHeaderView::Fixed);
    fitColumns();
}

void DataTable::fitColumns() {
    if (!model())
        return;
    int needed = m_stretchMinimum;
    for (int column = 0; column < model()->columnCount(); ++column) {
        setColumnHidden(column, m_away.contains(column));
        if (column == m_stretch || m_away.contains(column))
            continue;
        // Where a table can be sorted, Qt counts room for the arrow in every section; it is painted in one.
        const bool isSpared = horizontalHeader()->isSortIndicatorShown() && horizontalHeader()->sortIndicatorSection() != column;
        const int spare = isSpared ? kArrow : 0;
        const int width = std::max(sizeHintForColumn(column), horizontalHeader()->sectionSizeHint(column) - spare) + 4;
        setColumnWidth(column, width);
        needed += width;
    }
    for (const int column : m_leftOut) {
        if (needed <= viewport()->width())
            break;
        needed -= columnWidth(column);
        setColumnHidden(column, true);
    }
}

void DataTable::setColumnAway(int column, bool away) {
    if (away)
        m_away.insert(column);
    else
        m_away.remove(column);
    fitColumns();
}

void DataTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (event->oldSize().width() != event->size().width())
        fitColumns();
}

void DataTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy))
        return copy();
    QTableView::keyPressEvent(event);
}

QString DataTable::asTsv() const {
    QList<int> rows;
    if (selectionModel())
        for (const QModelIndex& index : selectionModel()->selectedRows(0))
            rows.append(index.row());
    if (rows.isEmpty())
        for (int row = 0; row < model()->rowCount(); ++row)
            rows.append(row);
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    const auto line = [&](auto&& cell) {
        QStringList cells;
        for (int column = 0; column < model()->columnCount(); ++column)
            if (!m_away.contains(column))
                cells.append(cell(column).toString().replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' ')));
        lines.append(cells.join(QLatin1Char('\t')));
    };
    line([&](int column) { return model()->headerData(column, Qt::Horizontal); });
    for (const int row : rows)
        line([&](int column) { return model()->index(row, column).data(); });
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void DataTable::copy() {
    if (model())
        QGuiApplication::clipboard()->setText(asTsv());
}

} // namespace sinkscope
