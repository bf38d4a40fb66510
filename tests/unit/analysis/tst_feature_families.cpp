// SPDX-License-Identifier: Apache-2.0
// What holds for every feature family, and the closed forms of the families that statistics alone can give.
#include "core/analysis/analysis.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

std::vector<std::string> everyFamily() {
    std::vector<std::string> ids;
    for (const FeatureFamily* family : feature_families())
        ids.emplace_back(family->id);
    return ids;
}

AnalysisResult analysed(CaptureSource& source, int threads = 1) {
    JobContext context;
    const auto result = analyzeCapture(source, {.families = everyFamily(), .threads = threads}, context);
    return result ? **result : AnalysisResult{};
}

/// Value of a metric of the only head of a pattern.
double onPattern(const char* id, const std::string& name, int tokens) {
    PatternSource source(1, 1, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    const AnalysisResult result = analysed(source);
    const auto found = result.heads.at(0).metrics.find(id);
    return found == result.heads.at(0).metrics.end() ? std::nan("") : found->second.value;
}

bool isNear(double a, double b, double tolerance = 1e-5) { return std::abs(a - b) <= tolerance; }

} // namespace

class TestFeatureFamilies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void registryIsComplete();
    void sameNumbersForAnyNumberOfThreads();
    void shortSamplesHaveNoNotANumber();
    void unknownNamesAreRefused();
    void parametersAreParsed();
    void rowsAndSinglesAgree();
    void concentration();
};

void TestFeatureFamilies::registryIsComplete() {
    std::set<std::string_view> ids;
    for (const MetricSpec* metric : allMetrics()) {
        QVERIFY2(ids.insert(metric->id).second, metric->id.data());
        QVERIFY2(!metric->title.empty() && metric->explanation.size() > 40 && !metric->source.empty(), metric->id.data());
        QVERIFY(findMetric(metric->id) == metric);
    }
    for (const FeatureFamily* family : feature_families()) {
        QVERIFY(findFamily(family->id) == family);
        QVERIFY((family->evaluateHead != nullptr) != (family->evaluateLayer != nullptr));
        for (const MetricSpec& metric : family->metrics) {
            QVERIFY(metric.evaluate == nullptr);
            QVERIFY(familyOf(metric) == family);
        }
        for (const ParameterSpec& parameter : family->parameters) {
            QVERIFY(!parameter.title.empty() && !parameter.explanation.empty());
            const auto parsed = parseParameter(parameter, textOf(parameter, parameter.standard));
            QVERIFY2(parsed, parameter.id.data());
            QCOMPARE(*parsed, parameter.standard);
        }
    }
}

void TestFeatureFamilies::sameNumbersForAnyNumberOfThreads() {
    PatternSource source(2, 3, true);
    for (int sample = 0; sample < 3; ++sample)
        source.addSample(9 + sample, [&](int layer, int head) {
            return withNoise(pattern(head == 0 ? "SINK" : "UNIF", 9 + sample), 0.4, static_cast<unsigned>(layer * 7 + head + sample));
        });
    const AnalysisResult one = analysed(source, 1), three = analysed(source, 3);
    QVERIFY(one.heads.size() == 6 && one.heads[0].metrics.size() > 15);
    for (std::size_t i = 0; i < one.heads.size(); ++i) {
        QCOMPARE(one.heads[i].metrics.size(), three.heads[i].metrics.size());
        for (const auto& [id, estimate] : one.heads[i].metrics) {
            const Estimate& other = three.heads[i].metrics.at(id);
            QVERIFY2(estimate.value == other.value && estimate.low == other.low && estimate.high == other.high, id.c_str());
        }
    }
}

