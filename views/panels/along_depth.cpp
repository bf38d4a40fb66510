// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/depth_chart.h"
#include "views/explain_popup.h"
#include "views/metric_menu.h"
#include "views/metric_notice.h"
#include "views/models/depth_profile.h"
#include "views/models/frame_reading.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QCursor>
#include <QJsonArray>
#include <QResizeEvent>
#include <QScrollArea>
#include <QTimer>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kLeastWidth = 280;

/// Charts side by side, below each other where there is no room; scrolls when they would become too low.
class ChartGrid : public QScrollArea {
    Q_OBJECT
public:
    explicit ChartGrid(const Theme& theme) : m_theme(theme), m_page(new QWidget) {
        setFrameShape(QFrame::NoFrame);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_page->setProperty("panelBody", true);
        setWidget(m_page);
    }
    /// As many views as charts; the new ones are to be connected.
    std::vector<ChartView*> setCount(std::size_t count, double leastHeight) {
        m_leastHeight = leastHeight;
        std::vector<ChartView*> added;
        while (m_views.size() > count) {
            m_views.back()->deleteLater();
            m_views.back()->hide();
            m_views.pop_back();
        }
        while (m_views.size() < count) {
            m_views.push_back(new ChartView(m_theme, m_page));
            m_views.back()->setMinimumHeight(0);
            m_views.back()->setVisible(true); // ChartView::show takes a chart
            added.push_back(m_views.back());
        }
        place();
        return added;
    }
    [[nodiscard]] const std::vector<ChartView*>& views() const { return m_views; }

protected:
    void resizeEvent(QResizeEvent* event) override {
        QScrollArea::resizeEvent(event);
        place();
    }

private:
    void place() {
        QSize room = viewport()->size();
        const auto rowsOf = [&](int width) {
            const auto places = depthPlaces(m_views.size(), QRectF(0, 0, width, 1), kLeastWidth);
            return places.empty() ? 1 : qRound(1 / places.front().height());
        };
        room.setHeight(std::max(room.height(), static_cast<int>(rowsOf(room.width()) * m_leastHeight)));
        m_page->resize(room);
        const auto places = depthPlaces(m_views.size(), QRectF(QPointF(0, 0), room), kLeastWidth);
        for (std::size_t i = 0; i < places.size(); ++i)
            m_views[i]->setGeometry(places[i].toRect());
    }

    const Theme& m_theme;
    QWidget* m_page;
    std::vector<ChartView*> m_views;
    double m_leastHeight = 120; ///< of a chart
};

/// Metrics, averaged over heads and samples, from the first layer to the last.
class AlongDepth : public PanelFrame {
    Q_OBJECT
public:
    AlongDepth(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Along depth"), parent), m_context(context), m_profile(context.session, context.jobs, this),
          m_grid(new ChartGrid(context.theme)), m_notice(new MetricNotice(context.session, context.theme)) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        layout->addWidget(m_notice);
        layout->addWidget(m_grid, 1);
        setContent(page);
        setEmptyText(tr("No layers yet"), tr("Run a text to follow sinks and entropies from the first layer to the last."));
        m_grid->setAccessibleName(tr("Metrics along depth"));
        addAverageChoice();
        addMetricMenu();
        enableExport();
        m_fit.setSingleShot(true);
        m_fit.setInterval(0);
        connect(&m_fit, &QTimer::timeout, this, &AlongDepth::reload);
        connect(&m_profile, &DepthProfile::changed, this, &AlongDepth::reload);
        connect(&context.session, &SessionModel::captureChanged, this, &AlongDepth::reload);
        connect(&context.selection, &Selection::headChanged, this, &AlongDepth::mark);
        connect(&context.selection, &Selection::sampleChanged, this, &AlongDepth::reload);
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &AlongDepth::reload);
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        QJsonArray ids;
        for (const MetricSpec* metric : m_menu->chosen())
            ids.append(utf8Text(metric->id));
        QJsonObject recipe{{QStringLiteral("figure"), QStringLiteral("along_depth")}, {QStringLiteral("metrics"), ids}};
        if (!m_averaged) {
            recipe.insert(QStringLiteral("sample"), m_context.selection.sample().value);
            recipe.insert(QStringLiteral("average"), false);
        }
        return recipe;
    }

