// SPDX-License-Identifier: Apache-2.0
#include "core/math/clusters/k_means.h"
#include "core/math/spectral/seeded_random.h"
#include "support/verify_result.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <set>

using namespace sinkscope;

namespace {

/// `groups` tight groups on the corners of a simplex, of 10, 20, 30, ... rows, in turn.
std::vector<float> groupsOf(int groups, int width, std::vector<int>& truth) {
    SeededRandom random({7});
    std::vector<float> data;
    for (int round = 0; round < 10 * groups; ++round)
        for (int g = 0; g < groups; ++g) {
            if (round >= 10 * (g + 1))
                continue;
            truth.push_back(g);
            for (int k = 0; k < width; ++k)
                data.push_back(static_cast<float>((k == g ? 10 : 0) + 0.1 * random.normal()));
        }
    return data;
}

} // namespace

class TestKMeans : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsSeparateGroups() {
        std::vector<int> truth;
        const auto data = groupsOf(4, 8, truth);
        const int points = static_cast<int>(truth.size());
        const auto found = kMeans(data, points, 8, {.clusters = 4}, JobContext());
        QVERIFY_RESULT(found);
        QVERIFY(found->settled);
        QCOMPARE(found->sizes, (std::vector<std::int64_t>{40, 30, 20, 10}));
        for (std::size_t i = 0; i < truth.size(); ++i)
            QCOMPARE(found->of[i], 3 - truth[i]); // the largest first
        QVERIFY(found->explained > 0.99);
    }

    /// Lloyd's condition: every row belongs to the nearest mean, computed anew here.
    void everyRowIsWithTheNearestMean() {
        SeededRandom random({3});
        constexpr int kPoints = 5000, kWidth = 5, kClusters = 7;
        std::vector<float> data;
        for (int i = 0; i < kPoints * kWidth; ++i)
            data.push_back(static_cast<float>(random.normal()));
        const auto found = kMeans(data, kPoints, kWidth, {.clusters = kClusters, .rounds = 1000}, JobContext());
        QVERIFY_RESULT(found);
        QVERIFY(found->settled);
        std::vector<double> means(kClusters * kWidth, 0);
        for (int i = 0; i < kPoints; ++i)
            for (int k = 0; k < kWidth; ++k)
                means[static_cast<std::size_t>(found->of[static_cast<std::size_t>(i)] * kWidth + k)] += static_cast<double>(data[static_cast<std::size_t>(i * kWidth + k)]);
        for (int c = 0; c < kClusters; ++c)
            for (int k = 0; k < kWidth; ++k)
                means[static_cast<std::size_t>(c * kWidth + k)] /= static_cast<double>(found->sizes[static_cast<std::size_t>(c)]);
        double within = 0, total = 0;
        for (int i = 0; i < kPoints; ++i) {
            double own = 0, best = std::numeric_limits<double>::infinity();
            for (int c = 0; c < kClusters; ++c) {
                double sum = 0;
                for (int k = 0; k < kWidth; ++k)
                    sum += std::pow(static_cast<double>(data[static_cast<std::size_t>(i * kWidth + k)]) - means[static_cast<std::size_t>(c * kWidth + k)], 2);
                best = std::min(best, sum);
                if (c == found->of[static_cast<std::size_t>(i)])
                    own = sum;
            }
            QVERIFY(own <= best + 1e-9);
            within += own;
            for (int k = 0; k < kWidth; ++k)
                total += std::pow(static_cast<double>(data[static_cast<std::size_t>(i * kWidth + k)]), 2);
        }
        QVERIFY(std::abs(found->explained - (1 - within / total)) < 1e-3); // the mean is nearly 0
    }

    void doesNotDependOnThreads() {
        std::vector<int> truth;
        const auto data = groupsOf(6, 6, truth);
        const auto one = kMeans(data, static_cast<int>(truth.size()), 6, {.clusters = 4, .threads = 1}, JobContext());
        const auto three = kMeans(data, static_cast<int>(truth.size()), 6, {.clusters = 4, .threads = 3}, JobContext());
        QVERIFY(one && three && one->of == three->of && one->explained == three->explained);
    }

    void fewDifferentRowsGiveFewClusters() {
        const std::vector<float> same(30 * 2, 1.5F);
        const auto found = kMeans(same, 30, 2, {.clusters = 5}, JobContext());
        QVERIFY_RESULT(found);
        QCOMPARE(found->sizes.size(), std::size_t(1));
        QCOMPARE(found->explained, 0.0);
        std::vector<float> two = same;
        two[0] = 9;
        const auto both = kMeans(two, 30, 2, {.clusters = 5}, JobContext());
        QVERIFY_RESULT(both);
        QCOMPARE(both->sizes, (std::vector<std::int64_t>{29, 1}));
        QCOMPARE(both->of[0], 1);
    }

    void refusesWhatCannotBeGrouped() {
        const std::vector<float> broken{1, std::numeric_limits<float>::quiet_NaN()};
        QVERIFY_ERROR(kMeans(broken, 2, 1, {}, JobContext()), ErrorCode::NotFinite);
        QVERIFY_ERROR(kMeans({}, 0, 1, {}, JobContext()), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(kMeans(std::vector<float>{1, 2}, 2, 1, {.clusters = 0}, JobContext()), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestKMeans)
#include "tst_k_means.moc"
