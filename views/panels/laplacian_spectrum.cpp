// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"
#include "views/models/text_format.h"
#include "views/paint/spectrum.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"

#include <QActionGroup>
#include <QCursor>
#include <QToolTip>

#include <algorithm>

namespace sinkscope {
namespace {

using HeadSpectrumPtr = std::shared_ptr<const HeadSpectrum>;
using SpectrumBandPtr = std::shared_ptr<const SpectrumBand>;

/// Eigenvalues or singular values of the selected head, and where those of random rows would lie.
class LaplacianSpectrum : public PanelFrame {
    Q_OBJECT
public:
    LaplacianSpectrum(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Spectrum"), parent), m_context(context), m_head(context, this), m_view(new PaintedView(context.theme)) {
        m_view->setHint({600, 220});
        m_view->setAccessibleName(tr("Spectrum of the selected head"));
        setContent(m_view);
        addMenus();
        enableExport();
        m_view->setPaint([this](QPainter& painter, const QRectF& area) {
            if (m_content.spectrum)
                paintSpectrum(painter, area, currentAxes(), m_content, m_context.theme.smallFont, m_context.theme);
        });
        m_view->setOnKey([this](int key) { return onKey(key); });
        connect(m_view, &PaintedView::hovered, this, [this](QPointF position) { hover(m_content.spectrum ? placeAt(currentAxes(), m_content, position) : -1); });
        connect(m_view, &PaintedView::left, this, [this] { hover(-1); });
        connect(m_view, &PaintedView::clicked, this, [this](QPointF position) {
            if (m_content.spectrum)
                select(placeAt(currentAxes(), m_content, position));
        });
        connect(&m_head, &HeadFollower::changed, this, &LaplacianSpectrum::reload);
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, m_view, qOverload<>(&QWidget::update));
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        const std::string_view kind = nameOf(m_kind);
        return {{QStringLiteral("figure"), QStringLiteral("laplacian_spectrum")},
                {QStringLiteral("sample"), m_head.sample()},
                {QStringLiteral("layer"), m_head.layer()},
                {QStringLiteral("head"), m_head.head()},
                {QStringLiteral("spectrum"), QString::fromLatin1(kind.data(), static_cast<qsizetype>(kind.size()))},
                {QStringLiteral("null"), !m_null                                   ? QStringLiteral("none")
                                         : *m_null == AttentionNull::Shuffled ? QStringLiteral("shuffled")
                                                                              : QStringLiteral("entropy")}};
    }

private:
    void addMenus() {
        auto* kinds = new QActionGroup(this);
        for (const SpectrumKind kind : kSpectrumKinds) {
            QAction* action = kinds->addAction(titleOf(kind));
            action->setCheckable(true);
            action->setChecked(kind == m_kind);
            connect(action, &QAction::triggered, this, [this, kind] {
                m_kind = kind;
                reload();
            });
        }
        addChoice(tr("Spectrum"), kinds);
        auto* nulls = new QActionGroup(this);
        const auto addNull = [&](const QString& title, const QString& explanation, std::optional<AttentionNull> null) {
            QAction* action = nulls->addAction(title);
            action->setToolTip(explanation);
            action->setCheckable(true);
            action->setChecked(null == m_null);
            connect(action, &QAction::triggered, this, [this, null] {
                m_null = null;
                m_content.band.reset();
                m_view->update();
                requestBand();
            });
        };
        addNull(tr("Shuffled rows"), tr("Compare with the same rows, the visible weights of each in random order"), AttentionNull::Shuffled);
        addNull(tr("Same entropy"), tr("Compare with random rows that have the entropy of the head's"), AttentionNull::MatchedEntropy);
        addNull(tr("No comparison"), tr("Only the head"), std::nullopt);
        addChoice(tr("Compare with"), nulls);
    }

    [[nodiscard]] PlotAxes currentAxes() const { return layoutSpectrum(QRectF(m_view->rect()), m_content, m_context.theme.smallFont); }

