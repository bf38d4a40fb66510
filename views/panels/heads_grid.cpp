// SPDX-License-Identifier: Apache-2.0
#include "views/explain_popup.h"
#include "views/metric_menu.h"
#include "views/metric_notice.h"
#include "views/models/head_metrics.h"
#include "views/models/text_format.h"
#include "views/paint/color_bar.h"
#include "views/paint/heads_grid.h"
#include "views/paint/thumbnails.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QAbstractScrollArea>
#include <QActionGroup>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr double kSmallestCell = 26, kLargestCell = 78;

/// Layers x heads as thumbnails; paints what is visible only.
class HeadsArea : public QAbstractScrollArea {
    Q_OBJECT
public:
    HeadsArea(const ViewContext& context, HeadMetrics& metrics) : m_context(context), m_metrics(metrics) {
        setFocusPolicy(Qt::StrongFocus);
        setFrameShape(QFrame::NoFrame);
        viewport()->setMouseTracking(true);
        verticalScrollBar()->setSingleStep(24);
        horizontalScrollBar()->setSingleStep(24);
        setAccessibleName(tr("Heads of all layers"));
    }

    void forgetImages() { m_images.clear(); }
    void forgetImage(int layer) { std::erase_if(m_images, [layer](const auto& entry) { return entry.first.first == layer; }); }

    void refresh() {
        const CaptureHeader* header = m_context.session.header();
        const int layers = header ? header->layers : 0, heads = header ? header->heads : 0;
        m_grid = GridMetrics::fitting(viewport()->width(), heads, kSmallestCell, kLargestCell, m_context.theme.smallFont, this);
        const auto extent = [](double total, int room) { return std::max(0, static_cast<int>(total) - room); };
        verticalScrollBar()->setRange(0, extent(m_grid.heightFor(layers), viewport()->height()));
        verticalScrollBar()->setPageStep(viewport()->height());
        horizontalScrollBar()->setRange(0, extent(m_grid.widthFor(heads), viewport()->width()));
        horizontalScrollBar()->setPageStep(viewport()->width());
        viewport()->update();
    }

    void revealSelection() {
        const QRectF cell = m_grid.cellRect(m_context.selection.layer().value, m_context.selection.head().value);
        const auto reveal = [](QScrollBar* bar, double begin, double end, int room) {
            if (begin < bar->value())
                bar->setValue(static_cast<int>(begin));
            else if (end > bar->value() + room)
                bar->setValue(static_cast<int>(end) - room);
        };
        reveal(verticalScrollBar(), cell.top() - m_grid.columnLabel, cell.bottom() + m_grid.caption + m_grid.gap, viewport()->height());
        reveal(horizontalScrollBar(), cell.left() - m_grid.rowLabel, cell.right() + m_grid.gap, viewport()->width());
        viewport()->update();
    }

protected:
    void resizeEvent(QResizeEvent*) override { refresh(); }

    void paintEvent(QPaintEvent* event) override {
        const CaptureHeader* header = m_context.session.header();
        if (!header || !m_metrics.metric())
            return;
        QPainter painter(viewport());
        const QPointF shift(-horizontalScrollBar()->value(), -verticalScrollBar()->value());
        const QRectF visible = QRectF(event->rect()).translated(-shift);
        painter.translate(shift);
        const auto range = m_metrics.range();
        const int firstLayer = std::max(0, static_cast<int>((visible.top() - m_grid.columnLabel) / m_grid.pitchY()));
        const int lastLayer = std::min(header->layers - 1, static_cast<int>((visible.bottom() - m_grid.columnLabel) / m_grid.pitchY()));
        const int firstHead = std::max(0, static_cast<int>((visible.left() - m_grid.rowLabel) / m_grid.pitchX()));
        const int lastHead = std::min(header->heads - 1, static_cast<int>((visible.right() - m_grid.rowLabel) / m_grid.pitchX()));
        for (int layer = firstLayer; layer <= lastLayer; ++layer)
            for (int head = firstHead; head <= lastHead; ++head)
                paintHeadCell(painter, m_grid.cellRect(layer, head), cellOf(layer, head, range), *m_metrics.metric(), m_grid.caption, m_context.theme.smallFont,
                              m_context.theme);
        paintLabels(painter, shift, firstLayer, lastLayer, firstHead, lastHead);
    }

