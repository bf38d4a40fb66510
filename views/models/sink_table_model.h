// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace sinkscope {

/// Tokens that are sinks in at least one head, of one sample or of all. Sorts by `SortRole`. Thread: gui.
class SinkTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Sample, Index, Piece, Heads, Received, Excess, Adjusted, KeyNorm, ValueNorm, ColumnCount };
    enum Role { SortRole = Qt::UserRole, FractionRole /**< share of heads, 0..1 */ };
    using QAbstractTableModel::QAbstractTableModel;

    /// `sample` < 0: of all samples. Null pointers empty the table. `capture` names the tokens, and says what uniform attention would give them.
    void setContent(std::shared_ptr<const AnalysisResult> analysis, std::shared_ptr<const CaptureSource> capture, int sample);
    [[nodiscard]] const SinkToken& sinkAt(int row) const { return m_analysis->sinks[m_rows[static_cast<std::size_t>(row)]]; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] double number(int row, int column) const;
    [[nodiscard]] QString pieceOf(const SinkToken& sink) const;

    std::shared_ptr<const AnalysisResult> m_analysis;
    std::shared_ptr<const CaptureSource> m_capture;
    std::vector<std::size_t> m_rows;   ///< indices into the sinks of the analysis
    std::vector<double> m_adjusted;    ///< by row: smallest adjusted p over heads; NaN without a test
    std::vector<double> m_chance;      ///< by row: received attention under uniform attention
};

} // namespace sinkscope
