// SPDX-License-Identifier: Apache-2.0
// Streamed statistics against numpy (fixture of tests/golden/gen/make_statistics.py), closed forms and properties.
#include "core/attention/statistics_kernels.h"
#include "core/io/json_reader.h"
#include "support/attention_patterns.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <thread>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

void compareAll(std::span<const float> got, const Json& wanted, double tolerance, const char* what) {
    QCOMPARE(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        QVERIFY2(std::abs(got[i] - wanted[i].get<double>()) <= tolerance,
                 qPrintable(QString::fromLatin1("%1[%2]: %3, expected %4")
                                .arg(QLatin1String(what)).arg(i).arg(got[i]).arg(wanted[i].get<double>())));
}

double naiveQuantile(std::vector<float> values, double q) {
    std::ranges::sort(values);
    const double at = q * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const auto high = std::min(low + 1, values.size() - 1);
    return values[low] + (static_cast<double>(values[high]) - values[low]) * (at - static_cast<double>(low));
}

} // namespace

class TestStatisticsBuilder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithNumpy();
    void blocksMakeNoDifference();
    void quantileOfAnyDistribution();
    void sketchNeverExceedsTheQuantile();
    void entropyIsExactOverTheWholeRange();
    void longColumnsKeepTheirSum();
    void oneAndTwoTokens();
    void headsAreIndependent();
    void headsFromSeveralThreads();
    void notFiniteIsRefused_data();
    void notFiniteIsRefused();
};

void TestStatisticsBuilder::agreesWithNumpy() {
    const auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/statistics/statistics.json", ErrorCode::ConfigInvalid);
    QVERIFY_RESULT(fixture);
    const Json& heads = (*fixture)["heads"];
    QVERIFY(heads.size() >= 20);
    for (const Json& head : heads) {
        Weights w{head["tokens"], head["causal"], head["weights"].get<std::vector<float>>()};
        const auto built = buildStatistics({w});
        QVERIFY_RESULT(built);
        const LayerStatistics& s = **built;
        compareAll(s.columnMass, head["columnMass"], 2e-6 * w.tokens, "columnMass");
        compareAll(s.rowEntropy, head["rowEntropy"], 1e-6, "rowEntropy");
        compareAll(s.previousWeight, head["previousWeight"], 1e-7, "previousWeight");
        compareAll(s.selfWeight, head["selfWeight"], 1e-7, "selfWeight");
        compareAll(s.threshold, Json::array({head["threshold"]}), 1e-7, "threshold");
        compareAll(s.hitFrequency, head["hitFrequency"], 1e-6, "hitFrequency");
        compareAll(s.thumbnail, head["thumbnail"], 1e-7, "thumbnail");
        QCOMPARE(s.rowArgmax, head["rowArgmax"].get<std::vector<std::int32_t>>());
    }
}

void TestStatisticsBuilder::blocksMakeNoDifference() {
    for (const char* name : {"SINK", "TWO", "UNIF", "PREV", "ID", "TWOBI"}) {
        const Weights w = withNoise(pattern(name, 75), 0.2, 7);
        const auto whole = buildStatistics({w});
        QVERIFY_RESULT(whole);
        for (const int rows : {1, 3, 32, 74}) {
            const auto parts = buildStatistics({w}, rows);
            QVERIFY_RESULT(parts);
            QCOMPARE((*parts)->rowEntropy, (*whole)->rowEntropy);
            QCOMPARE((*parts)->rowArgmax, (*whole)->rowArgmax);
            QCOMPARE((*parts)->thumbnail, (*whole)->thumbnail);
            for (std::size_t i = 0; i < w.values.size() / 75; ++i)
                QVERIFY(std::abs((*parts)->columnMass[i] - (*whole)->columnMass[i]) < 1e-4F);
            std::vector<float> entries;
            for (int i = w.causal ? 1 : 0; i < 75; ++i)
                for (int j = 0; j < (w.causal ? i + 1 : 75); ++j)
                    entries.push_back(w.at(i, j));
            std::ranges::sort(entries);
            const float below = entries[static_cast<std::size_t>(0.9 * static_cast<double>(entries.size() - 1))];
            const float got = (*parts)->threshold[0];
            QVERIFY((*whole)->threshold[0] >= below && got <= below && got >= below * (1 - 1.0F / 1024));
        }
    }
}

