// SPDX-License-Identifier: Apache-2.0
// Tests of keys against rows permuted at random: enumeration, Monte Carlo, closed forms; corrections within an analysis.
#include "core/analysis/analysis.h"
#include "core/analysis/row_permutation.h"
#include "core/analysis/tilted_row.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

HeadAttention attentionOf(const Weights& weights) {
    return {.tokens = weights.tokens, .causal = weights.causal, .logits = {}, .weights = weights.values};
}

/// Rows that are the softmax of normal logits; `first` is added to the logit of key 0.
Weights randomHead(int tokens, bool causal, double sharpness, double first, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, sharpness);
    Weights weights = emptyWeights(tokens, causal);
    for (int i = 0; i < tokens; ++i) {
        const int visible = causal ? i + 1 : tokens;
        std::vector<double> row;
        double sum = 0;
        for (int j = 0; j < visible; ++j) {
            row.push_back(std::exp(normal(random) + (j == 0 ? first : 0)));
            sum += row.back();
        }
        for (int j = 0; j < visible; ++j)
            weights.at(i, j) = static_cast<float>(row[static_cast<std::size_t>(j)] / sum);
    }
    return weights;
}

/// P(sum of one entry per row >= sum) by going through all choices.
double enumerated(const Weights& weights, int firstRow, double sum) {
    double chance = 0;
    const auto go = [&](auto&& self, int row, double so, double share) -> void {
        if (row == weights.tokens) {
            chance += so >= sum - 1e-6 * (weights.tokens - firstRow) ? share : 0;
            return;
        }
        const int visible = weights.causal ? row + 1 : weights.tokens;
        for (int j = 0; j < visible; ++j)
            self(self, row + 1, so + weights.at(row, j), share / visible);
    };
    go(go, firstRow, 0, 1);
    return chance;
}

double sumOf(const Weights& weights, int key) {
    double sum = 0;
    for (int i = weights.causal ? std::max(key, 1) : 0; i < weights.tokens; ++i)
        sum += weights.at(i, key);
    return sum;
}

double factorial(int n) { return std::tgamma(n + 1.0); }

AnalysisResult analysed(CaptureSource& source, const ParameterValues& values = {}, int threads = 1) {
    JobContext context;
    const auto result = analyzeCapture(source, {.families = std::vector<std::string>{}, .features = values, .threads = threads}, context);
    return result ? **result : AnalysisResult{};
}

} // namespace

class TestSinkTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tiltedRows();
    void patternsInClosedForm();
    void exactAgainstEnumeration();
    void saddlepointAgainstEnumeration();
    void saddlepointAgainstMonteCarlo();
    void rejectsAsOftenAsItShould();
    void tailIsMonotone();
    void wrongMatricesAreRefused();
    void otherNulls();
    void plantedSinksAreFound();
    void nothingIsFoundInNoise();
    void properties();
    void shortSamples();
};

void TestSinkTest::tiltedRows() {
    const Weights weights = randomHead(70, true, 2, 0, 3);
    for (const double t : {0.0, 0.3, 7.0, 90.0, 4000.0})
        for (const int i : {1, 7, 8, 33, 69}) {
            const float* row = &weights.values[static_cast<std::size_t>(i) * 70];
            const float largest = *std::max_element(row, row + i + 1);
            double s0 = 0, s1 = 0, s2 = 0;
            for (int j = 0; j <= i; ++j) {
                const double d = static_cast<double>(row[j]) - largest, e = std::exp(std::max(t * d, -87.0));
                s0 += e;
                s1 += d * e;
                s2 += d * d * e;
            }
            const TiltedRow found = tiltedRow(row, i + 1, largest, static_cast<float>(t));
            QVERIFY(std::abs(found.weight - s0) < 1e-5 * s0 && std::abs(found.first - s1) <= 2e-5 * std::abs(s1) && std::abs(found.second - s2) <= 2e-5 * s2);
        }
}

void TestSinkTest::patternsInClosedForm() {
    for (const int tokens : {4, 5, 9, 30, 64}) {
        const HeadAttention sink = attentionOf(pattern("SINK", tokens));
        const PermutedKey first = RowPermutation::create(sink)->test(0);
        QVERIFY(std::abs(first.p * factorial(tokens) - 1) < 1e-9); // every row i must draw its one among i + 1
        QCOMPARE(first.observed, 1.0);
        const HeadAttention uniform = attentionOf(pattern("UNIF", tokens));
        const PermutedKey even = RowPermutation::create(uniform)->test(1);
        QVERIFY(even.method == TailMethod::Constant && even.p == 1 && even.z == 0);
        const HeadAttention diagonal = attentionOf(pattern("ID", tokens));
        // One of its rows at least gives its one: 1 - prod over rows i >= 1 of i / (i + 1) = 1 - 1/T.
        const PermutedKey own = RowPermutation::create(diagonal)->test(1);
        if (own.method == TailMethod::Exact)
            QVERIFY(std::abs(own.p - (1 - 1.0 / tokens)) < 1e-9);
        else
            QVERIFY(own.method == TailMethod::NotAbove && own.p == 1);
    }
    // Rows 2.. of TWO give key 0 a half with chance 2 / (i + 1); all of them: 2^(T-2) 2 / T!.
    const HeadAttention two = attentionOf(pattern("TWO", 20));
    const PermutedKey pair = RowPermutation::create(two)->test(0);
    QCOMPARE(pair.method, TailMethod::Exact);
    QVERIFY(std::abs(pair.p / (std::pow(2, 19) / factorial(20)) - 1) < 1e-6);
}

