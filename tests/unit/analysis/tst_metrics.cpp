// SPDX-License-Identifier: Apache-2.0
// Every metric on the canonical patterns of the design note (sections 3.1, 3.2, 5), where its value is known in closed form.
#include "core/analysis/analysis.h"
#include "support/attention_patterns.h"
#include "support/verify_result.h"

#include <map>
#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

std::optional<double> valueOf(const char* metric, const LayerStatistics& statistics, int head = 0, const MetricParameters& parameters = {}) {
    static const SampleTokens tokens;
    return findMetric(metric)->evaluate({tokens, statistics, head}, parameters);
}

std::optional<double> valueOf(const char* metric, const char* name, int tokens) {
    return valueOf(metric, **buildStatistics({pattern(name, tokens)}));
}

double harmonic(int n) {
    double sum = 0;
    for (int i = n; i > 0; --i)
        sum += 1.0 / i;
    return sum;
}

std::vector<int> sinksOf(const Weights& weights) { return sinksOfHead(**buildStatistics({weights}), 0, {}); }

struct Expected {
    const char* name;
    std::vector<int> (*sinks)(int tokens);
};
const Expected kExpected[] = {
    {"SINK", [](int) { return std::vector{0}; }},   {"TWO", [](int) { return std::vector{0, 1}; }},
    {"TWOBI", [](int t) { return std::vector{0, t - 1}; }}, {"UNIF", [](int) { return std::vector<int>{}; }},
    {"ID", [](int) { return std::vector<int>{}; }}, {"PREV", [](int) { return std::vector<int>{}; }},
    {"UNIFBI", [](int) { return std::vector<int>{}; }}, {"IDBI", [](int) { return std::vector<int>{}; }},
};

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void registryIsComplete();
    void discriminationTable_data();
    void discriminationTable();
    void gusScoreAndItsBaseline();
    void detectorOnEveryLength();
    void detectorUnderNoise();
    void detectorIsMonotoneInItsThreshold();
    void shortSamplesHaveNoValue();
    void otherMetricsInClosedForm();
    void normsOfTheStrongestToken();
    void headsOfAGroupShareTheirKeys();
    void learnedSinksTakeTheirShare();
};

void TestMetrics::registryIsComplete() {
    std::set<std::string_view> ids;
    for (const MetricSpec* metric : metrics()) {
        QVERIFY2(ids.insert(metric->id).second, "an id twice");
        QVERIFY(!metric->title.empty() && metric->explanation.size() > 40 && !metric->source.empty());
        QVERIFY(findMetric(metric->id) == metric);
        QVERIFY(metric->evaluate != nullptr);
    }
    for (const char* id : {"received_first", "sink_rate", "sink_rate_baseline", "excess_received", "anchors_effective", "row_entropy",
                           "sink_count", "sink_mass", "previous_token", "self", "key_norm_ratio", "value_norm_ratio"})
        QVERIFY2(findMetric(id) != nullptr, id);
    QVERIFY(findMetric("no such thing") == nullptr);
}

void TestMetrics::discriminationTable_data() {
    QTest::addColumn<double>("received");
    QTest::addColumn<double>("anchors");
    QTest::addColumn<double>("entropy");
    // Design note, section 5, T = 16.
    QTest::newRow("SINK") << 1.0 << 1.0 << 0.0;
    QTest::newRow("UNIF") << 0.211296 << 8.945 << 1.917;
    QTest::newRow("ID") << 0.0625 << 16.0 << 0.0;
    QTest::newRow("PREV") << 0.125 << 14.222 << 0.0;
    QTest::newRow("TWO") << 0.53125 << 1.992 << 0.650;
    QTest::newRow("TWOBI") << 0.5 << 2.0 << 0.693;
}

void TestMetrics::discriminationTable() {
    QFETCH(double, received);
    QFETCH(double, anchors);
    QFETCH(double, entropy);
    const char* name = QTest::currentDataTag();
    QVERIFY(std::abs(*valueOf("received_first", name, 16) - received) < 1e-5);
    QVERIFY(std::abs(*valueOf("anchors_effective", name, 16) - anchors) < 1e-3);
    QVERIFY(std::abs(*valueOf("row_entropy", name, 16) - entropy) < 1e-3);
}

