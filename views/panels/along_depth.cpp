// SPDX-License-Identifier: Apache-2.0
#include "views/charts/chart_view.h"
#include "views/charts/depth_chart.h"
#include "views/models/depth_profile.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QCursor>
#include <QJsonArray>
#include <QMenu>
#include <QToolTip>

#include <algorithm>

namespace sinkscope {
namespace {

QString text(std::string_view value) {
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

/// Metrics, averaged over heads and samples, from the first layer to the last.
class AlongDepth : public PanelFrame {
    Q_OBJECT
public:
    AlongDepth(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Along depth"), parent), m_context(context), m_profile(context.session, context.jobs, this),
          m_view(new ChartView(context.theme)), m_chosen(defaultDepthMetrics()) {
        setContent(m_view);
        setEmptyText(tr("No layers yet"), tr("Run a text to follow sinks and entropies from the first layer to the last."));
        m_view->setAccessibleName(tr("Metrics along depth"));
        addMetricMenu();
        enableExport();
        connect(&m_profile, &DepthProfile::changed, this, &AlongDepth::reload);
        connect(&context.session, &SessionModel::captureChanged, this, &AlongDepth::reload);
        connect(&context.selection, &Selection::headChanged, this, [this](LayerId layer, HeadId) {
            m_shown.selected = layer.value;
            m_view->viewport()->update();
        });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &AlongDepth::reload);
        connect(m_view, &ChartView::chosen, this, [this](double place) { choose(layerAt(place)); });
        connect(m_view, &ChartView::stepped, this, [this](int direction) { choose(m_context.selection.layer().value + direction); });
        connect(m_view, &ChartView::hovered, this, &AlongDepth::showLayer);
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        QJsonArray ids;
        for (const MetricSpec* metric : m_chosen)
            ids.append(text(metric->id));
        return {{QStringLiteral("figure"), QStringLiteral("along_depth")}, {QStringLiteral("metrics"), ids}};
    }

private:
    void addMetricMenu() {
        auto* menu = new QMenu(this);
        menu->setToolTipsVisible(true);
        for (const MetricSpec* metric : metrics()) {
            QAction* action = menu->addAction(text(metric->title));
            action->setToolTip(text(metric->explanation));
            action->setCheckable(true);
            action->setChecked(std::ranges::find(m_chosen, metric) != m_chosen.end());
            connect(action, &QAction::toggled, this, [this, metric](bool on) {
                std::erase(m_chosen, metric);
                if (on)
                    m_chosen.push_back(metric);
                reload();
            });
        }
        addMenu(tr("Metrics"), menu);
    }

    void reload() {
        const CaptureHeader* header = m_context.session.header();
        const int layers = header ? header->layers : 0;
        m_lines.clear();
        bool any = false;
        for (const MetricSpec* metric : m_chosen) {
            m_lines.push_back({metric, m_profile.line(*metric)});
            any = any || std::ranges::any_of(m_lines.back().layers, [](const auto& value) { return value.has_value(); });
        }
        const auto samples = header ? static_cast<int>(header->samples.size()) : 0;
        setNote(samples > 1 ? tr("%n samples", nullptr, samples) + (m_context.session.analysis() ? tr(" · 95 % CI") : QString()) : QString());
        setEmpty(!any);
        m_shown = makeDepthChart(m_lines, layers, m_context.theme, m_context.theme.smallFont);
        m_shown.selected = m_context.selection.layer().value;
        m_view->show(std::move(m_shown.chart), [this](QPainter& painter, const QRectF& plot) {
            paintDepthChart(painter, plot, 0, m_shown, m_context.theme.smallFont, m_context.theme);
        });
        m_profile.requestIntervals(m_chosen);
    }

    [[nodiscard]] int layerAt(double place) const {
        const double steps = std::max(m_shown.layers - 1, 0) + 0.6;
        return std::clamp(static_cast<int>(place * steps - 0.3 + 0.5), 0, std::max(m_shown.layers - 1, 0));
    }

    void choose(int layer) {
        if (m_shown.layers > 0)
            m_context.selection.setHead(LayerId(std::clamp(layer, 0, m_shown.layers - 1)), m_context.selection.head());
    }

    void showLayer(double place) {
        if (place < 0 || m_shown.layers == 0)
            return QToolTip::hideText();
        const int layer = layerAt(place);
        QStringList lines{tr("Layer %1").arg(layer)};
        for (const DepthLine& line : m_lines) {
            const auto index = static_cast<std::size_t>(layer);
            if (index >= line.layers.size() || !line.layers[index])
                continue;
            const Estimate& estimate = *line.layers[index];
            QString value = text(line.metric->title) + QStringLiteral(": ") + metricText(*line.metric, estimate.value);
            if (estimate.high > estimate.low)
                value += tr(" (%1 to %2)").arg(metricText(*line.metric, estimate.low), metricText(*line.metric, estimate.high));
            lines.append(value);
        }
        QToolTip::showText(QCursor::pos(), lines.join(QLatin1Char('\n')), m_view);
        showStatus(lines.join(QStringLiteral(" · ")));
    }

    ViewContext m_context;
    DepthProfile m_profile;
    ChartView* m_view;
    std::vector<const MetricSpec*> m_chosen;
    std::vector<DepthLine> m_lines;
    DepthChart m_shown; ///< its chart belongs to the view
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
