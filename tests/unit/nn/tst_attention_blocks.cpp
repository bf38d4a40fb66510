// SPDX-License-Identifier: Apache-2.0
// Attention in strips and blocks against the same attention computed at once: windows, lengths around the cuts, both passes.
#include "core/math/spectral/seeded_random.h"
#include "core/nn/attention_block.h"
#include "core/nn/pass_layout.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace sinkscope;

namespace {

constexpr int kWidth = 8;

std::vector<float> normal(int tokens, std::uint64_t seed) {
    SeededRandom random({seed});
    std::vector<float> values(static_cast<std::size_t>(tokens) * kWidth);
    std::ranges::generate(values, [&] { return static_cast<float>(random.normal()); });
    return values;
}

/// Both passes of one head, put together.
class Collector : public TapConsumer {
public:
    explicit Collector(int tokens) : m_tokens(static_cast<std::size_t>(tokens)), passes(2, std::vector<float>(m_tokens * m_tokens)), sinks(2, std::vector<float>(m_tokens)) {}
    [[nodiscard]] int attentionPasses() const override { return 2; }
    void onAttention(const AttentionTap& tap) override {
        const auto pass = static_cast<std::size_t>(tap.pass);
        ++blocks[pass];
        for (int row = 0; row < tap.queries; ++row) {
            const auto query = static_cast<std::size_t>(tap.firstQuery + row);
            std::copy_n(tap.weights + static_cast<std::size_t>(row) * tap.stride, tap.keys, passes[pass].begin() + static_cast<std::ptrdiff_t>(query * m_tokens));
            if (tap.sink)
                sinks[pass][query] = tap.sink[row];
        }
    }

private:
    std::size_t m_tokens;

public:
    std::vector<std::vector<float>> passes, sinks;
    int blocks[2] = {};
};

} // namespace

class TestAttentionBlocks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameAsAtOnce_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<bool>("causal");
        QTest::addColumn<int>("window");
        QTest::addColumn<bool>("sink");
        for (const int tokens : {1, 64, 65, 257, 400, 1000})
            for (const bool causal : {true, false})
                for (const int window : {0, 1, 40, 200})
                    QTest::addRow("%d tokens, %s, window %d", tokens, causal ? "causal" : "both directions", window) << tokens << causal << window << (window == 40);
        QTest::newRow("too long to be kept") << 2100 << false << 0 << true;
        QTest::newRow("windows, too long to be kept") << 3000 << true << 70 << false;
    }
    void sameAsAtOnce() {
        QFETCH(int, tokens);
        QFETCH(bool, causal);
        QFETCH(int, window);
        QFETCH(bool, sink);
        const auto query = normal(tokens, 1), key = normal(tokens, 2), value = normal(tokens, 3);
        AttentionRule rule{.scale = 0.7, .causal = causal, .window = window, .alibiSlope = 0.01};
        if (sink)
            rule.sink = 0.5f;
        const auto count = static_cast<std::size_t>(tokens);
        const HeadAttention expected = headAttention(query, key, tokens, kWidth, rule);
        Collector collector(tokens);
        std::vector<float> out(count * kWidth, 99);
        AttentionBlocks blocks;
        const JobContext context;
        QVERIFY(blocks.run({.query = query.data(), .key = key.data(), .value = value.data(), .tokens = tokens, .headWidth = kWidth, .rule = rule}, &collector, 2,
                           out.data(), kWidth, context));
        QCOMPARE(collector.passes[0], collector.passes[1]);
        QCOMPARE(collector.blocks[0], collector.blocks[1]);
        QCOMPARE(collector.blocks[0] > 1, blockQueries(count) < count);
        QCOMPARE(headRoom(count, causal, 2).keeps, tokens < 2000);
        float largest = 0;
        for (std::size_t i = 0; i < expected.weights.size(); ++i) {
            largest = std::max(largest, std::abs(collector.passes[0][i] - expected.weights[i]));
            QVERIFY(expected.weights[i] != 0 || collector.passes[0][i] == 0); // what is not visible has no weight at all
        }
        QVERIFY2(largest < 1e-6F, qPrintable(QString::number(largest)));
        for (std::size_t i = 0; i < count && sink; ++i)
            QVERIFY(std::abs(collector.sinks[0][i] - expected.sink[i]) < 1e-6F && collector.sinks[1][i] == collector.sinks[0][i]);
        for (std::size_t at = 0; at < count; ++at)
            for (std::size_t c = 0; c < kWidth; ++c) {
                double sum = 0;
                for (std::size_t j = 0; j < count; ++j)
                    sum += double{expected.weights[at * count + j]} * double{value[j * kWidth + c]};
                QVERIFY(std::abs(out[at * kWidth + c] - sum) < 1e-5);
            }
    }
};

QTEST_GUILESS_MAIN(TestAttentionBlocks)
#include "tst_attention_blocks.moc"
