// SPDX-License-Identifier: Apache-2.0
#include "core/capture/head_pyramid.h"
#include "views/heat_map_widget.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QCursor>
#include <QToolTip>

namespace sinkscope {
namespace {

/// What a worker brings back.
struct HeatMapResult {
    std::shared_ptr<const HeadAttention> attention;
    std::shared_ptr<const AttentionPyramid> pyramid; ///< instead, of a long text
    std::shared_ptr<const MatrixImage> image;
};

Result<HeatMapResult> colour(HeatMapResult result, const HeatMapRequest& request, JobContext& context) {
    if (result.pyramid) {
        SINKSCOPE_TRY(result.image, heatMapImage(*result.pyramid, request, context));
    } else {
        SINKSCOPE_TRY(result.image, heatMapImage(*result.attention, request, context));
    }
    return result;
}

Result<HeatMapResult> fetch(CaptureSource& capture, int sample, int layer, int head, const HeatMapRequest& request, JobContext& context) {
    HeatMapResult result;
    if (capture.header().samples[static_cast<std::size_t>(sample)]->encoding.ids.size() > kLongestFullMap) {
        SINKSCOPE_TRY(result.pyramid, attentionPyramidOf(capture, sample, layer, head, context));
    } else {
        SINKSCOPE_TRY(result.attention, attentionOf(capture, sample, layer, head));
    }
    return colour(std::move(result), request, context);
}

/// Attention of the selected head.
class AttentionHeatmap : public PanelFrame {
    Q_OBJECT
public:
    AttentionHeatmap(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Attention"), parent), m_context(context), m_map(new HeatMapWidget(context.theme)) {
        setContent(m_map);
        setEmptyText(tr("No attention yet"), tr("Run a text to see what each token attends to."));
        addMenus();
        enableExport();
        connectAll();
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        const Selection& selection = m_context.selection;
        return {{QStringLiteral("figure"), QStringLiteral("heat_map")},
                {QStringLiteral("sample"), selection.sample().value},
                {QStringLiteral("layer"), selection.layer().value},
                {QStringLiteral("head"), selection.head().value},
                {QStringLiteral("values"), m_request.logits ? QStringLiteral("logits") : QStringLiteral("weights")},
                {QStringLiteral("scale"), QString::fromLatin1(nameOf(m_request.scale).data(), static_cast<qsizetype>(nameOf(m_request.scale).size()))}};
    }

private:
    void addMenus() {
        auto* valueGroup = new QActionGroup(this);
        for (const bool logits : {false, true}) {
            QAction* action = valueGroup->addAction(logits ? tr("Logits") : tr("Weights"));
            action->setCheckable(true);
            action->setChecked(logits == m_request.logits);
            connect(action, &QAction::triggered, this, [this, logits] {
                m_request.logits = logits;
                hasHead() ? recolor() : reload();
            });
        }
        addChoice(tr("Values"), valueGroup);
        auto* scaleGroup = new QActionGroup(this);
        for (const ScaleKind kind : kScaleKinds) {
            QAction* action = scaleGroup->addAction(titleOf(kind));
            action->setCheckable(true);
            action->setChecked(kind == m_request.scale);
            connect(action, &QAction::triggered, this, [this, kind] {
                m_request.scale = kind;
                hasHead() ? recolor() : reload();
            });
        }
        addChoice(tr("Colour scale"), scaleGroup);
    }

    void connectAll() {
        const Selection& selection = m_context.selection;
        connect(&selection, &Selection::headChanged, this, &AttentionHeatmap::reload);
        connect(&selection, &Selection::sampleChanged, this, &AttentionHeatmap::reload);
        connect(&selection, &Selection::tokenChanged, this, &AttentionHeatmap::showSelection);
        connect(&selection, &Selection::queryChanged, this, &AttentionHeatmap::showSelection);
        connect(&selection, &Selection::tokensChanged, this, &AttentionHeatmap::showSelection);
        connect(&m_context.session, &SessionModel::captureChanged, this, &AttentionHeatmap::reload);
        connect(&m_context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
            if (sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
                reload();
        });
        connect(m_map, &HeatMapWidget::hovered, this, &AttentionHeatmap::showCell);
        connect(m_map, &HeatMapWidget::viewChanged, this, &AttentionHeatmap::showPart);
        connect(m_map, &HeatMapWidget::chosen, this, [this](int key, int query) {
            m_context.selection.setToken(TokenId(key));
            m_context.selection.setQuery(TokenId(query));
        });
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, m_map, qOverload<>(&QWidget::update));
    }

    [[nodiscard]] bool hasHead() const { return m_head.attention || m_head.pyramid; }

    /// Fetches the selected head in a worker; a newer request replaces an older one.
    void reload() {
        const Selection& selection = m_context.selection;
        const int sample = selection.sample().value, layer = selection.layer().value, head = selection.head().value;
        setTitle(tr("Attention — layer %1, head %2").arg(layer).arg(head));
        m_job.cancel();
        ++m_generation;
        const auto statistics = m_context.session.statistics(sample, layer);
        if (!statistics) {
            m_head = {};
            m_map->setContent({});
            return setEmpty(true);
        }
        m_request.sinks = sinksOf(m_context.session, sample, layer, head);
        m_head = {}; // of another head from now on; the old map stays until the new one is there
        m_job = m_context.jobs.run<HeatMapResult>(
            this, Strand::Free,
            [capture = m_context.session.capture(), sample, layer, head, request = m_request](JobContext& context) -> Result<HeatMapResult> {
                return fetch(*capture, sample, layer, head, request, context);
            },
            [this, generation = m_generation](Result<HeatMapResult> result) { arrived(generation, std::move(result)); });
    }

