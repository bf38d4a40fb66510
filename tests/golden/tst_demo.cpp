// SPDX-License-Identifier: Apache-2.0
// The bundled demo, from sentence to sink, against what transformers computed (tests/demo/make_demo.py --golden).
#include "core/nn/forward.h"
#include "core/tokenizer/tokenizer.h"
#include "support/recording_consumer.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestDemo : public QObject {
    Q_OBJECT

    fs::path m_demo = fs::path(SINKSCOPE_SOURCE_DIR) / "resources/demo";
    nlohmann::json m_expected;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    test::RecordingConsumer m_run;
    std::size_t m_tokens = 0;

    double expected(const char* what, std::size_t layer, std::size_t head) const { return m_expected[what][layer][head]; }
    double tolerance(const char* what) const { return m_expected["tolerance"][what]; }

private Q_SLOTS:
    void initTestCase() {
        std::ifstream file(fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/demo_expected.json");
        m_expected = nlohmann::json::parse(file);
        const auto tokenizer = Tokenizer::load(m_demo / "tokenizer.json", m_demo / "tokenizer_config.json");
        QVERIFY_RESULT(tokenizer);
        m_tokenizer = *tokenizer;
        const auto checkpoint = openCheckpoint(m_demo);
        QVERIFY_RESULT(checkpoint);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> inputs{{m_expected["ids"].get<std::vector<std::int32_t>>(), {}}};
        m_tokens = inputs[0].ids.size();
        JobContext context;
        QVERIFY_RESULT(runModel(**spec, inputs, {}, m_run, context));
        m_run.collectAttention();
    }

    void firstSentenceHasTheExpectedIds() {
        std::ifstream sentences(m_demo / "sentences.txt");
        std::string first;
        std::getline(sentences, first);
        QCOMPARE(first, m_expected["text"].get<std::string>());
        const auto encoding = m_tokenizer->encode(first);
        QVERIFY_RESULT(encoding);
        QCOMPARE(encoding->ids, m_expected["ids"].get<std::vector<std::int32_t>>());
        QCOMPARE(encoding->pieces, m_expected["tokens"].get<std::vector<std::string>>());
    }

    void everySentenceFitsTheContextAndStartsWithBos() {
        std::ifstream sentences(m_demo / "sentences.txt");
        std::size_t lines = 0;
        for (std::string line; std::getline(sentences, line); ++lines) {
            const auto encoding = m_tokenizer->encode(line);
            QVERIFY_RESULT(encoding);
            QCOMPARE(encoding->ids.front(), m_tokenizer->bosId().value_or(-1));
            QVERIFY(encoding->ids.size() >= 32 && encoding->ids.size() <= 256);
        }
        QCOMPARE(lines, std::size_t{10});
    }

    void sinkAndEntropyAgreeWithTransformers() {
        const auto& attention = m_run.kept["0.attention"];
        const std::size_t layers = m_expected["alpha0"].size(), heads = m_expected["alpha0"][0].size();
        QCOMPARE(attention.size(), layers * heads * m_tokens * m_tokens);
        for (std::size_t matrix = 0; matrix < layers * heads; ++matrix) {
            double sink = 0, entropy = 0;
            for (std::size_t at = 0; at < m_tokens * m_tokens; ++at) {
                const double weight = attention[matrix * m_tokens * m_tokens + at];
                sink += at % m_tokens == 0 ? weight : 0;
                entropy -= weight > 0 ? weight * std::log(weight) : 0;
            }
            const auto rows = static_cast<double>(m_tokens);
            const std::size_t layer = matrix / heads, head = matrix % heads;
            QCOMPARE_LE(std::abs(sink / rows - expected("alpha0", layer, head)), tolerance("alpha0"));
            QCOMPARE_LE(std::abs(entropy / rows - expected("mean_row_entropy", layer, head)), tolerance("mean_row_entropy"));
        }
        QVERIFY2(expected("alpha0", 5, 2) > 0.9, "the demo has a head whose attention rests on <bos>");
    }

    void largestLogitsAgreeWithTransformers() {
        const auto& logits = m_run.kept["0.logits"];
        const std::size_t vocabulary = logits.size() / m_tokens;
        QCOMPARE(vocabulary, m_tokenizer->vocabularySize());
        const float* last = logits.data() + (m_tokens - 1) * vocabulary;
        std::vector<std::size_t> order(vocabulary);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::partial_sort(order, order.begin() + 5, std::greater{}, [last](std::size_t id) { return last[id]; });
        order.resize(5);
        QCOMPARE(order, m_expected["top_ids"].get<std::vector<std::size_t>>());
        for (std::size_t i = 0; i < order.size(); ++i)
            QCOMPARE_LE(std::abs(last[order[i]] - m_expected["top_logits"][i].get<double>()), tolerance("logits"));
    }
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
