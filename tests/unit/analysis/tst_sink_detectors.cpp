// SPDX-License-Identifier: Apache-2.0
// The plain quantile detector with its options, sink rates of any position, and the context of a verdict.
#include "core/analysis/analysis.h"
#include "core/analysis/quantile_sinks.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <numeric>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

HeadAttention attentionOf(const Weights& weights) {
    return {.tokens = weights.tokens, .causal = weights.causal, .logits = {}, .weights = weights.values};
}

std::vector<int> plainSinks(const std::string& name, int tokens, const QuantileRule& rule = {}) {
    const HeadAttention head = attentionOf(pattern(name, tokens));
    const HeadAttention* const heads[] = {&head};
    return quantileSinks(head, pooledQuantile(heads, rule), rule);
}

AnalysisResult analysed(CaptureSource& source, const char* family, const ParameterValues& values = {}, const MetricParameters& metrics = {}) {
    JobContext context;
    const auto result = analyzeCapture(source, {.metrics = metrics, .families = std::vector<std::string>{family}, .features = values}, context);
    return result ? **result : AnalysisResult{};
}

AnalysisResult ratesOf(const std::string& name, int tokens) {
    PatternSource source(1, 1, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    return analysed(source, "sink_rates");
}

const std::vector<int> kFirst{0};

} // namespace

class TestSinkDetectors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void plainRuleDegenerates();
    void optionsOfThePlainRule();
    void quantileAsNumpy();
    void familyByScope();
    void rates();
    void ratesOfOtherPositions();
    void simpleRules();
    void contextOfAVerdict();
};

void TestSinkDetectors::plainRuleDegenerates() {
    for (int tokens = 8; tokens <= 40; ++tokens) {
        const auto atLeast = plainSinks("SINK", tokens), above = plainSinks("SINK", tokens, {.strict = true});
        if (tokens <= 19)
            QCOMPARE(atLeast, kFirst);
        else
            QVERIFY(atLeast.size() > 10); // every token that enough queries see
        QCOMPARE(above, tokens <= 18 ? std::vector<int>{} : kFirst);
    }
    QCOMPARE(plainSinks("SINK", 32).size(), std::size_t{23});
}

void TestSinkDetectors::optionsOfThePlainRule() {
    const QuantileRule robust{.minimumQueries = 3, .dropFirst = true, .aboveUniform = true};
    for (int tokens = 6; tokens <= 64; ++tokens) {
        QCOMPARE(plainSinks("SINK", tokens, robust), kFirst);
        QVERIFY(plainSinks("UNIF", tokens, robust).empty());
        QVERIFY(plainSinks("PREV", tokens, {.minimumQueries = 3, .dropFirst = true, .aboveUniform = true}).empty());
    }
    QCOMPARE(plainSinks("TWOBI", 30, robust), (std::vector<int>{0, 29}));
    // Zeros above the diagonal halve the share of the ones: the quantile is 0 for shorter heads already.
    QCOMPARE(plainSinks("SINK", 15), kFirst);
    QVERIFY(plainSinks("SINK", 15, {.includeHidden = true}).size() > 5);
    // A larger share of queries that must see a key leaves fewer of them; more frequent hits too.
    std::size_t previous = 41;
    for (double share = 0; share <= 1; share += 0.1) {
        const auto sinks = plainSinks("SINK", 40, {.visibleShare = share});
        QVERIFY(sinks.size() <= previous);
        previous = sinks.size();
    }
    const HeadAttention noisy = attentionOf(withNoise(pattern("TWO", 40), 0.9, 5));
    const HeadAttention* const heads[] = {&noisy};
    previous = 41;
    for (double gamma = 0; gamma <= 1; gamma += 0.1) {
        const auto sinks = quantileSinks(noisy, pooledQuantile(heads, {}), {.frequency = gamma});
        QVERIFY(sinks.size() <= previous);
        previous = sinks.size();
    }
}

void TestSinkDetectors::quantileAsNumpy() {
    Weights weights = emptyWeights(4, false);
    std::iota(weights.values.begin(), weights.values.end(), 0.0F); // 0..15
    const HeadAttention head = attentionOf(weights), causal{.tokens = 4, .causal = true, .logits = {}, .weights = weights.values};
    const HeadAttention* const one[] = {&head};
    QCOMPARE(pooledQuantile(one, {.quantile = 0.9}), 13.5F);
    QCOMPARE(pooledQuantile(one, {.quantile = 1}), 15.0F);
    QCOMPARE(pooledQuantile(one, {.quantile = 0}), 0.0F);
    const HeadAttention* const seen[] = {&causal}; // 0, 4 5, 8 9 10, 12 13 14 15
    QCOMPARE(pooledQuantile(seen, {.quantile = 0.5}), 9.5F);
    QCOMPARE(pooledQuantile(seen, {.quantile = 0.5, .dropFirst = true}), 10.0F);
    QCOMPARE(pooledQuantile({}, {}), 0.0F);
}