    /// The same attention in other colours.
    void recolor() {
        m_job.cancel();
        ++m_generation;
        m_job = m_context.jobs.run<HeatMapResult>(
            this, Strand::Free,
            [head = m_head, request = m_request](JobContext& context) -> Result<HeatMapResult> { return colour(head, request, context); },
            [this, generation = m_generation](Result<HeatMapResult> result) { arrived(generation, std::move(result)); });
    }

    void arrived(std::uint64_t generation, Result<HeatMapResult> result) {
        if (generation != m_generation)
            return;
        if (!result) {
            if (result.error().code != ErrorCode::Cancelled) {
                setEmptyText(tr("This head cannot be shown"), QString::fromStdString(describe(result.error())));
                setEmpty(true);
            }
            return;
        }
        m_head = *result;
        const Selection& selection = m_context.selection;
        const SampleTokens& tokens = *m_context.session.header()->samples[static_cast<std::size_t>(selection.sample().value)];
        HeatMapContent content;
        content.attention = result->attention;
        content.pyramid = result->pyramid;
        content.image = result->image;
        content.sinks = m_request.sinks;
        content.keys = tokenLabels(tokens, m_request.sinks, selection.token().value);
        content.queries = tokenLabels(tokens, m_request.sinks, selection.query().value);
        content.isLogits = m_request.logits;
        content.barTitle = heatMapBarTitle(m_request);
        content.keys.marked = m_context.selection.tokens();
        m_map->setContent(std::move(content));
        setEmpty(false);
        describeSelection();
        showPart();
    }

    /// Of a long text: fetches what is seen in blocks as fine as the screen shows; the coarse map stays until they are there.
    void showPart() {
        const HeatMapContent& shown = m_map->content();
        if (!shown.pyramid || !shown.image || !hasHead())
            return;
        const MatrixPart part = visiblePart(m_map->currentLayout().view, shown.image->tokens, m_map->devicePixelRatioF());
        m_partJob.cancel();
        ++m_partGeneration;
        if (part.level >= shown.image->firstLevel)
            return;
        m_partJob = m_context.jobs.run<std::shared_ptr<const MatrixImage>>(
            this, Strand::Free,
            [image = shown.image, pyramid = shown.pyramid, logits = shown.isLogits, part](JobContext& context) {
                return patchedImage(*image, *pyramid, logits, part, context);
            },
            [this, head = m_generation, generation = m_partGeneration](const Result<std::shared_ptr<const MatrixImage>>& image) {
                if (image && head == m_generation && generation == m_partGeneration)
                    m_map->setImage(*image);
            });
    }

    void showSelection() {
        m_map->setSelected(m_context.selection.token().value, m_context.selection.query().value);
        m_map->setMarked(m_context.selection.tokens());
        describeSelection();
    }

    [[nodiscard]] QString cellText(int key, int query) const {
        const HeatMapContent& content = m_map->content();
        const CaptureHeader* header = m_context.session.header();
        const int count = content.image ? content.image->tokens : 0;
        if (!content.hasValues() || !header || key < 0 || query < 0 || key >= count || query >= count)
            return {};
        const SampleTokens& tokens = *header->samples[static_cast<std::size_t>(m_context.selection.sample().value)];
        const QString place = tr("query %1 “%2” → key %3 “%4”").arg(query).arg(pieceWithSpaces(tokens, query)).arg(key).arg(pieceWithSpaces(tokens, key));
        if (content.isCausal() && key > query)
            return place + QLatin1Char('\n') + tr("not visible to this query");
        return place + QLatin1Char('\n') +
               tr("weight %1 · logit %2").arg(numberText(content.weightAt(query, key)), numberText(content.logitAt(query, key)));
    }

    void showCell(int key, int query) {
        const QString text = cellText(key, query);
        if (text.isEmpty())
            return QToolTip::hideText();
        QToolTip::showText(QCursor::pos(), text, m_map);
        showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
    }

    /// For screen readers, and under the keyboard cursor.
    void describeSelection() {
        const QString text = cellText(m_context.selection.token().value, m_context.selection.query().value);
        m_map->setAccessibleDescription(text);
        if (m_map->hasFocus() && !text.isEmpty())
            showStatus(QString(text).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
    }

    ViewContext m_context;
    HeatMapWidget* m_map;
    HeatMapRequest m_request;
    HeatMapResult m_head; ///< what is shown, before colours
    JobHandle m_job, m_partJob;
    std::uint64_t m_generation = 0, m_partGeneration = 0;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new AttentionHeatmap(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec attention_heatmap;
const ViewSpec attention_heatmap{"attention_heatmap", QT_TRANSLATE_NOOP("Views", "Attention"), DockArea::Map, 0, create};
} // namespace registry_views
} // namespace sinkscope

#include "attention_heatmap.moc"
