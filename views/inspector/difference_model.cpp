// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/difference_model.h"

#include "views/inspector/tensor_tree_model.h"
#include "views/models/text_format.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

bool isMeasured(Change change) { return change == Change::None || change == Change::Type || change == Change::Values; }

/// What both sides say, once where they agree.
template <typename Text> QString both(const CheckpointDiff& diff, const TensorPair& pair, const Text& text) {
    const QString first = pair.first < 0 ? QString() : text(diff.first->tensors[static_cast<std::size_t>(pair.first)]);
    const QString second = pair.second < 0 ? QString() : text(diff.second->tensors[static_cast<std::size_t>(pair.second)]);
    if (first.isEmpty() || second.isEmpty() || first == second)
        return first.isEmpty() ? second : first;
    return first + QStringLiteral(" → ") + second;
}

QString nameText(const TensorInfo& tensor) { return utf8Text(tensor.name); }

QString plain(double value) { return std::isfinite(value) ? QString::number(value, 'g', 17) : QString(); }

} // namespace

QString titleOf(Change change) {
    switch (change) {
    case Change::OnlyFirst: return DifferenceModel::tr("only in A");
    case Change::OnlySecond: return DifferenceModel::tr("only in B");
    case Change::Shape: return DifferenceModel::tr("shape differs");
    case Change::Values: return DifferenceModel::tr("values differ");
    case Change::Type: return DifferenceModel::tr("other type, same values");
    case Change::None: return DifferenceModel::tr("identical");
    }
    return {};
}

void DifferenceModel::setDiff(std::shared_ptr<const CheckpointDiff> diff) {
    beginResetModel();
    m_diff = std::move(diff);
    endResetModel();
}

int DifferenceModel::rowCount(const QModelIndex& parent) const { return parent.isValid() || !m_diff ? 0 : static_cast<int>(m_diff->tensors.size()); }
int DifferenceModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant DifferenceModel::cell(const TensorDifference& difference, int column) const {
    const bool hasNumbers = isMeasured(difference.change);
    const auto number = [&](double value) { return !hasNumbers ? QString() : std::isfinite(value) ? numberText(value) : QStringLiteral("–"); };
    switch (column) {
    case Name: return both(*m_diff, difference.pair, nameText);
    case Status: return titleOf(difference.change);
    case Largest: return number(difference.largest);
    case Relative: return number(difference.relative());
    case Cosine: return !hasNumbers ? QString() : std::isfinite(difference.cosine) ? QString::number(difference.cosine, 'f', 6) : QStringLiteral("–");
    case Changed:
        if (!hasNumbers || difference.elements == 0)
            return QString();
        return difference.changed == 0 ? QStringLiteral("0") : numberText(100.0 * static_cast<double>(difference.changed) / static_cast<double>(difference.elements)) + QStringLiteral("\u202f%");
    case Shape: return both(*m_diff, difference.pair, tensorShapeText);
    case Type: return both(*m_diff, difference.pair, tensorTypeText);
    case RoleName: return utf8Text(textOf(m_diff->place(difference)));
    default: return {};
    }
}