void TestSinkDetectors::familyByScope() {
    PatternSource source(2, 2, true);
    source.addSample(19, [](int layer, int head) { return pattern(layer == 0 && head == 0 ? "SINK" : "UNIF", 19); });
    const auto value = [&](double scope, int layer, const char* id, double quantile = 0.9) {
        return analysed(source, "quantile_detector", {{"quantile_detector.scope", scope}, {"quantile_detector.quantile", quantile}}).layers[static_cast<std::size_t>(layer)].metrics.at(id).value;
    };
    QVERIFY(std::abs(value(0, 0, "quantile_threshold") - (0.1 + value(0, 1, "quantile_threshold")) / 2) < 1e-6); // 0.1: interpolated between 0 and 1
    QCOMPARE(value(0, 0, "quantile_first"), 0.5); // of SINK and UNIF
    const auto threshold = [&](double scope, int layer) { return value(scope, layer, "quantile_threshold", 0.95); };
    const double layer0 = threshold(1, 0), layer1 = threshold(1, 1), model = threshold(2, 0);
    QVERIFY(layer0 != layer1);
    QCOMPARE(model, threshold(2, 1));
    // The pooled quantile lies between those of the parts.
    QVERIFY(model >= std::min(layer0, layer1) && model <= std::max(layer0, layer1));
    source.forget(0, 1); // an unfinished layer is left out of the pool
    QCOMPARE(threshold(2, 0), layer0);
}

void TestSinkDetectors::rates() {
    for (const int tokens : {6, 9, 10, 16, 50}) {
        const auto sink = ratesOf("SINK", tokens).heads[0].metrics, uniform = ratesOf("UNIF", tokens).heads[0].metrics;
        for (const char* id : {"sink_rate_any", "sink_rate_excess", "sink_rate_barbero", "sink_rate_barbero_any", "strongest_is_first"})
            QCOMPARE(sink.at(id).value, 1.0);
        const double chance = tokens <= 9 ? 1 : 0; // uniform attention passes 0.3 up to 9 tokens
        QCOMPARE(uniform.at("sink_rate_any").value, chance);
        QCOMPARE(uniform.at("sink_rate_by_chance").value, chance);
        QCOMPARE(uniform.at("sink_rate_excess").value, 0.0);
        QCOMPARE(uniform.at("sink_rate_barbero_any").value, 0.0);
    }
    for (const int tokens : {1, 2})
        QVERIFY(!ratesOf("SINK", tokens).heads[0].metrics.contains("sink_rate_any"));
}

void TestSinkDetectors::ratesOfOtherPositions() {
    Weights weights = emptyWeights(20, true); // a sink at token 4
    for (int i = 0; i < 20; ++i)
        weights.at(i, i < 4 ? i : 4) = 1;
    PatternSource source(1, 1, true);
    source.addSample(20, [&](int, int) { return weights; });
    const auto metrics = analysed(source, "sink_rates").heads[0].metrics;
    QCOMPARE(metrics.at("sink_rate_any").value, 1.0);
    QCOMPARE(metrics.at("sink_rate_barbero_any").value, 1.0);
    QCOMPARE(metrics.at("strongest_received").value, 1.0);
    QCOMPARE(metrics.at("strongest_is_first").value, 0.0);
    QCOMPARE(metrics.at("sink_rate_barbero").value, 0.0);
    // The last token of a diagonal head receives all of one query: too few queries.
    const auto diagonal = ratesOf("ID", 20).heads[0].metrics;
    QCOMPARE(diagonal.at("sink_rate_any").value, 0.0);
}

