// SPDX-License-Identifier: Apache-2.0
#include "core/attention/head_attention.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

using namespace sinkscope;

class TestHeadAttention : public QObject {
    Q_OBJECT

    static std::vector<float> randomNumbers(std::size_t count, double spread, unsigned seed = 7) {
        std::mt19937 generator(seed);
        std::normal_distribution<double> normal(0, spread);
        std::vector<float> values(count);
        for (float& value : values)
            value = static_cast<float>(normal(generator));
        return values;
    }
    static std::vector<double> referenceSoftmax(const std::vector<float>& row, int visible) {
        double best = -std::numeric_limits<double>::infinity(), total = 0;
        for (int i = 0; i < visible; ++i)
            best = std::max(best, double{row[i]});
        std::vector<double> result(row.size(), 0.0);
        for (int i = 0; i < visible; ++i)
            total += result[i] = std::exp(row[i] - best);
        for (double& value : result)
            value /= total;
        return result;
    }

private Q_SLOTS:
    void softmaxIsThatOfDoublePrecision_data() {
        QTest::addColumn<int>("length");
        QTest::addColumn<int>("visible");
        QTest::addColumn<double>("spread");
        for (const int length : {1, 2, 15, 16, 17, 31, 33, 128, 1000})
            for (const double spread : {0.1, 3.0, 40.0})
                QTest::addRow("%d, spread %g", length, spread) << length << (length + 1) / 2 + length / 3 << spread;
    }
    void softmaxIsThatOfDoublePrecision() {
        QFETCH(int, length);
        QFETCH(int, visible);
        QFETCH(double, spread);
        auto row = randomNumbers(static_cast<std::size_t>(length), spread);
        const auto expected = referenceSoftmax(row, visible), logits = std::vector<double>(row.begin(), row.end());
        const double best = *std::max_element(logits.begin(), logits.begin() + visible);
        const float entropy = softmaxRow(row.data(), visible, length);
        double expectedEntropy = 0, total = 0;
        for (int i = 0; i < length; ++i) {
            // The difference to the maximum is rounded to float32, and the exponential turns that into a relative error.
            const double tolerance = 4e-7 + 6e-8 * (best - logits[i]);
            QVERIFY2(std::abs(row[i] - expected[i]) <= tolerance * expected[i] + 1e-37,
                     qPrintable(QStringLiteral("%1: %2, expected %3").arg(i).arg(row[i]).arg(expected[i])));
            expectedEntropy -= expected[i] > 0 ? expected[i] * std::log(expected[i]) : 0;
            total += row[i];
        }
        QVERIFY(std::abs(total - 1) < 2e-6);
        QVERIFY2(std::abs(entropy - expectedEntropy) < 2e-6 * (1 + expectedEntropy),
                 qPrintable(QStringLiteral("%1, expected %2").arg(entropy).arg(expectedEntropy)));
    }

