// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"
#include "views/models/text_format.h"
#include "views/paint/barcode.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"

#include <QActionGroup>
#include <QCursor>
#include <QToolTip>

#include <algorithm>

namespace sinkscope {
namespace {

using HeadBarcodePtr = std::shared_ptr<const HeadBarcode>;

/// Persistent homology of the selected head: bars or diagram, with the Betti numbers below.
class BarcodePanel : public PanelFrame {
    Q_OBJECT
public:
    BarcodePanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Barcode"), parent), m_context(context), m_head(context, this), m_view(new PaintedView(context.theme)) {
        m_view->setHint({500, 560});
        m_view->setAccessibleName(tr("Persistence barcode of the selected head"));
        setContent(m_view);
        addMenus();
        enableExport();
        m_view->setPaint([this](QPainter& painter, const QRectF& area) {
            if (m_content.head)
                paintBarcode(painter, layoutBarcode(area, m_content, m_context.theme.smallFont), m_content, m_context.theme.smallFont, m_context.theme);
        });
        m_view->setOnKey([this](int key) { return onKey(key); });
        connectView();
        connect(&m_head, &HeadFollower::changed, this, &BarcodePanel::reload);
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, m_view, qOverload<>(&QWidget::update));
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        const std::string_view filtration = nameOf(m_filtration);
        return {{QStringLiteral("figure"), QStringLiteral("barcode")},
                {QStringLiteral("sample"), m_head.sample()},
                {QStringLiteral("layer"), m_head.layer()},
                {QStringLiteral("head"), m_head.head()},
                {QStringLiteral("view"), m_content.view == BarcodeView::Bars ? QStringLiteral("bars") : QStringLiteral("diagram")},
                {QStringLiteral("filtration"), QString::fromLatin1(filtration.data(), static_cast<qsizetype>(filtration.size()))}};
    }

private:
    void addMenus() {
        auto* views = new QActionGroup(this);
        for (const BarcodeView view : {BarcodeView::Bars, BarcodeView::Diagram}) {
            QAction* action = views->addAction(view == BarcodeView::Bars ? tr("Bars") : tr("Diagram"));
            action->setToolTip(view == BarcodeView::Bars ? tr("One bar for each component and cycle, from birth to death")
                                                         : tr("Birth against death; wheel zooms, drag moves, double click shows everything"));
            action->setCheckable(true);
            action->setChecked(view == m_content.view);
            connect(action, &QAction::triggered, this, [this, view] {
                m_content.view = view;
                m_content.hovered.reset();
                m_view->update();
            });
        }
        addChoice(tr("Show as"), views);
        auto* filtrations = new QActionGroup(this);
        for (const Filtration filtration : kFiltrations) {
            QAction* action = filtrations->addAction(titleOf(filtration));
            action->setCheckable(true);
            action->setChecked(filtration == m_filtration);
            connect(action, &QAction::triggered, this, [this, filtration] {
                m_filtration = filtration;
                reload();
            });
        }
        addChoice(tr("Dissimilarity of tokens"), filtrations);
    }

    void connectView() {
        connect(m_view, &PaintedView::hovered, this, &BarcodePanel::hover);
        connect(m_view, &PaintedView::left, this, [this] { setHovered(std::nullopt); });
        connect(m_view, &PaintedView::clicked, this, [this](QPointF position) {
            if (m_content.head)
                if (const auto bar = barAt(currentLayout(), m_content, position))
                    select(*bar);
        });
        connect(m_view, &PaintedView::zoomed, this, &BarcodePanel::zoomAt);
        connect(m_view, &PaintedView::doubleClicked, this, [this] {
            m_content.zoom = QRectF(0, 0, 1, 1);
            m_view->update();
        });
        connect(m_view, &PaintedView::dragged, this, [this](QPointF from, QPointF position) {
            if (from == position)
                m_zoomBefore = m_content.zoom;
            if (!m_content.head || m_content.view != BarcodeView::Diagram)
                return;
            const QRectF area = currentLayout().main.area;
            const QPointF shift((position.x() - from.x()) / area.width() * m_zoomBefore.width(), (position.y() - from.y()) / area.height() * m_zoomBefore.height());
            setZoom(m_zoomBefore.translated(-shift.x(), shift.y()));
        });
    }

    [[nodiscard]] BarcodeLayout currentLayout() const { return layoutBarcode(QRectF(m_view->rect()), m_content, m_context.theme.smallFont); }

