// SPDX-License-Identifier: Apache-2.0
// Corrections and combinations of p-values against statsmodels and scipy (fixture of tests/golden/gen/make_multiple_testing.py).
#include "core/analysis/multiple_testing.h"
#include "core/io/json_reader.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

using namespace sinkscope;

namespace {

bool isNear(double a, double b, double relative) { return std::abs(a - b) <= relative * std::max(std::abs(a), std::abs(b)); }

bool areNear(const std::vector<double>& a, const std::vector<double>& b) {
    return std::ranges::equal(a, b, [](double x, double y) { return isNear(x, y, 1e-12); });
}

} // namespace

class TestMultipleTesting : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void againstReference();
    void edges();
    void doesNotDependOnOrder();
};

void TestMultipleTesting::againstReference() {
    std::ifstream file(SINKSCOPE_SOURCE_DIR "/tests/golden/sinks/multiple_testing.json");
    const auto fixture = nlohmann::json::parse(file);
    QVERIFY(fixture["cases"].size() >= 7);
    for (const auto& expected : fixture["cases"]) {
        const auto p = expected["p"].get<std::vector<double>>();
        QVERIFY(areNear(adjusted(p, Correction::Holm), expected["holm"].get<std::vector<double>>()));
        QVERIFY(areNear(adjusted(p, Correction::BenjaminiHochberg), expected["bh"].get<std::vector<double>>()));
        QVERIFY(areNear(adjusted(p, Correction::BenjaminiYekutieli), expected["by"].get<std::vector<double>>()));
        QVERIFY(adjusted(p, Correction::None) == p);
        QVERIFY(isNear(combinedByFisher(p), expected["fisher"].get<double>(), 1e-10));
        QVERIFY(isNear(combinedByCauchy(p), expected["cauchy"].get<double>(), 1e-9));
    }
}

void TestMultipleTesting::edges() {
    QVERIFY(adjusted({}, Correction::Holm).empty());
    QCOMPARE(combinedByFisher({}), 1.0);
    QCOMPARE(combinedByCauchy({}), 1.0);
    const std::vector<double> none(20, 1.0), zeros(500, 0.0);
    QCOMPARE(combinedByFisher(none), 1.0);
    QVERIFY(combinedByCauchy(none) > 0.99);
    QCOMPARE(combinedByFisher(zeros), 0.0); // below what a double holds, and no NaN
    QVERIFY(combinedByCauchy(zeros) >= 0 && combinedByCauchy(zeros) < 1e-290);
    QVERIFY(adjusted(zeros, Correction::BenjaminiYekutieli) == zeros);
}

void TestMultipleTesting::doesNotDependOnOrder() {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> uniform(0, 0.2);
    std::vector<double> p(60);
    std::ranges::generate(p, [&] { return uniform(random); });
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, random);
    std::vector<double> shuffled;
    for (const std::size_t i : order)
        shuffled.push_back(p[i]);
    for (const Correction correction : {Correction::Holm, Correction::BenjaminiHochberg, Correction::BenjaminiYekutieli}) {
        const auto straight = adjusted(p, correction), other = adjusted(shuffled, correction);
        for (std::size_t i = 0; i < order.size(); ++i)
            QCOMPARE(other[i], straight[order[i]]);
        for (std::size_t i = 0; i < p.size(); ++i)
            QVERIFY(straight[i] >= p[i] && straight[i] <= 1);
    }
}

QTEST_GUILESS_MAIN(TestMultipleTesting)
#include "tst_multiple_testing.moc"
