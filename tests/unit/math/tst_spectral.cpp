// SPDX-License-Identifier: Apache-2.0
// Eigenvalues, singular values and the divergences between rows, against closed forms and slower ways to the same numbers.
#include "core/math/information/logarithm.h"
#include "core/math/information/row_divergence.h"
#include "core/math/information/simplex_fisher.h"
#include "core/math/spectral/singular_spectrum.h"
#include "core/math/spectral/symmetric_eigenvalues.h"
#include "core/math/spectral/tridiagonal.h"

#include <QtTest>

#include <Eigen/Eigenvalues>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

using namespace sinkscope;

namespace {

std::vector<double> randomSymmetric(std::size_t n, double scale, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, scale);
    std::vector<double> matrix(n * n);
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c <= r; ++c)
            matrix[r * n + c] = matrix[c * n + r] = normal(random);
    return matrix;
}

std::vector<float> randomFloats(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

/// Rows of a causal head with random positive weights.
std::vector<float> randomRows(std::size_t rows, std::size_t length, std::size_t firstVisible, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0, 1);
    std::vector<float> values(rows * length, 0.0F);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < (firstVisible > 0 ? firstVisible + i : length); ++j)
            values[i * length + j] = std::pow(uniform(random), 4.0F);
    return values;
}

double slowJensenShannon(std::vector<double> p, std::vector<double> q) {
    double sumP = 0, sumQ = 0, result = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
        sumP += p[j];
        sumQ += q[j];
    }
    for (std::size_t j = 0; j < p.size(); ++j) {
        const double a = p[j] / sumP, b = q[j] / sumQ, m = (a + b) / 2;
        result += 0.5 * ((a > 0 ? a * std::log(a / m) : 0) + (b > 0 ? b * std::log(b / m) : 0));
    }
    return result;
}

} // namespace

class TestSpectral : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void logarithm();
    void eigenvaluesOfKnownMatrices();
    void eigenvaluesAgreeWithEigen();
    void eigenvaluesOfAnyMagnitude();
    void eigenvaluesOfGradedMatrices();
    void notFiniteHasNoEigenvalues();
    void cancelled();
    void singularValues();
    void shapesOfASpectrum();
    void wasserstein();
    void jensenShannonOfPairs();
    void fisherRao();
};

void TestSpectral::logarithm() {
    for (double x = 1e-290; x < 1e290; x *= 1.37)
        QVERIFY(std::abs(simd::logarithm(x) - std::log(x)) <= 2e-14 * std::max(1.0, std::abs(std::log(x))));
    QCOMPARE(simd::logarithm(1.0), 0.0);
    QVERIFY(0.0 * simd::logarithm(0.0) == 0.0);
}

void TestSpectral::eigenvaluesOfKnownMatrices() {
    // Second differences: 2 - 2 cos(k pi / (n + 1)).
    constexpr std::size_t n = 30;
    std::vector<double> path(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        path[i * n + i] = 2;
        if (i > 0)
            path[i * n + i - 1] = -1;
    }
    const std::vector<double> values = *symmetricEigenvalues(path, n);
    for (std::size_t k = 0; k < n; ++k)
        QVERIFY(std::abs(values[k] - (2 - 2 * std::cos(static_cast<double>(k + 1) * std::numbers::pi / (n + 1)))) < 1e-13);
    std::vector<double> ones(n * n, 1.0);
    const std::vector<double> rankOne = *symmetricEigenvalues(ones, n);
    QVERIFY(std::abs(rankOne.back() - n) < 1e-12 && std::abs(rankOne.front()) < 1e-12);
    std::vector<double> zeros(9, 0.0), one{-3.0};
    QCOMPARE(*symmetricEigenvalues(zeros, 3), std::vector<double>(3, 0.0));
    QCOMPARE(*symmetricEigenvalues(one, 1), std::vector<double>{-3.0});
}