QVariant DifferenceModel::sortKey(const TensorDifference& difference, int column) const {
    const bool hasNumbers = isMeasured(difference.change);
    // What has no number comes below every number.
    const auto number = [&](double value) { return hasNumbers && std::isfinite(value) ? value : -2.0; };
    switch (column) {
    case Status: return static_cast<int>(difference.change);
    case Largest: return number(difference.largest);
    case Relative: return number(difference.relative());
    case Cosine: return number(difference.cosine);
    case Changed: return hasNumbers && difference.elements > 0 ? static_cast<double>(difference.changed) / static_cast<double>(difference.elements) : -1.0;
    default: return cell(difference, column);
    }
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TensorDifference& difference = m_diff->tensors[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return cell(difference, index.column());
    case SortRole: return index.column() == Name ? QVariant(index.row()) : sortKey(difference, index.column());
    case FilterRole: return both(*m_diff, difference.pair, nameText) + QLatin1Char(' ') + utf8Text(textOf(m_diff->place(difference)));
    case ChangeRole: return static_cast<int>(difference.change);
    case TensorRole: return utf8Text(m_diff->tensor(difference).name);
    case Qt::TextAlignmentRole: {
        const bool isNumber = index.column() >= Largest && index.column() <= Changed;
        return static_cast<int>((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case Qt::ToolTipRole: {
        QString text = both(*m_diff, difference.pair, nameText);
        if (difference.pair.first >= 0 && difference.pair.second >= 0 && difference.pair.how != MatchedBy::Name)
            text += QLatin1Char('\n') + (difference.pair.how == MatchedBy::Role ? tr("matched by their role") : tr("matched by the end of their names"));
        if (difference.largest > 0)
            text += QLatin1Char('\n') + tr("largest difference %1 at element %2").arg(QString::number(difference.largest, 'g', 9), groupedDigits(static_cast<qint64>(difference.largestAt)));
        if (difference.notFinite > 0)
            text += QLatin1Char('\n') + tr("%1 elements are NaN or infinite on one side and are left out of the numbers").arg(groupedDigits(static_cast<qint64>(difference.notFinite)));
        return text;
    }
    default: return {};
    }
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section >= Largest && section <= Changed ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Relative)
        return tr("Norm of the difference over the norm in A");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Tensor");
    case Status: return tr("Status");
    case Largest: return tr("Max |B − A|");
    case Relative: return tr("Relative norm");
    case Cosine: return tr("Cosine");
    case Changed: return tr("Changed");
    case Shape: return tr("Shape");
    case Type: return tr("Type");
    case RoleName: return tr("Role");
    default: return {};
    }
}

QString DifferenceModel::asCsv() const {
    const auto field = [](QString text) {
        if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n')))
            return text;
        return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    };
    QString csv = QStringLiteral("name_a,name_b,status,matched_by,role,shape_a,shape_b,dtype_a,dtype_b,elements,changed,not_finite,max_abs,max_abs_at,relative_norm,cosine\n");
    if (!m_diff)
        return csv;
    for (const TensorDifference& difference : m_diff->tensors) {
        const TensorInfo* a = difference.pair.first < 0 ? nullptr : &m_diff->first->tensors[static_cast<std::size_t>(difference.pair.first)];
        const TensorInfo* b = difference.pair.second < 0 ? nullptr : &m_diff->second->tensors[static_cast<std::size_t>(difference.pair.second)];
        const bool hasNumbers = isMeasured(difference.change);
        QStringList fields{a ? utf8Text(a->name) : QString(), b ? utf8Text(b->name) : QString(), utf8Text(nameOf(difference.change)),
                           a && b ? utf8Text(nameOf(difference.pair.how)) : QString(), utf8Text(textOf(m_diff->place(difference))),
                           a ? tensorShapeText(*a) : QString(), b ? tensorShapeText(*b) : QString(), a ? tensorTypeText(*a) : QString(), b ? tensorTypeText(*b) : QString()};
        if (hasNumbers)
            fields.append({QString::number(difference.elements), QString::number(difference.changed), QString::number(difference.notFinite), plain(difference.largest),
                           difference.largest > 0 ? QString::number(difference.largestAt) : QString(), plain(difference.relative()), plain(difference.cosine)});
        else
            fields.append({{}, {}, {}, {}, {}, {}, {}});
        std::ranges::transform(fields, fields.begin(), field);
        csv += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return csv;
}

DifferenceFilter::DifferenceFilter(QObject* parent) : QSortFilterProxyModel(parent) { setSortRole(DifferenceModel::SortRole); }

void DifferenceFilter::setKind(Kind kind, Change change) {
    m_kind = kind;
    m_change = change;
    invalidateFilter();
}

void DifferenceFilter::setWords(const QString& words) {
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

bool DifferenceFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    const auto change = static_cast<Change>(index.data(DifferenceModel::ChangeRole).toInt());
    if ((m_kind == Kind::Differing && change == Change::None) || (m_kind == Kind::Only && change != m_change))
        return false;
    const QString text = index.data(DifferenceModel::FilterRole).toString();
    return std::ranges::all_of(m_words, [&text](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

} // namespace sinkscope
