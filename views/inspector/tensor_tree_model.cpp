// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/tensor_tree_model.h"

#include "core/checkpoint/tensor_pieces.h"
#include "views/models/text_format.h"

#include <algorithm>

namespace sinkscope {

QString tensorShapeText(const TensorInfo& tensor) {
    QStringList parts;
    for (const std::int64_t size : tensor.shape)
        parts.append(QString::number(size));
    return parts.isEmpty() ? TensorTreeModel::tr("scalar") : parts.join(QChar(0x00d7));
}

QString tensorTypeText(const TensorInfo& tensor) { return utf8Text(nameOf(tensor.dtype)); }

void TensorTreeModel::setCheckpoint(std::shared_ptr<const Checkpoint> checkpoint, std::shared_ptr<const ModelSpec> spec) {
    beginResetModel();
    m_checkpoint = std::move(checkpoint);
    m_spec = m_checkpoint ? std::move(spec) : nullptr;
    m_grouping = m_spec ? TensorGrouping::Role : TensorGrouping::Name;
    m_places = m_checkpoint ? tensorPlaces(*m_checkpoint, m_spec.get()) : std::vector<TensorPlace>();
    rebuild();
    endResetModel();
}

void TensorTreeModel::setGrouping(TensorGrouping grouping) {
    if (grouping == m_grouping)
        return;
    beginResetModel();
    m_grouping = grouping;
    rebuild();
    endResetModel();
}

void TensorTreeModel::rebuild() {
    m_tree = m_checkpoint ? tensorTree(*m_checkpoint, m_places, m_grouping) : TensorTree{{TensorNode()}};
    ++m_generation;
    m_prepared = 0;
    m_searchTexts.assign(m_tree.nodes.size(), QString());
    m_rows.assign(m_tree.nodes.size(), 0);
    for (const TensorNode& node : m_tree.nodes)
        for (std::size_t row = 0; row < node.children.size(); ++row)
            m_rows[static_cast<std::size_t>(node.children[row])] = static_cast<int>(row);
}

QModelIndex TensorTreeModel::find(const QString& name) const {
    if (!m_checkpoint)
        return {};
    const auto found = m_checkpoint->byName.find(name.toStdString());
    if (found == m_checkpoint->byName.end())
        return {};
    for (std::size_t node = 1; node < m_tree.nodes.size(); ++node)
        if (m_tree.nodes[node].tensor == static_cast<int>(found->second))
            return createIndex(m_rows[node], Name, static_cast<quintptr>(node));
    return {};
}

QModelIndex TensorTreeModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent))
        return {};
    const TensorNode& above = parent.isValid() ? nodeAt(parent) : m_tree.nodes.front();
    return createIndex(row, column, static_cast<quintptr>(above.children[static_cast<std::size_t>(row)]));
}

QModelIndex TensorTreeModel::parent(const QModelIndex& child) const {
    const int above = child.isValid() ? nodeAt(child).parent : -1;
    return above <= 0 ? QModelIndex() : createIndex(m_rows[static_cast<std::size_t>(above)], Name, static_cast<quintptr>(above));
}

int TensorTreeModel::rowCount(const QModelIndex& parent) const {
    if (parent.column() > 0 || m_tree.nodes.empty())
        return 0;
    return static_cast<int>((parent.isValid() ? nodeAt(parent) : m_tree.nodes.front()).children.size());
}

int TensorTreeModel::columnCount(const QModelIndex&) const { return ColumnCount; }

QString TensorTreeModel::filterText(const TensorNode& node) const {
    if (node.tensor < 0)
        return utf8Text(node.title);
    const auto index = static_cast<std::size_t>(node.tensor);
    const TensorInfo& tensor = m_checkpoint->tensors[index];
    return utf8Text(tensor.name) + QLatin1Char(' ') + utf8Text(textOf(m_places[index])) + QLatin1Char(' ') + tensorShapeText(tensor) + QLatin1Char(' ') +
           tensorTypeText(tensor);
}

const QString& TensorTreeModel::searchText(int node) {
    QString& text = m_searchTexts[static_cast<std::size_t>(node)];
    if (!text.isNull() || node <= 0)
        return text;
    const TensorNode& at = m_tree.nodes[static_cast<std::size_t>(node)];
    text = filterText(at).toLower();
    if (at.parent > 0)
        text += QLatin1Char(' ') + searchText(at.parent);
    return text;
}

bool TensorTreeModel::prepareFilterTexts(int nodes) {
    const int all = static_cast<int>(m_tree.nodes.size());
    for (const int end = std::min(all, m_prepared + nodes); m_prepared < end; ++m_prepared)
        static_cast<void>(searchText(m_prepared));
    return m_prepared < all;
}

QVariant TensorTreeModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TensorNode& node = nodeAt(index);
    const TensorInfo* tensor = node.tensor < 0 ? nullptr : &m_checkpoint->tensors[static_cast<std::size_t>(node.tensor)];
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Name: return utf8Text(node.title);
        case Shape: return tensor ? tensorShapeText(*tensor) : node.tensors == 1 ? tr("1 tensor") : tr("%1 tensors").arg(groupedDigits(static_cast<qint64>(node.tensors)));
        case Type: return tensor ? tensorTypeText(*tensor) : QString();
        case Bytes: return byteText(node.bytes);
        default: return {};
        }
    case SortRole:
        switch (index.column()) {
        case Shape: return static_cast<qulonglong>(node.elements);
        case Type: return tensor ? tensorTypeText(*tensor) : QString();
        case Bytes: return static_cast<qulonglong>(node.bytes);
        default: return m_rows[static_cast<std::size_t>(index.internalId())];
        }
    case FilterRole: return filterText(node);
    case TensorRole: return tensor ? QVariant(utf8Text(tensor->name)) : QVariant();
    case PlaceRole: return tensor ? QVariant(utf8Text(textOf(m_places[static_cast<std::size_t>(node.tensor)]))) : QVariant();
    case Qt::TextAlignmentRole: return static_cast<int>((index.column() == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        if (!tensor)
            return tr("%1\nTensors: %2 · elements: %3 · bytes: %4")
                .arg(utf8Text(node.title), groupedDigits(static_cast<qint64>(node.tensors)), groupedDigits(static_cast<qint64>(node.elements)), groupedDigits(static_cast<qint64>(node.bytes)));
        return tr("%1\n%2 · %3 · %4 bytes")
            .arg(utf8Text(tensor->name), tensorShapeText(*tensor), tensorTypeText(*tensor), groupedDigits(static_cast<qint64>(tensor->bytes.size())));
    default: return {};
    }
}

QVariant TensorTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
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
