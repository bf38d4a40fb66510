// SPDX-License-Identifier: Apache-2.0
#include "views/models/token_table_model.h"

#include "views/models/text_format.h"

#include <algorithm>

namespace sinkscope {

void TokenTableModel::setContent(Content content) {
    beginResetModel();
    m_content = std::move(content);
    // A layer of another run must not be read with this run's token count.
    if (m_content.statistics && m_content.tokens &&
        m_content.statistics->tokens != static_cast<int>(m_content.tokens->display.size()))
        m_content.statistics.reset();
    m_largestReceived = 0;
    for (int token = 0; m_content.statistics && token < rowCount(); ++token)
        m_largestReceived = std::max(m_largestReceived, number(token, Received));
    endResetModel();
}

int TokenTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_content.tokens ? 0 : static_cast<int>(m_content.tokens->display.size());
}

int TokenTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

double TokenTableModel::number(int token, int column) const {
    const auto index = static_cast<std::size_t>(token);
    if (column == Index)
        return token;
    if (column == HeadShare)
        return index < m_content.headShare.size() ? m_content.headShare[index] : -1;
    const LayerStatistics* statistics = m_content.statistics.get();
    if (!statistics)
        return -1;
    const auto shared = static_cast<std::size_t>(statistics->keyValueHeadOf(m_content.head)) * static_cast<std::size_t>(statistics->tokens);
    switch (column) {
    case Received: return statistics->received(m_content.head, token);
    case KeyNorm: return shared + index < statistics->keyNorm.size() ? statistics->keyNorm[shared + index] : -1;
    case ValueNorm: return shared + index < statistics->valueNorm.size() ? statistics->valueNorm[shared + index] : -1;
    default: return -1;
    }
}

QVariant TokenTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int token = index.row(), column = index.column();
    const bool isSink = std::binary_search(m_content.sinks.begin(), m_content.sinks.end(), token);
    switch (role) {
    case Qt::DisplayRole: {
        if (column == Piece)
            return pieceWithSpaces(*m_content.tokens, token);
        if (column == Index)
            return token;
        const double value = number(token, column);
        if (value < 0)
            return QStringLiteral("–");
        return column == HeadShare ? QString::number(value * 100, 'f', 0) + QStringLiteral("\u202f%") : numberText(value);
    }
    case SortRole: return column == Piece ? QVariant(pieceLabel(*m_content.tokens, token)) : QVariant(number(token, column));
    case SinkRole: return isSink;
    case FractionRole: return column == Received && m_largestReceived > 0 ? std::max(0.0, number(token, Received)) / m_largestReceived : 0.0;
    case Qt::TextAlignmentRole: return static_cast<int>((column == Piece ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole: {
        const auto& encoding = m_content.tokens->encoding;
        const auto at = static_cast<std::size_t>(token);
        const QString vocabulary = at < encoding.pieces.size() ? QString::fromStdString(encoding.pieces[at]) : QString();
        return tr("Token %1 “%2”%3\nid %4, “%5” in the vocabulary")
            .arg(token)
            .arg(pieceWithSpaces(*m_content.tokens, token), isSink ? tr(", a sink in this head") : QString())
            .arg(at < encoding.ids.size() ? encoding.ids[at] : -1)
            .arg(vocabulary);
    }
    case Qt::AccessibleTextRole:
        return column == Piece && isSink ? tr("%1, sink").arg(pieceWithSpaces(*m_content.tokens, token)) : data(index, Qt::DisplayRole);
    default: return {};
    }
}

QVariant TokenTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const char* const kTitles[] = {QT_TR_NOOP("#"), QT_TR_NOOP("Token"), QT_TR_NOOP("Received"), QT_TR_NOOP("Heads"),
                                          QT_TR_NOOP("‖key‖"), QT_TR_NOOP("‖value‖")};
    static const char* const kTips[] = {
        QT_TR_NOOP("Position in the sample, from 0"), QT_TR_NOOP("The piece of text; ␣ is a space that belongs to it"),
        QT_TR_NOOP("Attention received in the selected head: the mean weight over the queries that can see the token"),
        QT_TR_NOOP("Share of all heads in which the token is a sink (known once the run has been analysed)"),
        QT_TR_NOOP("Euclidean norm of the key in the selected head"), QT_TR_NOOP("Euclidean norm of the value in the selected head")};
    if (role == Qt::DisplayRole)
        return tr(kTitles[section]);
    if (role == Qt::ToolTipRole)
        return tr(kTips[section]);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Piece ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

} // namespace sinkscope