    void mousePressEvent(QMouseEvent* event) override {
        if (const auto cell = cellAt(event->position()))
            m_context.selection.setHead(LayerId(cell->first), HeadId(cell->second));
    }

    void keyPressEvent(QKeyEvent* event) override {
        const CaptureHeader* header = m_context.session.header();
        int layer = m_context.selection.layer().value, head = m_context.selection.head().value;
        switch (event->key()) {
        case Qt::Key_Left: --head; break;
        case Qt::Key_Right: ++head; break;
        case Qt::Key_Up: --layer; break;
        case Qt::Key_Down: ++layer; break;
        case Qt::Key_Home: head = 0; break;
        case Qt::Key_End: head = header ? header->heads - 1 : 0; break;
        default: return QAbstractScrollArea::keyPressEvent(event);
        }
        if (header)
            m_context.selection.setHead(LayerId(std::clamp(layer, 0, header->layers - 1)), HeadId(std::clamp(head, 0, header->heads - 1)));
    }

    bool viewportEvent(QEvent* event) override {
        if (event->type() == QEvent::ToolTip) {
            const auto* help = static_cast<QHelpEvent*>(event);
            if (const auto cell = cellAt(help->pos()))
                QToolTip::showText(help->globalPos(), tooltipOf(cell->first, cell->second), viewport());
            return true;
        }
        return QAbstractScrollArea::viewportEvent(event);
    }

private:
    [[nodiscard]] int sample() const { return m_context.selection.sample().value; }

    HeadCell cellOf(int layer, int head, std::pair<double, double> range) {
        HeadCell cell;
        const auto statistics = m_context.session.statistics(sample(), layer);
        if (!statistics)
            return cell;
        auto& image = m_images[{layer, head}];
        if (image.isNull())
            image = thumbnailImage(*statistics, head);
        cell.thumbnail = image;
        cell.value = m_metrics.value(layer, head);
        cell.unit = cell.value ? metricUnit(*m_metrics.metric(), *cell.value, range.first, range.second) : 0;
        cell.selected = m_context.selection.layer().value == layer && m_context.selection.head().value == head;
        return cell;
    }

    /// Row and column labels stay at the edges while the heads scroll beneath them.
    void paintLabels(QPainter& painter, QPointF shift, int firstLayer, int lastLayer, int firstHead, int lastHead) const {
        const Theme& theme = m_context.theme;
        painter.resetTransform();
        painter.setFont(theme.smallFont);
        painter.fillRect(QRectF(0, 0, viewport()->width(), m_grid.columnLabel), theme.panel);
        painter.fillRect(QRectF(0, 0, m_grid.rowLabel - 2, viewport()->height()), theme.panel);
        for (int head = firstHead; head <= lastHead; ++head) {
            const QRectF cell = m_grid.cellRect(0, head).translated(shift.x(), 0);
            painter.setPen(head == m_context.selection.head().value ? theme.text : theme.mutedText);
            painter.drawText(QRectF(cell.left(), 0, cell.width(), m_grid.columnLabel), Qt::AlignCenter, QStringLiteral("H%1").arg(head));
        }
        painter.fillRect(QRectF(0, 0, m_grid.rowLabel - 2, m_grid.columnLabel), theme.panel);
        for (int layer = firstLayer; layer <= lastLayer; ++layer) {
            const QRectF cell = m_grid.cellRect(layer, 0).translated(0, shift.y());
            if (cell.center().y() < m_grid.columnLabel)
                continue;
            painter.setPen(layer == m_context.selection.layer().value ? theme.text : theme.mutedText);
            painter.drawText(QRectF(0, cell.top(), m_grid.rowLabel - 6, cell.height()), Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("L%1").arg(layer));
        }
    }

