// SPDX-License-Identifier: Apache-2.0
// Closed forms of singular values, divergences and the simplex on the canonical patterns (design note 3.7 to 3.9 and 5).
#include "core/analysis/analysis.h"
#include "support/pattern_source.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

MetricEstimates headMetrics(CaptureSource& source) {
    JobContext context;
    const auto result = analyzeCapture(
        source, {.families = std::vector<std::string>{"singular_values", "row_divergence", "simplex_fisher", "head_agreement"}, .threads = 1}, context);
    if (!result)
        return {};
    MetricEstimates metrics = (*result)->heads.at(0).metrics;
    metrics.insert((*result)->layers.at(0).metrics.begin(), (*result)->layers.at(0).metrics.end());
    return metrics;
}

MetricEstimates onPattern(const std::string& name, int tokens) {
    PatternSource source(1, 1, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    return headMetrics(source);
}

/// NaN when there is no value.
double valueOf(const MetricEstimates& metrics, const char* id) {
    const auto found = metrics.find(id);
    return found == metrics.end() ? std::nan("") : found->second.value;
}

constexpr int T = 16;
const double kLogFactorial = std::lgamma(T + 1.0);

} // namespace

#define COMPARE_METRIC(metrics, id, expected, tolerance)                                                                               \
    QVERIFY2(std::abs(valueOf(metrics, id) - (expected)) <= (tolerance),                                                               \
             qPrintable(QStringLiteral("%1: %2, expected %3").arg(QLatin1String(id)).arg(valueOf(metrics, id), 0, 'g', 12).arg(double(expected), 0, 'g', 12)))

class TestSpectralFeatures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void singularValues_data();
    void singularValues();
    void limitsOfUniformAttention();
    void divergences_data();
    void divergences();
    void conditionedRowsNeedMass();
    void agreementOfHeads();
    void simplex();
    void equalLogits();
    void vanishingWeightsCountByTheirLogits();
    void nullsOfKnownPatterns();
    void nullsDependOnTheSeedOnly();
    void shortSamplesHaveNoValue();
};

void TestSpectralFeatures::singularValues_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<double>("largest");
    QTest::addColumn<double>("second");
    QTest::addColumn<double>("participation");
    QTest::addColumn<int>("rank");
    QTest::newRow("SINK") << QStringLiteral("SINK") << 4.0 << 0.0 << 1.0 << 1;
    QTest::newRow("ID") << QStringLiteral("ID") << 1.0 << 1.0 << 16.0 << 16;
    QTest::newRow("PREV") << QStringLiteral("PREV") << std::sqrt(2.0) << 1.0 << 256.0 / 18 << 15;
    QTest::newRow("TWO") << QStringLiteral("TWO") << 2.8343 << 0.6832 << 1.1163 << 2;
    QTest::newRow("TWOBI") << QStringLiteral("TWOBI") << std::sqrt(8.0) << 0.0 << 1.0 << 1;
    QTest::newRow("UNIFBI") << QStringLiteral("UNIFBI") << 1.0 << 0.0 << 1.0 << 1;
    QTest::newRow("UNIF") << QStringLiteral("UNIF") << 1.468 << -1.0 << 2.208 << 16;
}

void TestSpectralFeatures::singularValues() {
    QFETCH(QString, name);
    QFETCH(double, largest);
    QFETCH(double, second);
    QFETCH(double, participation);
    QFETCH(int, rank);
    const MetricEstimates metrics = onPattern(name.toStdString(), T);
    COMPARE_METRIC(metrics, "sv_largest", largest, 5e-4);
    COMPARE_METRIC(metrics, "sv_participation", participation, 5e-4);
    COMPARE_METRIC(metrics, "sv_rank", rank, 0.0);
    if (second >= 0) {
        COMPARE_METRIC(metrics, "sv_second_share", second / largest, 1e-4);
        COMPARE_METRIC(metrics, "sv_gap", largest - second, 1e-4);
        if (second > 0)
            COMPARE_METRIC(metrics, "sv_gap_ratio", largest / second, 5e-4);
        else
            QVERIFY(std::isinf(valueOf(metrics, "sv_gap_ratio")));
    }
    if (rank == 1) {
        COMPARE_METRIC(metrics, "sv_entropy", 0.0, 1e-6);
        COMPARE_METRIC(metrics, "sv_top_energy", 1.0, 1e-6);
    }
    if (name == QStringLiteral("ID"))
        COMPARE_METRIC(metrics, "sv_entropy", std::log(16.0), 1e-9);
}