void TestStatisticsBuilder::quantileOfAnyDistribution() {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> uniform(0, 1);
    for (int round = 0; round < 200; ++round) {
        const int tokens = 1 + static_cast<int>(random() % 60);
        Weights w = emptyWeights(tokens, round % 2 == 0);
        const int kind = round % 4;
        std::vector<float> entries;
        for (int i = 0; i < tokens; ++i)
            for (int j = 0; j < (w.causal ? i + 1 : tokens); ++j) {
                const float u = uniform(random);
                w.at(i, j) = kind == 0 ? u : kind == 1 ? std::exp(-40 * u) : kind == 2 ? std::round(u * 3) / 3 : (u < 0.95F ? 0 : u);
                entries.push_back(w.at(i, j));
            }
        const WeightBlock block{w.values.data(), static_cast<std::size_t>(tokens), 0, tokens, tokens, w.causal};
        for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0})
            QCOMPARE(exactQuantile(block, 0, q), static_cast<float>(naiveQuantile(entries, q)));
    }
    const WeightBlock none{nullptr, 0, 0, 0, 0, true};
    QCOMPARE(exactQuantile(none, 0, 0.9), 0.0F);
}

void TestStatisticsBuilder::sketchNeverExceedsTheQuantile() {
    std::mt19937 random(11);
    std::uniform_real_distribution<float> uniform(0, 1);
    for (const float steepness : {0.0F, 5.0F, 20.0F, 60.0F}) {
        QuantileSketch sketch;
        std::vector<float> entries(4001);
        for (float& value : entries)
            value = std::exp(-steepness * uniform(random)) * (steepness == 0 ? uniform(random) : 1.0F);
        sketch.add(entries.data(), static_cast<int>(entries.size()));
        std::ranges::sort(entries);
        for (const double q : {0.5, 0.9, 0.99}) { // at 4,001 entries these fall on an entry: no interpolation
            const float exact = entries[static_cast<std::size_t>(std::lround(q * 4000))];
            const float got = sketch.quantile(q);
            QVERIFY(got <= exact);
            QVERIFY(exact < 1e-12F || got >= exact * (1 - 1.0F / 1024));
        }
    }
    QuantileSketch ties;
    const std::vector<float> halves(100, 0.5F);
    ties.add(halves.data(), 100);
    QCOMPARE(ties.quantile(0.9), 0.5F);
    QCOMPARE(QuantileSketch().quantile(0.9), 0.0F);
}

void TestStatisticsBuilder::entropyIsExactOverTheWholeRange() {
    std::vector<float> columns(1), maxima(1);
    for (double weight = 1.0; weight > 1e-37; weight *= 0.983) {
        const auto w = static_cast<float>(weight);
        const double wanted = -static_cast<double>(w) * std::log(static_cast<double>(w));
        const float got = summarizeRow(&w, 1, columns.data(), maxima.data()).entropy;
        QVERIFY2(std::abs(got - wanted) <= 4e-7 * wanted + 1e-45, qPrintable(QString::number(weight)));
    }
    const float zero = 0;
    QCOMPARE(summarizeRow(&zero, 1, columns.data(), maxima.data()).entropy, 0.0F);
}

void TestStatisticsBuilder::longColumnsKeepTheirSum() {
    const int tokens = 1500;
    const auto built = buildStatistics({pattern("UNIF", tokens)}, 256);
    QVERIFY_RESULT(built);
    double harmonic = 0;
    for (int i = 1; i <= tokens; ++i)
        harmonic += 1.0 / i;
    QVERIFY(std::abs((*built)->columnMass[0] - harmonic) < 1e-6 * harmonic);
    QVERIFY(std::abs((*built)->rowEntropy[tokens - 1] - std::log(static_cast<double>(tokens))) < 1e-5);
}

void TestStatisticsBuilder::oneAndTwoTokens() {
    const auto one = buildStatistics({pattern("SINK", 1)});
    QVERIFY_RESULT(one);
    QCOMPARE((*one)->columnMass, std::vector<float>{1});
    QCOMPARE((*one)->threshold, std::vector<float>{0});
    QCOMPARE((*one)->hitFrequency, std::vector<float>{0});
    QCOMPARE((*one)->thumbnail, std::vector<float>{1});
    const auto two = buildStatistics({pattern("PREV", 2)});
    QVERIFY_RESULT(two);
    QCOMPARE((*two)->columnMass, (std::vector<float>{2, 0}));
    QCOMPARE((*two)->hitFrequency, (std::vector<float>{1, 0}));
    QCOMPARE((*two)->previousWeight, (std::vector<float>{0, 1}));
}