    [[nodiscard]] std::optional<std::pair<int, int>> cellAt(QPointF position) const {
        const CaptureHeader* header = m_context.session.header();
        const double x = position.x() + horizontalScrollBar()->value() - m_grid.rowLabel;
        const double y = position.y() + verticalScrollBar()->value() - m_grid.columnLabel;
        if (!header || x < 0 || y < 0)
            return std::nullopt;
        const int layer = static_cast<int>(y / m_grid.pitchY()), head = static_cast<int>(x / m_grid.pitchX());
        if (layer >= header->layers || head >= header->heads)
            return std::nullopt;
        return std::pair(layer, head);
    }

    QString tooltipOf(int layer, int head) {
        const CaptureHeader* header = m_context.session.header();
        QString text = headTitle(LayerId(layer), HeadId(head));
        if (header->keyValueHeads != header->heads)
            text += QStringLiteral(" · ") + tr("key/value head %1 of %2").arg(head / (header->heads / header->keyValueHeads)).arg(header->keyValueHeads);
        if (!m_metrics.metric())
            return text;
        const MetricSpec& metric = *m_metrics.metric();
        const auto known = m_metrics.estimate(layer, head);
        text += QLatin1Char('\n') + utf8Text(metric.title) + QStringLiteral(": ") + metricText(metric, known ? std::optional(known->value) : std::nullopt);
        if (known && known->high > known->low)
            text += tr(" (95 %: %1 to %2, %n samples)", nullptr, known->samples).arg(metricText(metric, known->low), metricText(metric, known->high));
        return text;
    }

    ViewContext m_context;
    HeadMetrics& m_metrics;
    GridMetrics m_grid;
    std::map<std::pair<int, int>, QImage> m_images;
};

/// What the colours of the frames mean.
class GridLegend : public QWidget {
    Q_OBJECT
public:
    GridLegend(const ViewContext& context, HeadMetrics& metrics) : m_context(context), m_metrics(metrics) {
        setFixedHeight(static_cast<int>(colorBarHeight(context.theme.smallFont, this)) + 14);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        static const std::vector<QRgb> colors = indexColors("viridis");
        QPainter painter(this);
        const MetricSpec* metric = m_metrics.metric();
        const auto range = m_metrics.range();
        if (!metric || range.second < range.first)
            return;
        const double left = GridMetrics::fitting(width(), 1, 1, 1, m_context.theme.smallFont, this).rowLabel;
        paintColorBar(painter, QRectF(left, 6, std::min(width() - left - 14, 420.0), height() - 8), metricScale(*metric, range.first, range.second), colors,
                      utf8Text(metric->title), m_context.theme.smallFont, m_context.theme);
    }

private:
    ViewContext m_context;
    HeadMetrics& m_metrics;
};