    void hugeLogitsDoNotOverflow() {
        std::vector<float> row{3e38f, -3e38f, 2.9e38f, 3e38f};
        const float entropy = softmaxRow(row.data(), 4, 4);
        QCOMPARE(row, (std::vector<float>{0.5f, 0, 0, 0.5f}));
        QVERIFY(std::abs(entropy - std::log(2.0f)) < 1e-6f);
    }
    void masksAreExact() {
        const float hidden = -std::numeric_limits<float>::infinity();
        std::vector<float> row{hidden, 1, hidden, 1, 99};
        const float entropy = softmaxRow(row.data(), 4, 5);
        QCOMPARE(row, (std::vector<float>{0, 0.5f, 0, 0.5f, 0}));
        QVERIFY(std::abs(entropy - std::log(2.0f)) < 1e-6f);
        std::vector<float> one{-5, 7};
        QCOMPARE(softmaxRow(one.data(), 1, 2), 0.0f);
        QCOMPARE(one, (std::vector<float>{1, 0}));
        std::vector<float> nothing{4, 5};
        QCOMPARE(softmaxRow(nothing.data(), 0, 2), 0.0f);
        QCOMPARE(nothing, (std::vector<float>{0, 0}));
        std::vector<float> allHidden(20, hidden);
        QCOMPARE(softmaxRow(allHidden.data(), 20, 20), 0.0f);
        QCOMPARE(allHidden, std::vector<float>(20, 0.0f));
    }
    void notANumberIsNotHidden() {
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            for (const std::size_t place : {std::size_t{0}, std::size_t{9}, std::size_t{18}}) {
                std::vector<float> row(19, 0.5f);
                row[place] = bad;
                QVERIFY(std::isnan(softmaxRow(row.data(), 19, 19)));
                QVERIFY(std::isnan(row[place]));
            }
        }
        std::vector<float> only{std::numeric_limits<float>::quiet_NaN()};
        QVERIFY(std::isnan(softmaxRow(only.data(), 1, 1)));
    }

    void recomputedAttentionIsThatOfDoublePrecision_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("causal");
        for (const int tokens : {1, 3, 16, 37})
            for (const bool causal : {true, false})
                QTest::addRow("%d %s", tokens, causal ? "causal" : "both ways") << tokens << (tokens == 16 ? 64 : 7) << causal;
    }
    void recomputedAttentionIsThatOfDoublePrecision() {
        QFETCH(int, tokens);
        QFETCH(int, width);
        QFETCH(bool, causal);
        const auto size = static_cast<std::size_t>(tokens * width);
        const auto query = randomNumbers(size, 2, 1), key = randomNumbers(size, 2, 2);
        const auto result = headAttention(query, key, tokens, width, {0.3, causal});
        for (int i = 0; i < tokens; ++i) {
            std::vector<float> row(static_cast<std::size_t>(tokens));
            for (int j = 0; j < tokens; ++j) {
                double logit = 0;
                for (int c = 0; c < width; ++c)
                    logit += 0.3 * query[i * width + c] * key[j * width + c];
                row[j] = static_cast<float>(logit);
                const float found = result.logits[static_cast<std::size_t>(i * tokens + j)];
                if (causal && j > i)
                    QVERIFY(std::isinf(found) && found < 0);
                else
                    QVERIFY(std::abs(found - logit) < 1e-4);
            }
            const auto expected = referenceSoftmax(row, causal ? i + 1 : tokens);
            for (int j = 0; j < tokens; ++j)
                QVERIFY(std::abs(result.weights[static_cast<std::size_t>(i * tokens + j)] - expected[j]) < 1e-5);
        }
    }

    /// Queries and keys that say nothing: what is left is the rule itself (design note 3.10).
    void equalContentInClosedForm() {
        constexpr int kTokens = 24;
        const std::vector<float> same(kTokens, 0.7F);
        const HeadAttention plain = headAttention(same, same, kTokens, 1, {});
        for (int i = 0; i < kTokens; ++i)
            for (int j = 0; j <= i; ++j)
                QVERIFY(std::abs(plain.weights[static_cast<std::size_t>(i * kTokens + j)] - 1.0 / (i + 1)) < 1e-7);
        for (const double slope : alibiSlopes(8, 8)) {
            const HeadAttention attention = headAttention(same, same, kTokens, 1, {.alibiSlope = slope});
            for (int i = 0; i < kTokens; ++i) {
                const double first = std::exp(-slope * i) * (1 - std::exp(-slope)) / (1 - std::exp(-slope * (i + 1)));
                QVERIFY(std::abs(attention.weights[static_cast<std::size_t>(i * kTokens)] / first - 1) < 2e-5);
            }
        }
        const auto slopes = alibiSlopes(8, 8);
        QVERIFY(slopes.size() == 8 && slopes.front() == 0.5 && slopes.back() == 1.0 / 256);
        QCOMPARE(alibiSlopes(16, 8).back(), 1.0 / 256); // the flattest slope belongs to the last head, for any number of them
    }

    /// |q| |k| <= xi: no key of t visible ones gets more than e^2xi / (e^2xi + t - 1) (Gu et al., ICLR 2025), rotated or not.
    void boundOfSmallVectors() {
        constexpr int kTokens = 40, kWidth = 8;
        for (const double norm : {0.5, 1.0, 1.7}) {
            auto query = randomNumbers(kTokens * kWidth, 1, 3), key = randomNumbers(kTokens * kWidth, 1, 4);
            for (auto* vectors : {&query, &key})
                for (int token = 0; token < kTokens; ++token) {
                    const std::span<float> row = std::span(*vectors).subspan(static_cast<std::size_t>(token * kWidth), kWidth);
                    const double length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0));
                    for (float& value : row)
                        value = static_cast<float>(value * norm / length);
                }
            const double edge = std::exp(2 * norm * norm);
            const HeadAttention attention = headAttention(query, key, kTokens, kWidth, {});
            for (int i = 0; i < kTokens; ++i)
                for (int j = 0; j <= i; ++j)
                    QVERIFY(attention.weights[static_cast<std::size_t>(i * kTokens + j)] <= edge / (edge + i) + 1e-6);
        }
    }

    void poolingKeepsEveryMaximum() {
        std::vector<float> matrix(10 * 6);
        std::iota(matrix.begin(), matrix.end(), 0.0f);
        QCOMPARE(maxPooled(matrix, 10, 6, 100), matrix);
        QCOMPARE(maxPooled(matrix, 10, 6, 2), (std::vector<float>{26, 29, 56, 59}));
        QCOMPARE(maxPooled(matrix, 10, 6, 1), (std::vector<float>{59}));
        QCOMPARE(maxPooled(matrix, 6, 10, 8).size(), std::size_t{6 * 8});
    }
};

QTEST_GUILESS_MAIN(TestHeadAttention)
#include "tst_head_attention.moc"
