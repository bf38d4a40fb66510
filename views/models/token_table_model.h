// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace sinkscope {

/// The tokens of one sample as one head sees them. Sorts by `Qt::UserRole`. Thread: gui.
class TokenTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Index, Piece, Received, HeadShare, KeyNorm, ValueNorm, ColumnCount };
    enum Role { SortRole = Qt::UserRole, SinkRole, FractionRole /**< of the largest in the column, 0..1 */ };

    struct Content {
        std::shared_ptr<const SampleTokens> tokens;             ///< null: empty table
        std::shared_ptr<const LayerStatistics> statistics;      ///< null until the layer has arrived
        int head = 0;
        std::vector<int> sinks{};                               ///< of that head, ascending
        std::vector<double> headShare{};                        ///< [tokens] of all heads; empty when not known yet
    };

    using QAbstractTableModel::QAbstractTableModel;
    void setContent(Content content);
    [[nodiscard]] const Content& content() const { return m_content; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    /// -1 when not known.
    [[nodiscard]] double number(int token, int column) const;

    Content m_content;
    double m_largestReceived = 0;
};

} // namespace sinkscope
