// SPDX-License-Identifier: Apache-2.0
// Aggregation of squared gradient norms over samples.
#include "core/analysis/fisher_information.h"

#include <QTest>

#include <cmath>

using namespace sinkscope;

namespace {

const std::vector<ParameterGroup> kGroups{{Component::TokenEmbedding, -1, 10}, {Component::Query, 0, 4}, {Component::Mlp, 0, 2}};

} // namespace

class TestFisherInformation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void meansAndShares() {
        const std::vector<std::vector<double>> norms{{2, 1, 1}, {}, {0, 6, 2}};
        const FisherInformation found = fisherInformation(kGroups, norms);
        QCOMPARE(found.samples, 3);
        QCOMPARE(found.withoutValue, 1);
        QCOMPARE(found.total.value, 6.0);
        QCOMPARE(found.total.samples, 2);
        const FisherGroup* query = found.find(Component::Query, 0);
        QVERIFY(query && !found.find(Component::Query, 1) && !found.find(Component::Key, 0));
        QCOMPARE(query->total.value, 3.5);
        QCOMPARE(query->perParameter.value, 3.5 / 4);
        QCOMPARE(query->share.value, (0.25 + 0.75) / 2);
        QVERIFY(query->total.low >= 1 && query->total.high <= 6 && query->total.low < 3.5 && query->total.high > 3.5);
        QCOMPARE(query->perParameter.high, query->total.high / 4);
    }

    void groupsSumToTheTotal() {
        std::vector<std::vector<double>> norms;
        for (int sample = 0; sample < 9; ++sample)
            norms.push_back({std::abs(std::sin(sample + 1.0)), 1.0 / (sample + 1), sample * 0.5});
        const FisherInformation found = fisherInformation(kGroups, norms);
        double sum = 0, shares = 0;
        for (const FisherGroup& entry : found.groups) {
            sum += entry.total.value;
            shares += entry.share.value;
        }
        QVERIFY(std::abs(sum / found.total.value - 1) < 1e-12);
        QVERIFY(std::abs(shares - 1) < 1e-12);
    }

    void withoutValues() {
        for (const auto& norms : {std::vector<std::vector<double>>{}, std::vector<std::vector<double>>{{}, {}}}) {
            const FisherInformation found = fisherInformation(kGroups, norms);
            QCOMPARE(found.total.samples, 0);
            QCOMPARE(found.withoutValue, static_cast<int>(norms.size()));
            QCOMPARE(found.groups.size(), kGroups.size());
            QCOMPARE(found.groups[1].share.samples, 0);
        }
        const std::vector<std::vector<double>> zero{{0, 0, 0}};
        const FisherInformation found = fisherInformation(kGroups, zero);
        QCOMPARE(found.total.value, 0.0);
        QCOMPARE(found.total.samples, 1);
        QCOMPARE(found.groups[0].share.samples, 0); // 0 of 0 is no share
        QVERIFY(std::isfinite(found.groups[0].share.value));
    }
};

QTEST_APPLESS_MAIN(TestFisherInformation)
#include "tst_fisher_information.moc"
