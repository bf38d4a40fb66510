// SPDX-License-Identifier: Apache-2.0
#include "views/models/tensor_table_model.h"

#include "views/models/text_format.h"

namespace sinkscope {
namespace {

QString shapeText(const TensorInfo& tensor) {
    QStringList parts;
    for (const std::int64_t size : tensor.shape)
        parts.append(QString::number(size));
    return parts.isEmpty() ? TensorTableModel::tr("scalar") : parts.join(QChar(0x00d7));
}

/// For sorting only: a double cannot overflow on absurd shapes.
double elements(const TensorInfo& tensor) {
    double count = 1;
    for (const std::int64_t size : tensor.shape)
        count *= static_cast<double>(size);
    return count;
}

QString typeText(const TensorInfo& tensor) {
    const std::string_view name = nameOf(tensor.dtype);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

QVariant cell(const TensorInfo& tensor, int column) {
    switch (column) {
    case TensorTableModel::Name: return QString::fromStdString(tensor.name);
    case TensorTableModel::Shape: return shapeText(tensor);
    case TensorTableModel::Type: return typeText(tensor);
    case TensorTableModel::Bytes: return byteText(tensor.bytes.size());
    default: return {};
    }
}

QVariant sortKey(const TensorInfo& tensor, int column) {
    switch (column) {
    case TensorTableModel::Shape: return elements(tensor);
    case TensorTableModel::Bytes: return static_cast<qulonglong>(tensor.bytes.size());
    default: return cell(tensor, column);
    }
}

} // namespace

void TensorTableModel::setCheckpoint(std::shared_ptr<const Checkpoint> checkpoint) {
    beginResetModel();
    m_checkpoint = std::move(checkpoint);
    endResetModel();
}

int TensorTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_checkpoint ? 0 : static_cast<int>(m_checkpoint->tensors.size());
}

int TensorTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TensorTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TensorInfo& tensor = m_checkpoint->tensors[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return cell(tensor, index.column());
    case Qt::UserRole: return sortKey(tensor, index.column());
    case Qt::TextAlignmentRole: return static_cast<int>((index.column() == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return tr("%1\n%2 · %3 · %4 bytes")
            .arg(QString::fromStdString(tensor.name), shapeText(tensor), typeText(tensor),
                 groupedDigits(static_cast<qint64>(tensor.bytes.size())));
    default: return {};
    }
}

QVariant TensorTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Name");
    case Shape: return tr("Shape");
    case Type: return tr("Type");
    case Bytes: return tr("Size");
    default: return {};
    }
}

} // namespace sinkscope