void TestMetrics::gusScoreAndItsBaseline() {
    for (const int tokens : {2, 6, 9, 10, 16, 32, 50, 64, 300}) {
        const double baseline = *valueOf("sink_rate_baseline", "UNIF", tokens);
        QVERIFY(std::abs(baseline - harmonic(tokens) / tokens) < 1e-12);
        QVERIFY(std::abs(*valueOf("received_first", "UNIF", tokens) - baseline) < 1e-6);
        QVERIFY(std::abs(*valueOf("excess_received", "UNIF", tokens)) < 1e-6);
        QCOMPARE(*valueOf("sink_rate", "UNIF", tokens), tokens <= 9 ? 1.0 : 0.0); // chance passes for short texts
        QCOMPARE(*valueOf("sink_rate", "SINK", tokens), 1.0);
        QCOMPARE(*valueOf("sink_rate_baseline", "UNIFBI", tokens), 1.0 / tokens);
    }
    const auto statistics = *buildStatistics({pattern("SINK", 8)});
    QCOMPARE(*valueOf("sink_rate", *statistics, 0, {.sinkThreshold = 1.0}), 0.0); // strictly above
}

void TestMetrics::detectorOnEveryLength() {
    for (int tokens = 4; tokens <= 128; ++tokens)
        for (const Expected& expected : kExpected)
            QVERIFY2(sinksOf(pattern(expected.name, tokens)) == expected.sinks(tokens),
                     qPrintable(QString::fromLatin1("%1 T=%2").arg(QLatin1String(expected.name)).arg(tokens)));
}

void TestMetrics::detectorUnderNoise() {
    int cases = 0;
    std::map<std::string, int> wrong;
    for (int tokens = 4; tokens <= 128; tokens += tokens < 40 ? 1 : 11)
        for (const double share : {1e-6, 0.01, 0.05, 0.1})
            for (const Expected& expected : kExpected)
                for (unsigned seed = 0; seed < 3; ++seed) {
                    ++cases;
                    const Weights weights = withNoise(pattern(expected.name, tokens), share, seed * 1000 + static_cast<unsigned>(tokens));
                    if (sinksOf(weights) != expected.sinks(tokens))
                        ++wrong[expected.name];
                }
    for (const auto& [name, count] : wrong)
        qInfo("%s: %d", name.c_str(), count);
    QVERIFY(cases > 4000);
    QVERIFY(wrong.empty());
}

void TestMetrics::detectorIsMonotoneInItsThreshold() {
    const auto statistics = *buildStatistics({withNoise(pattern("TWO", 40), 0.9, 5)});
    std::size_t previous = 41;
    for (double gamma = 0; gamma <= 1.0; gamma += 0.05) {
        const auto sinks = sinksOfHead(*statistics, 0, {.hitFrequency = gamma});
        QVERIFY(sinks.size() <= previous);
        previous = sinks.size();
    }
}

void TestMetrics::shortSamplesHaveNoValue() {
    for (const MetricSpec* metric : metrics()) {
        const auto value = valueOf(metric->id.data(), "SINK", 1);
        QVERIFY2(!value, metric->id.data());
        const auto two = valueOf(metric->id.data(), "SINK", 2);
        QVERIFY2(!two || std::isfinite(*two), metric->id.data());
    }
    QVERIFY(sinksOf(pattern("SINK", 1)).empty());
    QVERIFY(sinksOf(pattern("SINK", 2)).empty());
}

void TestMetrics::otherMetricsInClosedForm() {
    for (const int tokens : {4, 16, 50}) {
        QCOMPARE(*valueOf("sink_count", "TWO", tokens), 2.0);
        QVERIFY(std::abs(*valueOf("sink_mass", "TWO", tokens) - 1) < 1e-6);
        QVERIFY(std::abs(*valueOf("sink_mass", "SINK", tokens) - 1) < 1e-6);
        QCOMPARE(*valueOf("sink_mass", "ID", tokens), 0.0);
        QCOMPARE(*valueOf("previous_token", "PREV", tokens), 1.0);
        QVERIFY(std::abs(*valueOf("previous_token", "SINK", tokens) - 1.0 / (tokens - 1)) < 1e-6);
        QCOMPARE(*valueOf("self", "ID", tokens), 1.0);
        QCOMPARE(*valueOf("self", "SINK", tokens), 0.0);
        QVERIFY(std::abs(*valueOf("self", "UNIF", tokens) - (harmonic(tokens) - 1) / (tokens - 1)) < 1e-6);
        QVERIFY(std::abs(*valueOf("first_token_attention", "UNIF", tokens) - (harmonic(tokens) - 1) / (tokens - 1)) < 1e-6);
        QVERIFY(std::abs(*valueOf("first_token_attention", "SINK", tokens) - 1) < 1e-6);
        QVERIFY(std::abs(*valueOf("first_token_attention", "TWO", tokens) - 0.5) < 1e-6);
        QVERIFY(std::abs(*valueOf("first_token_attention", "ID", tokens)) < 1e-6);
        QVERIFY(std::abs(*valueOf("self", "UNIFBI", tokens) - 1.0 / tokens) < 1e-6);
        QVERIFY(std::abs(*valueOf("row_entropy_share", "UNIF", tokens) - 1) < 1e-5);
        QVERIFY(std::abs(*valueOf("row_entropy_share", "UNIFBI", tokens) - 1) < 1e-5);
        QCOMPARE(*valueOf("row_entropy_share", "SINK", tokens), 0.0);
    }
}

