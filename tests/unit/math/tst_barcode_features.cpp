// SPDX-License-Identifier: Apache-2.0
// Dissimilarities of attention with known barcodes, and the figures of a barcode.
#include "core/math/persistence/barcode_features.h"
#include "core/math/persistence/filtrations.h"
#include "support/attention_patterns.h"
#include "support/verify_result.h"

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Bar barOf(double birth, double death) { return {.birth = birth, .death = death}; }

Barcode barcodeOf(const Weights& weights, const FiltrationOptions& options, bool keepZeroLength = false) {
    const auto distances = attentionDissimilarity(weights.values, weights.tokens, options);
    if (!distances)
        qFatal("%s", describe(distances.error()).c_str());
    auto barcode = ripsBarcode(*distances, weights.tokens, {.keepZeroLength = keepZeroLength}, JobContext());
    if (!barcode)
        qFatal("%s", describe(barcode.error()).c_str());
    return std::move(*barcode);
}

bool close(double a, double b, double tolerance = 1e-12) { return std::abs(a - b) <= tolerance; }

} // namespace

class TestBarcodeFeatures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The weights are 32-bit numbers, so that 1 / (i + 1) is off by up to 3e-8 each (the square root of Hellinger's
    /// difference enlarges that).
    void canonicalPatternsHaveTheirTotals_data() {
        QTest::addColumn<int>("tokens");
        for (const int tokens : {3, 4, 16, 33, 80})
            QTest::addRow("%d tokens", tokens) << tokens;
    }
    void canonicalPatternsHaveTheirTotals() {
        QFETCH(int, tokens);
        const double n = tokens;
        double harmonic = 0, uniform = 0, rows = 0; // totals of UNIF: max, mean, Hellinger
        for (int i = 1; i <= tokens; ++i) {
            harmonic += 1.0 / i;
            uniform += i > 1 ? 1 - 1 / (2.0 * i) : 0;
            rows += i > 1 ? std::sqrt(1 - std::sqrt((i - 1.0) / i)) : 0; // each row is nearest to the next
        }
        const std::tuple<const char*, double, double, double> expected[] = {
            {"SINK", (n - 1) / 2, 0, 0},
            {"PREV", (n - 1) / 2, 0, n - 2}, // the first two rows are equal
            {"ID", n - 1, n - 1, n - 1},
            {"UNIF", uniform, n - harmonic, rows},
            {"TWO", 0.75 * (n - 1), (n - 1) / 2, std::sqrt(1 - std::sqrt(0.5))}, // only the first row differs
            {"TWOBI", 0.5 + 0.75 * (n - 2), (n - 1) / 2, 0}};
        for (const auto& [name, mean, maximum, hellinger] : expected)
            for (const auto& [filtration, total] : {std::pair{Filtration::Mean, mean}, {Filtration::Maximum, maximum},
                                                    {Filtration::Hellinger, hellinger}}) {
                const Barcode barcode = barcodeOf(pattern(name, tokens), {.filtration = filtration});
                QVERIFY2(close(barStatistics(barcode.zero).sum, total, 1e-5), name);
                QVERIFY2(barcode.one.empty(), name);
            }
    }

    void oneAndTwoTokens() {
        for (const Filtration filtration : kFiltrations) {
            QCOMPARE(barcodeOf(pattern("SINK", 1), {.filtration = filtration}).zero.size(), 1U);
            const BarStatistics none = barStatistics(barcodeOf(pattern("SINK", 1), {.filtration = filtration}).zero);
            QCOMPARE(none.count, 0);
            QVERIFY(!none.mean && !none.deviation && !none.maximum);
        }
        QCOMPARE(barStatistics(barcodeOf(pattern("SINK", 2), {}).zero).sum, 0.5);
        QCOMPARE(barcodeOf(pattern("TWO", 2), {}).zero.size(), 2U);
    }

    void dissimilaritiesFollowTheirFormulas() {
        Weights weights = emptyWeights(3, true);
        weights.values = {1, 0, 0, 0.25F, 0.75F, 0, 0.0009765625F, 0.5F, 0.4990234375F};
        const auto entry = [&](FiltrationOptions options, std::size_t at) {
            return (*attentionDissimilarity(weights.values, 3, options))[at];
        };
        QCOMPARE(entry({.filtration = Filtration::Mean}, 1), 0.875);
        QCOMPARE(entry({.filtration = Filtration::Maximum}, 3), 0.75);
        QCOMPARE(entry({.filtration = Filtration::Maximum}, 2), 1 - 0.0009765625);
        QCOMPARE(entry({.filtration = Filtration::Maximum, .lowerBound = kCommonLowerBound}, 2), 1.0);
        QVERIFY(close(entry({.filtration = Filtration::Hellinger}, 1), std::sqrt((0.25 + 0.75) / 2)));
        for (const Filtration filtration : kFiltrations)
            for (const std::size_t diagonal : {0U, 4U, 8U})
                QCOMPARE(entry({.filtration = filtration}, diagonal), 0.0);
        // Rows with nothing in common are at distance 1, equal rows at 0.
        const auto identity = attentionDissimilarity(pattern("ID", 4).values, 4, {.filtration = Filtration::Hellinger});
        QVERIFY(close((*identity)[1], 1));
        const auto sink = attentionDissimilarity(pattern("SINK", 4).values, 4, {.filtration = Filtration::Hellinger});
        QCOMPARE((*sink)[1], 0.0);
    }

    void hellingerIsAMetric() {
        const Weights weights = withNoise(pattern("UNIF", 20), 0.9, 5);
        const auto d = *attentionDissimilarity(weights.values, 20, {.filtration = Filtration::Hellinger});
        for (std::size_t i = 0; i < 20; ++i)
            for (std::size_t j = 0; j < 20; ++j)
                for (std::size_t k = 0; k < 20; ++k)
                    QVERIFY(d[i * 20 + k] <= d[i * 20 + j] + d[j * 20 + k] + 1e-12);
    }

    void wrongWeightsAreRefused() {
        std::vector<float> weights = pattern("UNIF", 5).values;
        QVERIFY_ERROR(attentionDissimilarity(weights, 4, {}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(attentionDissimilarity(weights, 5, {.lowerBound = -1}), ErrorCode::InvalidArgument);
        weights[7] = std::nanf("");
        const auto result = attentionDissimilarity(weights, 5, {});
        QVERIFY_ERROR(result, ErrorCode::NotFinite);
        QVERIFY(result.error().detail.find("(1, 2)") != std::string::npos);
        weights[7] = -0.25F;
        QVERIFY_ERROR(attentionDissimilarity(weights, 5, {}), ErrorCode::InvalidArgument);
        weights[7] = 1.5F;
        QVERIFY_ERROR(attentionDissimilarity(weights, 5, {}), ErrorCode::InvalidArgument);
    }

    void figuresOfABarcode() {
        const std::vector<Bar> bars{barOf(0, 1), barOf(0.5, 1), barOf(0.25, 0.75), barOf(0.5, kInfinity)};
        const BarStatistics statistics = barStatistics(bars);
        QCOMPARE(statistics.count, 3);
        QCOMPARE(statistics.sum, 2.0);
        QVERIFY(close(*statistics.mean, 2.0 / 3));
        QVERIFY(close(*statistics.deviation, std::sqrt((1.0 / 9 + 1.0 / 36 + 1.0 / 36) / 3)));
        QCOMPARE(*statistics.maximum, 1.0);
        QVERIFY(close(statistics.entropy, 0.5 * std::log(2.0) + 0.5 * std::log(4.0)));
        QCOMPARE(longestBar(bars)->birth, 0.0);
        QCOMPARE(longestBar(std::vector<Bar>(bars.begin() + 1, bars.end()))->birth, 0.5); // the first of the equal ones
        QVERIFY(!longestBar(std::vector<Bar>{barOf(0, kInfinity)}));
    }

    void barsOfLengthZeroHaveNoEntropy() {
        for (const std::size_t count : {0U, 1U, 5U}) {
            const BarStatistics statistics = barStatistics(std::vector<Bar>(count, barOf(0, 0)));
            QCOMPARE(statistics.count, static_cast<int>(count));
            QCOMPARE(statistics.entropy, 0.0);
            QCOMPARE(statistics.mean.value_or(0), 0.0);
        }
        const BarStatistics single = barStatistics(std::vector<Bar>{barOf(0, 2)});
        QVERIFY(single.entropy == 0 && !std::signbit(single.entropy));
        // Kept bars count but weigh nothing.
        const Weights sink = pattern("SINK", 16);
        QCOMPARE(barStatistics(barcodeOf(sink, {.filtration = Filtration::Maximum}, true).zero).count, 15);
        QCOMPARE(barStatistics(barcodeOf(sink, {.filtration = Filtration::Maximum}, false).zero).count, 0);
    }

    void counting() {
        const std::vector<Bar> bars{barOf(0, 0.75), barOf(0.25, 0.5), barOf(0.5, kInfinity)};
        QCOMPARE(countBars(bars, {}), 2);
        QCOMPARE(countBars(bars, {.deathAtLeast = 0.75}), 1);
        QCOMPARE(countBars(bars, {.deathAtMost = 0.5}), 1);
        QCOMPARE(countBars(bars, {.birthAtMost = 0.25}), 2);
        QCOMPARE(countBars(bars, {.birthAtLeast = 0.25}), 1);
        QCOMPARE(bettiCurve(bars, std::vector<double>{0, 0.25, 0.5, 0.75, 2}), (std::vector<int>{1, 2, 2, 1, 1}));
    }

    /// b0 - b1 + b2 - ... of the flag complex of a sparse graph without triangles is vertices minus edges.
    void bettiNumbersOfSparseComplexes() {
        const Weights prev = pattern("PREV", 10); // a path of edges at distance 1/2
        const Barcode barcode = barcodeOf(prev, {});
        QCOMPARE(bettiNumber(barcode.zero, 0.49), 10);
        QCOMPARE(bettiNumber(barcode.zero, 0.5), 1);
        QCOMPARE(bettiNumber(barcode.one, 0.5), 0);
        Weights ring = emptyWeights(8, false); // each token attends to the next: a ring of 1/2, all else 1
        for (int i = 0; i < 8; ++i)
            ring.at(i, (i + 1) % 8) = 1;
        const Barcode cycle = barcodeOf(ring, {});
        QCOMPARE(bettiNumber(cycle.zero, 0.5), 1);
        QCOMPARE(bettiNumber(cycle.one, 0.5), 1);
        QCOMPARE(bettiNumber(cycle.one, 1), 0);
        QCOMPARE(barStatistics(cycle.one).sum, 0.5);
    }
};

QTEST_APPLESS_MAIN(TestBarcodeFeatures)
#include "tst_barcode_features.moc"
