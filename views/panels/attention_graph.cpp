// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/head_measures.h"
#include "views/explain_popup.h"
#include "views/head_follower.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/paint/attention_graph.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QCursor>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

using HeadGraphPtr = std::shared_ptr<const HeadGraph>;

/// The thresholded attention graph of the selected head around its anchor, and what its features become along the cut.
class AttentionGraph : public PanelFrame {
    Q_OBJECT
public:
    AttentionGraph(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Graph"), parent), m_context(context), m_head(context, this), m_view(new PaintedView(context.theme)),
          m_curves(new PaintedView(context.theme)), m_slider(new QSlider(Qt::Horizontal)), m_cutLabel(new QLabel) {
        m_content.cut = standardCut(m_kind);
        buildPage();
        addCutMenu();
        enableExport();
        connectViews();
        connect(&context.session, &SessionModel::analysisChanged, &m_head, &HeadFollower::outdate); // other sinks, perhaps
        connect(&m_head, &HeadFollower::changed, this, &AttentionGraph::reload);
        connect(&context.selection, &Selection::tokenChanged, this, [this](TokenId token) {
            m_content.labels.selected = token.value;
            m_layoutSize = {};
            m_view->update();
        });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, [this] {
            m_layoutSize = {};
            m_view->update();
            m_curves->update();
        });
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        return {{QStringLiteral("figure"), QStringLiteral("attention_graph")},
                {QStringLiteral("sample"), m_head.sample()},
                {QStringLiteral("layer"), m_head.layer()},
                {QStringLiteral("head"), m_head.head()},
                {QStringLiteral("cut"), QString::fromLatin1(nameOf(m_kind))},
                {QString::fromLatin1(nameOf(m_kind)), cutsOf(m_kind)[m_content.cut]}};
    }

private:
    void buildPage() {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_view->setHint({500, 460});
        m_view->setAccessibleName(tr("Attention graph of the selected head"));
        layout->addWidget(m_view, 1);
        auto* row = new QHBoxLayout;
        row->setContentsMargins(12, 2, 12, 6);
        row->setSpacing(10);
        m_slider->setAccessibleName(tr("Cut of the graph"));
        m_cutLabel->setBuddy(m_slider);
        row->addWidget(m_cutLabel);
        row->addWidget(m_slider, 1);
        layout->addLayout(row);
        m_curves->setAccessibleName(tr("Features of the graph along the cut"));
        fitCurves();
        m_curves->setFocusPolicy(Qt::NoFocus); // the slider does the same
        layout->addWidget(m_curves);
        setContent(page);
        m_view->setPaint([this](QPainter& painter, const QRectF& area) {
            if (m_content.graph)
                paintGraph(painter, area, currentLayout(), m_content, m_context.theme.smallFont, m_context.theme);
        });
        m_view->setOnKey([this](int key) { return onKey(key); });
        m_curves->setPaint([this](QPainter& painter, const QRectF& area) {
            if (m_content.graph)
                paintGraphCurves(painter, area, m_content, m_context.theme.smallFont, m_context.theme);
        });
        fitSlider();
    }

    void fitCurves() { m_curves->setFixedHeight(static_cast<int>(graphCurvesHeight(width(), m_context.theme.smallFont)) + 4); }

    void resizeEvent(QResizeEvent* event) override {
        PanelFrame::resizeEvent(event);
        fitCurves();
    }

    void addCutMenu() {
        auto* group = new QActionGroup(this);
        for (const GraphCut kind : {GraphCut::Threshold, GraphCut::Percentile}) {
            QAction* action = group->addAction(kind == GraphCut::Threshold ? tr("Fixed threshold") : tr("Percentile"));
            action->setToolTip(kind == GraphCut::Threshold ? tr("Edges are the pairs above a weight, on a logarithmic scale")
                                                           : tr("Edges are the pairs from a percentile of all pairs on: comparable between lengths"));
            action->setCheckable(true);
            action->setChecked(kind == m_kind);
            connect(action, &QAction::triggered, this, [this, kind] {
                m_kind = kind;
                m_content.graph.reset();
                m_content.cut = standardCut(kind);
                fitSlider();
                reload();
            });
        }
        addChoice(tr("Cut"), group);
    }

