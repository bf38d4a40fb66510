// SPDX-License-Identifier: Apache-2.0
#include "views/charts/token_chart.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QChartView>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// A chart over tokens: paints their labels, and reports which token the pointer is at.
class TokenChartView : public QChartView {
    Q_OBJECT
public:
    explicit TokenChartView(const Theme& theme) : m_theme(theme) {
        setRenderHint(QPainter::Antialiasing);
        setFrameShape(QFrame::NoFrame);
        setBackgroundBrush(Qt::NoBrush);
        setMouseTracking(true);
        setMinimumHeight(90);
    }

    [[nodiscard]] double labelSpace() const { return longestLabel(m_labels, m_theme.smallFont, this, 72) * 0.85 + 10; }
    void setLabels(TokenLabels labels) { m_labels = std::move(labels); }
    void setSelected(int token) {
        m_labels.selected = token;
        viewport()->update();
    }
    void show(std::unique_ptr<QChart> chart) {
        QChart* before = this->chart();
        setChart(chart.release());
        delete before;
    }

Q_SIGNALS:
    void hovered(int token);
    void chosen(int token);

protected:
    void drawForeground(QPainter* painter, const QRectF&) override {
        if (m_labels.text.empty() || !chart())
            return;
        const QRectF plot = chart()->mapRectToScene(chart()->plotArea());
        painter->save();
        if (m_labels.selected >= 0) {
            const double step = plot.width() / static_cast<double>(m_labels.text.size());
            QColor fill = m_theme.selection;
            fill.setAlphaF(0.45F);
            painter->fillRect(QRectF(plot.left() + m_labels.selected * step, plot.top(), step, plot.height()), fill);
        }
        painter->setFont(m_theme.smallFont);
        paintTokenChartLabels(*painter, plot, m_labels, labelSpace(), m_theme.smallFont, m_theme);
        painter->restore();
    }
    void mouseMoveEvent(QMouseEvent* event) override { Q_EMIT hovered(tokenAt(event->position())); }
    void mousePressEvent(QMouseEvent* event) override {
        if (const int token = tokenAt(event->position()); token >= 0)
            Q_EMIT chosen(token);
    }

private:
    [[nodiscard]] int tokenAt(QPointF position) const {
        if (m_labels.text.empty() || !chart())
            return -1;
        const QRectF plot = chart()->mapRectToScene(chart()->plotArea());
        const QPointF scene = mapToScene(position.toPoint());
        const auto token = static_cast<int>(std::floor((scene.x() - plot.left()) / plot.width() * static_cast<double>(m_labels.text.size())));
        return token >= 0 && token < static_cast<int>(m_labels.text.size()) ? token : -1;
    }

    const Theme& m_theme;
    TokenLabels m_labels;
};

class ReceivedAttention : public PanelFrame {
    Q_OBJECT
public:
    ReceivedAttention(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Received attention"), parent), m_context(context), m_view(new TokenChartView(context.theme)) {
        setContent(m_view);
        setEmptyText(tr("No statistics yet"), tr("Run a text to see how much attention each token receives."));
        enableExport();
        m_view->setAccessibleName(tr("Received attention of each token"));
        const Selection& selection = context.selection;
        connect(&selection, &Selection::headChanged, this, &ReceivedAttention::reload);
        connect(&selection, &Selection::sampleChanged, this, &ReceivedAttention::reload);
        connect(&selection, &Selection::tokenChanged, this, [this](TokenId token) { m_view->setSelected(token.value); });
        connect(&context.session, &SessionModel::captureChanged, this, &ReceivedAttention::reload);
        connect(&context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
            if (sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
                reload();
        });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &ReceivedAttention::reload);
        connect(m_view, &TokenChartView::chosen, this, [this](int token) { m_context.selection.setToken(TokenId(token)); });
        connect(m_view, &TokenChartView::hovered, this, &ReceivedAttention::showToken);
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        return {{QStringLiteral("figure"), QStringLiteral("received_attention")},
                {QStringLiteral("sample"), m_context.selection.sample().value},
                {QStringLiteral("layer"), m_context.selection.layer().value},
                {QStringLiteral("head"), m_context.selection.head().value}};
    }

private:
    void reload() {
        const int sample = m_context.selection.sample().value, layer = m_context.selection.layer().value, head = m_context.selection.head().value;
        setTitle(tr("Received attention — layer %1, head %2").arg(layer).arg(head));
        m_statistics = m_context.session.statistics(sample, layer);
        setEmpty(!m_statistics || head >= m_statistics->heads);
        if (isEmpty()) {
            m_statistics.reset();
            return;
        }
        const SampleTokens& tokens = *m_context.session.header()->samples[static_cast<std::size_t>(sample)];
        const auto sinks = sinksOf(m_context.session, sample, layer, head);
        m_view->setLabels(tokenLabels(tokens, sinks, m_context.selection.token().value));
        m_view->show(makeReceivedChart(*m_statistics, head, sinks, static_cast<int>(m_view->labelSpace()), m_context.theme, m_context.theme.smallFont));
    }

    void showToken(int token) {
        if (!m_statistics || token < 0 || token >= m_statistics->tokens)
            return QToolTip::hideText();
        const int head = m_context.selection.head().value;
        const SampleTokens& tokens = *m_context.session.header()->samples[static_cast<std::size_t>(m_statistics->sample)];
        const QString text = tr("token %1 “%2” receives %3 · uniform attention would give %4")
                                 .arg(token)
                                 .arg(pieceWithSpaces(tokens, token), numberText(m_statistics->received(head, token)), numberText(uniformReceived(*m_statistics, token)));
        QToolTip::showText(QCursor::pos(), text, m_view);
        showStatus(text);
    }

    ViewContext m_context;
    TokenChartView* m_view;
    SessionModel::StatisticsPtr m_statistics;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new ReceivedAttention(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec received_attention;
const ViewSpec received_attention{"received_attention", QT_TRANSLATE_NOOP("Views", "Received attention"), DockArea::Bottom, 0, create};
} // namespace registry_views
} // namespace sinkscope

#include "received_attention.moc"
