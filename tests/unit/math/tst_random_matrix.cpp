// SPDX-License-Identifier: Apache-2.0
// Marchenko and Pastur's law, the Tracy-Widom edge, power-law fits and null matrices: closed forms and seeded samples (design note 4.10).
#include "core/math/spectral/attention_nulls.h"
#include "core/math/spectral/random_matrix.h"
#include "core/math/spectral/singular_spectrum.h"
#include "support/attention_patterns.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

bool isNear(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

/// Eigenvalues of W' W / N of normal numbers, plus a spike of that strength along one direction.
std::vector<double> sampleSpectrum(std::size_t rows, std::size_t columns, double deviation, double spike = 0, std::uint64_t seed = 1) {
    SeededRandom random{seed};
    std::vector<float> matrix(rows * columns);
    for (float& entry : matrix)
        entry = static_cast<float>(deviation * random.normal());
    const double share = spike / std::sqrt(static_cast<double>(rows * columns));
    for (float& entry : matrix)
        entry += static_cast<float>(share); // rank one, along the vectors of ones
    std::vector<double> values = *squaredSingularValues(matrix, rows, columns);
    for (double& value : values)
        value /= static_cast<double>(rows);
    return values;
}

double entropyOf(std::span<const float> row) {
    double entropy = 0;
    for (const float weight : row)
        entropy -= weight > 0 ? weight * std::log(weight) : 0;
    return entropy;
}

Weights randomAttention(int tokens, bool causal) { return withNoise(pattern(causal ? "SINK" : "TWOBI", tokens), 0.7, 4); }

std::vector<float> logitsOf(const Weights& w) {
    std::vector<float> logits = w.values;
    for (float& logit : logits)
        logit = std::log(logit);
    return logits;
}

std::vector<float> draw(AttentionNull kind, const Weights& w, std::uint64_t seed) {
    SeededRandom random{seed};
    return drawNull(kind, w.values, logitsOf(w), static_cast<std::size_t>(w.tokens), w.causal, random);
}

} // namespace

class TestRandomMatrix : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void edges();
    void densityIntegratesToTheDistribution();
    void quantilesInvert();
    void samplesFollowTheLaw();
    void spikes();
    void edgeScalesWithTheVariance();
    void exponentOfParetoNumbers();
    void fitFindsTheStart();
    void fitNeedsATail();
    void generator();
    void nullsKeepTheMask();
    void shuffledRowsKeepTheirEntries();
    void entropiesAreMatched();
    void verticesStayVertices();
    void variancesAreMatched();
    void momentsAreMatched();
};

void TestRandomMatrix::edges() {
    const MarchenkoPastur law{.ratio = 4, .variance = 1};
    QVERIFY(isNear(law.low(), 0.25, 1e-15) && isNear(law.high(), 2.25, 1e-15));
    QVERIFY(law.density(0.2) == 0 && law.density(2.3) == 0 && law.density(1) > 0);
    QVERIFY(law.cumulative(0.25) == 0 && law.cumulative(2.25) == 1 && law.cumulative(0) == 0 && law.cumulative(9) == 1);
    // Q = 1: density 1/2pi sqrt(4/x - 1) on [0, 4]; F(x) = (sqrt(x(4-x)) + 4 asin(sqrt(x)/2)) / 2pi.
    const MarchenkoPastur square{.ratio = 1, .variance = 1};
    QVERIFY(isNear(square.density(1), std::sqrt(3.0) / (2 * std::numbers::pi), 1e-14));
    QVERIFY(isNear(square.cumulative(1), (std::sqrt(3.0) + 4 * std::asin(0.5)) / (2 * std::numbers::pi), 1e-14));
}

void TestRandomMatrix::densityIntegratesToTheDistribution() {
    for (const MarchenkoPastur law : {MarchenkoPastur{1.2, 0.7}, MarchenkoPastur{4, 1}, MarchenkoPastur{50, 3}}) {
        constexpr int kSteps = 200000;
        const double from = law.low(), width = (law.high() - from) / kSteps;
        double sum = 0, mean = 0;
        for (int i = 0; i < kSteps; ++i) {
            const double x = from + (i + 0.5) * width;
            sum += law.density(x) * width;
            mean += x * law.density(x) * width;
            if (i % 20000 == 19999)
                QVERIFY(isNear(law.cumulative(x + width / 2), sum, 1e-6));
        }
        QVERIFY(isNear(sum, 1, 1e-6) && isNear(mean, law.variance, 1e-5)); // the mean eigenvalue is the variance
    }
}

void TestRandomMatrix::quantilesInvert() {
    const MarchenkoPastur law{.ratio = 3, .variance = 2};
    for (const double share : {0.001, 0.2, 0.5, 0.9, 0.999})
        QVERIFY(isNear(law.cumulative(law.quantile(share)), share, 1e-12));
    QVERIFY(isNear(law.quantile(0), law.low(), 1e-8) && isNear(law.quantile(1), law.high(), 1e-8));
}

