// SPDX-License-Identifier: Apache-2.0
#include "views/models/frame_reading.h"

#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace sinkscope {
namespace {

QString translated(const char* text) { return QCoreApplication::translate("Frames", text); }

/// The parts that the verdicts of all levels have.
struct Parts {
    std::string kind, reason;
    Estimate excess, anchors, ends;
    FrameScores scores;
    const MetricEstimates* metrics = nullptr;
};

std::optional<Parts> partsOf(const AnalysisResult& analysis, FrameLevel level, int layer, int head) {
    const auto ofLevel = [](const LevelVerdict& verdict, const MetricEstimates& metrics) {
        return Parts{verdict.kind, verdict.reason, verdict.excess, verdict.anchors, {}, verdict.scores, &metrics};
    };
    if (level == FrameLevel::Model) {
        const FrameVerdict& verdict = analysis.verdict;
        return Parts{verdict.kind, verdict.reason, verdict.excess, verdict.anchors, verdict.ends, verdict.scores, &analysis.model};
    }
    if (level == FrameLevel::Layer) {
        const auto found = std::ranges::find(analysis.layers, layer, &LayerResult::layer);
        return found == analysis.layers.end() ? std::nullopt : std::optional(ofLevel(found->verdict, found->metrics));
    }
    const auto found = std::ranges::find_if(analysis.heads, [&](const HeadResult& one) { return one.layer == layer && one.head == head; });
    return found == analysis.heads.end() ? std::nullopt : std::optional(ofLevel(found->verdict, found->metrics));
}

/// Numbers of other families that speak about the same thing; those that were not evaluated are left out.
constexpr const char* kBeside[] = {"received_first", "sink_rate", "graph_centralization", "graph_star_likeness", "graph_fiedler",
                                   "keys_effective", "kl_uniform", "key_norm_ratio", "value_norm_ratio"};

FrameEvidenceRow besideRow(const MetricSpec& metric, const Estimate& estimate, const AnalysisResult& analysis) {
    FrameEvidenceRow row{.title = utf8Text(metric.title), .estimate = estimate, .threshold = {}, .chance = {}, .percent = metric.percent,
                         .explanation = explanationOf(metric, &analysis)};
    if (metric.high > metric.low) {
        row.low = metric.low;
        row.high = metric.high;
    } else {
        row.low = std::min(0.0, estimate.low);
        row.high = std::max({estimate.high * 1.25, row.low + 1e-9, row.low < 0 ? 0.0 : 1e-9});
    }
    row.explanation.value = row.valueText();
    return row;
}

FrameEvidenceRow ruleRow(const char* title, const char* reading, const Estimate& estimate, double threshold, bool percent) {
    FrameEvidenceRow row{.title = translated(title), .estimate = estimate, .threshold = threshold, .chance = {}, .percent = percent, .decides = true, .explanation = {}};
    row.explanation = {.title = row.title, .value = row.valueText(), .reading = translated(reading),
                       .source = translated(QT_TRANSLATE_NOOP("Frames", "our reconstruction")),
                       .parameters = {{translated(QT_TRANSLATE_NOOP("Frames", "threshold")), row.format(threshold)}}};
    return row;
}

void addRule(std::vector<FrameEvidenceRow>& rows, const Parts& parts, const FrameThresholds& thresholds, FrameLevel level, bool causal) {
    if (parts.excess.samples > 0)
        rows.push_back(ruleRow(QT_TRANSLATE_NOOP("Frames", "Excess on anchors"),
                               QT_TRANSLATE_NOOP("Frames", "(mass - chance) / (1 - chance): the share that anchors take of the attention which uniform attention "
                                                           "would give to other tokens. 1 for perfect anchors, 0 for uniform attention. Of a layer or a model: the "
                                                           "mean over its heads, 0 for heads without a frame. Below the threshold there is no frame."),
                               parts.excess, leastExcess(thresholds, level), true));
    if (parts.anchors.samples > 0) {
        rows.push_back(ruleRow(QT_TRANSLATE_NOOP("Frames", "Effective anchors"),
                               QT_TRANSLATE_NOOP("Frames", "1 / sum of the squared shares of the anchors' mass: 1 for a single anchor, 2 for an equal pair. Below the "
                                                           "threshold the frame is centralized, otherwise distributed."),
                               parts.anchors, thresholds.anchors, false));
        rows.back().low = 1;
        rows.back().high = std::max({3.0, 2 * thresholds.anchors - 1, parts.anchors.high * 1.1});
    }
    if (!causal && parts.ends.samples > 0)
        rows.push_back(ruleRow(QT_TRANSLATE_NOOP("Frames", "Share of the two ends"),
                               QT_TRANSLATE_NOOP("Frames", "Share of the anchors' mass on the first and the last special token, when these are the two strongest "
                                                           "anchors. Above the threshold the frame is bidirectional."),
                               parts.ends, thresholds.ends, true));
}

QString lengthsOf(const FrameContext& context) {
    return context.fewestTokens == context.mostTokens
               ? QString::number(context.mostTokens)
               : QCoreApplication::translate("Frames", "%1–%2, median %3").arg(context.fewestTokens).arg(context.mostTokens).arg(context.medianTokens);
}

} // namespace

QString FrameEvidenceRow::format(double value) const {
    return percent ? QString::number(100 * value, 'f', std::abs(value) < 0.0995 && value != 0 ? 1 : 0) + QStringLiteral("\u202f%") : numberText(value);
}

QString FrameEvidenceRow::valueText() const {
    const QString value = format(estimate.value);
    if (estimate.samples < 2)
        return value;
    QString from = format(estimate.low), to = format(estimate.high);
    if (to.endsWith(QLatin1Char('%'))) { // the sign once, at the number itself
        from.chop(2);
        to.chop(2);
    }
    return QCoreApplication::translate("Frames", "%1 (%2–%3)").arg(value, from, to);
}

