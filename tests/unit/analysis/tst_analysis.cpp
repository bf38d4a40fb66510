// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"
#include "core/export/exporter_spec.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <QSet>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

AnalysisResult analysed(PatternSource& source, const MetricParameters& parameters = {}) {
    JobContext context;
    const auto result = analyzeCapture(source, {.metrics = parameters}, context);
    return result ? **result : AnalysisResult{};
}

FrameVerdict verdictOn(const std::string& name, int tokens) {
    PatternSource source(2, 2, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    return analysed(source).verdict;
}

} // namespace

class TestAnalysis : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bootstrapBounds();
    void bootstrapIsDeterministic();
    void verdictOfEveryPattern();
    void verdictIsUndecidedWhenSamplesDisagree();
    void verdictNeedsEnoughTokens();
    void meansOverSamples();
    void sinkTokensAreListed();
    void unfinishedCaptures();
    void cancelStops();
    void exportersKeepEveryNumber();
};

void TestAnalysis::bootstrapBounds() {
    QCOMPARE(estimateOf({}).samples, 0);
    const std::vector<double> one{3.5};
    QCOMPARE(estimateOf(one).low, 3.5);
    QCOMPARE(estimateOf(one).high, 3.5);
    const std::vector<double> equal(50, 0.1);
    QCOMPARE(estimateOf(equal).value, 0.1);
    QCOMPARE(estimateOf(equal).high, 0.1);
    // Normal values: the percentile interval is mean +- 1.96 s / sqrt(n), here with s = 1 and n = 400.
    std::mt19937 random(4);
    std::normal_distribution<double> normal(10, 1);
    std::vector<double> values(400);
    for (double& value : values)
        value = normal(random);
    const Estimate estimate = estimateOf(values);
    QVERIFY(estimate.low < estimate.value && estimate.value < estimate.high);
    QVERIFY(std::abs(estimate.high - estimate.low - 2 * 1.96 / 20) < 0.03);
    QVERIFY(std::abs((estimate.high + estimate.low) / 2 - estimate.value) < 0.01);
    const std::vector<double> coin{0, 1}; // means of two: 0, 1/2, 1/2, 1
    QCOMPARE(estimateOf(coin).low, 0.0);
    QCOMPARE(estimateOf(coin).high, 1.0);
}

void TestAnalysis::bootstrapIsDeterministic() {
    std::vector<double> values(33);
    std::iota(values.begin(), values.end(), 0.0);
    const Estimate a = estimateOf(values), b = estimateOf(values);
    QVERIFY(a.low == b.low && a.high == b.high && a.value == 16);
}

void TestAnalysis::verdictOfEveryPattern() {
    for (int tokens = 4; tokens <= 128; tokens += tokens < 24 ? 1 : 13) {
        const std::pair<const char*, const char*> expected[] = {{"SINK", "centralized"}, {"TWO", "distributed"}, {"TWOBI", "bidirectional"},
                                                                {"UNIF", "none"},        {"ID", "none"},         {"PREV", "none"},
                                                                {"UNIFBI", "none"},      {"IDBI", "none"}};
        for (const auto& [name, kind] : expected) {
            const FrameVerdict verdict = verdictOn(name, tokens);
            QVERIFY2(verdict.kind == kind, qPrintable(QString::fromLatin1("%1 T=%2: %3: %4").arg(QLatin1String(name)).arg(tokens)
                                                          .arg(QString::fromStdString(verdict.kind), QString::fromStdString(verdict.reason))));
            QVERIFY(!verdict.reason.empty());
        }
    }
    const FrameVerdict sink = verdictOn("SINK", 50);
    QVERIFY(std::abs(sink.anchors.value - 1) < 1e-6 && std::abs(sink.sinkShare.value - 1) < 1e-6);
    double harmonic = 0;
    for (int i = 2; i <= 50; ++i)
        harmonic += 1.0 / i;
    QVERIFY(std::abs(sink.baseline.value - harmonic / 49) < 1e-9);
}

void TestAnalysis::verdictIsUndecidedWhenSamplesDisagree() {
    PatternSource source(1, 1, true);
    for (int sample = 0; sample < 8; ++sample)
        source.addSample(30, [&](int, int) { return pattern(sample % 2 == 0 ? "SINK" : "TWO", 30); });
    QCOMPARE(analysed(source).verdict.kind, std::string("undecided"));
    PatternSource mostly(1, 1, true); // a sink in few samples: is that more than chance?
    for (int sample = 0; sample < 10; ++sample)
        mostly.addSample(30, [&](int, int) { return pattern(sample < 2 ? "SINK" : "UNIF", 30); });
    QCOMPARE(analysed(mostly).verdict.kind, std::string("undecided"));
}

void TestAnalysis::verdictNeedsEnoughTokens() {
    for (const int tokens : {1, 2, 3}) {
        const FrameVerdict verdict = verdictOn("SINK", tokens);
        QCOMPARE(verdict.kind, std::string("not enough"));
    }
}