void TestMetrics::normsOfTheStrongestToken() {
    const auto component = [](int, int token) { return token == 1 ? 0.5F : 2.0F; };
    Weights weights = emptyWeights(10, true);
    for (int i = 0; i < 10; ++i)
        weights.at(i, i == 0 ? 0 : 1) = 1;
    const auto statistics = *buildStatistics({weights}, 0, component);
    QCOMPARE(*valueOf("key_norm_ratio", *statistics), 0.25);
    QCOMPARE(*valueOf("value_norm_ratio", *statistics), 0.25);
    QCOMPARE(*valueOf("query_norm_ratio", *statistics), 0.25);
    QCOMPARE(*valueOf("hidden_norm_ratio", *statistics), 1.0); // all of one length
    LayerStatistics massive = *statistics;
    massive.hiddenNorm[1] = 80;
    QCOMPARE(*valueOf("hidden_norm_ratio", massive), 40.0);
    const auto zeros = *buildStatistics({weights}, 0, [](int, int) { return 0.0F; });
    QVERIFY(!valueOf("value_norm_ratio", *zeros)); // nothing to compare with
    // The last token of a diagonal head receives everything from the one query that sees it: no candidate.
    const auto diagonal = *buildStatistics({pattern("ID", 10)}, 0, [](int, int token) { return token == 9 ? 100.0F : 1.0F; });
    QVERIFY(*valueOf("key_norm_ratio", *diagonal) < 1);
}

void TestMetrics::headsOfAGroupShareTheirKeys() {
    LayerStatistics statistics = **buildStatistics({pattern("SINK", 5), pattern("SINK", 5), pattern("SINK", 5), pattern("SINK", 5)});
    statistics.keyValueHeads = 2;
    statistics.keyNorm = {1, 2, 2, 2, 2, 3, 1, 1, 1, 1};
    QCOMPARE(*valueOf("key_norm_ratio", statistics, 1), 0.5);
    QCOMPARE(*valueOf("key_norm_ratio", statistics, 2), 3.0);
}

void TestMetrics::learnedSinksTakeTheirShare() {
    // Equal logits and a sink of logit 0: query i sees i + 1 keys, which get (i + 1)/(i + 2) together.
    constexpr int kTokens = 9;
    const std::vector<float> zeros(kTokens, 0.0F);
    const HeadAttention attention = headAttention(zeros, zeros, kTokens, 1, {.scale = 1, .causal = true, .sink = 0.0F});
    QCOMPARE(attention.sink.size(), std::size_t(kTokens));
    double expected = 0;
    for (int i = 0; i < kTokens; ++i) {
        float keys = 0;
        for (int j = 0; j <= i; ++j)
            keys += attention.weights[static_cast<std::size_t>(i * kTokens + j)];
        QVERIFY(std::abs(keys - (i + 1.0) / (i + 2)) < 1e-6);
        expected += 1.0 / (i + 2) / kTokens;
    }
    LayerStatistics statistics = **buildStatistics({pattern("UNIF", kTokens)});
    const SampleTokens tokens;
    QVERIFY(!findMetric("learned_sink_mass")->evaluate({tokens, statistics, 0}, {}));
    statistics.sinkWeight = attention.sink;
    QVERIFY(std::abs(*findMetric("learned_sink_mass")->evaluate({tokens, statistics, 0}, {}) - expected) < 1e-6);
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