void TestSpectralFeatures::limitsOfUniformAttention() {
    COMPARE_METRIC(onPattern("UNIF", 256), "sv_largest", 1.686, 5e-4);
}

void TestSpectralFeatures::divergences_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<double>("uniform");
    QTest::addColumn<double>("whole");  // negative: not in closed form
    QTest::addColumn<double>("common"); // NaN: no value
    QTest::addColumn<double>("spread");
    const double ln2 = std::numbers::ln2;
    QTest::newRow("SINK") << QStringLiteral("SINK") << kLogFactorial / T << 0.0 << 0.0 << 0.0;
    QTest::newRow("UNIF") << QStringLiteral("UNIF") << 0.0 << -1.0 << 0.0 << -1.0;
    QTest::newRow("ID") << QStringLiteral("ID") << kLogFactorial / T << ln2 << std::nan("") << std::log(15.0);
    // Rows 1.. of PREV are the unit vectors 0..14; of two rows the later one has weight where the earlier can look in 14 of 105 pairs.
    QTest::newRow("PREV") << QStringLiteral("PREV") << kLogFactorial / T << ln2 << ln2 << std::log(15.0);
    QTest::newRow("TWO") << QStringLiteral("TWO") << (kLogFactorial - 15 * ln2) / T << 0.0 << 0.0 << 0.0;
    QTest::newRow("TWOBI") << QStringLiteral("TWOBI") << std::log(16.0) - ln2 << 0.0 << 0.0 << 0.0;
    QTest::newRow("UNIFBI") << QStringLiteral("UNIFBI") << 0.0 << 0.0 << 0.0 << 0.0;
    QTest::newRow("IDBI") << QStringLiteral("IDBI") << std::log(16.0) << ln2 << ln2 << std::log(16.0);
}

void TestSpectralFeatures::divergences() {
    QFETCH(QString, name);
    QFETCH(double, uniform);
    QFETCH(double, whole);
    QFETCH(double, common);
    QFETCH(double, spread);
    const MetricEstimates metrics = onPattern(name.toStdString(), T);
    COMPARE_METRIC(metrics, "kl_uniform", uniform, 1e-6);
    if (whole >= 0)
        COMPARE_METRIC(metrics, "js_rows", whole, 1e-9);
    if (spread >= 0)
        COMPARE_METRIC(metrics, "js_spread", spread, 1e-9);
    if (std::isnan(common))
        QVERIFY(!metrics.contains("js_rows_common"));
    else
        COMPARE_METRIC(metrics, "js_rows_common", common, 1e-9);
    const bool overlaps = name != QStringLiteral("ID") && name != QStringLiteral("IDBI") && name != QStringLiteral("PREV");
    if (overlaps)
        COMPARE_METRIC(metrics, "kl_successive", 0.0, 1e-7);
    else
        QVERIFY(std::isinf(valueOf(metrics, "kl_successive")));
}

void TestSpectralFeatures::conditionedRowsNeedMass() {
    // Three queries: the last looks at itself only. Rows 1 and 2: whole rows have disjoint support; on the keys of row 1, row 2 has nothing.
    PatternSource source(1, 1, true);
    source.addSample(3, [](int, int) {
        Weights w = emptyWeights(3, true);
        w.at(0, 0) = 1;
        w.at(1, 0) = 0.25F;
        w.at(1, 1) = 0.75F;
        w.at(2, 2) = 1;
        return w;
    });
    const MetricEstimates metrics = headMetrics(source);
    COMPARE_METRIC(metrics, "js_rows", std::numbers::ln2, 1e-12);
    QVERIFY(!metrics.contains("js_rows_common"));
    QVERIFY(std::isinf(valueOf(metrics, "kl_successive")));
}