    void connectViews() {
        connect(m_slider, &QSlider::valueChanged, this, [this](int value) {
            m_content.cut = static_cast<std::size_t>(value);
            showCut();
        });
        connect(m_view, &PaintedView::hovered, this, [this](QPointF position) { hover(m_content.graph ? tokenAt(currentLayout(), position) : -1); });
        connect(m_view, &PaintedView::left, this, [this] { hover(-1); });
        connect(m_view, &PaintedView::clicked, this, [this](QPointF position) {
            if (const int token = m_content.graph ? tokenAt(currentLayout(), position) : -1; token >= 0)
                m_context.selection.setToken(TokenId(token));
        });
        connect(m_curves, &PaintedView::dragged, this, [this](QPointF, QPointF position) {
            if (m_content.graph)
                if (const auto cut = cutAt(QRectF(m_curves->rect()), m_content, position, m_context.theme.smallFont))
                    m_slider->setValue(static_cast<int>(*cut));
        });
        connect(m_curves, &PaintedView::hovered, this, &AttentionGraph::explainFeature);
    }

    /// The layout for the present size; made anew only when something about it has changed.
    const GraphLayout& currentLayout() {
        if (m_layoutSize != m_view->size()) {
            m_layoutSize = m_view->size();
            m_layout = layoutGraph(QRectF(m_view->rect()).adjusted(0, 6, 0, 0), m_content, m_context.theme.smallFont);
        }
        return m_layout;
    }

    void fitSlider() {
        const QSignalBlocker blocker(m_slider);
        m_slider->setRange(0, static_cast<int>(cutsOf(m_kind).size()) - 1);
        m_slider->setValue(static_cast<int>(m_content.cut));
        showCut();
    }

    void showCut() {
        const QString text = cutText(m_kind, cutsOf(m_kind)[m_content.cut]);
        m_cutLabel->setText(tr("Edges: %1").arg(text));
        // As wide as the longest, so that the slider does not move beneath the pointer.
        m_cutLabel->setMinimumWidth(m_cutLabel->fontMetrics().horizontalAdvance(tr("Edges: %1").arg(cutText(m_kind, m_kind == GraphCut::Threshold ? 0.00015 : 88.5))));
        m_slider->setToolTip(text);
        m_view->update();
        m_curves->update();
        describeGraph();
    }

    /// For screen readers.
    void describeGraph() {
        if (!m_content.graph)
            return;
        QStringList parts;
        for (const GraphFeature& feature : graphFeatures())
            if (const auto value = feature.value(m_content.graph->cuts[m_content.cut]))
                parts.append(QCoreApplication::translate("Graph", feature.title) + QLatin1Char(' ') + featureText(feature, value));
        m_curves->setAccessibleDescription(parts.join(QStringLiteral(", ")));
        m_view->setAccessibleDescription(tr("%1 edges").arg(m_content.graph->edgesAt(m_content.cut)));
    }

    void reload() {
        setTitle(tr("Graph — layer %1, head %2").arg(m_head.layer()).arg(m_head.head()));
        m_content.hovered = -1;
        const auto statistics = m_head.statistics();
        if (!statistics) {
            m_job.cancel();
            m_content.graph.reset();
            setEmptyText(tr("No graph yet"), tr("Run a text to see which tokens its attention joins."));
            return setEmpty(true);
        }
        m_job.run(
            m_context.jobs, this,
            [capture = m_context.session.capture(), sample = m_head.sample(), layer = m_head.layer(), head = m_head.head(),
             kind = m_kind](JobContext& context) { return headGraph(*capture, sample, layer, head, kind, context); },
            [this](const Result<HeadGraphPtr>& result) { arrived(result); });
    }

