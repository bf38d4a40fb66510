// SPDX-License-Identifier: Apache-2.0
// The solvers of principal components against each other and closed forms; blocks, threads, large and small numbers; joint fits.
#include "core/math/alignment/joint_fit.h"
#include "core/math/pca/principal_components.h"
#include "support/verify_result.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <random>

using namespace sinkscope;

namespace {

std::vector<float> randomData(int rows, int width, unsigned seed, double decay = 0.9, float offset = 0) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::vector<float> data;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < width; ++column)
            data.push_back(static_cast<float>(normal(random) * std::pow(decay, column)) + offset);
    return data;
}

Result<PrincipalComponents> fit(const std::vector<float>& data, int width, PcaOptions options = {}) {
    MemoryMatrix source(data, static_cast<std::int64_t>(data.size()) / width, width);
    return fitPrincipalComponents(source, options, JobContext());
}

/// Largest sine of the angle between two axes of the same rank.
double largestAngle(const PrincipalComponents& a, const PrincipalComponents& b) {
    double largest = 0;
    for (int k = 0; k < a.components; ++k) {
        double product = 0;
        for (int i = 0; i < a.width; ++i)
            product += a.axes[static_cast<std::size_t>(k * a.width + i)] * b.axes[static_cast<std::size_t>(k * a.width + i)];
        largest = std::max(largest, std::sqrt(std::max(0.0, 1 - product * product)));
    }
    return largest;
}

/// Rows that exist only while they are read: a matrix of any length in the memory of a block.
class MadeUpRows final : public MatrixSource {
public:
    MadeUpRows(std::int64_t rows, int width, std::int64_t badRow = -1) : m_rows(rows), m_width(width), m_badRow(badRow) {}
    [[nodiscard]] std::int64_t rows() const override { return m_rows; }
    [[nodiscard]] int width() const override { return m_width; }
    [[nodiscard]] Result<std::span<const float>> read(std::int64_t first, std::int64_t count, std::vector<float>& room) override {
        if (m_badRow >= first && m_badRow < first + count)
            return Error{ErrorCode::FileUnreadable, "row " + std::to_string(m_badRow), {}};
        longest = std::max<std::int64_t>(longest, count);
        room.clear();
        for (std::int64_t row = first; row < first + count; ++row)
            for (int i = 0; i < m_width; ++i) { // two directions, with variances 9/2 and 2, and a constant
                const double a = 3 * std::cos(0.7 * static_cast<double>(row)), b = 2 * std::sin(1.9 * static_cast<double>(row));
                room.push_back(static_cast<float>(i == 0 ? a : i == 1 ? b : 5.0));
            }
        return std::span<const float>(room);
    }
    std::atomic<std::int64_t> longest{0};

private:
    std::int64_t m_rows;
    int m_width;
    std::int64_t m_badRow;
};

} // namespace