void TestFeatureFamilies::shortSamplesHaveNoNotANumber() {
    for (const int tokens : {1, 2, 3}) {
        for (const bool causal : {true, false}) {
            PatternSource source(1, 2, causal);
            source.addSample(tokens, [&](int, int head) { return pattern(causal ? (head == 0 ? "SINK" : "UNIF") : (head == 0 ? "IDBI" : "UNIFBI"), tokens); });
            const AnalysisResult result = analysed(source);
            QCOMPARE(result.samples, 1);
            for (const HeadResult& head : result.heads)
                for (const auto& [id, estimate] : head.metrics)
                    QVERIFY2(!std::isnan(estimate.value), id.c_str());
        }
    }
}

void TestFeatureFamilies::unknownNamesAreRefused() {
    PatternSource source(1, 1, true);
    source.addSample(6, [](int, int) { return pattern("SINK", 6); });
    JobContext context;
    QVERIFY_ERROR(analyzeCapture(source, {.families = std::vector<std::string>{"nonsense"}}, context), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(analyzeCapture(source, {.features = {{"concentration.nonsense", 1.0}}}, context), ErrorCode::InvalidArgument);
}

void TestFeatureFamilies::parametersAreParsed() {
    const ParameterSpec number{.id = "cut", .title = "Cut", .explanation = "c", .low = 0, .high = 2, .standard = 1};
    QCOMPARE(*parseParameter(number, "1.5"), 1.5);
    for (const char* wrong : {"", "x", "3", "-1", "1.5x", "nan", "inf"})
        QVERIFY_ERROR(parseParameter(number, wrong), ErrorCode::InvalidArgument);
    constexpr std::string_view kChoices[] = {"mean", "max"};
    const ParameterSpec choice{.id = "kind", .title = "Kind", .explanation = "k", .choices = kChoices};
    QCOMPARE(*parseParameter(choice, "max"), 1.0);
    QCOMPARE(textOf(choice, 1.0), std::string("max"));
    QVERIFY_ERROR(parseParameter(choice, "1"), ErrorCode::InvalidArgument);
}

void TestFeatureFamilies::rowsAndSinglesAgree() {
    std::mt19937 random(8);
    std::normal_distribution<double> normal(0, 1);
    std::vector<double> rows;
    for (int i = 0; i < 5 * 40; ++i)
        rows.push_back(normal(random));
    rows[3] = std::nan("");
    for (int i = 80; i < 120; ++i)
        rows[static_cast<std::size_t>(i)] = 0.25;
    rows[170] = std::numeric_limits<double>::infinity();
    const auto estimates = Bootstrap(40).ofRows(rows);
    QCOMPARE(estimates.size(), std::size_t(5));
    for (std::size_t i = 0; i < 4; ++i) {
        const Estimate single = estimateOf(std::span(rows).subspan(i * 40, 40));
        QCOMPARE(estimates[i].samples, single.samples);
        QVERIFY(isNear(estimates[i].value, single.value, 1e-14) && isNear(estimates[i].low, single.low, 1e-13) &&
                isNear(estimates[i].high, single.high, 1e-13));
    }
    QCOMPARE(estimates[0].samples, 39);
    QVERIFY(std::isinf(estimates[4].value) && !std::isnan(estimates[4].low));
}

void TestFeatureFamilies::concentration() {
    // Query 0 of a causal head has no choice and is left out, so that the pair is an exact pair.
    QVERIFY(isNear(onPattern("share_top1", "SINK", 16), 1));
    QVERIFY(isNear(onPattern("keys_effective", "SINK", 16), 1));
    QVERIFY(isNear(onPattern("column_entropy", "SINK", 16), 0));
    QVERIFY(isNear(onPattern("gini", "SINK", 16), 1 - 1.0 / 16));
    QVERIFY(isNear(onPattern("share_top2", "TWO", 16), 1));
    QVERIFY(isNear(onPattern("keys_effective", "TWO", 16), 2));
    QVERIFY(isNear(onPattern("column_entropy", "TWOBI", 16), std::log(2)));
    QVERIFY(isNear(onPattern("keys_effective", "UNIFBI", 16), 16));
    QVERIFY(isNear(onPattern("gini", "IDBI", 16), 0));
}

QTEST_GUILESS_MAIN(TestFeatureFamilies)
#include "tst_feature_families.moc"