    void reload() {
        setTitle(tr("Spectrum — layer %1, head %2").arg(m_head.layer()).arg(m_head.head()));
        m_bandJob.cancel();
        if (!m_head.statistics()) {
            m_job.cancel();
            m_content = {};
            setEmptyText(tr("No spectrum yet"), tr("Run a text to see the eigenvalues of its attention graph."));
            return setEmpty(true);
        }
        m_job.run(
            m_context.jobs, this,
            [capture = m_context.session.capture(), sample = m_head.sample(), layer = m_head.layer(), head = m_head.head(),
             kind = m_kind](JobContext& context) { return headSpectrum(*capture, sample, layer, head, kind, context); },
            [this](const Result<HeadSpectrumPtr>& result) {
                m_content = {};
                m_content.spectrum = result ? *result : nullptr;
                if (!result)
                    setEmptyText(tr("This head has no spectrum"), QString::fromStdString(describe(result.error())));
                setEmpty(!result);
                m_view->update();
                if (result)
                    requestBand();
            });
    }

    /// After the values, because it takes a hundred times as long.
    void requestBand() {
        m_bandJob.cancel();
        if (!m_content.spectrum || !m_null)
            return;
        m_bandJob.run(
            m_context.jobs, this,
            [capture = m_context.session.capture(), sample = m_head.sample(), layer = m_head.layer(), head = m_head.head(), kind = m_kind,
             null = *m_null](JobContext& context) { return spectrumBand(*capture, sample, layer, head, kind, null, context); },
            [this](const Result<SpectrumBandPtr>& result) {
                m_content.band = result ? *result : nullptr;
                m_view->update();
            });
    }

    [[nodiscard]] QString textOf(int place) const {
        const HeadSpectrum& spectrum = *m_content.spectrum;
        const auto index = static_cast<std::size_t>(place);
        QString text = QStringLiteral("%1 = %2").arg(symbolOf(spectrum.kind, place), numberText(spectrum.values[index]));
        if (m_content.band && index < m_content.band->low.size())
            text += tr(" · comparison %1 to %2").arg(numberText(m_content.band->low[index]), numberText(m_content.band->high[index]));
        const SampleTokens* tokens = m_head.tokens();
        if (tokens && spectrum.token[index] < static_cast<int>(tokens->display.size()))
            text += QLatin1Char('\n') + tr("largest part of its vector: token %1 “%2”, %3 %")
                                            .arg(spectrum.token[index])
                                            .arg(pieceWithSpaces(*tokens, spectrum.token[index]))
                                            .arg(qRound(100 * spectrum.share[index]));
        return text;
    }

    void hover(int place) {
        if (place != m_content.hovered) {
            m_content.hovered = place;
            m_view->update();
        }
        if (place < 0)
            return QToolTip::hideText();
        const QString text = textOf(place);
        QToolTip::showText(QCursor::pos(), text, m_view);
        showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
    }

    void select(int place) {
        if (place < 0)
            return;
        m_content.selected = place;
        m_view->update();
        m_context.selection.setToken(TokenId(m_content.spectrum->token[static_cast<std::size_t>(place)]));
        const QString text = textOf(place).replace(QLatin1Char('\n'), QStringLiteral(" · "));
        m_view->setAccessibleDescription(text);
        showStatus(text);
    }

    bool onKey(int key) {
        if (!m_content.spectrum || m_content.spectrum->values.empty())
            return false;
        const int last = static_cast<int>(m_content.spectrum->values.size()) - 1;
        int place = m_content.selected;
        switch (key) {
        case Qt::Key_Left: --place; break;
        case Qt::Key_Right: ++place; break;
        case Qt::Key_Home: place = 0; break;
        case Qt::Key_End: place = last; break;
        default: return false;
        }
        select(std::clamp(place, 0, last));
        return true;
    }

    ViewContext m_context;
    HeadFollower m_head;
    PaintedView* m_view;
    SpectrumKind m_kind = SpectrumKind::Laplacian;
    std::optional<AttentionNull> m_null = AttentionNull::Shuffled;
    SpectrumContent m_content;
    LatestJob<HeadSpectrumPtr> m_job;
    LatestJob<SpectrumBandPtr> m_bandJob;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new LaplacianSpectrum(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec laplacian_spectrum;
const ViewSpec laplacian_spectrum{"laplacian_spectrum", QT_TRANSLATE_NOOP("Views", "Spectrum"), DockArea::Bottom, 3, create};
} // namespace registry_views
} // namespace sinkscope

#include "laplacian_spectrum.moc"
