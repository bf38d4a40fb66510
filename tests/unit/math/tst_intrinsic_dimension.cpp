// SPDX-License-Identifier: Apache-2.0
// Intrinsic dimension of manifolds whose dimension is known.
#include "core/math/geometry/intrinsic_dimension.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>
#include <random>

using namespace sinkscope;

namespace {

/// Points of a manifold of `dimension` in `width` dimensions.
std::vector<float> manifold(const QString& name, int points, int dimension, int width) {
    std::mt19937 random(7);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    std::vector<std::vector<double>> directions(static_cast<std::size_t>(dimension + 1), std::vector<double>(static_cast<std::size_t>(width)));
    for (auto& direction : directions)
        for (double& value : direction)
            value = normal(random);
    std::vector<float> data;
    for (int point = 0; point < points; ++point) {
        std::vector<double> inner(static_cast<std::size_t>(dimension + 1), 0.0);
        double square = 0;
        for (std::size_t i = 0; i < inner.size(); ++i) {
            inner[i] = name == QLatin1String("cube") ? uniform(random) : normal(random);
            square += inner[i] * inner[i];
        }
        if (name == QLatin1String("sphere"))
            for (double& value : inner)
                value /= std::sqrt(square);
        else
            inner.back() = 0;
        for (int j = 0; j < width; ++j) {
            double value = 5;
            for (std::size_t i = 0; i < inner.size(); ++i)
                value += inner[i] * directions[i][static_cast<std::size_t>(j)];
            data.push_back(static_cast<float>(value));
        }
    }
    return data;
}

} // namespace

class TestIntrinsicDimension : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knownManifolds_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("dimension");
        QTest::newRow("line") << QStringLiteral("cube") << 1;
        QTest::newRow("square") << QStringLiteral("cube") << 2;
        QTest::newRow("sphere") << QStringLiteral("sphere") << 2;
        QTest::newRow("normal, 4") << QStringLiteral("normal") << 4;
        QTest::newRow("sphere, 5") << QStringLiteral("sphere") << 5;
    }
    void knownManifolds() {
        QFETCH(QString, name);
        QFETCH(int, dimension);
        const auto got = intrinsicDimension(manifold(name, 3000, dimension, 30), 3000, 30, {}, JobContext());
        QVERIFY_RESULT(got);
        QVERIFY(got->has_value());
        const double bias = dimension > 3 ? 0.12 : 0.06; // both estimates fall short where dimensions are many
        QVERIFY2(std::abs((*got)->twoNearest / dimension - 1) < bias, qPrintable(QString::number((*got)->twoNearest)));
        QVERIFY2(std::abs((*got)->likelihood / dimension - 1) < bias, qPrintable(QString::number((*got)->likelihood)));
        QCOMPARE((*got)->queries, 3000);
        QCOMPARE((*got)->neighbours, 20);
    }

    void copiesCountOnce() {
        const auto once = manifold(QStringLiteral("cube"), 800, 2, 6);
        auto many = once;
        for (int copy = 0; copy < 3; ++copy)
            many.insert(many.end(), once.begin(), once.end());
        const auto a = intrinsicDimension(once, 800, 6, {}, JobContext()), b = intrinsicDimension(many, 3200, 6, {}, JobContext());
        QCOMPARE((*b)->points, 800);
        QCOMPARE((*a)->twoNearest, (*b)->twoNearest);
        QCOMPARE((*a)->likelihood, (*b)->likelihood);
        const auto threads = intrinsicDimension(many, 3200, 6, {.threads = 3}, JobContext());
        QCOMPARE((*a)->likelihood, (*threads)->likelihood);
    }

    void samplesAndSizes() {
        auto data = manifold(QStringLiteral("cube"), 3000, 2, 10);
        const auto sampled = intrinsicDimension(data, 3000, 10, {.queries = 500}, JobContext());
        QCOMPARE((*sampled)->queries, 500);
        QVERIFY(std::abs((*sampled)->twoNearest - 2) < 0.3);
        const auto plain = intrinsicDimension(data, 3000, 10, {}, JobContext());
        for (float& value : data)
            value *= 1e30F;
        const auto huge = intrinsicDimension(data, 3000, 10, {}, JobContext());
        QVERIFY(std::abs((*huge)->twoNearest - (*plain)->twoNearest) < 1e-3);
    }

    void badInput() {
        QVERIFY(!intrinsicDimension(std::vector<float>(400, 1.0F), 100, 4, {}, JobContext())->has_value());
        QVERIFY(!intrinsicDimension(manifold(QStringLiteral("cube"), 4, 2, 3), 4, 3, {}, JobContext())->has_value());
        QVERIFY(intrinsicDimension(manifold(QStringLiteral("cube"), 5, 2, 3), 5, 3, {}, JobContext())->has_value());
        std::vector<float> simplex(36, 0.0F); // six points at one distance of each other: no dimension fits
        for (std::size_t i = 0; i < 6; ++i)
            simplex[7 * i] = 1;
        QVERIFY(!intrinsicDimension(simplex, 6, 6, {}, JobContext())->has_value());
        simplex[3] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY_ERROR(intrinsicDimension(simplex, 6, 6, {}, JobContext()), ErrorCode::NotFinite);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_ERROR(intrinsicDimension(manifold(QStringLiteral("cube"), 50, 2, 3), 50, 3, {}, JobContext(stop.get_token(), {})), ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestIntrinsicDimension)
#include "tst_intrinsic_dimension.moc"
