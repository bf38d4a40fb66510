// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/inspector/tensor_tree_model.h"

#include <QSortFilterProxyModel>
#include <QTimer>
#include <QTreeView>

namespace sinkscope {

/// A tree of tensors: sorted by its headers, filtered by words, copied as tab-separated values. Columns that do not fit are left out, the
/// last ones first. Tens of thousands of tensors stay smooth: rows have one height, only what is seen is measured, and what the filter looks at
/// is made once, in slices while nothing else happens. Thread: gui.
class TensorTreeView : public QTreeView {
    Q_OBJECT
public:
    explicit TensorTreeView(QWidget* parent = nullptr);

    [[nodiscard]] TensorTreeModel& tensors() { return m_model; }
    /// Every word must occur in a tensor's name, role, shape or type, or in the title of a group that it is in. Opens the groups of what is
    /// found while that is not much.
    void setFilter(const QString& words);
    /// Tensors that pass the filter.
    [[nodiscard]] int shownTensors() const;
    /// Makes it the current one, with its groups open.
    void select(const QString& name);
    /// Name, role, shape, type and bytes of the selected tensors and of those in selected groups; of all that are shown when nothing is
    /// selected.
    [[nodiscard]] QString asTsv() const;
    /// Name of the current tensor; empty on a group.
    [[nodiscard]] QString currentTensor() const;

public Q_SLOTS:
    void copy();
    void copyName();

Q_SIGNALS:
    void tensorChosen(const QString& name);
    /// Double click or Return.
    void tensorOpened(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    class Proxy : public QSortFilterProxyModel {
    public:
        explicit Proxy(TensorTreeModel& tensors) : m_tensors(tensors) {}
        void setWords(const QStringList& words);
        [[nodiscard]] bool isFiltered() const { return !m_words.isEmpty(); }
        /// Tensors that pass.
        [[nodiscard]] int shown() const;
        /// A group says how many of its tensors pass.
        [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

    protected:
        [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

    private:
        void judge() const;
        TensorTreeModel& m_tensors;
        QStringList m_words;
        mutable std::vector<int> m_passes; ///< of each node: how many tensors of it pass
        mutable int m_generation = -1;
    };
    void fitColumns();
    void collect(const QModelIndex& index, QStringList& lines) const;

    TensorTreeModel m_model;
    Proxy m_proxy{m_model};
    QTimer m_preparation;
};

} // namespace sinkscope
