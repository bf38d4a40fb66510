// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/token_chart.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QAction>
#include <QCursor>
#include <QToolTip>

#include <algorithm>

namespace sinkscope {
namespace {

/// How much attention each token of the sample receives in the selected head.
class ReceivedAttention : public PanelFrame {
    Q_OBJECT
public:
    ReceivedAttention(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Received attention"), parent), m_context(context), m_view(new ChartView(context.theme)),
          m_cut(new QAction(tr("Cut sinks"), this)) {
        setContent(m_view);
        setEmptyText(tr("No statistics yet"), tr("Run a text to see how much attention each token receives."));
        m_cut->setCheckable(true);
        m_cut->setToolTip(tr("End the scale above the largest token that is no sink"));
        connect(m_cut, &QAction::toggled, this, &ReceivedAttention::reload);
        addButton(m_cut);
        enableExport();
        m_view->setAccessibleName(tr("Received attention of each token"));
        const Selection& selection = context.selection;
        connect(&selection, &Selection::headChanged, this, &ReceivedAttention::reload);
        connect(&selection, &Selection::sampleChanged, this, &ReceivedAttention::reload);
        connect(&selection, &Selection::tokenChanged, this, [this](TokenId token) {
            m_shown.labels.selected = token.value;
            m_view->viewport()->update();
        });
        connect(&selection, &Selection::tokensChanged, this, [this] {
            m_shown.labels.marked = m_context.selection.tokens();
            m_view->viewport()->update();
        });
        connect(&context.session, &SessionModel::captureChanged, this, &ReceivedAttention::reload);
        connect(&context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
            if (sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
                reload();
        });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &ReceivedAttention::reload);
        connect(m_view, &ChartView::chosen, this, [this](double place) { m_context.selection.setToken(TokenId(tokenAt(place))); });
        connect(m_view, &ChartView::hovered, this, [this](double place) { showToken(place < 0 ? -1 : tokenAt(place)); });
        connect(m_view, &ChartView::stepped, this, [this](int direction) {
            if (m_statistics)
                m_context.selection.setToken(TokenId(std::clamp(m_context.selection.token().value + direction, 0, m_statistics->tokens - 1)));
        });
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        return {{QStringLiteral("figure"), QStringLiteral("received_attention")},
                {QStringLiteral("sample"), m_context.selection.sample().value},
                {QStringLiteral("layer"), m_context.selection.layer().value},
                {QStringLiteral("head"), m_context.selection.head().value},
                {QStringLiteral("cut_sinks"), m_cut->isChecked()}};
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
        m_shown = makeTokenChart(*m_statistics, head, tokenLabels(tokens, sinks, m_context.selection.token().value), m_cut->isChecked(), m_context.theme,
                                 m_context.theme.smallFont);
        m_shown.labels.marked = m_context.selection.tokens();
        m_view->show(std::move(m_shown.chart), [this](QPainter& painter, const QRectF& plot) {
            paintTokenChart(painter, plot, 0, m_shown, m_context.theme.smallFont, m_context.theme);
        });
    }

    [[nodiscard]] int tokenAt(double place) const {
        return m_statistics ? std::clamp(static_cast<int>(place * m_statistics->tokens), 0, m_statistics->tokens - 1) : -1;
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
    ChartView* m_view;
    QAction* m_cut;
    TokenChart m_shown; ///< its chart belongs to the view
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