void TestRandomMatrix::samplesFollowTheLaw() {
    const std::vector<double> values = sampleSpectrum(800, 200, 1);
    const MarchenkoPastur law{.ratio = 4, .variance = 1};
    QVERIFY(isNear(values.front(), 2.25, 0.06) && isNear(values.back(), 0.25, 0.02));
    const MarchenkoPasturDistance close = distanceTo(law, values), far = distanceTo({4, 1.5}, values);
    QVERIFY(close.kolmogorovSmirnov < 0.02 && close.wasserstein < 0.02);
    QVERIFY(far.kolmogorovSmirnov > 0.2 && far.wasserstein > 0.2);
    // A spectrum that is exactly the law's quantiles is at distance 0, and half a step in the cumulative distribution.
    std::vector<double> exact;
    for (int i = 0; i < 100; ++i)
        exact.push_back(law.quantile(1 - (i + 0.5) / 100));
    QVERIFY(isNear(distanceTo(law, exact).wasserstein, 0, 1e-12) && isNear(distanceTo(law, exact).kolmogorovSmirnov, 0.005, 1e-9));
}

void TestRandomMatrix::spikes() {
    int beyond = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
        beyond += countSpikes(sampleSpectrum(120, 60, 0.5, 0, seed), tracyWidomEdge(120, 60, 0.25));
    QVERIFY(beyond <= 3); // 1 % of the matrices are expected to have one
    // A direction twice as strong as the edge stands out, one far below the threshold does not.
    const double edge = tracyWidomEdge(400, 100, 1);
    QVERIFY(isNear(edge, 2.25, 0.12));
    QCOMPARE(countSpikes(sampleSpectrum(400, 100, 1, 60), edge), 1);
    QCOMPARE(countSpikes(sampleSpectrum(400, 100, 1, 5), edge), 0);
    QVERIFY(isNear(weightWatcherEdge({4, 1}, 100), 2.25 + std::sqrt(0.5 * std::pow(2.25, 2.0 / 3) * std::pow(100, -2.0 / 3)), 1e-12));
}

void TestRandomMatrix::edgeScalesWithTheVariance() {
    QVERIFY(isNear(tracyWidomEdge(300, 200, 7), 7 * tracyWidomEdge(300, 200, 1), 1e-12));
    QCOMPARE(tracyWidomEdge(300, 200, 1), tracyWidomEdge(200, 300, 1));
    QVERIFY(isNear(tracyWidomEdge(400000, 100000, 1), 2.25, 0.002)); // large matrices: the law's own edge
}

void TestRandomMatrix::exponentOfParetoNumbers() {
    SeededRandom random{5};
    std::vector<double> values(200000);
    for (double& value : values)
        value = 3 * std::pow(1 - random.uniform(), -1 / 1.5); // density ~ x^-2.5 from 3 on
    QVERIFY(isNear(powerLawExponent(values, 3), 2.5, 0.015));
    QVERIFY(isNear(powerLawExponent(values, 6), 2.5, 0.03)); // the tail of a power law is one too
    const double alike[] = {2, 2};
    QVERIFY(std::isnan(powerLawExponent(alike, 2)));
}

void TestRandomMatrix::fitFindsTheStart() {
    SeededRandom random{9};
    std::vector<double> values;
    for (int i = 0; i < 1000; ++i)
        values.push_back(2 * std::pow(1 - random.uniform(), -1 / 2.0)); // alpha 3 from 2 on
    for (int i = 0; i < 1000; ++i)
        values.push_back(2 * random.uniform()); // and a body that is none
    std::ranges::sort(values, std::greater<>());
    const auto fit = fitPowerLaw(values);
    QVERIFY(fit && fit->start > 1.8 && isNear(fit->alpha, 3, 0.3) && fit->distance < 0.03); // never down into the body
    QCOMPARE(fit->tail, static_cast<int>(std::ranges::count_if(values, [&](double x) { return x >= fit->start; })));
    QVERIFY(isNear(fit->alpha, powerLawExponent(values, fit->start), 1e-9));
    QVERIFY(isNear(fit->deviation, (fit->alpha - 1) / std::sqrt(fit->tail), 1e-12));
}

void TestRandomMatrix::fitNeedsATail() {
    std::vector<double> few{9, 8, 7, 6, 5, 4, 3, 2, 1}, alike(30, 2.0), zeros(30, 0.0);
    QVERIFY(!fitPowerLaw(few) && !fitPowerLaw(alike) && !fitPowerLaw(zeros) && !fitPowerLaw({}));
    few.insert(few.begin(), 10);
    QCOMPARE(fitPowerLaw(few)->tail, 10);
    few.insert(few.end(), 20, 0.0); // zeros are no part of any tail
    QCOMPARE(fitPowerLaw(few)->tail, 10);
}

void TestRandomMatrix::generator() {
    SeededRandom a{1, 2}, same{1, 2}, swapped{2, 1}, random{3};
    QVERIFY(a.next() == same.next() && a.next() != swapped.next());
    double sum = 0, squares = 0, least = 1, most = 0;
    for (int i = 0; i < 100000; ++i) {
        const double x = random.normal(), u = random.uniform();
        sum += x;
        squares += x * x;
        least = std::min(least, u);
        most = std::max(most, u);
    }
    QVERIFY(isNear(sum / 1e5, 0, 0.015) && isNear(squares / 1e5, 1, 0.02) && least >= 0 && most < 1 && least < 0.001 && most > 0.999);
    std::vector<int> counts(7, 0);
    for (int i = 0; i < 70000; ++i)
        ++counts[random.below(7)];
    QVERIFY(std::ranges::all_of(counts, [](int count) { return std::abs(count - 10000) < 500; }));
}

