// SPDX-License-Identifier: Apache-2.0
#include "views/explain_popup.h"
#include "views/head_follower.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/paint/value_space.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"

#include <QCursor>
#include <QResizeEvent>
#include <QScrollArea>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

using ValueSpacePtr = std::shared_ptr<const ValueSpace>;

/// Keeps its content as wide as itself, and as tall as it needs.
class TallArea : public QScrollArea {
public:
    TallArea() {
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    }
    std::function<void(int)> onWidth;

protected:
    void resizeEvent(QResizeEvent* event) override {
        if (onWidth)
            onWidth(viewport()->width());
        QScrollArea::resizeEvent(event);
    }
};

/// Norms, directions and influence of the values of the selected head, beside the attention that its tokens receive.
class ValueSpacePanel : public PanelFrame {
    Q_OBJECT
public:
    ValueSpacePanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Value space"), parent), m_context(context), m_head(context, this), m_view(new PaintedView(context.theme)), m_area(new TallArea) {
        m_view->setAccessibleName(tr("Value space of the selected head"));
        m_area->setWidget(m_view);
        m_area->onWidth = [this](int) { fitHeight(); };
        setContent(m_area);
        enableExport();
        m_view->setPaint([this](QPainter& painter, const QRectF&) {
            if (m_content.space)
                paintValueSpace(painter, currentLayout(), m_content, m_context.theme.smallFont, m_context.theme);
        });
        m_view->setOnKey([this](int key) { return onKey(key); });
        connect(m_view, &PaintedView::hovered, this, &ValueSpacePanel::hover);
        connect(m_view, &PaintedView::left, this, [this] { setHovered(-1); });
        connect(m_view, &PaintedView::clicked, this, &ValueSpacePanel::click);
        connect(&context.session, &SessionModel::analysisChanged, &m_head, &HeadFollower::outdate); // other sinks, perhaps
        connect(&m_head, &HeadFollower::changed, this, &ValueSpacePanel::reload);
        connect(&context.selection, &Selection::tokenChanged, this, [this](TokenId token) {
            m_content.labels.selected = token.value;
            m_view->update();
        });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, [this] {
            fitHeight();
            m_view->update();
        });
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        return {{QStringLiteral("figure"), QStringLiteral("value_space")},
                {QStringLiteral("sample"), m_head.sample()},
                {QStringLiteral("layer"), m_head.layer()},
                {QStringLiteral("head"), m_head.head()}};
    }

