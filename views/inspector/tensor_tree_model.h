// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/tensor_tree.h"

#include <QAbstractItemModel>

#include <memory>

namespace sinkscope {

/// The tensors of a checkpoint in groups: name, shape, element type, bytes. Sort by `SortRole`, filter by `FilterRole`. Thread: gui.
class TensorTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Shape, Type, Bytes, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< of names: the order of reading
        FilterRole,              ///< name, role, shape and type of a tensor; title of a group
        TensorRole,              ///< name of the tensor; nothing for a group
        PlaceRole,               ///< "layer 3 query weight"; empty when it is not known
    };
    using QAbstractItemModel::QAbstractItemModel;

    /// `spec` may be null; a null checkpoint empties the tree.
    void setCheckpoint(std::shared_ptr<const Checkpoint> checkpoint, std::shared_ptr<const ModelSpec> spec);
    /// By role where the architecture is known, by name elsewhere, is the beginning.
    void setGrouping(TensorGrouping grouping);
    [[nodiscard]] TensorGrouping grouping() const { return m_grouping; }
    [[nodiscard]] bool hasRoles() const { return m_spec != nullptr; }
    [[nodiscard]] const TensorTree& tree() const { return m_tree; }
    /// Of an index: its place among the nodes of the tree.
    [[nodiscard]] static int nodeOf(const QModelIndex& index) { return static_cast<int>(index.internalId()); }
    /// Counts the trees that there were: what is kept by node is valid as long as it stays.
    [[nodiscard]] int generation() const { return m_generation; }
    /// What FilterRole gives of a node and the groups that it is in, in lower case. Made when it is asked for first; prepareFilterTexts() makes those
    /// of so many nodes more, and returns whether there are any left.
    [[nodiscard]] const QString& searchText(int node);
    bool prepareFilterTexts(int nodes);
    [[nodiscard]] int tensors() const { return m_checkpoint ? static_cast<int>(m_checkpoint->tensors.size()) : 0; }
    /// Of a tensor by name; invalid when it is not there.
    [[nodiscard]] QModelIndex find(const QString& name) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void rebuild();
    [[nodiscard]] const TensorNode& nodeAt(const QModelIndex& index) const { return m_tree.nodes[static_cast<std::size_t>(index.internalId())]; }
    [[nodiscard]] QString filterText(const TensorNode& node) const;

    std::shared_ptr<const Checkpoint> m_checkpoint;
    std::shared_ptr<const ModelSpec> m_spec;
    TensorGrouping m_grouping = TensorGrouping::Name;
    std::vector<TensorPlace> m_places;
    TensorTree m_tree;
    std::vector<int> m_rows; ///< of each node in its parent
    std::vector<QString> m_searchTexts; ///< of each node; null until they are made
    int m_generation = 0, m_prepared = 0;
};

/// "4096×4096", "scalar".
QString tensorShapeText(const TensorInfo& tensor);
/// "BF16".
QString tensorTypeText(const TensorInfo& tensor);

} // namespace sinkscope