class TestPrincipalComponents : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void solversAgree() {
        const auto data = randomData(6000, 150, 3, 0.8, 20); // far from the origin: sums about 0 would lose digits
        const auto covariance = fit(data, 150, {.solver = PcaSolver::Exact}), random = fit(data, 150, {.solver = PcaSolver::Randomized});
        QVERIFY_RESULT(covariance);
        QVERIFY_RESULT(random);
        QVERIFY(covariance->solver == PcaSolver::Exact && covariance->passes == 1);
        QVERIFY(random->solver == PcaSolver::Randomized && random->passes > 2 && random->passes < 30);
        QVERIFY(largestAngle(*covariance, *random) < 1e-4);
        // The same in double precision: a part of the columns makes it small enough for that way.
        std::vector<float> narrow;
        for (std::size_t row = 0; row < 6000; ++row)
            narrow.insert(narrow.end(), data.begin() + static_cast<std::ptrdiff_t>(150 * row), data.begin() + static_cast<std::ptrdiff_t>(150 * row + 50));
        const auto exact = fit(narrow, 50);
        for (int k = 0; k < 3; ++k) {
            QVERIFY(std::abs(random->explained(k) / covariance->explained(k) - 1) < 1e-6);
            QVERIFY(std::abs(exact->sums[static_cast<std::size_t>(k)] / covariance->sums[static_cast<std::size_t>(k)] - 1) < 1e-4);
        }
        QVERIFY(std::abs(random->total / covariance->total - 1) < 1e-6);
    }

    void threadsChangeNothing() {
        const auto data = randomData(9000, 90, 5);
        for (const PcaSolver solver : {PcaSolver::Exact, PcaSolver::Randomized}) {
            const auto one = fit(data, 90, {.solver = solver, .threads = 1}), three = fit(data, 90, {.solver = solver, .threads = 3});
            QCOMPARE(one->axes, three->axes);
            QCOMPARE(one->sums, three->sums);
        }
    }

    void streams() {
        MadeUpRows rows(200'000, 40);
        const auto basis = fitPrincipalComponents(rows, {}, JobContext());
        QVERIFY_RESULT(basis);
        QVERIFY(rows.longest <= 1024); // never more than a block at once
        QVERIFY(std::abs(basis->variance(basis->sums[0]) - 4.5) < 1e-3 && std::abs(basis->variance(basis->sums[1]) - 2.0) < 1e-3);
        QCOMPARE(basis->sums[2], 0.0); // there is no third direction
        QVERIFY(std::abs(basis->axes[0] - 1) < 1e-6 && std::abs(basis->axes[41] - 1) < 1e-6);
        QVERIFY(std::abs(basis->mean[7] - 5) < 1e-6);
        const auto coordinates = coordinatesIn(*basis, rows, JobContext());
        QVERIFY_RESULT(coordinates);
        QVERIFY(std::abs((*coordinates)[3 * 1234] - 3 * std::cos(0.7 * 1234)) < 1e-3);
        QVERIFY(rows.longest <= 1024);
        MadeUpRows broken(200'000, 40, 150'000);
        QVERIFY_ERROR(fitPrincipalComponents(broken, {}, JobContext()), ErrorCode::FileUnreadable);
        QVERIFY_ERROR(coordinatesIn(*basis, broken, JobContext()), ErrorCode::FileUnreadable);
    }

    void axesAreOrthonormalAndSigned() {
        const auto basis = fit(randomData(3000, 120, 8, 0.99), 120, {.components = 5});
        QVERIFY_RESULT(basis);
        for (int a = 0; a < 5; ++a) {
            double largest = 0;
            for (int b = 0; b <= a; ++b) {
                double product = 0;
                for (std::size_t i = 0; i < 120; ++i)
                    product += basis->axes[static_cast<std::size_t>(a) * 120 + i] * basis->axes[static_cast<std::size_t>(b) * 120 + i];
                QVERIFY(std::abs(product - (a == b ? 1 : 0)) < 1e-9);
            }
            for (std::size_t i = 0; i < 120; ++i)
                if (const double loading = basis->axes[static_cast<std::size_t>(a) * 120 + i]; std::abs(loading) > std::abs(largest))
                    largest = loading;
            QVERIFY(largest > 0);
        }
    }

    void anyMagnitude_data() {
        QTest::addColumn<float>("factor");
        QTest::addColumn<int>("solver");
        for (const float factor : {1e-30F, 1e30F})
            for (const PcaSolver solver : {PcaSolver::Exact, PcaSolver::Randomized})
                QTest::addRow("%g, solver %d", static_cast<double>(factor), static_cast<int>(solver)) << factor << static_cast<int>(solver);
    }
    void anyMagnitude() {
        QFETCH(float, factor);
        QFETCH(int, solver);
        auto data = randomData(4000, 100, 2, 0.8);
        const auto wanted = fit(data, 100, {.solver = static_cast<PcaSolver>(solver)});
        for (float& value : data)
            value *= factor;
        const auto got = fit(data, 100, {.solver = static_cast<PcaSolver>(solver)});
        QVERIFY_RESULT(got);
        QVERIFY(largestAngle(*wanted, *got) < 1e-4);
        QVERIFY(std::abs(got->explained(0) - wanted->explained(0)) < 1e-6);
    }

    void laterRowsMayBeFarLarger() { // so that sums scaled by the first rows overflow
        auto data = randomData(4000, 100, 2, 0.8);
        for (std::size_t i = 300'000; i < data.size(); ++i)
            data[i] *= 1e28F;
        const auto got = fit(data, 100);
        QVERIFY_RESULT(got);
        QVERIFY(got->varies && std::isfinite(got->total));
        const std::vector<float> tail(data.begin() + 300'000, data.end());
        QVERIFY(largestAngle(*got, *fit(tail, 100)) < 1e-2); // whose mean is a little different
    }

    void massiveActivationLeavesTheRest() { // one column a thousand times the others: the next directions are still found
        auto data = randomData(5000, 80, 6, 0.8);
        for (std::size_t row = 0; row < 5000; ++row)
            data[80 * row + 79] = 1000.0F * (row % 50 == 0 ? 1.0F : 0.0F) + data[80 * row + 79];
        const auto got = fit(data, 80);
        QVERIFY_RESULT(got);
        QVERIFY(got->axes[79] > 0.999999);
        QVERIFY(got->axes[80] > 0.99 && got->axes[161] > 0.99); // columns 0 and 1 come next
    }

    void notFinite_data() {
        QTest::addColumn<float>("bad");
        QTest::addColumn<int>("solver");
        for (const int solver : {0, 1, 2}) {
            QTest::addRow("NaN %d", solver) << std::numeric_limits<float>::quiet_NaN() << solver;
            QTest::addRow("infinity %d", solver) << -std::numeric_limits<float>::infinity() << solver;
        }
    }
    void notFinite() {
        QFETCH(float, bad);
        QFETCH(int, solver);
        for (const int rows : {40, 6000}) { // in double precision, and in blocks
            auto data = randomData(rows, 80, 2);
            data[data.size() - 3] = bad;
            QVERIFY_ERROR(fit(data, 80, {.solver = static_cast<PcaSolver>(solver)}), ErrorCode::NotFinite);
        }
    }

    void degenerate() {
        for (const PcaSolver solver : {PcaSolver::Exact, PcaSolver::Randomized}) {
            const auto constant = fit(std::vector<float>(6000 * 80, 0.1F), 80, {.solver = solver});
            QVERIFY_RESULT(constant);
            QVERIFY(!constant->varies && constant->total == 0 && constant->explained(0) == 0);
            const auto zero = fit(std::vector<float>(6000 * 80, 0.0F), 80, {.centred = false, .solver = solver});
            QVERIFY_RESULT(zero);
            QVERIFY(!zero->varies);
            const auto single = fit({1, 2, 3}, 3, {.solver = solver}); // one point varies in nothing
            QVERIFY_RESULT(single);
            QVERIFY(!single->varies);
            const auto few = fit(randomData(3, 50, 4), 50, {.components = 6, .solver = solver}); // three points span a plane
            QVERIFY_RESULT(few);
            QVERIFY(few->sums[1] > 0);
            QCOMPARE(few->sums[2], 0.0);
            QVERIFY(std::abs(few->explained(0) + few->explained(1) - 1) < 1e-4);
        }
        QVERIFY_ERROR(fit({}, 3), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(fit({1, 2}, 2, {.components = 0}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(fit({1, 2}, 2, {.components = 9, .solver = PcaSolver::Randomized}), ErrorCode::InvalidArgument);
        const auto basis = fit(randomData(10, 4, 1), 4);
        const std::vector<float> other(15, 1.0F);
        MemoryMatrix source(other, 5, 3);
        QVERIFY_ERROR(coordinatesIn(*basis, source, JobContext()), ErrorCode::InvalidArgument);
        std::stop_source stop;
        stop.request_stop();
        const auto data = randomData(6000, 80, 2);
        MemoryMatrix rows(data, 6000, 80);
        for (const PcaSolver solver : {PcaSolver::Exact, PcaSolver::Randomized})
            QVERIFY_ERROR(fitPrincipalComponents(rows, {.solver = solver}, JobContext(stop.get_token(), {})), ErrorCode::Cancelled);
    }

    void jointFit() {
        std::vector<std::vector<float>> clouds{randomData(300, 20, 1), randomData(500, 20, 2), randomData(700, 20, 3)};
        std::vector<float> all;
        for (const auto& cloud : clouds)
            all.insert(all.end(), cloud.begin(), cloud.end());
        const auto joint = fitJointly(clouds, 20, false, {}, JobContext());
        QVERIFY_RESULT(joint);
        const auto one = fit(all, 20);
        QCOMPARE(joint->basis.axes, one->axes); // blocks that span clouds are put together rightly
        QCOMPARE(joint->coordinates[1].size(), std::size_t{1500});
        MemoryMatrix rows(all, 1500, 20);
        const auto coordinates = coordinatesIn(*one, rows, JobContext());
        QCOMPARE(joint->coordinates[2].back(), coordinates->back());
        double shown = one->explained(0) + one->explained(1) + one->explained(2);
        for (const double share : joint->explained)
            QVERIFY(std::abs(share - shown) < 0.1);
        // Clouds far apart: the way between them is the first axis, unless every cloud is centred.
        for (float& value : clouds[1])
            value += 100;
        const auto apart = fitJointly(clouds, 20, false, {}, JobContext()), own = fitJointly(clouds, 20, true, {}, JobContext());
        QVERIFY(apart->basis.explained(0) > 0.99);
        QVERIFY(own->basis.explained(0) < 0.5 && largestAngle(own->basis, *one) < 0.2);
        QVERIFY_ERROR(fitJointly({}, 20, false, {}, JobContext()), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(fitJointly(clouds, 21, false, {}, JobContext()), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestPrincipalComponents)
#include "tst_principal_components.moc"