private:
    [[nodiscard]] ValueSpaceLayout currentLayout() const { return layoutValueSpace(QRectF(m_view->rect()), m_content, m_context.theme.smallFont); }

    /// Broad and low panels lay the parts side by side and need less.
    void fitHeight() {
        if (!m_content.space)
            return;
        const QSize room = m_area->viewport()->size();
        const bool isBroad = room.width() >= 680 && room.width() > 1.45 * room.height();
        m_view->setMinimumHeight(isBroad ? 330 : static_cast<int>(std::ceil(valueSpaceHeight(room.width(), m_content, m_context.theme.smallFont))));
    }

    void reload() {
        setTitle(tr("Value space — layer %1, head %2").arg(m_head.layer()).arg(m_head.head()));
        m_content.hovered = -1;
        auto statistics = m_head.statistics();
        if (!statistics) {
            m_job.cancel();
            m_content.space.reset();
            setEmptyText(tr("No values yet"), tr("Run a text to see what each token's value contributes."));
            return setEmpty(true);
        }
        m_job.run(
            m_context.jobs, this,
            [capture = m_context.session.capture(), sample = m_head.sample(), head = m_head.head(), statistics,
             parameters = metricParametersOf(m_context.session)](JobContext& context) {
                return valueSpaceOf(*capture, sample, head, statistics, parameters, context);
            },
            [this](const Result<ValueSpacePtr>& result) { arrived(result); });
    }

    void arrived(const Result<ValueSpacePtr>& result) {
        const SampleTokens* tokens = m_head.tokens();
        m_content.space = result && tokens ? *result : nullptr;
        if (!result)
            setEmptyText(tr("The values of this head cannot be shown"), QString::fromStdString(describe(result.error())));
        setEmpty(!m_content.space);
        if (!m_content.space)
            return;
        m_content.labels = tokenLabels(*tokens, sinksOf(m_context.session, m_head.sample(), m_head.layer(), m_head.head()), m_context.selection.token().value);
        fitHeight();
        m_view->update();
    }

    void setHovered(int token) {
        if (token != m_content.hovered) {
            m_content.hovered = token;
            m_view->update();
        }
        if (token < 0)
            QToolTip::hideText();
    }

    [[nodiscard]] QString tokenText(int token) const {
        const SampleTokens* tokens = m_head.tokens();
        if (!tokens || token < 0 || token >= static_cast<int>(tokens->display.size()))
            return {};
        const ValueSpace& space = *m_content.space;
        const auto index = static_cast<std::size_t>(token);
        QStringList lines{tr("token %1 “%2”").arg(token).arg(pieceWithSpaces(*tokens, token))};
        const auto add = [&](const QString& title, const std::vector<double>& values) {
            if (index < values.size() && std::isfinite(values[index]))
                lines.append(title + QStringLiteral(": ") + numberText(values[index]));
        };
        for (std::size_t i = 0; i < kTokenQuantities; ++i)
            add(titleOf(static_cast<TokenQuantity>(i)), space.of[i]);
        add(tr("Attention, first query aside"), space.attention);
        add(tr("Directional influence"), space.influence);
        return lines.join(QLatin1Char('\n'));
    }

    void hover(QPointF position) {
        if (!m_content.space)
            return;
        const ValueSpaceLayout layout = currentLayout();
        if (const int number = numberAt(layout, position); number >= 0) {
            setHovered(-1);
            return QToolTip::showText(QCursor::pos(), explanationHtml(explanationFor(number)), m_view);
        }
        setHovered(tokenAt(layout, m_content, position));
        if (m_content.hovered < 0)
            return;
        QString text = tokenText(m_content.hovered);
        showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
        for (const ValueSpaceLayout::Row& row : layout.rows)
            if (row.title.contains(position))
                text = explanationOf(row.quantity);
        QToolTip::showText(QCursor::pos(), text, m_view);
    }

    [[nodiscard]] Explanation explanationFor(int number) const {
        const ValueSpace::Number& one = m_content.space->numbers[static_cast<std::size_t>(number)];
        return explanationOf(*one.metric, m_context.session.analysis().get(), metricText(*one.metric, one.value));
    }

    void click(QPointF position) {
        if (!m_content.space)
            return;
        const ValueSpaceLayout layout = currentLayout();
        if (const int number = numberAt(layout, position); number >= 0)
            return showExplanation(explanationFor(number), m_view, QCursor::pos());
        if (const int token = tokenAt(layout, m_content, position); token >= 0)
            m_context.selection.setToken(TokenId(token));
    }

    bool onKey(int key) {
        if (!m_content.space || m_content.space->tokens == 0)
            return false;
        int token = m_context.selection.token().value;
        switch (key) {
        case Qt::Key_Left: --token; break;
        case Qt::Key_Right: ++token; break;
        case Qt::Key_Home: token = 0; break;
        case Qt::Key_End: token = m_content.space->tokens - 1; break;
        default: return false;
        }
        m_context.selection.setToken(TokenId(std::clamp(token, 0, m_content.space->tokens - 1)));
        const QString text = tokenText(m_context.selection.token().value).replace(QLatin1Char('\n'), QStringLiteral(" · "));
        m_view->setAccessibleDescription(text);
        showStatus(text);
        return true;
    }

    ViewContext m_context;
    HeadFollower m_head;
    PaintedView* m_view;
    TallArea* m_area;
    ValueSpaceContent m_content;
    LatestJob<ValueSpacePtr> m_job;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new ValueSpacePanel(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec value_space;
const ViewSpec value_space{"value_space", QT_TRANSLATE_NOOP("Views", "Value space"), DockArea::Map, 3, create};
} // namespace registry_views
} // namespace sinkscope

#include "value_space.moc"