void TestSinkTest::exactAgainstEnumeration() {
    int above = 0;
    for (unsigned seed = 0; seed < 30; ++seed)
        for (const bool causal : {true, false}) {
            const int tokens = causal ? 4 + static_cast<int>(seed % 4) : 4;
            const Weights weights = randomHead(tokens, causal, 0.3 + 0.2 * seed, seed % 3, seed);
            const HeadAttention attention = attentionOf(weights);
            const auto permutation = *RowPermutation::create(attention);
            for (int key = 0; key < tokens - 1; ++key) {
                const PermutedKey found = permutation.test(key);
                if (found.method == TailMethod::NotAbove)
                    continue;
                ++above;
                QCOMPARE(found.method, TailMethod::Exact);
                QVERIFY(std::abs(found.p - enumerated(weights, causal ? std::max(key, 1) : 0, sumOf(weights, key))) < 1e-9);
            }
        }
    QVERIFY(above > 60);
}

void TestSinkTest::saddlepointAgainstEnumeration() {
    double worst = 0;
    int compared = 0;
    for (const double sharpness : {0.3, 1.0, 2.0})
        for (unsigned seed = 0; seed < 12; ++seed) {
            const Weights weights = randomHead(9, true, sharpness, seed % 2 == 0 ? 0.5 : 2, seed + 50);
            const HeadAttention attention = attentionOf(weights);
            const auto permutation = *RowPermutation::create(attention);
            for (int key = 0; key < 4; ++key) {
                const PermutedKey found = permutation.test(key);
                if (found.method == TailMethod::NotAbove)
                    continue;
                const double exact = enumerated(weights, std::max(key, 1), sumOf(weights, key));
                const double ratio = std::abs(std::log(found.p / exact));
                worst = std::max(worst, ratio);
                ++compared;
                QVERIFY2(ratio < (exact > 1e-3 ? 0.25 : 0.7), qPrintable(QStringLiteral("p %1 exact %2 sharpness %3").arg(found.p).arg(exact).arg(sharpness)));
            }
        }
    qInfo("%d tails of 9 tokens, largest |log ratio| %.3f", compared, worst);
    QVERIFY(compared > 40);
}

void TestSinkTest::saddlepointAgainstMonteCarlo() {
    constexpr int kDraws = 100'000;
    double worst = 0;
    for (const int tokens : {24, 64})
        for (const double sharpness : {0.5, 1.5, 4.0})
            for (const double first : {0.2, 0.6}) {
                const Weights weights = randomHead(tokens, true, sharpness, first, static_cast<unsigned>(tokens + 10 * sharpness));
                const HeadAttention attention = attentionOf(weights);
                const PermutedKey found = RowPermutation::create(attention)->test(0);
                if (found.method != TailMethod::Saddlepoint)
                    continue;
                std::mt19937 random(77);
                const double sum = sumOf(weights, 0);
                int hits = 0;
                for (int draw = 0; draw < kDraws; ++draw) {
                    double so = 0;
                    for (int i = 1; i < tokens; ++i)
                        so += weights.at(i, static_cast<int>((static_cast<std::uint64_t>(random()) * static_cast<unsigned>(i + 1)) >> 32));
                    hits += so >= sum;
                }
                const double estimate = static_cast<double>(hits) / kDraws, error = std::sqrt(std::max(found.p * (1 - found.p), 1e-5) / kDraws);
                worst = std::max(worst, std::abs(found.p - estimate) / std::max(found.p, 1e-3));
                QVERIFY2(std::abs(found.p - estimate) < 4 * error + 0.05 * found.p,
                         qPrintable(QStringLiteral("T=%1 sharpness %2: p %3, Monte Carlo %4").arg(tokens).arg(sharpness).arg(found.p).arg(estimate)));
            }
    qInfo("largest relative difference to Monte Carlo %.3f", worst);
}