void TestSpectral::eigenvaluesAgreeWithEigen() {
    for (const std::size_t n : {2, 3, 5, 17, 64, 131}) {
        std::vector<double> matrix = randomSymmetric(n, 1, static_cast<unsigned>(n));
        const Eigen::Map<const Eigen::MatrixXd> map(matrix.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
        const Eigen::VectorXd wanted = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(Eigen::MatrixXd(map), Eigen::EigenvaluesOnly).eigenvalues();
        const std::vector<double> values = *symmetricEigenvalues(matrix, n);
        for (std::size_t i = 0; i < n; ++i)
            QVERIFY(std::abs(values[i] - wanted[static_cast<Eigen::Index>(i)]) < 1e-13 * static_cast<double>(n));
        const TridiagonalForm form = *tridiagonalForm(matrix, n).value();
        for (std::size_t i = 0; i < n; ++i) {
            QVERIFY(std::abs(eigenvalueAt(form, i) - wanted[static_cast<Eigen::Index>(i)]) < 1e-13 * static_cast<double>(n));
            const auto [first, second] = eigenvaluesAt(form, n - 1 - i, i);
            QVERIFY(std::abs(first - wanted[static_cast<Eigen::Index>(n - 1 - i)]) + std::abs(second - wanted[static_cast<Eigen::Index>(i)]) < 2e-13 * static_cast<double>(n));
        }
        const auto vector = *leadingVector(form, values.back());
        const Eigen::Map<const Eigen::VectorXd> x(vector.data(), map.rows());
        const Eigen::MatrixXd lower = Eigen::MatrixXd(map).selfadjointView<Eigen::Lower>();
        QVERIFY((lower * x - values.back() * x).norm() < 1e-12 * static_cast<double>(n) && std::abs(x.norm() - 1) < 1e-14);
    }
}

void TestSpectral::eigenvaluesOfAnyMagnitude() {
    for (const double scale : {1e-180, 1e-30, 1e30, 1e150}) {
        std::vector<double> matrix = randomSymmetric(12, 1, 3), scaled = matrix;
        for (double& entry : scaled)
            entry *= scale;
        const std::vector<double> plain = *symmetricEigenvalues(matrix, 12), other = *symmetricEigenvalues(scaled, 12);
        for (std::size_t i = 0; i < 12; ++i)
            QVERIFY(std::abs(other[i] / scale - plain[i]) < 1e-12);
    }
}

void TestSpectral::eigenvaluesOfGradedMatrices() {
    // Neighbours tied by anything from 1 to 1e-15 or not at all, on both sides of every whole number of vectors, and of the size from which on large matrices differ.
    for (const std::size_t n : {7, 8, 9, 10, 16, 17, 18, 80, 81, 100}) {
        const std::vector<double> random = randomSymmetric(n, 1, static_cast<unsigned>(n));
        std::vector<double> matrix(n * n, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            matrix[i * n + i] = random[i * n];
            if (i > 0)
                matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = i % 6 == 5 ? 0.0 : std::pow(10.0, -3.0 * static_cast<double>(i % 6));
        }
        const Eigen::MatrixXd map = Eigen::Map<const Eigen::MatrixXd>(matrix.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
        const Eigen::VectorXd wanted = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(map, Eigen::EigenvaluesOnly).eigenvalues();
        const std::vector<double> values = *symmetricEigenvalues(matrix, n);
        const TridiagonalForm form = *tridiagonalForm(matrix, n).value();
        for (std::size_t i = 0; i < n; ++i)
            QVERIFY(std::abs(values[i] - wanted[static_cast<Eigen::Index>(i)]) + std::abs(eigenvalueAt(form, i) - wanted[static_cast<Eigen::Index>(i)]) <
                    2e-13 * static_cast<double>(n));
    }
}

void TestSpectral::notFiniteHasNoEigenvalues() {
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        std::vector<double> matrix = randomSymmetric(5, 1, 1);
        matrix[7 + 5] = bad;
        const std::vector<double> values = *symmetricEigenvalues(matrix, 5);
        QVERIFY(std::ranges::all_of(values, [](double value) { return std::isnan(value); }));
    }
    std::vector<float> data = randomFloats(12, 1);
    data[5] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<double> energies = *squaredSingularValues(data, 3, 4);
    QVERIFY(std::ranges::all_of(energies, [](double value) { return std::isnan(value); }));
}

void TestSpectral::cancelled() {
    std::stop_source stop;
    stop.request_stop();
    const JobContext context(stop.get_token(), nullptr);
    const std::vector<float> data = randomFloats(40 * 30, 1);
    const auto result = squaredSingularValues(data, 40, 30, context);
    QVERIFY(!result && result.error().code == ErrorCode::Cancelled);
}

void TestSpectral::singularValues() {
    for (const auto& [rows, columns] : {std::pair<std::size_t, std::size_t>{7, 7}, {13, 40}, {40, 13}, {1, 9}, {9, 1}, {65, 64}}) {
        const std::vector<float> data = randomFloats(rows * columns, static_cast<unsigned>(rows * 100 + columns));
        using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        const Eigen::MatrixXd matrix =
            Eigen::Map<const RowMajor>(data.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)).cast<double>();
        const Eigen::VectorXd wanted = Eigen::BDCSVD<Eigen::MatrixXd>(matrix).singularValues();
        const std::vector<double> energies = *squaredSingularValues(data, rows, columns);
        QCOMPARE(energies.size(), std::min(rows, columns));
        for (std::size_t i = 0; i < energies.size(); ++i)
            QVERIFY(std::abs(std::sqrt(energies[i]) - wanted[static_cast<Eigen::Index>(i)]) < 1e-7 * wanted[0]);
    }
    QVERIFY(squaredSingularValues({}, 0, 4)->empty());
}

