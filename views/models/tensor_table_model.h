// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

#include <QAbstractTableModel>

#include <memory>

namespace sinkscope {

/// The tensors of a checkpoint: name, shape, element type, bytes. Sorts by `Qt::UserRole`. Thread: gui.
class TensorTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Shape, Type, Bytes, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    /// Null empties the table.
    void setCheckpoint(std::shared_ptr<const Checkpoint> checkpoint);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const Checkpoint> m_checkpoint;
};

} // namespace sinkscope