    void reload() {
        setTitle(tr("Barcode — layer %1, head %2").arg(m_head.layer()).arg(m_head.head()));
        m_content.hovered.reset();
        const auto statistics = m_head.statistics();
        if (!statistics) {
            m_job.cancel();
            m_content.head.reset();
            setEmptyText(tr("No barcode yet"), tr("Run a text to see the components and cycles of its attention."));
            return setEmpty(true);
        }
        m_job.run(
            m_context.jobs, this,
            [capture = m_context.session.capture(), sample = m_head.sample(), layer = m_head.layer(), head = m_head.head(),
             filtration = m_filtration](JobContext& context) { return headBarcode(*capture, sample, layer, head, filtration, context); },
            [this](const Result<HeadBarcodePtr>& result) { arrived(result); });
    }

    void arrived(const Result<HeadBarcodePtr>& result) {
        m_content.selected.reset();
        m_content.head = result ? *result : nullptr;
        if (!result)
            setEmptyText(tr("This head has no barcode"), QString::fromStdString(describe(result.error())));
        setEmpty(!result);
        m_view->setAccessibleDescription(result ? tr("%1 components, %2 cycles").arg((*result)->barcode.zero.size()).arg((*result)->barcode.one.size())
                                                : QString());
        m_view->update();
    }

    void setHovered(std::optional<BarId> bar) {
        if (m_content.hovered != bar) {
            m_content.hovered = bar;
            m_view->update();
        }
        if (!bar)
            QToolTip::hideText();
    }

    void hover(QPointF position) {
        if (!m_content.head)
            return;
        setHovered(barAt(currentLayout(), m_content, position));
        const SampleTokens* tokens = m_head.tokens();
        if (!m_content.hovered || !tokens)
            return;
        const QString text = barText(*m_content.head, *m_content.hovered, *tokens);
        QToolTip::showText(QCursor::pos(), text, m_view);
        showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
    }

    /// A causal head looks back: of the two tokens of an edge the later one is the query.
    void select(BarId bar) {
        m_content.selected = bar;
        m_view->update();
        const auto edge = edgeOf(*m_content.head, bar);
        m_context.selection.setToken(TokenId(edge ? std::min(edge->first, edge->second) : barOf(*m_content.head, bar).creator[0]));
        if (edge)
            m_context.selection.setQuery(TokenId(std::max(edge->first, edge->second)));
        if (const SampleTokens* tokens = m_head.tokens()) {
            const QString text = barText(*m_content.head, bar, *tokens).replace(QLatin1Char('\n'), QStringLiteral(" · "));
            m_view->setAccessibleDescription(text);
            showStatus(text);
        }
    }

    bool onKey(int key) {
        if (!m_content.head)
            return false;
        int step = 0;
        switch (key) {
        case Qt::Key_Up:
        case Qt::Key_Left: step = -1; break;
        case Qt::Key_Down:
        case Qt::Key_Right: step = 1; break;
        case Qt::Key_Home: step = -1'000'000; break;
        case Qt::Key_End: step = 1'000'000; break;
        case Qt::Key_Plus: zoomAt(currentLayout().main.area.center(), 1.25); return true;
        case Qt::Key_Minus: zoomAt(currentLayout().main.area.center(), 0.8); return true;
        default: return false;
        }
        if (const auto bar = stepFrom(currentLayout(), m_content, step))
            select(*bar);
        return true;
    }

    void zoomAt(QPointF position, double factor) {
        if (!m_content.head || m_content.view != BarcodeView::Diagram)
            return;
        const QRectF area = currentLayout().main.area, before = m_content.zoom;
        const double x = (position.x() - area.left()) / area.width(), y = (area.bottom() - position.y()) / area.height();
        const double size = std::clamp(before.width() / factor, 1e-3, 1.0);
        setZoom(QRectF(before.left() + x * (before.width() - size), before.top() + y * (before.height() - size), size, size));
    }

    void setZoom(QRectF zoom) {
        zoom.moveLeft(std::clamp(zoom.left(), 0.0, 1.0 - zoom.width()));
        zoom.moveTop(std::clamp(zoom.top(), 0.0, 1.0 - zoom.height()));
        m_content.zoom = zoom;
        m_view->update();
    }

    ViewContext m_context;
    HeadFollower m_head;
    PaintedView* m_view;
    Filtration m_filtration = Filtration::Mean;
    BarcodeContent m_content;
    QRectF m_zoomBefore{0, 0, 1, 1};
    LatestJob<HeadBarcodePtr> m_job;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new BarcodePanel(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec barcode;
const ViewSpec barcode{"barcode", QT_TRANSLATE_NOOP("Views", "Barcode"), DockArea::Map, 2, create};
} // namespace registry_views
} // namespace sinkscope

#include "barcode.moc"