void TestSpectral::shapesOfASpectrum() {
    const double equal[] = {2, 2, 2, 2}, one[] = {5, 0, 0}, zero[] = {0, 0};
    QVERIFY(std::abs(participationRatio(equal) - 4) < 1e-14 && std::abs(participationRatio(one) - 1) < 1e-14);
    QVERIFY(std::abs(spectralEntropy(equal) - std::log(4.0)) < 1e-14 && spectralEntropy(one) == 0);
    QVERIFY(std::abs(stableRank(equal) - 4) < 1e-14 && stableRank(one) == 1);
    QCOMPARE(numericalRank(equal, 1e-6), 4);
    QCOMPARE(numericalRank(one, 1e-6), 1);
    QCOMPARE(numericalRank(zero, 1e-6), 0);
    QVERIFY(std::isnan(participationRatio(zero)) && std::isnan(spectralEntropy(zero)) && std::isnan(stableRank({})));
}

void TestSpectral::wasserstein() {
    const double a[] = {0, 1, 3}, b[] = {5, 6, 8}, c[] = {0, 2}, d[] = {1};
    QVERIFY(std::abs(wassersteinDistance(a, b) - 5) < 1e-14);
    QCOMPARE(wassersteinDistance(a, a), 0.0);
    QVERIFY(std::abs(wassersteinDistance(c, d) - 1) < 1e-14);
    // Quantiles of a against c: thirds and halves; |0-0|/3 + |1-0|/6 + |1-2|/6 + |3-2|/3.
    QVERIFY(std::abs(wassersteinDistance(a, c) - 2.0 / 3) < 1e-14);
    QVERIFY(std::isnan(wassersteinDistance(a, {})));
}

void TestSpectral::jensenShannonOfPairs() {
    for (const std::size_t firstVisible : {std::size_t(0), std::size_t(2)}) {
        constexpr std::size_t kLength = 37;
        const std::size_t count = firstVisible > 0 ? kLength - 1 : 11;
        const std::vector<float> values = randomRows(count, kLength, firstVisible, 5);
        const auto rows = DistributionRows::create(values, kLength, firstVisible);
        QVERIFY(rows && rows->count() == count);
        const PairwiseDivergence found = meanPairwiseJensenShannon(*rows);
        double whole = 0, common = 0, pairs = 0;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t k = i + 1; k < count; ++k, ++pairs) {
                const auto p = values.begin() + static_cast<std::ptrdiff_t>(i * kLength), q = values.begin() + static_cast<std::ptrdiff_t>(k * kLength);
                const auto n = static_cast<std::ptrdiff_t>(rows->visible(i)), all = static_cast<std::ptrdiff_t>(kLength);
                whole += slowJensenShannon({p, p + all}, {q, q + all});
                common += slowJensenShannon({p, p + n}, {q, q + n});
            }
        QVERIFY(std::abs(found.whole - whole / pairs) < 1e-12);
        QVERIFY(std::abs(found.common - common / pairs) < 1e-12);
    }
    const float broken[] = {0.5F, 0.5F, 0.0F, 0.0F};
    QVERIFY(!DistributionRows::create(broken, 2));
}

void TestSpectral::fisherRao() {
    const float uniform[] = {0.25F, 0.25F, 0.25F, 0.25F}, vertex[] = {0, 0, 1, 0}, other[] = {1, 0};
    QVERIFY(std::abs(fisherRaoDistance(vertex, other) - std::numbers::pi) < 1e-14);
    QVERIFY(std::abs(fisherRaoDistance(uniform, vertex) - 2 * std::acos(0.5)) < 1e-14);
    QVERIFY(std::abs(fisherRaoToUniform(vertex) - 2 * std::acos(0.5)) < 1e-14);
    QVERIFY(std::abs(fisherRaoToVertex(uniform) - 2 * std::acos(0.5)) < 1e-14);
    const float p[] = {0.7F, 0.2F, 0.1F}, q[] = {0.1F, 0.3F, 0.6F};
    const double sum = std::sqrt(0.07) + std::sqrt(0.06) + std::sqrt(0.06);
    QVERIFY(std::abs(fisherRaoDistance(p, q) - 2 * std::acos(sum)) < 1e-7);
    QVERIFY(std::abs(fisherRaoToVertex(p) - 2 * std::acos(std::sqrt(0.7))) < 1e-7);
    // Variance of the logits of (0.7, 0.2, 0.1) by hand; a common offset changes nothing.
    const float logits[] = {101, 99, 98};
    QVERIFY(std::abs(temperatureFisher(p, logits) - (0.2 * 4 + 0.1 * 9 - 0.7 * 0.7)) < 1e-6);
}

QTEST_GUILESS_MAIN(TestSpectral)
#include "tst_spectral.moc"