void TestAnalysis::meansOverSamples() {
    PatternSource source(1, 2, true);
    source.addSample(20, [](int, int head) { return pattern(head == 0 ? "SINK" : "ID", 20); });
    source.addSample(1, [](int, int) { return pattern("SINK", 1); });
    source.addSample(40, [](int, int head) { return pattern(head == 0 ? "UNIF" : "ID", 40); });
    const AnalysisResult result = analysed(source);
    QCOMPARE(result.samples, 3);
    QCOMPARE(result.heads.size(), std::size_t{2});
    const Estimate& rate = result.heads[0].metrics.at("sink_rate");
    QCOMPARE(rate.value, 0.5);
    QCOMPARE(rate.samples, 2); // the sample of one token has none
    QVERIFY(rate.low <= 0.5 && rate.high >= 0.5);
    QCOMPARE(result.heads[1].metrics.at("self").value, 1.0);
    QCOMPARE(result.heads[1].metrics.at("sink_rate").value, 0.0);
    PatternSource tiny(1, 1, true);
    tiny.addSample(1, [](int, int) { return pattern("SINK", 1); });
    QVERIFY(analysed(tiny).heads[0].metrics.empty());
}

void TestAnalysis::sinkTokensAreListed() {
    PatternSource source(2, 2, true);
    source.addSample(
        12, [](int layer, int head) { return pattern(layer == 0 && head == 0 ? "TWO" : head == 1 ? "SINK" : "ID", 12); },
        [](int, int token) { return token == 0 ? 0.5F : 1.0F; });
    const AnalysisResult result = analysed(source);
    QCOMPARE(result.sinks.size(), std::size_t{2});
    const SinkToken &first = result.sinks[0], &second = result.sinks[1];
    QCOMPARE(first.token, 0);
    QCOMPARE(first.piece, std::string("t0"));
    QCOMPARE(first.headShare, 0.75);
    QCOMPARE(first.keyNormRatio, 0.5);
    QCOMPARE(first.valueNormRatio, 0.5);
    QVERIFY(std::abs(first.received - (1 + 1 + (1 + 11 * 0.5) / 12 + 1.0 / 12) / 4) < 1e-6);
    QCOMPARE(second.token, 1);
    QCOMPARE(second.headShare, 0.25);
}

void TestAnalysis::unfinishedCaptures() {
    PatternSource source(2, 1, true);
    source.addSample(10, [](int, int) { return pattern("SINK", 10); });
    source.addSample(10, [](int, int) { return pattern("SINK", 10); });
    source.forget(1, 1);
    const AnalysisResult partial = analysed(source);
    QCOMPARE(partial.samples, 2);
    QCOMPARE(partial.heads[0].metrics.at("sink_rate").samples, 2);
    QCOMPARE(partial.heads[1].metrics.at("sink_rate").samples, 1);
    source.forget(0, 0);
    source.forget(0, 1);
    source.forget(1, 0);
    JobContext context;
    QVERIFY_ERROR(analyzeCapture(source, {}, context), ErrorCode::InvalidArgument);
}

void TestAnalysis::cancelStops() {
    PatternSource source(1, 1, true);
    source.addSample(10, [](int, int) { return pattern("SINK", 10); });
    std::stop_source stop;
    stop.request_stop();
    JobContext context(stop.get_token(), {});
    QVERIFY_ERROR(analyzeCapture(source, {}, context), ErrorCode::Cancelled);
}

void TestAnalysis::exportersKeepEveryNumber() {
    PatternSource source(2, 2, true);
    for (int sample = 0; sample < 3; ++sample)
        source.addSample(12 + sample, [&](int layer, int head) {
            return withNoise(pattern(head == 0 ? "SINK" : "UNIF", 12 + sample), 0.3, static_cast<unsigned>(layer * 7 + sample));
        });
    source.addSample(1, [](int, int) { return pattern("SINK", 1); });
    const AnalysisResult result = analysed(source);
    QSet<QString> ids;
    for (const ExporterSpec* exporter : exporters())
        ids.insert(QString::fromUtf8(exporter->id.data()));
    QCOMPARE(ids, QSet<QString>({QStringLiteral("json"), QStringLiteral("csv")}));
    const auto text = [&](std::string_view id) {
        return (*std::ranges::find(exporters(), id, [](const ExporterSpec* e) { return e->id; }))->write(result, source.header());
    };
    const auto json = nlohmann::json::parse(text("json"));
    QCOMPARE(json["heads"].size(), result.heads.size());
    QCOMPARE(json["verdict"]["kind"].get<std::string>(), result.verdict.kind);
    QCOMPARE(json["sinks"].size(), result.sinks.size());
    QCOMPARE(json["sinks"][0]["piece"].get<std::string>(), result.sinks[0].piece);
    QCOMPARE(json["parameters"]["hit_frequency"].get<double>(), 0.4);
    const QStringList lines = QString::fromStdString(text("csv")).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), static_cast<qsizetype>(result.heads.size()) + 1);
    const QStringList columns = lines[0].split(QLatin1Char(','));
    for (std::size_t row = 0; row < result.heads.size(); ++row) {
        const QStringList cells = lines[static_cast<qsizetype>(row) + 1].split(QLatin1Char(','));
        QCOMPARE(cells.size(), columns.size());
        for (const auto& [id, estimate] : result.heads[row].metrics) {
            const auto column = columns.indexOf(QString::fromStdString(id));
            QVERIFY(column > 0);
            QCOMPARE(cells[column].toDouble(), estimate.value);
            QCOMPARE(cells[column + 2].toDouble(), estimate.high);
            QCOMPARE(json["heads"][row][id]["low"].get<double>(), estimate.low);
        }
    }
}

QTEST_GUILESS_MAIN(TestAnalysis)
#include "tst_analysis.moc"