void TestSinkDetectors::simpleRules() {
    const auto on = [](const char* name, const ParameterValues& values = {}) {
        PatternSource source(1, 1, !std::string(name).ends_with("BI"));
        source.addSample(16, [&](int, int) { return pattern(name, 16); });
        return analysed(source, "sink_rules", values).heads[0].metrics;
    };
    struct Row {
        const char* name;
        double argmax, sink, dead, tenth, twentieth, above;
    };
    // Mean weight on key j of uniform causal attention over 16 tokens: (H_16 - 1)/15 = 0.159 for j = 0 and 1, then 0.125, 0.103, 0.087, 0.073, 0.062,
    // 0.053, 0.044; on keys of previous-token and diagonal heads 1/15.
    for (const Row& row : {Row{"SINK", 1, 0, 1, 1, 1, 1}, Row{"TWO", 1, 0, 0, 2, 2, 2}, Row{"TWOBI", 1, 0, 0, 2, 2, 2}, Row{"UNIF", 1, 0, 0, 4, 8, 4},
                           Row{"ID", 0, 0, 0, 0, 15, 0}, Row{"PREV", 1.0 / 15, 0, 0, 0, 15, 0}, Row{"UNIFBI", 1, 0, 0, 0, 16, 0}}) {
        const auto metrics = on(row.name);
        const std::pair<const char*, double> wanted[] = {{"argmax_first", row.argmax}, {"head_sink", row.sink}, {"head_dead", row.dead},
                                                         {"keys_sink", row.tenth}, {"keys_heavy", row.twentieth}, {"keys_above_others", row.above}};
        for (const auto& [id, value] : wanted)
            QVERIFY2(std::abs(metrics.at(id).value - value) < 1e-6, qPrintable(QString::fromLatin1("%1 %2 %3").arg(QLatin1String(row.name), QLatin1String(id)).arg(metrics.at(id).value)));
    }
    QCOMPARE(on("TWO", {{"sink_rules.sink", 0.4}}).at("head_sink").value, 1.0);
    QCOMPARE(on("UNIF", {{"sink_rules.margin", 0.2}}).at("keys_above_others").value, 0.0);
}

void TestSinkDetectors::contextOfAVerdict() {
    PatternSource source(1, 1, true);
    for (const int tokens : {6, 9, 20, 30})
        source.addSample(tokens, [&](int, int) { return pattern("SINK", tokens); });
    const FrameContext context = analysed(source, "sink_rates").context;
    QCOMPARE(context.fewestTokens, 6);
    QCOMPARE(context.mostTokens, 30);
    QCOMPARE(context.medianTokens, 14.5);
    QCOMPARE(context.samples, 4);
    QCOMPARE(context.firstTokenId, 0);
    QCOMPARE(context.firstToken, std::string("t0"));
    QVERIFY(context.sameFirstToken && !context.bosPresent);
    QCOMPARE(context.mask, std::string("causal"));
    QCOMPARE(context.null, std::string("permuted_rows"));
    QCOMPARE(context.dtype, std::string("not recorded"));
    QVERIFY(textOf(context).find("6 to 30 tokens (median 14.5)") != std::string::npos);
    QCOMPARE(analysed(source, "sink_rates", {{"sinks.null", 1.0}}).context.null, std::string("uniform"));
    JobContext job;
    QVERIFY((*analyzeCapture(source, {.families = std::vector<std::string>{}}, job))->groups.empty());
    const auto small = *analyzeCapture(source, {.families = std::vector<std::string>{}, .grouping = TableGrouping::Length}, job);
    QCOMPARE(small->groups.size(), std::size_t{3});
    QVERIFY(small->groups[0].verdict.kind == "not enough" && small->groups[0].verdict.reason == "2 samples have at least 4 tokens; 3 are needed.");
    QVERIFY(small->verdict.kind == "centralized"); // all together are no group
    const auto grouped = *analyzeCapture(source, {.families = std::vector<std::string>{}, .features = {{"frame.group_samples", 1.0}}, .grouping = TableGrouping::Length}, job);
    QCOMPARE(grouped->groups.size(), std::size_t{3}); // 1-10, 11-20, 21-30
    const GroupResult& shortest = grouped->groups[0];
    QVERIFY(shortest.group == "1-10" && shortest.context.samples == 2 && shortest.context.mostTokens == 9 && shortest.verdict.kind == "centralized");
    QCOMPARE(shortest.verdict.excess.samples, 2);
    double chance = 0; // mean of H_6/6 and H_9/9
    for (const int tokens : {6, 9})
        for (int i = 1; i <= tokens; ++i)
            chance += 1.0 / i / tokens / 2;
    QVERIFY(std::abs(shortest.model.at("sink_rate_baseline").value - chance) < 1e-9);
    QCOMPARE(grouped->groups[2].model.at("sink_rate_baseline").samples, 1);
}

QTEST_GUILESS_MAIN(TestSinkDetectors)
#include "tst_sink_detectors.moc"
