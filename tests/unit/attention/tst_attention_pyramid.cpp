// SPDX-License-Identifier: Apache-2.0
// Pooled attention against the full matrix.
#include "core/attention/attention_pyramid.h"
#include "support/verify_result.h"

#include <cmath>
#include <random>

using namespace sinkscope;

namespace {

std::vector<float> randomVectors(int tokens, int width, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0.0F, 1.0F);
    std::vector<float> values(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(width));
    for (float& value : values)
        value = normal(generator);
    return values;
}

struct Expected {
    float largest = 0, smallest = 0, mean = 0, logit = -std::numeric_limits<float>::infinity();
};

Expected pooled(const HeadAttention& full, const AttentionRule& rule, int level, int row, int column) {
    Expected cell;
    double sum = 0;
    int count = 0;
    const int size = 1 << level;
    for (int query = row * size; query < std::min(full.tokens, (row + 1) * size); ++query)
        for (int key = std::max(column * size, rule.firstVisible(query)); key < std::min({full.tokens, (column + 1) * size, rule.endVisible(query, full.tokens)}); ++key) {
            const std::size_t at = static_cast<std::size_t>(query) * static_cast<std::size_t>(full.tokens) + static_cast<std::size_t>(key);
            cell.largest = std::max(cell.largest, full.weights[at]);
            cell.smallest = count == 0 ? full.weights[at] : std::min(cell.smallest, full.weights[at]);
            cell.logit = std::max(cell.logit, full.logits[at]);
            sum += double{full.weights[at]};
            ++count;
        }
    cell.mean = count > 0 ? static_cast<float>(sum / count) : 0;
    return cell;
}

/// Logits are sums that cancel: their error follows their terms, which are of size 1 here.
bool nearLogit(float a, float b) { return a == b || std::abs(a - b) < 2e-5F; }

bool near(float a, float b) { return a == b || std::abs(a - b) < 1e-5F * (std::abs(a) + std::abs(b)) + 1e-7F; }

} // namespace

class TestAttentionPyramid : public QObject {
    Q_OBJECT