void TestRandomMatrix::nullsKeepTheMask() {
    for (const AttentionNull kind : {AttentionNull::Shuffled, AttentionNull::MatchedEntropy, AttentionNull::MatchedVariance, AttentionNull::Gaussian}) {
        const Weights w = randomAttention(14, true);
        const std::vector<float> null = draw(kind, w, 1);
        QVERIFY(null == draw(kind, w, 1) && null != draw(kind, w, 2));
        for (std::size_t i = 0; i < 14; ++i) {
            const auto row = std::span(null).subspan(i * 14, 14);
            QVERIFY(std::ranges::all_of(row.subspan(i + 1), [](float weight) { return weight == 0; }));
            if (kind != AttentionNull::Gaussian)
                QVERIFY(isNear(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-6));
        }
    }
}

void TestRandomMatrix::shuffledRowsKeepTheirEntries() {
    for (const bool causal : {true, false}) {
        const Weights w = randomAttention(20, causal);
        std::vector<float> null = draw(AttentionNull::Shuffled, w, 3), original = w.values;
        QVERIFY(null != original);
        for (std::ptrdiff_t i = 0; i < 20; ++i) {
            std::sort(null.begin() + i * 20, null.begin() + (i + 1) * 20);
            std::sort(original.begin() + i * 20, original.begin() + (i + 1) * 20);
        }
        QCOMPARE(null, original);
    }
}

void TestRandomMatrix::entropiesAreMatched() {
    const Weights w = randomAttention(30, false);
    const std::vector<float> null = draw(AttentionNull::MatchedEntropy, w, 3);
    for (std::size_t i = 0; i < 30; ++i)
        QVERIFY(isNear(entropyOf(std::span(null).subspan(i * 30, 30)), entropyOf(std::span(w.values).subspan(i * 30, 30)), 1e-5));
}

void TestRandomMatrix::verticesStayVertices() {
    const std::vector<float> null = draw(AttentionNull::MatchedEntropy, pattern("ID", 12), 3);
    for (std::size_t i = 0; i < 12; ++i)
        QVERIFY(*std::max_element(null.begin() + static_cast<std::ptrdiff_t>(i * 12), null.begin() + static_cast<std::ptrdiff_t>(i * 12 + 12)) > 0.999F);
    // Equal weights leave nothing to chance.
    const Weights uniform = pattern("UNIF", 12);
    for (const AttentionNull kind : {AttentionNull::MatchedEntropy, AttentionNull::MatchedVariance, AttentionNull::Shuffled}) {
        const std::vector<float> same = draw(kind, uniform, 3);
        for (std::size_t i = 0; i < same.size(); ++i)
            QVERIFY(isNear(same[i], uniform.values[i], 1e-7));
    }
}

void TestRandomMatrix::variancesAreMatched() {
    constexpr int kTokens = 300;
    Weights w = emptyWeights(kTokens, false);
    SeededRandom random{1};
    std::vector<float> logits(w.values.size());
    for (float& logit : logits)
        logit = static_cast<float>(2 * random.normal());
    std::ranges::fill(w.values, 1.0F / kTokens);
    SeededRandom other{2};
    const std::vector<float> null = drawNull(AttentionNull::MatchedVariance, w.values, logits, kTokens, false, other);
    double squares = 0;
    for (std::size_t i = 0; i < kTokens; ++i) {
        double mean = 0, square = 0;
        for (std::size_t j = 0; j < kTokens; ++j) {
            const double logit = std::log(null[i * kTokens + j]);
            mean += logit / kTokens;
            square += logit * logit / kTokens;
        }
        squares += (square - mean * mean) / kTokens;
    }
    QVERIFY(isNear(squares, 4, 0.08));
}

void TestRandomMatrix::momentsAreMatched() {
    const Weights w = randomAttention(120, true);
    const std::vector<float> null = draw(AttentionNull::Gaussian, w, 7);
    const auto moments = [](const std::vector<float>& matrix) {
        double sum = 0, squares = 0, count = 0;
        for (std::size_t i = 0; i < 120; ++i)
            for (std::size_t j = 0; j <= i; ++j, ++count) {
                sum += matrix[i * 120 + j];
                squares += static_cast<double>(matrix[i * 120 + j]) * matrix[i * 120 + j];
            }
        return std::pair(sum / count, squares / count - sum * sum / (count * count));
    };
    const auto [mean, variance] = moments(null);
    const auto [wantedMean, wantedVariance] = moments(w.values);
    QVERIFY(isNear(mean, wantedMean, 4 * std::sqrt(wantedVariance / 7260)) && isNear(variance / wantedVariance, 1, 0.1));
}

QTEST_GUILESS_MAIN(TestRandomMatrix)
#include "tst_random_matrix.moc"