std::optional<FrameReading> frameReading(const AnalysisResult& analysis, FrameLevel level, int layer, int head, bool causal) {
    const auto parts = partsOf(analysis, level, layer, head);
    if (!parts)
        return std::nullopt;
    FrameReading reading{.kind = parts->kind, .reason = utf8Text(parts->reason), .scores = {}, .evidence = {}};
    if (parts->kind != "not enough" && parts->excess.samples > 0)
        reading.scores = {{"centralized", parts->scores.centralized}, {"distributed", parts->scores.distributed},
                          {"bidirectional", parts->scores.bidirectional}, {"none", parts->scores.none}};
    addRule(reading.evidence, *parts, analysis.verdict.thresholds, level, causal);
    if (level == FrameLevel::Model && analysis.verdict.sinkShare.samples > 0) {
        FrameEvidenceRow row{.title = translated(QT_TRANSLATE_NOOP("Frames", "Attention on anchors")), .estimate = analysis.verdict.sinkShare,
                             .threshold = {}, .chance = analysis.verdict.baseline.value, .percent = true, .explanation = {}};
        row.explanation = {.title = row.title, .value = row.valueText(),
                           .reading = translated(QT_TRANSLATE_NOOP("Frames", "Mean over heads of the attention that anchors receive. The open mark is what uniform "
                                                                             "attention would put on the same tokens.")),
                           .source = {}, .parameters = {{translated(QT_TRANSLATE_NOOP("Frames", "by chance")), row.format(*row.chance)}}};
        reading.evidence.push_back(std::move(row));
    }
    if (parts->kind != "not enough")
        for (const char* id : kBeside)
            if (const MetricSpec* metric = findMetric(id))
                if (const auto found = parts->metrics->find(id); found != parts->metrics->end())
                    reading.evidence.push_back(besideRow(*metric, found->second, analysis));
    return reading;
}

std::vector<FrameContextFact> frameContext(const CaptureHeader& header, const AnalysisResult& analysis) {
    std::vector<FrameContextFact> facts;
    const auto add = [&](const char* name, const QString& value, const char* explanation) {
        if (!value.isEmpty())
            facts.push_back({translated(name), value, translated(explanation)});
    };
    const FrameContext& context = analysis.context;
    add(QT_TRANSLATE_NOOP("Frames", "BOS"), context.bosPresent ? translated(QT_TRANSLATE_NOOP("Frames", "yes")) : translated(QT_TRANSLATE_NOOP("Frames", "no")),
        QT_TRANSLATE_NOOP("Frames", "Whether the texts begin with the tokenizer's BOS or [CLS]. Models that were trained with one often have no sink without it."));
    if (context.firstTokenId >= 0) {
        const QString first = QStringLiteral("%1 (%2)").arg(shortened(pieceWithSpaces(*header.samples.front(), 0), 16)).arg(context.firstTokenId);
        add(QT_TRANSLATE_NOOP("Frames", "first token"), context.sameFirstToken ? first : QCoreApplication::translate("Frames", "%1, others differ").arg(first),
            QT_TRANSLATE_NOOP("Frames", "Text and id of the first token of the first sample."));
    }
    add(QT_TRANSLATE_NOOP("Frames", "positions"), utf8Text(context.positions),
        QT_TRANSLATE_NOOP("Frames", "Position encoding of the run: kind, base and scaling of RoPE, or the number of learned positions."));
    add(QT_TRANSLATE_NOOP("Frames", "mask"), utf8Text(context.mask), QT_TRANSLATE_NOOP("Frames", "Whether queries see only the tokens up to their own."));
    add(QT_TRANSLATE_NOOP("Frames", "numbers"), utf8Text(context.dtype), QT_TRANSLATE_NOOP("Frames", "Type of number of weights and computation."));
    add(QT_TRANSLATE_NOOP("Frames", "T"), lengthsOf(context), QT_TRANSLATE_NOOP("Frames", "Tokens of the samples. Sink rates and masses fall with the length."));
    add(QT_TRANSLATE_NOOP("Frames", "samples"), QString::number(context.samples),
        QT_TRANSLATE_NOOP("Frames", "Intervals are 95 % percentile bootstrap over samples; one sample has none."));
    add(QT_TRANSLATE_NOOP("Frames", "null"), utf8Text(context.null).replace(QLatin1Char('_'), QLatin1Char(' ')), QT_TRANSLATE_NOOP("Frames", "What sinks were tested against."));
    add(QT_TRANSLATE_NOOP("Frames", "evidence"), utf8Text(analysis.verdict.evidence),
        QT_TRANSLATE_NOOP("Frames", "Anchors are found in whole attention matrices, or where the capture cannot give them in the statistics that were kept."));
    if (QJsonDocument::fromJson(QByteArray::fromStdString(header.recipeJson)).object().contains(QLatin1String("intervention")))
        add(QT_TRANSLATE_NOOP("Frames", "changed"), translated(QT_TRANSLATE_NOOP("Frames", "run with an intervention")),
            QT_TRANSLATE_NOOP("Frames", "Positions, embedding or attention of this run were changed on purpose."));
    return facts;
}

std::vector<std::string> layerKinds(const AnalysisResult* analysis, int layers) {
    if (!analysis || layers <= 0)
        return {};
    std::vector<std::string> kinds(static_cast<std::size_t>(layers));
    for (const LayerResult& layer : analysis->layers)
        if (layer.layer >= 0 && layer.layer < layers)
            kinds[static_cast<std::size_t>(layer.layer)] = layer.verdict.kind;
    return kinds;
}

} // namespace sinkscope