void TestSpectralFeatures::agreementOfHeads() {
    const auto ofHeads = [](const std::vector<std::string>& names) {
        PatternSource source(1, static_cast<int>(names.size()), true);
        source.addSample(T, [&](int, int head) { return pattern(names[static_cast<std::size_t>(head)], T); });
        return headMetrics(source);
    };
    const MetricEstimates same = ofHeads({"SINK", "SINK", "SINK"});
    COMPARE_METRIC(same, "heads_js", 0.0, 1e-12);
    COMPARE_METRIC(same, "heads_spread", 0.0, 1e-12);
    // c of ID is 1/15 on the keys 1..15, c of SINK is 1 on key 0: no overlap.
    const MetricEstimates disjoint = ofHeads({"SINK", "ID"});
    COMPARE_METRIC(disjoint, "heads_js", std::numbers::ln2, 1e-7);
    COMPARE_METRIC(disjoint, "heads_spread", std::numbers::ln2, 1e-7);
    // Half of TWO lies where SINK lies: JS = ln 2 - (3/4) ln 3 + (1/2) ln 2 with c = (1, 0) and (1/2, 1/2).
    const double half = 2 * std::numbers::ln2 - 0.75 * std::log(3.0) - 0.5 * std::numbers::ln2;
    COMPARE_METRIC(ofHeads({"SINK", "TWO"}), "heads_js", half, 1e-7);
    QVERIFY(!ofHeads({"SINK"}).contains("heads_js"));
    // Layers one after the other: the same as two heads of one layer; the first has nothing before it.
    PatternSource source(4, 1, true);
    const char* const kLayers[] = {"SINK", "ID", "ID", "SINK"};
    source.addSample(T, [&](int layer, int) { return pattern(kLayers[layer], T); });
    JobContext context;
    const auto layers = (*analyzeCapture(source, {.families = std::vector<std::string>{"head_agreement"}, .threads = 1}, context))->layers;
    QVERIFY(!layers[0].metrics.contains("layer_step_js"));
    COMPARE_METRIC(layers[1].metrics, "layer_step_js", std::numbers::ln2, 1e-7);
    COMPARE_METRIC(layers[2].metrics, "layer_step_js", 0.0, 1e-12);
    COMPARE_METRIC(layers[3].metrics, "layer_step_js", std::numbers::ln2, 1e-7);
}

void TestSpectralFeatures::simplex() {
    double trace = 0, determinant = 0, vertex = 0, vertexUniform = 0;
    for (int n = 2; n <= T; ++n) {
        trace += (1 - 1.0 / n) / (T - 1);
        determinant -= std::log(n) / (T - 1);
        vertex += 2 * std::acos(std::sqrt(1.0 / n)) / (T - 1);
        vertexUniform += 2 * std::acos(1 / std::sqrt(n)) / (T - 1);
    }
    const MetricEstimates uniform = onPattern("UNIF", T);
    COMPARE_METRIC(uniform, "fisher_trace", trace, 1e-7);
    COMPARE_METRIC(uniform, "fisher_log_det", determinant, 1e-6);
    COMPARE_METRIC(uniform, "fisher_temperature", 0.0, 1e-9);
    COMPARE_METRIC(uniform, "fisher_rao_uniform", 0.0, 1e-6);
    COMPARE_METRIC(uniform, "fisher_rao_vertex", vertex, 1e-6);
    const MetricEstimates sink = onPattern("SINK", T);
    COMPARE_METRIC(sink, "fisher_trace", 0.0, 0.0);
    COMPARE_METRIC(sink, "fisher_temperature", 0.0, 0.0);
    COMPARE_METRIC(sink, "fisher_rao_uniform", vertexUniform, 1e-6);
    COMPARE_METRIC(sink, "fisher_rao_vertex", 0.0, 0.0);
    COMPARE_METRIC(sink, "fisher_rao_step", 0.0, 0.0);
    QVERIFY(!sink.contains("fisher_log_det")); // a vertex has none
    COMPARE_METRIC(onPattern("ID", T), "fisher_rao_step", std::numbers::pi, 1e-12);
    COMPARE_METRIC(onPattern("TWOBI", T), "fisher_trace", 0.5, 1e-9);
    QVERIFY(!onPattern("TWOBI", T).contains("fisher_log_det")); // on the border
}

