// SPDX-License-Identifier: Apache-2.0
// Against scipy (tests/golden/gen/make_rank_correlation.py).
#include "core/io/json_reader.h"
#include "core/math/rank_correlation.h"
#include "support/verify_result.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

using namespace sinkscope;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kPermutations = 9999;

std::vector<double> numbersOf(const Json& array) {
    std::vector<double> numbers;
    for (const Json& value : array)
        numbers.push_back(value.is_null() ? kNone : value.get<double>());
    return numbers;
}

} // namespace

class TestRankCorrelation : public QObject {
    Q_OBJECT
    Json m_cases;

private Q_SLOTS:
    void initTestCase() {
        const auto json = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/sweeps/rank_correlation.json", ErrorCode::Internal);
        QVERIFY_RESULT(json);
        m_cases = (*json)["cases"];
        QCOMPARE(m_cases.size(), std::size_t{6});
    }

    void agreesWithScipy() {
        for (const Json& each : m_cases) {
            const auto x = numbersOf(each["x"]), y = numbersOf(each["y"]);
            const auto result = rankCorrelations(y, {x}, kPermutations, 1).front();
            const std::string name = each["name"];
            QVERIFY2(std::abs(result.rho - each["rho"].get<double>()) < 1e-12, name.c_str());
            QCOMPARE(result.count, each["count"].get<int>());
            if (each.contains("p")) { // four standard errors of a share of 9,999 draws
                const double p = each["p"];
                QVERIFY2(std::abs(result.p - p) < 4 * std::sqrt(p * (1 - p) / kPermutations) + 1.0 / kPermutations, name.c_str());
            }
        }
    }

    void tiesShareTheirRanks() {
        for (const Json& each : m_cases) {
            std::vector<double> present;
            const auto x = numbersOf(each["x"]), y = numbersOf(each["y"]);
            for (std::size_t i = 0; i < x.size(); ++i)
                if (!std::isnan(x[i]) && !std::isnan(y[i]))
                    present.push_back(x[i]);
            QCOMPARE(averageRanks(present), numbersOf(each["ranks_x"]));
        }
        QVERIFY(averageRanks({}).empty());
    }

    void noValueWhereThereIsNone() {
        const std::vector<double> reference{1, 2, 3, 4};
        const auto results = rankCorrelations(reference, {{5, 5, 5, 5}, {1, kNone, kNone, 2}, {kNone, kNone, kNone, kNone}, {1, 2, kNone, 3}}, 99, 1);
        QVERIFY(std::isnan(results[0].rho) && std::isnan(results[0].p));
        QVERIFY(std::isnan(results[1].rho));
        QCOMPARE(results[2].count, 0);
        QCOMPARE(results[3].rho, 1.0);
        QVERIFY(std::isnan(rankCorrelations(std::vector<double>{1, 1, 1}, {{1, 2, 3}}, 99, 1).front().rho));
    }

    void columnsDoNotInfluenceEachOther() {
        std::mt19937 generator(3);
        std::normal_distribution<double> normal;
        std::vector<double> reference(40), a(40), b(40);
        for (auto* column : {&reference, &a, &b})
            for (double& value : *column)
                value = normal(generator);
        b[7] = kNone;
        const auto together = rankCorrelations(reference, {a, b, a}, 999, 5);
        const auto alone = rankCorrelations(reference, {b}, 999, 5);
        QVERIFY(together[1].p == alone[0].p && together[0].p == together[2].p && together[0].rho == together[2].rho);
        // Any increasing function keeps ranks.
        std::vector<double> bent = a;
        for (double& value : bent)
            value = std::exp(3 * value);
        QCOMPARE(rankCorrelations(reference, {bent}, 999, 5)[0].p, together[0].p);
    }

    /// Under the null hypothesis, p is uniform: at most 5 % of the tests reject at 5 %.
    void pIsUniformWithoutRelation() {
        std::mt19937 generator(11);
        std::normal_distribution<double> normal;
        std::vector<double> reference(20);
        for (double& value : reference)
            value = normal(generator);
        std::vector<std::vector<double>> columns(1000, std::vector<double>(20));
        for (auto& column : columns)
            for (double& value : column)
                value = normal(generator);
        int rejected = 0;
        for (const RankCorrelation& each : rankCorrelations(reference, columns, 999, 2)) {
            QVERIFY(each.p >= 0.001 && each.p <= 1);
            rejected += each.p <= 0.05 ? 1 : 0;
        }
        QVERIFY2(rejected > 22 && rejected < 78, std::to_string(rejected).c_str()); // 50, four standard deviations of 7
    }
};

QTEST_GUILESS_MAIN(TestRankCorrelation)
#include "tst_rank_correlation.moc"