class HeadsGrid : public PanelFrame {
    Q_OBJECT
public:
    HeadsGrid(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Heads"), parent), m_context(context), m_metrics(context.session, context.jobs), m_area(new HeadsArea(context, m_metrics)),
          m_legend(new GridLegend(context, m_metrics)), m_notice(new MetricNotice(context.session, context.theme)), m_explain(new ExplainButton) {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        layout->addWidget(m_notice);
        layout->addWidget(m_area, 1);
        auto* footer = new QHBoxLayout;
        footer->setContentsMargins(0, 0, 6, 0);
        footer->setSpacing(0);
        footer->addWidget(m_legend, 1);
        footer->addWidget(m_explain, 0, Qt::AlignTop);
        layout->addLayout(footer);
        setContent(page);
        setEmptyText(tr("No heads yet"), tr("Run a text: every head of every layer appears here as it is computed."));
        addAverageChoice();
        addMetricMenu();
        enableExport();
        connectAll();
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        QJsonObject recipe{{QStringLiteral("figure"), QStringLiteral("heads_grid")},
                           {QStringLiteral("sample"), m_context.selection.sample().value},
                           {QStringLiteral("metric"), m_metrics.metric() ? utf8Text(m_metrics.metric()->id) : QString()}};
        if (m_metrics.isAveraged())
            recipe.insert(QStringLiteral("average"), true);
        return recipe;
    }

private:
    void addAverageChoice() {
        auto* group = new QActionGroup(this);
        for (const bool averaged : {false, true}) {
            QAction* action = group->addAction(averaged ? tr("Mean") : tr("Sample"));
            action->setToolTip(averaged ? tr("The frames show the mean over all samples") : tr("The frames show the selected sample"));
            action->setObjectName(averaged ? QStringLiteral("meanOverSamples") : QStringLiteral("thisSample"));
            action->setCheckable(true);
            action->setChecked(!averaged);
            connect(action, &QAction::triggered, this, [this, averaged] { m_metrics.setAveraged(averaged); });
        }
        m_averageButton = addChoice(tr("What the frames show"), group);
    }

    void addMetricMenu() {
        // Of one sample the sink rate is 0 or 1: what the first token receives says more until somebody asks for another.
        const MetricSpec* start = findMetric("received_first") ? findMetric("received_first") : metrics().front();
        auto* menu = new MetricMenu(MetricMenu::Choice::One, {start}, this);
        m_button = addMenu(utf8Text(start->title), menu);
        connect(menu, &MetricMenu::changed, this, [this, menu] { setMetric(menu->chosen().front()); });
        setMetric(start);
    }

    void setMetric(const MetricSpec* metric) {
        const QString title = utf8Text(metric->title);
        m_button->setText(title);
        m_button->setToolTip(tr("Colour of the frames: %1").arg(title));
        m_button->setAccessibleName(m_button->toolTip());
        m_notice->setMetrics({metric});
        m_metrics.setMetric(metric);
        m_explain->setExplanation(explanationOf(*metric, m_context.session.analysis().get()));
    }

    void connectAll() {
        const SessionModel& session = m_context.session;
        connect(&session, &SessionModel::captureChanged, this, &HeadsGrid::reload);
        connect(&session, &SessionModel::analysisChanged, this, [this] {
            m_explain->setExplanation(explanationOf(*m_metrics.metric(), m_context.session.analysis().get()));
        });
        connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
            if (sample != m_context.selection.sample().value)
                return;
            m_area->forgetImage(layer);
            m_area->viewport()->update();
        });
        connect(&m_metrics, &HeadMetrics::changed, this, [this] {
            m_area->viewport()->update();
            m_legend->update();
        });
        connect(&m_context.selection, &Selection::sampleChanged, this, &HeadsGrid::reload);
        connect(&m_context.selection, &Selection::headChanged, m_area, &HeadsArea::revealSelection);
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, this, &HeadsGrid::reload);
    }

    void reload() {
        m_metrics.setSample(m_context.selection.sample().value);
        m_area->forgetImages();
        const CaptureHeader* header = m_context.session.header();
        setEmpty(!header);
        setNote(header ? QStringLiteral("%1 × %2").arg(header->layers).arg(header->heads) : QString());
        m_averageButton->setVisible(header && header->samples.size() > 1);
        m_notice->refresh();
        m_area->refresh();
        m_legend->update();
    }

    ViewContext m_context;
    HeadMetrics m_metrics;
    HeadsArea* m_area;
    GridLegend* m_legend;
    MetricNotice* m_notice;
    ExplainButton* m_explain;
    QToolButton* m_averageButton = nullptr;
    QToolButton* m_button = nullptr;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new HeadsGrid(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec heads_grid;
const ViewSpec heads_grid{"heads_grid", QT_TRANSLATE_NOOP("Views", "Heads"), DockArea::Heads, 0, create};
} // namespace registry_views
} // namespace sinkscope

#include "heads_grid.moc"