void TestSpectralFeatures::equalLogits() {
    for (const char* name : {"UNIF", "UNIFBI"}) {
        const MetricEstimates metrics = onPattern(name, 9);
        for (const char* id : {"kl_uniform", "js_rows_common", "fisher_temperature", "fisher_rao_uniform"})
            COMPARE_METRIC(metrics, id, 0.0, 1e-6);
    }
}

namespace {
/// One head whose logits are too far apart for its float32 weights.
class SteepSource : public PatternSource {
public:
    SteepSource() : PatternSource(1, 1, false) {
        addSample(3, [](int, int) {
            Weights w = emptyWeights(3, false);
            for (int i = 0; i < 3; ++i)
                w.at(i, 0) = 1;
            return w;
        });
    }
    Result<std::shared_ptr<const HeadAttention>> attention(int, int, int) override {
        return std::make_shared<const HeadAttention>(
            HeadAttention{.tokens = 3, .causal = false, .logits = {0, -200, -300, 0, -200, -300, 0, -200, -300}, .weights = {1, 0, 0, 1, 0, 0, 1, 0, 0}});
    }
};
} // namespace

void TestSpectralFeatures::vanishingWeightsCountByTheirLogits() {
    SteepSource source;
    COMPARE_METRIC(headMetrics(source), "fisher_log_det", (std::log(3.0) - 500) / 2, 1e-9);
}

namespace {
MetricEstimates nullsOf(const Weights& weights, ParameterValues parameters = {}) {
    PatternSource source(1, 1, weights.causal);
    source.addSample(weights.tokens, [&](int, int) { return weights; });
    JobContext context;
    const auto result = analyzeCapture(
        source, {.families = std::vector<std::string>{"spectral_nulls"}, .features = std::move(parameters), .threads = 1}, context);
    return result ? (*result)->heads.at(0).metrics : MetricEstimates{};
}
} // namespace

void TestSpectralFeatures::nullsOfKnownPatterns() {
    // Equal weights: shuffling, equal entropies and equal variances leave the matrix as it is.
    const MetricEstimates uniform = nullsOf(pattern("UNIF", T));
    for (const char* id : {"null_shuffled", "null_shuffled_floor", "null_entropy", "null_entropy_floor", "null_variance", "null_variance_floor"})
        COMPARE_METRIC(uniform, id, 0.0, 1e-6);
    // A sink of rank one: shuffled, its ones are spread over the keys.
    const MetricEstimates sink = nullsOf(pattern("SINK", T));
    for (const char* id : {"null_shuffled", "null_entropy"})
        QVERIFY(valueOf(sink, id) > 0.2 && valueOf(sink, id) > 3 * valueOf(sink, (std::string(id) + "_floor").c_str()));
    // Rows of random numbers are what shuffled rows are.
    const MetricEstimates noise = nullsOf(withNoise(pattern("UNIFBI", 40), 1.0, 3));
    QVERIFY(valueOf(noise, "null_shuffled") < 1.5 * valueOf(noise, "null_shuffled_floor"));
    QVERIFY(valueOf(noise, "null_gaussian") < 3 * valueOf(noise, "null_gaussian_floor"));
}

void TestSpectralFeatures::nullsDependOnTheSeedOnly() {
    const Weights weights = withNoise(pattern("SINK", 12), 0.5, 3);
    const auto value = [&](double seed, double draws) {
        return valueOf(nullsOf(weights, {{"spectral_nulls.seed", seed}, {"spectral_nulls.draws", draws}}), "null_entropy");
    };
    QCOMPARE(value(7, 5), value(7, 5));
    QVERIFY(value(7, 5) != value(8, 5) && value(7, 5) != value(7, 6));
    QVERIFY(std::abs(value(7, 200) - value(8, 200)) < 0.1 * value(7, 200));
}

void TestSpectralFeatures::shortSamplesHaveNoValue() {
    for (const int tokens : {1, 2}) {
        const MetricEstimates metrics = onPattern("UNIF", tokens);
        for (const char* id : {"sv_largest", "kl_uniform", "js_rows", "fisher_trace", "heads_js"})
            QVERIFY2(!metrics.contains(id), id);
    }
}

QTEST_GUILESS_MAIN(TestSpectralFeatures)
#include "tst_spectral_features.moc"
