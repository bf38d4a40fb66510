// SPDX-License-Identifier: Apache-2.0
#include "views/data_table.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/models/token_table_model.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QComboBox>
#include <QPainter>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

/// Draws the SINK badge after the piece, and a bar behind the received attention.
class TokenDelegate : public QStyledItemDelegate {
public:
    TokenDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        if (index.column() == TokenTableModel::Received)
            paintBar(painter, option, index);
        else if (index.column() == TokenTableModel::Piece && index.data(TokenTableModel::SinkRole).toBool())
            paintBadged(painter, option, index);
        else
            QStyledItemDelegate::paint(painter, option, index);
    }

private:
    static void paintBackground(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) {
        QStyleOptionViewItem background(option);
        background.index = index;
        background.text.clear();
        const QWidget* widget = option.widget;
        widget->style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &background, painter, widget);
    }

    void paintBar(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
        paintBackground(painter, option, index);
        const double fraction = index.data(TokenTableModel::FractionRole).toDouble();
        QRectF bar = QRectF(option.rect).adjusted(4, 3, -4, -3);
        bar.setLeft(bar.right() - bar.width() * fraction);
        QColor fill = index.data(TokenTableModel::SinkRole).toBool() ? m_theme.anchor : m_theme.accent;
        fill.setAlphaF(m_theme.isDark ? 0.32F : 0.20F);
        painter->fillRect(bar, fill);
        painter->setPen(m_theme.text);
        painter->drawText(option.rect.adjusted(6, 0, -8, 0), Qt::AlignRight | Qt::AlignVCenter, index.data().toString());
    }

    void paintBadged(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
        paintBackground(painter, option, index);
        QFont badgeFont = option.font;
        badgeFont.setPixelSize(QFontInfo(badgeFont).pixelSize() - 3);
        badgeFont.setWeight(QFont::Bold);
        const QRect area = option.rect.adjusted(8, 0, -6, 0);
        QString badge = tr("SINK");
        // The token matters more than the whole word.
        if (option.fontMetrics.horizontalAdvance(index.data().toString()) + QFontMetrics(badgeFont).horizontalAdvance(badge) + 16 > area.width())
            badge = tr("S", "short for SINK");
        const int badgeWidth = QFontMetrics(badgeFont).horizontalAdvance(badge) + 10;
        const QString piece = option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, area.width() - badgeWidth - 6);
        painter->save();
        painter->setFont(option.font);
        painter->setPen(m_theme.text);
        painter->drawText(area, Qt::AlignLeft | Qt::AlignVCenter, piece);
        const int height = QFontMetrics(badgeFont).height() + 1;
        const QRect box(area.left() + option.fontMetrics.horizontalAdvance(piece) + 6, option.rect.center().y() - height / 2 + 1, badgeWidth, height);
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.anchor);
        painter->drawRoundedRect(box, 3, 3);
        painter->setFont(badgeFont);
        painter->setPen(m_theme.onAnchor);
        painter->drawText(box, Qt::AlignCenter, badge);
        painter->restore();
    }

    const Theme& m_theme;
};