    static void compare(const AttentionCells& cells, const HeadAttention& full, const AttentionRule& rule) {
        for (int row = cells.firstRow; row < cells.firstRow + cells.rows; ++row)
            for (int column = cells.firstColumn; column < cells.firstColumn + cells.columns; ++column) {
                const Expected expected = pooled(full, rule, cells.level, row, column);
                const std::size_t at = cells.at(row, column);
                const std::string place = "level " + std::to_string(cells.level) + " row " + std::to_string(row) + " column " + std::to_string(column);
                QVERIFY2(near(cells.largest[at], expected.largest), place.c_str());
                QVERIFY2(near(cells.smallest[at], expected.smallest), place.c_str());
                QVERIFY2(near(cells.mean[at], expected.mean), place.c_str());
                QVERIFY2(nearLogit(cells.largestLogit[at], expected.logit), place.c_str());
                QCOMPARE(cells.isVisible(at), std::isfinite(expected.logit));
            }
    }

private Q_SLOTS:
    void agreesWithTheFullMatrix_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<AttentionRule>("rule");
        const double scale = 0.35;
        QTest::newRow("causal") << 301 << AttentionRule{.scale = scale};
        QTest::newRow("both ways") << 130 << AttentionRule{.scale = scale, .causal = false};
        QTest::newRow("window") << 257 << AttentionRule{.scale = scale, .window = 40};
        QTest::newRow("window both ways") << 200 << AttentionRule{.scale = scale, .causal = false, .window = 33};
        QTest::newRow("cap") << 150 << AttentionRule{.scale = scale, .softCap = 2};
        QTest::newRow("alibi") << 150 << AttentionRule{.scale = scale, .alibiSlope = 0.25};
        QTest::newRow("alibi as Falcon") << 150 << AttentionRule{.scale = scale, .alibiSlope = 0.25, .alibiInBFloat16 = true};
        QTest::newRow("learned sink") << 150 << AttentionRule{.scale = scale, .sink = 1.5F};
        QTest::newRow("one token") << 1 << AttentionRule{.scale = scale};
    }
    void agreesWithTheFullMatrix() {
        QFETCH(int, tokens);
        QFETCH(AttentionRule, rule);
        const int width = 12;
        const auto query = randomVectors(tokens, width, 1), key = randomVectors(tokens, width, 2);
        const HeadAttention full = headAttention(query, key, tokens, width, rule);
        JobContext context;
        const auto pyramid = AttentionPyramid::build(query, key, tokens, width, rule, {.threads = 2, .side = 40}, context);
        QVERIFY_RESULT(pyramid);
        const AttentionCells& overview = (*pyramid)->overview();
        QVERIFY(overview.rows <= 40 && overview.rows << overview.level >= tokens);
        compare(overview, full, rule);
        for (int level = 0; level <= overview.level; ++level) {
            const auto part = (*pyramid)->part(level, 3, 2, 25, 1000, context); // reaches beyond the end
            QVERIFY_RESULT(part);
            compare(*part, full, rule);
            const auto corner = (*pyramid)->part(level, (tokens >> level) / 2, 0, 7, 9, context);
            QVERIFY_RESULT(corner);
            compare(*corner, full, rule);
        }
        std::vector<float> largest(static_cast<std::size_t>(tokens), 0.0F);
        float low = std::numeric_limits<float>::infinity(), high = -low;
        for (int q = 0; q < tokens; ++q)
            for (int k = 0; k < tokens; ++k) {
                const std::size_t at = static_cast<std::size_t>(q) * static_cast<std::size_t>(tokens) + static_cast<std::size_t>(k);
                QVERIFY(near((*pyramid)->weight(q, k), full.weights[at]));
                QVERIFY(nearLogit((*pyramid)->logit(q, k), full.logits[at]));
                if ((q == 0 && rule.causal && tokens > 1) || !std::isfinite(full.logits[at]))
                    continue;
                largest[static_cast<std::size_t>(k)] = std::max(largest[static_cast<std::size_t>(k)], full.weights[at]);
                low = std::min(low, full.logits[at]);
                high = std::max(high, full.logits[at]);
            }
        for (std::size_t k = 0; k < largest.size(); ++k)
            QVERIFY(near((*pyramid)->columnLargest()[k], largest[k]));
        QVERIFY(nearLogit((*pyramid)->lowestLogit(), low) && nearLogit((*pyramid)->highestLogit(), high));
    }

    void sameBitsOnAnyNumberOfThreads() {
        const auto query = randomVectors(500, 16, 3), key = randomVectors(500, 16, 4);
        JobContext context;
        const auto one = AttentionPyramid::build(query, key, 500, 16, {.scale = 0.25}, {.threads = 1, .side = 64}, context);
        const auto four = AttentionPyramid::build(query, key, 500, 16, {.scale = 0.25}, {.threads = 4, .side = 64}, context);
        QVERIFY_RESULT(one);
        QVERIFY_RESULT(four);
        QVERIFY((*one)->overview().largest == (*four)->overview().largest && (*one)->overview().mean == (*four)->overview().mean);
        QVERIFY((*one)->columnLargest() == (*four)->columnLargest());
    }

    void refusesAndStops() {
        const auto query = randomVectors(100, 4, 3);
        JobContext context;
        const auto pyramid = AttentionPyramid::build(query, query, 100, 4, {}, {.threads = 1, .side = 25}, context);
        QVERIFY_RESULT(pyramid);
        QVERIFY_ERROR((*pyramid)->part(3, 0, 0, 1, 1, context), ErrorCode::InvalidArgument); // coarser than the overview
        QVERIFY_ERROR((*pyramid)->part(0, -1, 0, 1, 1, context), ErrorCode::InvalidArgument);
        const auto outside = (*pyramid)->part(0, 200, 200, 5, 5, context);
        QVERIFY_RESULT(outside);
        QCOMPARE(outside->rows, 0);
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped(stop.get_token(), nullptr);
        QVERIFY_ERROR(AttentionPyramid::build(query, query, 100, 4, {}, {.threads = 1}, stopped), ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestAttentionPyramid)
#include "tst_attention_pyramid.moc"
