// SPDX-License-Identifier: Apache-2.0
#include "views/models/sink_table_model.h"

#include "views/models/text_format.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace sinkscope {
namespace {

/// Mean over the queries that see a key of 1 / (keys that they see).
double chanceOf(int tokens, int key, bool causal) {
    if (!causal)
        return 1.0 / tokens;
    double sum = 0;
    for (int query = key; query < tokens; ++query)
        sum += 1.0 / (query + 1);
    return sum / (tokens - key);
}

QString probabilityText(double p) {
    return std::isnan(p) ? QStringLiteral("–") : p < 1e-4 ? QStringLiteral("< 0.0001") : QString::number(p, 'f', p < 0.01 ? 4 : 2);
}

} // namespace

void SinkTableModel::setContent(std::shared_ptr<const AnalysisResult> analysis, std::shared_ptr<const CaptureSource> capture, int sample) {
    beginResetModel();
    m_analysis = std::move(analysis);
    m_capture = std::move(capture);
    m_rows.clear();
    m_chance.clear();
    m_adjusted.clear();
    std::map<std::pair<int, int>, double> least; // by sample and token
    if (m_analysis)
        for (const SinkFinding& finding : m_analysis->sinkTests.findings)
            if (!std::isnan(finding.adjusted)) {
                const auto place = least.emplace(std::pair(finding.sample, finding.token), finding.adjusted).first;
                place->second = std::min(place->second, finding.adjusted);
            }
    for (std::size_t i = 0; m_analysis && m_capture && i < m_analysis->sinks.size(); ++i) {
        const SinkToken& sink = m_analysis->sinks[i];
        const CaptureHeader& header = m_capture->header();
        if ((sample >= 0 && sink.sample != sample) || sink.sample >= static_cast<int>(header.samples.size()))
            continue;
        const auto tokens = static_cast<int>(header.samples[static_cast<std::size_t>(sink.sample)]->encoding.ids.size());
        m_rows.push_back(i);
        const auto tested = least.find({sink.sample, sink.token});
        m_adjusted.push_back(tested == least.end() ? std::numeric_limits<double>::quiet_NaN() : tested->second);
        m_chance.push_back(chanceOf(tokens, sink.token, header.rule.causal));
    }
    endResetModel();
}

int SinkTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }

int SinkTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

double SinkTableModel::number(int row, int column) const {
    const SinkToken& sink = sinkAt(row);
    switch (column) {
    case Sample: return sink.sample;
    case Index: return sink.token;
    case Heads: return sink.headShare;
    case Received: return sink.received;
    case Excess: return sink.received / m_chance[static_cast<std::size_t>(row)];
    case Adjusted: return m_adjusted[static_cast<std::size_t>(row)];
    case KeyNorm: return sink.keyNormRatio;
    case ValueNorm: return sink.valueNormRatio;
    default: return 0;
    }
}

QString SinkTableModel::pieceOf(const SinkToken& sink) const {
    return pieceWithSpaces(*m_capture->header().samples[static_cast<std::size_t>(sink.sample)], sink.token);
}

QVariant SinkTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int row = index.row(), column = index.column();
    const SinkToken& sink = sinkAt(row);
    switch (role) {
    case Qt::DisplayRole:
        if (column == Piece)
            return pieceOf(sink);
        if (column == Sample || column == Index)
            return static_cast<int>(number(row, column));
        if (column == Heads)
            return QString::number(100 * sink.headShare, 'f', 0) + QStringLiteral("\u202f%");
        if (column == Adjusted)
            return probabilityText(number(row, column));
        return column == Received ? numberText(sink.received) : QChar(0x00d7) + numberText(number(row, column));
    case SortRole:
        if (column == Adjusted && std::isnan(number(row, column)))
            return 2.0; // after every number
        return column == Piece ? QVariant(pieceOf(sink)) : QVariant(number(row, column));
    case FractionRole: return sink.headShare;
    case Qt::TextAlignmentRole: return static_cast<int>((column == Piece ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return tr("Token %1 “%2” of sample %3: a sink in %4 % of the heads")
            .arg(sink.token)
            .arg(pieceOf(sink))
            .arg(sink.sample)
            .arg(QString::number(100 * sink.headShare, 'f', 0));
    default: return {};
    }
}

QVariant SinkTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const char* const kTitles[] = {QT_TR_NOOP("Sample"), QT_TR_NOOP("#"), QT_TR_NOOP("Token"), QT_TR_NOOP("Heads"), QT_TR_NOOP("Received"),
                                          QT_TR_NOOP("Excess"), QT_TR_NOOP("p adj."), QT_TR_NOOP("‖k‖"), QT_TR_NOOP("‖v‖")};
    static const char* const kTips[] = {
        QT_TR_NOOP("Sample, from 0"), QT_TR_NOOP("Position in the sample, from 0"), QT_TR_NOOP("The piece of text; ␣ is a space that belongs to it"),
        QT_TR_NOOP("Share of all heads of all layers in which the token is a sink"),
        QT_TR_NOOP("Attention received, mean over all heads and over the queries that can see the token"),
        QT_TR_NOOP("Received attention divided by what uniform attention over the visible tokens would give"),
        QT_TR_NOOP("Smallest p-value of the token over heads, corrected for all heads and keys of the sample; null and correction are parameters of the "
                   "tests of sinks. A dash where no finding has one"),
        QT_TR_NOOP("Norm of the key divided by the mean norm of the other tokens' keys, mean over layers and key/value heads"),
        QT_TR_NOOP("Norm of the value divided by the mean norm of the other tokens' values, mean over layers and key/value heads")};
    if (role == Qt::DisplayRole)
        return tr(kTitles[section]);
    if (role == Qt::ToolTipRole)
        return section == Adjusted && m_analysis ? tr("%1. Null here: %2").arg(tr(kTips[section]), utf8Text(m_analysis->context.null).replace(QLatin1Char('_'), QLatin1Char(' '))) : tr(kTips[section]);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Piece ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

} // namespace sinkscope