void TestSinkTest::rejectsAsOftenAsItShould() {
    int tested = 0, rejected = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        const HeadAttention attention = attentionOf(randomHead(40, seed % 2 == 0, 1.5, 0, seed)); // rows of exchangeable weights: the null is true
        const auto permutation = *RowPermutation::create(attention);
        for (int key = 0; key < 25; ++key) {
            ++tested;
            rejected += permutation.test(key).p <= 0.05;
        }
    }
    const double rate = static_cast<double>(rejected) / tested;
    QVERIFY2(rate > 0.03 && rate < 0.07, qPrintable(QString::number(rate)));
}

void TestSinkTest::tailIsMonotone() {
    const Weights weights = randomHead(30, true, 2, 0, 8);
    const HeadAttention attention = attentionOf(weights);
    const auto permutation = *RowPermutation::create(attention);
    double mean = 0, most = 0;
    for (int i = 1; i < 30; ++i) {
        mean += 1.0 / (i + 1);
        most += *std::max_element(&weights.values[static_cast<std::size_t>(i) * 30], &weights.values[static_cast<std::size_t>(i) * 30 + 30]);
    }
    double previous = 1;
    for (int step = 1; step <= 200; ++step) {
        TailMethod method{};
        const double p = permutation.saddlepointTail(1, mean + (most - mean) * step / 200, method);
        QVERIFY2(p > 0 && p <= previous * 1.02, qPrintable(QStringLiteral("%1 %2 %3 %4").arg(step).arg(p).arg(previous).arg(static_cast<int>(method)))); // no jumps between the ways it is found
        previous = p;
    }
    QVERIFY(previous < 1e-20); // all rows at their largest
}

void TestSinkTest::wrongMatricesAreRefused() {
    for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
        HeadAttention attention = attentionOf(randomHead(8, true, 1, 0, 1));
        attention.weights[8 * 4 + 2] = wrong;
        QVERIFY_ERROR(RowPermutation::create(attention), ErrorCode::NotFinite);
    }
    HeadAttention negative = attentionOf(randomHead(8, true, 1, 0, 1));
    negative.weights[8 * 4 + 2] = -0.1F;
    QVERIFY_ERROR(RowPermutation::create(negative), ErrorCode::InvalidArgument);
}

void TestSinkTest::otherNulls() {
    const std::vector<Weights> heads{pattern("SINK", 12), pattern("UNIF", 12), pattern("ID", 12), pattern("UNIF", 12), withNoise(pattern("UNIF", 12), 0.3, 1)};
    const auto statistics = *buildStatistics(heads);
    const auto uniform = *testKeys(*statistics, 0, nullptr, {}, SinkNull::Uniform);
    double harmonic = 0;
    for (int i = 2; i <= 12; ++i)
        harmonic += 1.0 / i;
    QCOMPARE(uniform.front().observed, 1.0);
    QVERIFY(std::abs(uniform.front().expected - harmonic / 11) < 1e-9);
    QVERIFY(std::isnan(uniform.front().p) && std::isnan(uniform.front().z));
    QVERIFY(testKeys(*statistics, 0, nullptr, {}, SinkNull::PermutedRows)->empty());
    std::vector<std::vector<KeyTest>> all;
    for (int head = 0; head < 5; ++head)
        all.push_back(*testKeys(*statistics, head, nullptr, {}, SinkNull::OtherHeads));
    compareHeads(all);
    QVERIFY(all[0][0].z > 3); // the others give it about 0.27
    QVERIFY(std::abs(all[0][0].expected - harmonic / 11) < 0.05);
    std::vector<std::vector<KeyTest>> few(all.begin(), all.begin() + 3);
    compareHeads(few);
    QVERIFY(std::isnan(few[0][0].z));
}

void TestSinkTest::plantedSinksAreFound() {
    PatternSource source(2, 3, true);
    for (unsigned sample = 0; sample < 3; ++sample)
        source.addSample(32, [&](int layer, int head) { return randomHead(32, true, 1, head == 0 ? 3 : 0, sample * 10 + static_cast<unsigned>(layer * 3 + head)); });
    const AnalysisResult result = analysed(source);
    int found = 0;
    for (const SinkFinding& finding : result.sinkTests.findings) {
        QVERIFY(finding.significant || finding.detector);
        QVERIFY(finding.p <= finding.adjusted && std::abs(finding.excess - (finding.observed - finding.expected)) < 1e-12);
        if (finding.head == 0 && finding.token == 0) {
            ++found;
            QVERIFY(finding.significant && finding.adjusted < 1e-6 && !finding.secondary && finding.piece == "t0");
        }
    }
    QCOMPARE(found, 6);
    QVERIFY(result.sinkTests.significant < 12); // 18 heads with about 20 keys each
    int classes = 0;
    for (const SinkClassFinding& finding : result.sinkTests.classes)
        if (finding.head == 0 && finding.position == "position 0") {
            ++classes;
            QCOMPARE(finding.samples, 3);
            QVERIFY(finding.significant && finding.adjusted < 1e-15 && finding.detectorShare == 1);
        }
    QCOMPARE(classes, 2);
    QCOMPARE(result.features.at("sinks.level"), 0.05);
    const AnalysisResult few = analysed(source, {{"sinks.rows", 2.0}, {"sinks.correction", 2.0}, {"sinks.combination", 1.0}});
    QCOMPARE(few.sinkTests.findings.size(), std::size_t{2});
    QVERIFY(few.sinkTests.significant >= 6 && few.sinkTests.tests == result.sinkTests.tests);
    for (const double null : {1.0, 2.0})
        for (const SinkFinding& finding : analysed(source, {{"sinks.null", null}}).sinkTests.findings)
            QVERIFY(finding.detector && !finding.significant && std::isnan(finding.p));
}