void TestStatisticsBuilder::headsAreIndependent() {
    const std::vector<Weights> heads{withNoise(pattern("SINK", 30), 0.3, 1), withNoise(pattern("UNIF", 30), 0.3, 2),
                                     withNoise(pattern("PREV", 30), 0.3, 3)};
    const auto together = buildStatistics(heads);
    QVERIFY_RESULT(together);
    for (int head = 0; head < 3; ++head) {
        const auto alone = buildStatistics({heads[static_cast<std::size_t>(head)]});
        QVERIFY_RESULT(alone);
        QVERIFY(std::ranges::equal((*together)->ofHead((*together)->columnMass, head), (*alone)->columnMass));
        QVERIFY(std::ranges::equal((*together)->ofHead((*together)->hitFrequency, head), (*alone)->hitFrequency));
        QCOMPARE((*together)->threshold[static_cast<std::size_t>(head)], (*alone)->threshold[0]);
    }
}

void TestStatisticsBuilder::headsFromSeveralThreads() {
    const int tokens = 64, heads = 8;
    std::vector<Weights> weights;
    for (int head = 0; head < heads; ++head)
        weights.push_back(withNoise(pattern("SINK", tokens), 0.5, static_cast<unsigned>(head)));
    const auto wanted = buildStatistics(weights, 16);
    QVERIFY_RESULT(wanted);
    const std::vector<float> ones(static_cast<std::size_t>(tokens) * heads, 1.0F);
    StatisticsBuilder builder(1, true);
    builder.begin({.sample = 0, .layer = 0, .tokens = tokens, .heads = heads, .keyValueHeads = heads, .headWidth = 1,
                   .query = ones, .key = ones, .value = ones});
    {
        std::vector<std::jthread> threads;
        for (int head = 0; head < heads; ++head)
            threads.emplace_back([&, head] {
                const Weights& w = weights[static_cast<std::size_t>(head)];
                for (int pass = 0; pass < 2; ++pass)
                    for (int first = 0; first < tokens; first += 16)
                        builder.add({.sample = 0, .layer = 0, .head = head, .pass = pass, .tokens = tokens, .firstQuery = first,
                                     .queries = 16, .keys = first + 16, .stride = static_cast<std::size_t>(tokens),
                                     .weights = &w.values[static_cast<std::size_t>(first) * tokens], .causal = true});
            });
    }
    const auto got = builder.finish({.sample = 0, .layer = 0, .tokens = tokens, .width = heads, .hidden = ones});
    QVERIFY_RESULT(got);
    QCOMPARE((*got)->columnMass, (*wanted)->columnMass);
    QCOMPARE((*got)->hitFrequency, (*wanted)->hitFrequency);
    QCOMPARE((*got)->threshold, (*wanted)->threshold);
}

void TestStatisticsBuilder::notFiniteIsRefused_data() {
    QTest::addColumn<float>("value");
    QTest::addColumn<bool>("inWeights");
    QTest::addColumn<int>("rowsPerBlock");
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    QTest::newRow("NaN weight") << nan << true << 0;
    QTest::newRow("infinite weight, blocks") << inf << true << 4;
    QTest::newRow("NaN weight, blocks") << nan << true << 4;
    QTest::newRow("NaN vector") << nan << false << 0;
    QTest::newRow("infinite vector") << inf << false << 0;
}

void TestStatisticsBuilder::notFiniteIsRefused() {
    QFETCH(float, value);
    QFETCH(bool, inWeights);
    QFETCH(int, rowsPerBlock);
    Weights w = pattern("UNIF", 20);
    if (inWeights)
        w.at(9, 4) = value;
    const auto built = buildStatistics({w}, rowsPerBlock, [&](int, int token) { return token == 3 && !inWeights ? value : 1.0F; });
    QVERIFY_ERROR(built, ErrorCode::NotFinite);
    QVERIFY(built.error().detail.starts_with("layer 0, sample 0"));
}

QTEST_GUILESS_MAIN(TestStatisticsBuilder)
#include "tst_statistics_builder.moc"