private:
    void addAverageChoice() {
        auto* group = new QActionGroup(this);
        for (const bool averaged : {true, false}) {
            QAction* action = group->addAction(averaged ? tr("All samples") : tr("This sample"));
            action->setToolTip(averaged ? tr("Mean over all samples, with 95 % intervals") : tr("Only the selected sample"));
            action->setCheckable(true);
            action->setChecked(averaged);
            connect(action, &QAction::triggered, this, [this, averaged] {
                m_averaged = averaged;
                reload();
            });
        }
        m_averageButton = addChoice(tr("What the lines show"), group);
    }

    void addMetricMenu() {
        m_menu = new MetricMenu(MetricMenu::Choice::Several, defaultDepthMetrics(), this);
        addMenu(tr("Metrics"), m_menu);
        connect(m_menu, &MetricMenu::changed, this, &AlongDepth::reload);
    }

    void reload() {
        const CaptureHeader* header = m_context.session.header();
        const int layers = header ? header->layers : 0;
        const auto samples = header ? static_cast<int>(header->samples.size()) : 0;
        const bool averaged = m_averaged || samples < 2;
        std::vector<DepthLine> lines;
        bool any = false;
        for (const MetricSpec* metric : m_menu->chosen()) {
            lines.push_back({metric, m_profile.line(*metric, averaged ? -1 : m_context.selection.sample().value)});
            any = any || std::ranges::any_of(lines.back().layers, [](const auto& value) { return value.has_value(); });
        }
        m_averageButton->setVisible(samples > 1);
        setNote(samples > 1 && averaged ? tr("%n samples", nullptr, samples) + (m_context.session.analysis() ? tr(" · 95 % CI") : QString()) : QString());
        setEmpty(!any && !m_context.session.analysis());
        m_notice->setMetrics(m_menu->chosen());
        m_groups = depthGroups(std::move(lines));
        for (ChartView* view : m_grid->setCount(m_groups.size(), leastHeight()))
            connectView(view);
        showCharts(layers);
    }

    /// Of the chart that needs most.
    [[nodiscard]] double leastHeight() const {
        double least = 0;
        for (const QRectF& place : depthPlaces(m_groups.size(), QRectF(0, 0, m_grid->viewport()->width(), 1), kLeastWidth))
            for (const auto& group : m_groups)
                least = std::max(least, leastDepthHeight(group, place.width(), m_context.theme.smallFont));
        return least;
    }

    void showCharts(int layers) {
        const auto kinds = layerKinds(m_context.session.analysis().get(), layers);
        m_shown.clear();
        m_shown.resize(m_groups.size());
        for (std::size_t i = 0; i < m_groups.size(); ++i) {
            ChartView* view = m_grid->views()[i];
            m_shown[i] = makeDepthChart(m_groups[i], layers, kinds, view->size(), m_context.theme, m_context.theme.smallFont);
            m_shown[i].selected = m_context.selection.layer().value;
            view->show(std::move(m_shown[i].chart), [this, i](QPainter& painter, const QRectF& plot) {
                if (i < m_shown.size())
                    paintDepthChart(painter, plot, m_shown[i], m_context.theme.smallFont, m_context.theme);
            });
        }
    }

    void connectView(ChartView* view) {
        connect(view, &ChartView::chosen, this, [this](double place) { choose(layerAt(place)); });
        connect(view, &ChartView::stepped, this, [this](int direction) { choose(m_context.selection.layer().value + direction); });
        connect(view, &ChartView::hovered, this, [this, view](double place) { showLayer(view, place); });
        connect(view, &ChartView::resized, &m_fit, qOverload<>(&QTimer::start)); // the legend may need another row
        connect(view, &ChartView::pressedOutside, this, [this, view](QPointF position) { explainAt(view, position); });
    }

    [[nodiscard]] std::optional<std::size_t> indexOf(const ChartView* view) const {
        const auto found = std::ranges::find(m_grid->views(), view);
        const auto index = static_cast<std::size_t>(found - m_grid->views().begin());
        return index < m_shown.size() ? std::optional(index) : std::nullopt;
    }

    void mark() {
        for (std::size_t i = 0; i < m_shown.size(); ++i) {
            m_shown[i].selected = m_context.selection.layer().value;
            m_grid->views()[i]->viewport()->update();
        }
    }

    [[nodiscard]] int layers() const { return m_shown.empty() ? 0 : m_shown.front().layers; }

    [[nodiscard]] int layerAt(double place) const {
        const double steps = std::max(layers() - 1, 0) + 0.6;
        return std::clamp(static_cast<int>(place * steps - 0.3 + 0.5), 0, std::max(layers() - 1, 0));
    }

    void choose(int layer) {
        if (layers() > 0)
            m_context.selection.setHead(LayerId(std::clamp(layer, 0, layers() - 1)), m_context.selection.head());
    }

    /// A click on a name in the legend explains it.
    void explainAt(ChartView* view, QPointF position) {
        const auto index = indexOf(view);
        for (std::size_t i = 0; index && i < m_shown[*index].legendPlaces.size(); ++i)
            if (m_shown[*index].legendPlaces[i].contains(position))
                showExplanation(explanationOf(*m_groups[*index][i].metric, m_context.session.analysis().get()), view,
                                view->mapToGlobal(position.toPoint() + QPoint(0, 12)));
    }

    void showLayer(ChartView* view, double place) {
        const auto index = indexOf(view);
        if (place < 0 || layers() == 0 || !index) {
            view->viewport()->setCursor(place < 0 ? Qt::WhatsThisCursor : Qt::ArrowCursor);
            return QToolTip::hideText();
        }
        view->viewport()->setCursor(Qt::ArrowCursor);
        const int layer = layerAt(place);
        QStringList lines{tr("Layer %1").arg(layer)};
        for (const DepthLine& line : m_groups[*index]) {
            const auto at = static_cast<std::size_t>(layer);
            if (at >= line.layers.size() || !line.layers[at])
                continue;
            const Estimate& estimate = *line.layers[at];
            QString value = utf8Text(line.metric->title) + QStringLiteral(": ") + metricText(*line.metric, estimate.value);
            if (estimate.high > estimate.low)
                value += tr(" (%1 to %2)").arg(metricText(*line.metric, estimate.low), metricText(*line.metric, estimate.high));
            lines.append(value);
        }
        if (const auto& kinds = m_shown[*index].kinds; static_cast<std::size_t>(layer) < kinds.size() && !kinds[static_cast<std::size_t>(layer)].empty())
            lines.append(tr("Frame: %1").arg(kindTitle(kinds[static_cast<std::size_t>(layer)])));
        QToolTip::showText(QCursor::pos(), lines.join(QLatin1Char('\n')), view);
        showStatus(lines.join(QStringLiteral(" · ")));
    }

    ViewContext m_context;
    DepthProfile m_profile;
    ChartGrid* m_grid;
    MetricNotice* m_notice;
    MetricMenu* m_menu = nullptr;
    QToolButton* m_averageButton = nullptr;
    QTimer m_fit;
    bool m_averaged = true;
    std::vector<std::vector<DepthLine>> m_groups;
    std::vector<DepthChart> m_shown; ///< their charts belong to the views
};

QWidget* create(const ViewContext& context, QWidget* parent) {
    return new AlongDepth(context, parent);
}

} // namespace

namespace registry_views {
extern const ViewSpec along_depth;
const ViewSpec along_depth{"along_depth", QT_TRANSLATE_NOOP("Views", "Along depth"), DockArea::Bottom, 1, create};
} // namespace registry_views
} // namespace sinkscope

#include "along_depth.moc"