void TestSinkTest::nothingIsFoundInNoise() {
    PatternSource source(4, 6, true);
    for (unsigned sample = 0; sample < 4; ++sample)
        source.addSample(30, [&](int layer, int head) { return randomHead(30, true, 0.7, 0, 1000 * sample + static_cast<unsigned>(layer * 6 + head)); });
    const SinkTests tests = analysed(source).sinkTests;
    QVERIFY(tests.tests > 1500);
    QVERIFY(tests.significant <= 2); // by false discovery rate about none
}

void TestSinkTest::properties() {
    const auto head = [](int layer, int index, unsigned sample) {
        return randomHead(20, true, 1, index == 1 ? 2.5 : 0, sample * 100 + static_cast<unsigned>(layer * 10 + index));
    };
    PatternSource source(2, 3, true), turned(2, 3, true), doubled(2, 3, true);
    for (unsigned sample = 0; sample < 2; ++sample) {
        source.addSample(20, [&](int layer, int index) { return head(layer, index, sample); });
        turned.addSample(20, [&](int layer, int index) { return head(layer, (index + 1) % 3, sample); });
        for (int copy = 0; copy < 2; ++copy)
            doubled.addSample(20, [&](int layer, int index) { return head(layer, index, sample); });
    }
    const AnalysisResult a = analysed(source), b = analysed(turned), c = analysed(doubled), d = analysed(source, {}, 3);
    // Heads in another order: the same findings, and the same model.
    const auto setOf = [](const AnalysisResult& result, int shift) {
        std::set<std::tuple<int, int, int, int, double, double>> set;
        for (const SinkFinding& f : result.sinkTests.findings)
            set.emplace(f.sample, f.layer, (f.head + shift) % 3, f.token, f.p, f.adjusted);
        return set;
    };
    QVERIFY(!a.sinkTests.findings.empty());
    QVERIFY(setOf(a, 0) == setOf(b, 1));
    QVERIFY(setOf(a, 0) == setOf(d, 0));
    QVERIFY(a.verdict.kind == b.verdict.kind && a.verdict.excess.value == b.verdict.excess.value && a.verdict.excess.low == b.verdict.excess.low);
    QVERIFY(a.verdict.reason == d.verdict.reason);
    // Every sample twice: no mean changes.
    QCOMPARE(c.verdict.kind, a.verdict.kind);
    QVERIFY(std::abs(c.verdict.excess.value - a.verdict.excess.value) < 1e-12);
    QVERIFY(std::abs(c.verdict.anchors.value - a.verdict.anchors.value) < 1e-12);
    for (const auto& [id, estimate] : a.model)
        QVERIFY2(std::abs(c.model.at(id).value - estimate.value) < 1e-12 * std::max(1.0, std::abs(estimate.value)), id.c_str());
    QCOMPARE(c.sinkTests.significant, 2 * a.sinkTests.significant);
    // NaN in a matrix stops the analysis.
    PatternSource broken(1, 1, true);
    broken.addSample(8, [](int, int) { return pattern("SINK", 8); });
    broken.spoil(0, 0, 0, std::numeric_limits<float>::quiet_NaN());
    JobContext context;
    QVERIFY_ERROR(analyzeCapture(broken, {}, context), ErrorCode::NotFinite);
}

void TestSinkTest::shortSamples() {
    for (const int tokens : {1, 2}) {
        PatternSource source(1, 2, true);
        source.addSample(tokens, [&](int, int) { return pattern("SINK", tokens); });
        const AnalysisResult result = analysed(source);
        QVERIFY(result.sinkTests.tests == 0 && result.sinkTests.findings.empty() && result.sinkTests.classes.empty() && result.sinks.empty());
        QCOMPARE(result.verdict.kind, std::string("not enough"));
    }
}

QTEST_GUILESS_MAIN(TestSinkTest)
#include "tst_sink_test.moc"
