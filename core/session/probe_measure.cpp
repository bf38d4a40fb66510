// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_measure.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// log of the sum of exponentials of a row of logits.
double logSum(std::span<const float> row) {
    const float shift = *std::ranges::max_element(row);
    double sum = 0;
    for (const float x : row)
        sum += static_cast<double>(std::exp(x - shift));
    return shift + std::log(sum);
}

struct RowComparison {
    double divergence = 0, lossBefore = 0, lossAfter = 0;
    bool sameTop = false;
};

/// `intact` holds log-probabilities, `changed` logits. `next` is the token that follows, or negative.
RowComparison compareRows(std::span<const float> intact, std::span<const float> changed, std::int32_t next) {
    RowComparison result;
    const double total = logSum(changed);
    for (std::size_t i = 0; i < intact.size(); ++i)
        result.divergence += static_cast<double>(std::exp(intact[i])) * (intact[i] - (changed[i] - total));
    result.divergence = std::max(result.divergence, 0.0); // equal rows leave rounding of either sign
    result.sameTop = std::ranges::max_element(intact) - intact.begin() == std::ranges::max_element(changed) - changed.begin();
    if (next >= 0) {
        result.lossBefore = -static_cast<double>(intact[static_cast<std::size_t>(next)]);
        result.lossAfter = total - static_cast<double>(changed[static_cast<std::size_t>(next)]);
    }
    return result;
}

double& at(ProbeValues& values, ProbeQuantity quantity) { return values[static_cast<std::size_t>(quantity)]; }

} // namespace

ProbeValues noProbeValues() {
    ProbeValues values;
    values.fill(kNoValue);
    return values;
}

bool SampleOutcome::present() const {
    return std::ranges::any_of(after, [](double value) { return !std::isnan(value); });
}

void KeptOutput::keep(const LogitsTap& tap, ThreadTeam& team, const JobContext& context) {
    const auto sample = static_cast<std::size_t>(tap.sample), width = static_cast<std::size_t>(tap.vocabulary);
    if (m_rows.size() <= sample)
        m_rows.resize(sample + 1);
    auto& kept = m_rows[sample];
    kept.assign(tap.logits.begin(), tap.logits.end());
    // A cancelled loop leaves numbers that nobody reads: the run ends with Cancelled.
    static_cast<void>(team.run(static_cast<std::size_t>(tap.tokens), [&](std::size_t token, int) {
        const std::span row = std::span(kept).subspan(token * width, width);
        const double total = logSum(row);
        for (float& x : row)
            x = static_cast<float>(x - total);
    }, context));
}

Result<void> KeptOutput::compare(int sample, const LogitsTap& tap, std::span<const std::int32_t> ids, int removed, bool predicts,
                                 ThreadTeam& team, const JobContext& context, SampleOutcome& outcome) const {
    const auto width = static_cast<std::size_t>(tap.vocabulary), tokens = static_cast<std::size_t>(tap.tokens);
    const std::span<const float> kept = m_rows[static_cast<std::size_t>(sample)];
    SINKSCOPE_ASSERT(kept.size() == (tokens + static_cast<std::size_t>(removed)) * width && ids.size() == tokens);
    std::vector<RowComparison> rows(tokens);
    SINKSCOPE_CHECK(team.run(tokens, [&](std::size_t token, int) {
        rows[token] = compareRows(kept.subspan((token + static_cast<std::size_t>(removed)) * width, width),
                                  tap.logits.subspan(token * width, width), token + 1 < tokens ? ids[token + 1] : -1);
    }, context));
    RowComparison sum;
    double same = 0;
    for (const RowComparison& row : rows) {
        sum.divergence += row.divergence;
        sum.lossBefore += row.lossBefore;
        sum.lossAfter += row.lossAfter;
        same += row.sameTop ? 1 : 0;
    }
    const auto count = static_cast<double>(tokens);
    at(outcome.before, ProbeQuantity::Kl) = 0;
    at(outcome.after, ProbeQuantity::Kl) = sum.divergence / count;
    at(outcome.before, ProbeQuantity::Top1) = 1;
    at(outcome.after, ProbeQuantity::Top1) = same / count;
    if (predicts && tokens > 1) {
        at(outcome.before, ProbeQuantity::Loss) = sum.lossBefore / (count - 1);
        at(outcome.after, ProbeQuantity::Loss) = sum.lossAfter / (count - 1);
    }
    return {};
}

