// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QSet>
#include <QTableView>

namespace sinkscope {

/// A table for reading: whole rows, no grid, sortable, copied as tab-separated values with its header line. Columns that do not fit
/// are left out, the last ones first. Thread: gui.
class DataTable : public QTableView {
    Q_OBJECT
public:
    explicit DataTable(QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;
    /// `stretch` takes the room that is left but at least `stretchMinimum` pixels; before it gets less, columns of `leftOut` vanish,
    /// the first of them first.
    void setColumnPlan(int stretch, int stretchMinimum, QList<int> leftOut);
    /// Columns that say nothing now. They are not copied either.
    void setColumnAway(int column, bool away);
    /// The selected rows (all when none is) with a header line. Hidden columns are included: they are hidden for lack of room.
    [[nodiscard]] QString asTsv() const;

public Q_SLOTS:
    void copy();
    /// Chooses what fits; call when the content has changed.
    void fitColumns();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int m_stretch = 0;
    int m_stretchMinimum = 80;
    QList<int> m_leftOut;
    QSet<int> m_away;
};

} // namespace sinkscope