    void arrived(const Result<HeadGraphPtr>& result) {
        const auto statistics = m_head.statistics();
        const SampleTokens* tokens = m_head.tokens();
        m_content.graph = result && statistics && tokens ? *result : nullptr;
        if (!result)
            setEmptyText(tr("This head cannot be drawn as a graph"), QString::fromStdString(describe(result.error())));
        setEmpty(!m_content.graph);
        if (!m_content.graph)
            return;
        m_content.labels = tokenLabels(*tokens, sinksOf(m_context.session, m_head.sample(), m_head.layer(), m_head.head()), m_context.selection.token().value);
        m_content.middle = strongestToken(*statistics, m_head.head(), metricParametersOf(m_context.session))
                               .value_or(m_content.graph->cuts[standardCut(m_kind)].shape.hub);
        m_layoutSize = {};
        showCut();
    }

    [[nodiscard]] QString tokenText(int token) const {
        const SampleTokens* tokens = m_head.tokens();
        const auto statistics = m_head.statistics();
        if (!tokens || !statistics || token >= statistics->tokens)
            return {};
        QString text = tr("token %1 “%2” · %3 edges · receives %4")
                           .arg(token)
                           .arg(pieceWithSpaces(*tokens, token))
                           .arg(degreesAt(m_content)[static_cast<std::size_t>(token)])
                           .arg(numberText(statistics->received(m_head.head(), token)));
        for (const HeadGraph::Edge& edge : m_content.graph->edges) // heaviest first
            if (edge.first == token || edge.second == token) {
                const int other = edge.first == token ? edge.second : edge.first;
                return text + QLatin1Char('\n') + tr("heaviest edge: %1 with %2 “%3”").arg(numberText(edge.weight)).arg(other).arg(pieceWithSpaces(*tokens, other));
            }
        return text;
    }

    void hover(int token) {
        if (token != m_content.hovered) {
            m_content.hovered = token;
            m_view->update();
        }
        if (token < 0 || !m_content.graph)
            return QToolTip::hideText();
        const QString text = tokenText(token);
        QToolTip::showText(QCursor::pos(), text, m_view);
        showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
    }

    void explainFeature(QPointF position) {
        const auto cells = layoutGraphCurves(QRectF(m_curves->rect()), m_context.theme.smallFont);
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (cells[i].contains(position))
                if (const MetricSpec* metric = findMetric(graphFeatures()[i].metric))
                    return QToolTip::showText(QCursor::pos(), explanationHtml(explanationOf(*metric, nullptr)), m_curves, cells[i].toRect());
        QToolTip::hideText();
    }

    bool onKey(int key) {
        if (!m_content.graph)
            return false;
        int token = m_context.selection.token().value;
        switch (key) {
        case Qt::Key_Left: token = std::max(token, 1) - 1; break;
        case Qt::Key_Right: ++token; break;
        case Qt::Key_Home: token = 0; break;
        case Qt::Key_End: token = m_content.graph->tokens - 1; break;
        case Qt::Key_Up:
        case Qt::Key_Plus: m_slider->setValue(m_slider->value() + 1); return true;
        case Qt::Key_Down:
        case Qt::Key_Minus: m_slider->setValue(m_slider->value() - 1); return true;
        default: return false;
        }
        m_context.selection.setToken(TokenId(std::clamp(token, 0, m_content.graph->tokens - 1)));
        const QString text = tokenText(m_context.selection.token().value).replace(QLatin1Char('\n'), QStringLiteral(" · "));
        m_view->setAccessibleDescription(text);
        showStatus(text);
        return true;
    }

    ViewContext m_context;
    HeadFollower m_head;
    PaintedView* m_view;
    PaintedView* m_curves;
    QSlider* m_slider;
    QLabel* m_cutLabel;
    GraphCut m_kind = GraphCut::Threshold;
    GraphContent m_content;
    GraphLayout m_layout;
    QSize m_layoutSize;
    LatestJob<HeadGraphPtr> m_job;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new AttentionGraph(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec attention_graph;
const ViewSpec attention_graph{"attention_graph", QT_TRANSLATE_NOOP("Views", "Graph"), DockArea::Map, 1, create};
} // namespace registry_views
} // namespace sinkscope

#include "attention_graph.moc"