ProbeConsumer::ProbeConsumer(std::vector<const SampleTokens*> tokens, const ModelSpec& model, const ProbeRequest& request, OnLogits onLogits)
    : m_tokens(std::move(tokens)), m_request(request), m_heads(model.heads), m_causal(model.arch->mask == Mask::Causal),
      m_onLogits(std::move(onLogits)), m_builder(static_cast<int>(m_tokens.size()), m_causal, request.metrics.hitQuantile),
      m_frames(m_tokens.size()) {
    for (Frame& frame : m_frames)
        frame.anchors.resize(static_cast<std::size_t>(model.layers) * static_cast<std::size_t>(model.heads));
}

void ProbeConsumer::onAttention(const AttentionTap& tap) {
    m_builder.add(tap);
    if (tap.pass != 0 || tap.tokens > static_cast<int>(kLongestMatrix))
        return;
    SINKSCOPE_ASSERT(tap.queries == tap.tokens);
    const auto tokens = static_cast<std::size_t>(tap.tokens);
    HeadAttention matrix{.tokens = tap.tokens, .causal = tap.causal, .logits = {}, .weights = std::vector<float>(tokens * tokens)};
    for (std::size_t query = 0; query < tokens; ++query)
        std::copy_n(tap.weights + query * tap.stride, tap.keys, matrix.weights.data() + query * tokens);
    LayerStatistics shape; // which keys are seen by whom is all that is asked of it
    shape.tokens = tap.tokens;
    shape.causal = tap.causal;
    auto anchors = anchorsOfHead(matrix, shape, m_request.metrics, m_request.frame);
    SINKSCOPE_ASSERT(anchors.has_value()); // the pass stops at weights that are not finite
    m_frames[static_cast<std::size_t>(tap.sample)].anchors[static_cast<std::size_t>(tap.layer * m_heads + tap.head)] = std::move(*anchors);
}

Result<void> ProbeConsumer::onVectors(const VectorsTap& tap) {
    m_builder.begin(tap);
    return {};
}

Result<void> ProbeConsumer::onHidden(const HiddenTap& tap) {
    if (tap.layer < 0)
        return {};
    SINKSCOPE_TRY(const auto statistics, m_builder.finish(tap));
    static const MetricSpec* const kRate = findMetric("sink_rate");
    static const MetricSpec* const kMass = findMetric("sink_mass");
    Frame& frame = m_frames[static_cast<std::size_t>(tap.sample)];
    for (int head = 0; head < statistics->heads; ++head) {
        const HeadView view{*m_tokens[static_cast<std::size_t>(tap.sample)], *statistics, head};
        if (const auto rate = kRate->evaluate(view, m_request.metrics)) {
            frame.rate += *rate;
            ++frame.rates;
        }
        if (const auto mass = kMass->evaluate(view, m_request.metrics)) {
            frame.mass += *mass;
            ++frame.masses;
        }
        for (const int token : sinksOfHead(*statistics, head, m_request.metrics))
            frame.sinks.push_back({tap.layer, head, token});
        if (statistics->tokens > static_cast<int>(kLongestMatrix))
            frame.anchors[static_cast<std::size_t>(tap.layer * m_heads + head)] =
                streamedAnchorsOfHead(*statistics, head, m_request.metrics);
    }
    return {};
}

std::optional<FrameFeatures> ProbeConsumer::frameOf(int sample, ProbeValues& values) const {
    const Frame& frame = m_frames[static_cast<std::size_t>(sample)];
    if (frame.rates > 0)
        at(values, ProbeQuantity::SinkRate) = frame.rate / frame.rates;
    if (frame.masses > 0)
        at(values, ProbeQuantity::SinkMass) = frame.mass / frame.masses;
    const FrameSample shape = frameSampleOf(*m_tokens[static_cast<std::size_t>(sample)], m_causal);
    const auto features = frameFeatures(frame.anchors, shape, FrameLevel::Model, m_request.metrics.anchorHeadShare, m_request.frame);
    if (features) {
        at(values, ProbeQuantity::Anchors) = features->anchors;
        at(values, ProbeQuantity::SinkShare) = features->sinkShare;
    }
    return features;
}

} // namespace sinkscope
