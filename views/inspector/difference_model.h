// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/checkpoint_diff.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <optional>

namespace sinkscope {

/// "identical", "values differ", ...
QString titleOf(Change change);

/// The tensors of two checkpoints side by side. Sorts by `SortRole`. Thread: gui.
class DifferenceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Status, Largest, Relative, Cosine, Changed, Shape, Type, RoleName, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole,
        FilterRole, ///< names on both sides, role
        ChangeRole, ///< Change as int
        TensorRole, ///< name in the first checkpoint, else in the second
    };
    using QAbstractTableModel::QAbstractTableModel;

    /// Null empties the table.
    void setDiff(std::shared_ptr<const CheckpointDiff> diff);
    [[nodiscard]] const std::shared_ptr<const CheckpointDiff>& diff() const { return m_diff; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Every tensor with all numbers at full precision; a field that holds a comma, a quotation mark or a line end is quoted.
    [[nodiscard]] QString asCsv() const;

private:
    [[nodiscard]] QVariant cell(const TensorDifference& difference, int column) const;
    [[nodiscard]] QVariant sortKey(const TensorDifference& difference, int column) const;
    std::shared_ptr<const CheckpointDiff> m_diff;
};

/// Rows that hold every word, and are of one kind of change, or of any but the identical.
class DifferenceFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit DifferenceFilter(QObject* parent = nullptr);
    enum class Kind { All, Differing, Only };
    void setKind(Kind kind, Change change = Change::None);
    void setWords(const QString& words);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    Kind m_kind = Kind::Differing;
    Change m_change = Change::None;
    QStringList m_words;
};

} // namespace sinkscope
