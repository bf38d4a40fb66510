// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/feature_runner.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>

namespace sinkscope {
namespace {

/// Longer samples are read from their statistics alone.
constexpr int kLongestForVisitor = 1024;

/// Why a capture cannot serve a family; empty when it can.
std::string missingFor(const FeatureFamily& family, const CaptureSource& source, const AnalysisRequest& request) {
    if ((family.needs & kNeedsAttention) != 0 && !source.hasAttention())
        return "needs the query and key vectors, which the capture does not hold (run with --keep qkv)";
    if ((family.needs & kNeedsVectors) != 0 && !(source.hasSpace(Space::Query) && source.hasSpace(Space::Key) && source.hasSpace(Space::Value)))
        return "needs the query, key and value vectors, which the capture does not hold (run with --keep qkv)";
    if ((family.needs & kNeedsHidden) != 0 && !source.hasSpace(Space::Hidden))
        return "needs the hidden states, which the capture does not hold (run with --keep hidden)";
    if ((family.needs & kNeedsWeights) != 0 && !request.weights)
        return "needs the weights, and the model is not at hand";
    if ((family.needs & kNeedsUnrotated) != 0) {
        if (!source.hasSpace(Space::Query) || !source.hasSpace(Space::Key))
            return "needs the query and key vectors, which the capture does not hold (run with --keep qkv)";
        const auto unrotation = Unrotation::of(source.header());
        if (!unrotation || !*unrotation)
            return unrotation ? "needs a rotary embedding, and the model has none" : unrotation.error().detail;
    }
    return {};
}

bool isWanted(const FeatureFamily& family, const AnalysisRequest& request) {
    return request.families ? std::ranges::find(*request.families, family.id) != request.families->end() : family.standard;
}

template <typename T> std::shared_ptr<const T> shared(T value) { return std::make_shared<const T>(std::move(value)); }

} // namespace

Result<FeatureRunner> FeatureRunner::create(CaptureSource& source, const AnalysisRequest& request) {
    FeatureRunner runner(source, request);
    SINKSCOPE_CHECK(runner.choose());
    return runner;
}

Result<void> FeatureRunner::choose() {
    if (m_request.families)
        for (const std::string& id : *m_request.families)
            if (!findFamily(id))
                return Error{ErrorCode::InvalidArgument, "there is no feature family \"" + id + "\"", {}};
    std::vector<const MetricSpec*> all(metrics().begin(), metrics().end());
    std::vector<bool> perLayer(all.size(), false);
    std::set<std::string, std::less<>> known;
    for (const FeatureFamily* family : feature_families()) {
        Chosen chosen{.family = family, .firstMetric = all.size(), .parameters = {}, .state = nullptr};
        for (const ParameterSpec& parameter : family->parameters) {
            known.insert(std::string(family->id) + "." + std::string(parameter.id));
            chosen.parameters.push_back(valueOf(m_request.features, family->id, parameter));
        }
        if (!isWanted(*family, m_request) || !canEvaluate(*family))
            continue;
        if ((family->needs & kNeedsUnrotated) != 0) {
            SINKSCOPE_TRY(m_unrotation, Unrotation::of(m_source.header()));
        }
        for (const MetricSpec& metric : family->metrics) {
            all.push_back(&metric);
            perLayer.push_back(family->evaluateLayer != nullptr);
        }
        m_chosen.push_back(std::move(chosen));
    }
    for (const ParameterGroup& group : analysisParameters())
        for (const ParameterSpec& parameter : group.parameters)
            known.insert(std::string(group.id) + "." + std::string(parameter.id));
    for (const auto& [key, value] : m_request.features)
        if (!known.contains(key))
            return Error{ErrorCode::InvalidArgument, "there is no parameter \"" + key + "\"", {}};
    const CaptureHeader& header = m_source.header();
    m_values = std::make_shared<SampleValues>(std::move(all), perLayer, header.capturedLayers, header.heads,
                                              static_cast<int>(header.samples.size()));
    return {};
}

bool FeatureRunner::canEvaluate(const FeatureFamily& family) {
    const std::string missing = missingFor(family, m_source, m_request);
    // What nobody asked for is left out without a word.
    if (!missing.empty() && m_request.families)
        m_notes.push_back(std::string(family.title) + ": " + missing);
    return missing.empty();
}

void FeatureRunner::beginSample(int sample) {
    m_sample = sample;
    const int tokens = static_cast<int>(m_source.header().samples[static_cast<std::size_t>(sample)]->encoding.ids.size());
    if (m_unrotation)
        m_unrotation->prepare(tokens);
    for (Chosen& chosen : m_chosen) {
        chosen.state.reset();
        if (isTooLong(chosen, tokens))
            m_notes.push_back(std::string(chosen.family->title) + ": sample " + std::to_string(sample + 1) + " has " + std::to_string(tokens) +
                              " tokens; up to " + std::to_string(chosen.family->longest) + " are evaluated");
    }
}

Result<void> FeatureRunner::run(std::size_t slot, const std::shared_ptr<const LayerStatistics>& statistics, ThreadTeam& team,
                                JobContext& context) {
    m_hidden.reset();
    if (std::ranges::any_of(m_chosen, [](const Chosen& chosen) { return (chosen.family->needs & kNeedsHidden) != 0; })) {
        SINKSCOPE_TRY(HeadVectors hidden, m_source.vectors(m_sample, statistics->layer, Space::Hidden, 0));
        m_hidden = shared(std::move(hidden));
    }
    std::vector<Chosen*> layerWise;
    for (Chosen& chosen : m_chosen)
        if (chosen.family->evaluateLayer && !isTooLong(chosen, statistics->tokens))
            layerWise.push_back(&chosen);
    std::mutex mutex;
    std::optional<Error> problem;
    const auto heads = static_cast<std::size_t>(statistics->heads);
    SINKSCOPE_CHECK(team.run(heads + layerWise.size(), [&](std::size_t index, int) {
        const auto done = index < heads ? runHead(slot, *statistics, static_cast<int>(index)) : runLayer(slot, *statistics, *layerWise[index - heads]);
        const std::lock_guard lock(mutex);
        if (!done && !problem)
            problem = done.error();
    }, context));
    return problem ? Result<void>(*problem) : Result<void>();
}

Result<void> FeatureRunner::runHead(std::size_t slot, const LayerStatistics& statistics, int head) {
    const SampleTokens& tokens = *m_source.header().samples[static_cast<std::size_t>(m_sample)];
    const HeadView view{tokens, statistics, head};
    for (std::size_t metric = 0; metric < metrics().size(); ++metric)
        if (const auto value = metrics()[metric]->evaluate(view, m_request.metrics))
            m_values->row(metric, slot, head)[static_cast<std::size_t>(m_sample)] = *value;
    unsigned needs = 0;
    for (const Chosen& chosen : m_chosen)
        if (chosen.family->evaluateHead && !isTooLong(chosen, statistics.tokens))
            needs |= chosen.family->needs;
    if (m_visitor && m_source.hasAttention() && statistics.tokens <= kLongestForVisitor)
        needs |= kNeedsAttention;
    std::shared_ptr<const HeadAttention> attention;
    std::shared_ptr<const HeadVectors> query, key, value;
    std::shared_ptr<const WeightMatrix> projection;
    const auto vectors = [&](Space space, int index) { return m_source.vectors(m_sample, statistics.layer, space, index); };
    if ((needs & kNeedsAttention) != 0) {
        SINKSCOPE_TRY(attention, m_source.attention(m_sample, statistics.layer, head));
    }
    if ((needs & kNeedsVectors) != 0) {
        const int group = statistics.keyValueHeadOf(head);
        SINKSCOPE_TRY(HeadVectors queries, vectors(Space::Query, head));
        SINKSCOPE_TRY(HeadVectors keys, vectors(Space::Key, group));
        SINKSCOPE_TRY(HeadVectors values, vectors(Space::Value, group));
        query = shared(std::move(queries));
        key = shared(std::move(keys));
        value = shared(std::move(values));
    }
    std::shared_ptr<HeadVectors> unrotatedQuery, unrotatedKey;
    if ((needs & kNeedsUnrotated) != 0) {
        const auto copyOf = [&](const HeadVectors* read, Space space, int index) { return read ? Result<HeadVectors>(*read) : vectors(space, index); };
        SINKSCOPE_TRY(HeadVectors queries, copyOf(query.get(), Space::Query, head));
        SINKSCOPE_TRY(HeadVectors keys, copyOf(key.get(), Space::Key, statistics.keyValueHeadOf(head)));
        unrotatedQuery = std::make_shared<HeadVectors>(std::move(queries));
        unrotatedKey = std::make_shared<HeadVectors>(std::move(keys));
        m_unrotation->undo(*unrotatedQuery);
        m_unrotation->undo(*unrotatedKey);
    }
    if ((needs & kNeedsWeights) != 0) {
        SINKSCOPE_TRY(projection, m_request.weights->outputProjection(statistics.layer, head));
    }
    const HeadEvidence evidence{.tokens = tokens, .statistics = statistics, .parameters = m_request.metrics, .head = head,
                                .attention = attention.get(), .query = query.get(), .key = key.get(), .value = value.get(),
                                .hidden = m_hidden.get(), .outputProjection = projection.get(), .unrotatedQuery = unrotatedQuery.get(),
                                .unrotatedKey = unrotatedKey.get(), .layers = m_source.header().layers,
                                .attentionOf = [&](int layer) { return attentionOf(layer, head); }};
    if (m_visitor)
        SINKSCOPE_CHECK(m_visitor(slot, statistics, head, attention.get()));
    std::vector<double> numbers;
    for (const Chosen& chosen : m_chosen) {
        if (!chosen.family->evaluateHead || isTooLong(chosen, statistics.tokens))
            continue;
        numbers.assign(chosen.family->metrics.size(), std::numeric_limits<double>::quiet_NaN());
        chosen.family->evaluateHead(evidence, chosen.parameters, numbers);
        store(chosen, slot, head, numbers);
    }
    return {};
}

Result<void> FeatureRunner::runLayer(std::size_t slot, const LayerStatistics& statistics, Chosen& chosen) {
    std::vector<int> finished = m_source.header().capturedLayers;
    std::erase_if(finished, [&](int layer) { return !m_source.hasLayer(m_sample, layer); });
    const LayerEvidence evidence{
        .tokens = *m_source.header().samples[static_cast<std::size_t>(m_sample)], .statistics = statistics, .parameters = m_request.metrics,
        .first = slot == 0, .last = slot + 1 == m_source.header().capturedLayers.size(), .layers = m_source.header().layers,
        .hidden = m_hidden.get(), .weights = m_request.weights.get(),
        .attention = [&](int head) { return m_source.attention(m_sample, statistics.layer, head); }, .finishedLayers = finished,
        .attentionOf = [&](int layer, int head) { return m_source.attention(m_sample, layer, head); },
        .vectors = [&](Space space, int head) -> Result<std::shared_ptr<const HeadVectors>> {
            SINKSCOPE_TRY(HeadVectors vectors, m_source.vectors(m_sample, statistics.layer, space, head));
            return shared(std::move(vectors));
        },
        .state = chosen.state};
    std::vector<double> numbers(chosen.family->metrics.size(), std::numeric_limits<double>::quiet_NaN());
    SINKSCOPE_CHECK(chosen.family->evaluateLayer(evidence, chosen.parameters, numbers));
    store(chosen, slot, 0, numbers);
    return {};
}

std::shared_ptr<const HeadAttention> FeatureRunner::attentionOf(int layer, int head) {
    if (!m_source.hasLayer(m_sample, layer))
        return nullptr;
    const auto attention = m_source.attention(m_sample, layer, head);
    return attention ? *attention : nullptr;
}

void FeatureRunner::store(const Chosen& chosen, std::size_t slot, int head, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i)
        m_values->row(chosen.firstMetric + i, slot, head)[static_cast<std::size_t>(m_sample)] = values[i];
}

void FeatureRunner::finish(AnalysisResult& result) {
    for (const Chosen& chosen : m_chosen) {
        result.families.emplace_back(chosen.family->id);
        for (std::size_t i = 0; i < chosen.parameters.size(); ++i)
            result.features[std::string(chosen.family->id) + "." + std::string(chosen.family->parameters[i].id)] = chosen.parameters[i];
    }
    result.notes = std::move(m_notes);
    result.values = std::move(m_values);
}

} // namespace sinkscope