/// The tokens of the selected sample, with what the selected head makes of each.
class TokenTable : public PanelFrame {
    Q_OBJECT
public:
    TokenTable(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Tokens"), parent), m_context(context), m_samples(new QComboBox), m_table(new DataTable) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_chooser = new QWidget;
        auto* chooserLayout = new QVBoxLayout(m_chooser);
        chooserLayout->setContentsMargins(8, 6, 8, 4);
        chooserLayout->addWidget(m_samples);
        m_samples->setAccessibleName(tr("Sample"));
        m_samples->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        m_samples->setMinimumContentsLength(8);
        layout->addWidget(m_chooser);
        layout->addWidget(m_table, 1);
        setContent(page);
        setEmptyText(tr("No tokens yet"), tr("Type a text above and press Run, or open a capture."));

        m_proxy.setSourceModel(&m_model);
        m_proxy.setSortRole(TokenTableModel::SortRole);
        m_table->setModel(&m_proxy);
        m_table->setMinimumWidth(210); // below, pieces and numbers are cut
        m_table->setItemDelegate(new TokenDelegate(context.theme, this));
        m_table->setSelectionMode(QAbstractItemView::SingleSelection);
        m_table->sortByColumn(TokenTableModel::Received, Qt::DescendingOrder);
        m_table->setColumnPlan(TokenTableModel::Piece, 96,
                               {TokenTableModel::ValueNorm, TokenTableModel::KeyNorm, TokenTableModel::HeadShare});
        m_table->setAccessibleName(tr("Tokens of the sample"));
        connectAll();
        reloadSamples();
    }

private:
    void connectAll() {
        const SessionModel& session = m_context.session;
        const Selection& selection = m_context.selection;
        connect(&session, &SessionModel::captureChanged, this, &TokenTable::reloadSamples);
        connect(&session, &SessionModel::analysisChanged, this, &TokenTable::reload);
        connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
            if (sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
                reload();
        });
        connect(&selection, &Selection::sampleChanged, this, [this](SampleId sample) {
            m_samples->setCurrentIndex(sample.value);
            reload();
        });
        connect(&selection, &Selection::headChanged, this, &TokenTable::reload);
        connect(&selection, &Selection::tokenChanged, this, &TokenTable::showSelection);
        connect(m_samples, &QComboBox::activated, this, [this](int index) { m_context.selection.setSample(SampleId(index)); });
        connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
            if (!m_updating && current.isValid())
                m_context.selection.setToken(TokenId(m_proxy.mapToSource(current).row()));
        });
        connect(&selection, &Selection::tokensChanged, this, &TokenTable::showSet);
        connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TokenTable::brush);
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, m_table->viewport(), qOverload<>(&QWidget::update));
    }

    void reloadSamples() {
        const CaptureHeader* header = m_context.session.header();
        m_samples->clear();
        if (header)
            for (std::size_t i = 0; i < header->samples.size(); ++i)
                m_samples->addItem(QStringLiteral("%1 · %2").arg(i).arg(
                    shortened(QString::fromStdString(header->samples[i]->text).simplified(), 60)));
        m_samples->setCurrentIndex(m_context.selection.sample().value);
        m_chooser->setVisible(m_samples->count() > 1);
        reload();
    }

    void reload() {
        const SessionModel& session = m_context.session;
        const CaptureHeader* header = session.header();
        const int sample = m_context.selection.sample().value, layer = m_context.selection.layer().value;
        const int head = m_context.selection.head().value;
        TokenTableModel::Content content;
        if (header && sample >= 0 && sample < static_cast<int>(header->samples.size())) {
            content.tokens = header->samples[static_cast<std::size_t>(sample)];
            content.statistics = session.statistics(sample, layer);
            content.head = content.statistics && head < content.statistics->heads ? head : 0;
            content.sinks = sinksOf(session, sample, layer, content.head);
            content.headShare = sinkShareOf(session, sample);
        }
        const QScopedValueRollback guard(m_updating, true);
        m_model.setContent(std::move(content));
        setEmpty(m_model.rowCount() == 0);
        setNote(m_model.rowCount() == 0 ? QString() : groupedDigits(m_model.rowCount()));
        m_table->fitColumns();
        showSelection();
        showSet();
    }

    void showSelection() {
        const QScopedValueRollback guard(m_updating, true);
        const int token = m_context.selection.token().value;
        const QModelIndex index = token < 0 ? QModelIndex() : m_proxy.mapFromSource(m_model.index(token, TokenTableModel::Piece));
        if (!index.isValid())
            return m_table->clearSelection();
        if (m_table->currentIndex().row() == index.row()) // chosen here, perhaps with others
            return m_table->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
        m_table->setCurrentIndex(index);
        m_table->scrollTo(index);
    }

    void showSet() {
        if (m_brushing)
            return;
        const QScopedValueRollback guard(m_updating, true);
        QItemSelection rows;
        const auto add = [&](int token) {
            if (token < 0 || token >= m_model.rowCount())
                return;
            const QModelIndex index = m_proxy.mapFromSource(m_model.index(token, 0));
            rows.select(index, index);
        };
        add(m_context.selection.token().value);
        for (const int token : m_context.selection.tokens())
            add(token);
        m_table->selectionModel()->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    }

    /// Several chosen rows are a set; one row is the token only.
    void brush() {
        if (m_updating)
            return;
        const QScopedValueRollback guard(m_brushing, true);
        std::vector<int> tokens;
        for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
            tokens.push_back(m_proxy.mapToSource(index).row());
        m_context.selection.setTokens(tokens.size() > 1 ? std::move(tokens) : std::vector<int>());
    }

    ViewContext m_context;
    TokenTableModel m_model;
    QSortFilterProxyModel m_proxy;
    QWidget* m_chooser = nullptr;
    QComboBox* m_samples;
    DataTable* m_table;
    bool m_updating = false;
    bool m_brushing = false; ///< the set is being chosen here
};

QWidget* create(const ViewContext& context, QWidget* parent) {
    return new TokenTable(context, parent);
}

} // namespace

namespace registry_views {
extern const ViewSpec token_table;
const ViewSpec token_table{"token_table", QT_TRANSLATE_NOOP("Views", "Tokens"), DockArea::Left, 1, create};
} // namespace registry_views
} // namespace sinkscope

#include "token_table.moc"
