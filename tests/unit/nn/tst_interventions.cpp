// SPDX-License-Identifier: Apache-2.0
// What changing a run does and does not change: closed forms and naive recomputation.
#include "core/nn/attention_block.h"
#include "core/nn/forward.h"
#include "core/model/rope_table.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace sinkscope;
using test::RecordingConsumer;
using test::TinyModel;
using Kind = AttentionEdit::Kind;
using Scaling = RopeParameters::Scaling;

namespace {

/// Vectors of one head, [tokens, width].
struct Head {
    int tokens = 0, width = 0;
    std::vector<float> query, key, value;

    Head(int tokenCount, int headWidth) : tokens(tokenCount), width(headWidth) {
        std::mt19937 generator(11);
        std::normal_distribution<float> normal;
        for (auto* vectors : {&query, &key, &value})
            for (int i = 0; i < tokens * width; ++i)
                vectors->push_back(normal(generator));
    }
    [[nodiscard]] double logit(int i, int j) const {
        double sum = 0;
        for (int c = 0; c < width; ++c)
            sum += double{query[static_cast<std::size_t>(i * width + c)]} * key[static_cast<std::size_t>(j * width + c)];
        return sum * 0.5;
    }
    /// Weights of query i over the keys that `visible` lets it see, straight from the definition.
    template <typename Visible> [[nodiscard]] std::vector<double> weights(int i, Visible visible) const {
        std::vector<double> row(static_cast<std::size_t>(tokens));
        double total = 0;
        for (int j = 0; j < tokens; ++j)
            total += row[static_cast<std::size_t>(j)] = visible(j) ? std::exp(logit(i, j)) : 0.0;
        for (double& weight : row)
            weight /= total;
        return row;
    }
};

struct Output {
    std::vector<float> weights, values; ///< [tokens, tokens], [tokens, width]
};

Output attend(const Head& head, bool causal, const HeadEdits* edits) {
    RecordingConsumer consumer;
    Output output{{}, std::vector<float>(head.value.size())};
    AttentionBlocks blocks;
    const HeadInput input{head.query.data(), head.key.data(), head.value.data(), 0, 0, 0, head.tokens, head.width, {.scale = 0.5, .causal = causal}, edits};
    const bool finite = blocks.run(input, &consumer, 2, output.values.data(), static_cast<std::size_t>(head.width), JobContext());
    consumer.collectAttention(1); // the second pass, which long heads compute again
    output.weights = consumer.kept["0.attention"];
    return finite ? output : Output{};
}

SampleInput sampleOf(int tokens, int vocabulary, int seed = 1) {
    SampleInput sample;
    for (int i = 0; i < tokens; ++i)
        sample.ids.push_back((i * 7 + seed * 13 + i * i % 5) % vocabulary);
    return sample;
}

RecordingConsumer record(const ModelSpec& spec, const SampleInput& sample, const Intervention& intervention) {
    RecordingConsumer consumer;
    JobContext context;
    const RunOptions options{.threads = 2, .intervention = std::make_shared<const Intervention>(intervention)};
    if (const auto result = runModel(spec, std::span(&sample, 1), options, consumer, context); !result)
        consumer.complaints.push_back(describe(result.error()));
    consumer.collectAttention();
    return consumer;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double largest = a.size() == b.size() && !a.empty() ? 0 : 1e9;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        largest = std::max(largest, std::abs(double{a[i]} - b[i]));
    return largest;
}

Intervention only(AttentionEdit edit) { return {.positionShift = 0, .rope = {}, .edits = {std::move(edit)}}; }

} // namespace

class TestInterventions : public QObject {
    Q_OBJECT
    QTemporaryDir m_llamaFolder, m_gpt2Folder;
    std::shared_ptr<const ModelSpec> m_llama, m_gpt2;

    ErrorCode codeOf(const ModelSpec& spec, const Intervention& intervention, int tokens = 6) {
        const SampleInput sample = sampleOf(tokens, spec.vocabulary);
        RecordingConsumer consumer;
        JobContext context;
        const auto result = runModel(spec, std::span(&sample, 1), {.intervention = std::make_shared<const Intervention>(intervention)},
                                     consumer, context);
        return result ? ErrorCode::Internal : result.error().code;
    }

private Q_SLOTS:
    void initTestCase() {
        auto model = TinyModel::llama();
        model.config["tie_word_embeddings"] = "false";
        const auto llama = model.spec(m_llamaFolder);
        QVERIFY_RESULT(llama);
        m_llama = *llama;
        const auto gpt2 = TinyModel::gpt2().spec(m_gpt2Folder);
        QVERIFY_RESULT(gpt2);
        m_gpt2 = *gpt2;
    }

    void maskingRenormalisesTheRest_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<bool>("causal");
        for (const int tokens : {1, 2, 9, 70, 1100}) // the last one is computed in blocks
            for (const bool causal : {true, false})
                QTest::addRow("%d %s", tokens, causal ? "causal" : "both ways") << tokens << causal;
    }
    void maskingRenormalisesTheRest() {
        QFETCH(int, tokens);
        QFETCH(bool, causal);
        const Head head(tokens, 4);
        HeadEdits edits{.masked = {0}, .zeroed = {}, .averaged = {}};
        if (tokens > 4)
            edits.masked = {0, 1, tokens / 2};
        const Output output = attend(head, causal, &edits);
        QCOMPARE(output.weights.size(), static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tokens));
        for (int i = 0; i < tokens; i += tokens > 100 ? 37 : 1) {
            const auto seen = [&](int j) { return !causal || j <= i; };
            const auto masked = [&](int j) { return std::ranges::find(edits.masked, j) != edits.masked.end(); };
            int left = 0;
            for (int j = 0; j < tokens; ++j)
                left += seen(j) && !masked(j) ? 1 : 0;
            const auto expected = head.weights(i, [&](int j) { return left > 0 ? seen(j) && !masked(j) : j == i; });
            for (int j = 0; j < tokens; ++j) {
                const double found = output.weights[static_cast<std::size_t>(i) * static_cast<std::size_t>(tokens) + static_cast<std::size_t>(j)];
                QVERIFY(std::abs(found - expected[static_cast<std::size_t>(j)]) < 1e-5);
                QVERIFY(expected[static_cast<std::size_t>(j)] > 0 || found == 0);
            }
        }
    }

    void zeroValueRemovesExactlyItsTerm() {
        const Head head(40, 6);
        const HeadEdits edits{.masked = {}, .zeroed = {3}, .averaged = {}};
        const Output intact = attend(head, true, nullptr), changed = attend(head, true, &edits);
        QVERIFY(changed.weights == intact.weights);
        for (std::size_t i = 0; i < 40; ++i)
            for (std::size_t c = 0; c < 6; ++c) {
                const double term = double{intact.weights[i * 40 + 3]} * head.value[3 * 6 + c];
                QVERIFY(std::abs(double{intact.values[i * 6 + c]} - changed.values[i * 6 + c] - term) < 2e-6);
                QVERIFY(i >= 3 || changed.values[i * 6 + c] == intact.values[i * 6 + c]);
            }
    }
    void meanValueReplacesItsTerm() {
        const Head head(25, 6);
        const HeadEdits edits{.masked = {}, .zeroed = {}, .averaged = {0, 7}};
        const Output intact = attend(head, false, nullptr), changed = attend(head, false, &edits);
        QVERIFY(changed.weights == intact.weights);
        for (std::size_t c = 0; c < 6; ++c) {
            double mean = 0;
            for (std::size_t token = 0; token < 25; ++token)
                mean += head.value[token * 6 + c] / 25.0;
            for (std::size_t i = 0; i < 25; ++i) {
                const double change = intact.weights[i * 25] * (mean - head.value[c]) + intact.weights[i * 25 + 7] * (mean - head.value[7 * 6 + c]);
                QVERIFY(std::abs(double{changed.values[i * 6 + c]} - intact.values[i * 6 + c] - change) < 2e-6);
            }
        }
    }

    /// Rotary attention knows distances only, learned positions know places.
    void shiftingPositions() {
        const SampleInput sample = sampleOf(40, 32);
        auto intact = record(*m_llama, sample, {});
        for (const int shift : {1, 10, 100, 1000}) {
            auto shifted = record(*m_llama, sample, {.positionShift = shift, .rope = {}, .edits = {}});
            const double difference = largestDifference(shifted.kept["0.attention"], intact.kept["0.attention"]);
            qInfo("shifted by %d: largest difference of a weight %.1e", shift, difference);
            QVERIFY(difference < 1e-5);
            QVERIFY(largestDifference(shifted.kept["0.key"], intact.kept["0.key"]) > 0.1); // they did turn
        }
        const SampleInput few = sampleOf(6, 16);
        const double difference = largestDifference(record(*m_gpt2, few, {.positionShift = 3, .rope = {}, .edits = {}}).kept["0.attention"],
                                                    record(*m_gpt2, few, {}).kept["0.attention"]);
        QVERIFY(difference > 1e-2);
        const auto beyond = record(*m_gpt2, few, {.positionShift = 7, .rope = {}, .edits = {}});
        QVERIFY(beyond.complaints.size() == 1 && beyond.complaints[0].find("12 positions") != std::string::npos);
        QVERIFY(record(*m_gpt2, few, {.positionShift = 6, .rope = {}, .edits = {}}).complaints.empty());
    }

    void aFactorOfOneChangesNothing() {
        const SampleInput sample = sampleOf(30, 32);
        auto intact = record(*m_llama, sample, {});
        for (const Scaling scaling : {Scaling::Linear, Scaling::NtkAware, Scaling::Yarn, Scaling::Dynamic, Scaling::Llama3}) {
            RopeParameters rope = m_llama->rope;
            rope.scaling = scaling;
            rope.originalPositions = 64;
            auto same = record(*m_llama, sample, {.positionShift = 0, .rope = rope, .edits = {}});
            QVERIFY(largestDifference(same.kept["0.attention"], intact.kept["0.attention"]) < 1e-6);
            rope.factor = 4;
            auto scaled = record(*m_llama, sample, {.positionShift = 0, .rope = rope, .edits = {}});
            const double change = largestDifference(scaled.kept["0.attention"], intact.kept["0.attention"]);
            QVERIFY(scaling == Scaling::Dynamic ? change == 0 : change > 1e-4); // dynamic: shorter than it was trained on
        }
        auto none = record(*m_llama, sample, {.positionShift = 0, .rope = m_llama->rope, .edits = {}});
        QVERIFY(none.kept == intact.kept);
    }
    void ntkKeepsTheHighestAndDividesTheLowest() {
        for (const int width : {4, 32, 128})
            for (const double factor : {1.0, 2.0, 8.0}) {
                RopeParameters rope;
                rope.rotaryWidth = width;
                rope.theta = 50000;
                const auto plain = ropeFrequencies(rope, 10);
                rope.scaling = Scaling::NtkAware;
                rope.factor = factor;
                const auto scaled = ropeFrequencies(rope, 10);
                QCOMPARE(scaled.front(), plain.front());
                QVERIFY(std::abs(scaled.back() * factor / plain.back() - 1) < 2e-6);
                for (std::size_t i = 1; i < scaled.size() && factor > 1; ++i)
                    QVERIFY(scaled[i] < plain[i] && scaled[i] * factor > plain[i] * 0.999999);
            }
        RopeParameters two{.theta = 10000, .rotaryWidth = 2, .scaling = Scaling::NtkAware, .factor = 4};
        QCOMPARE(ropeFrequencies(two, 5), std::vector<float>{1.0f});
    }

    /// Heads that were not chosen, layers before the edit, and the group that shares the value keep their bits.
    void editsStayWhereTheyAre() {
        const SampleInput sample = sampleOf(20, 32);
        auto intact = record(*m_llama, sample, {});
        const std::size_t matrix = 20 * 20, layer = 4 * matrix, hidden = 20 * 16;
        for (const Kind kind : {Kind::Mask, Kind::ZeroValue, Kind::MeanValue}) {
            auto changed = record(*m_llama, sample, only({.kind = kind, .sample = 0, .tokens = {0}, .heads = {{1, 2}}}));
            const auto &before = intact.kept["0.attention"], &after = changed.kept["0.attention"];
            for (std::size_t head = 0; head < 8; ++head) {
                const bool same = std::equal(before.begin() + static_cast<std::ptrdiff_t>(head * matrix),
                                             before.begin() + static_cast<std::ptrdiff_t>((head + 1) * matrix),
                                             after.begin() + static_cast<std::ptrdiff_t>(head * matrix));
                QCOMPARE(same, kind != Kind::Mask || head != 6);
            }
            const auto &states = intact.kept["0.hidden"], &changedStates = changed.kept["0.hidden"];
            QVERIFY(std::equal(states.begin(), states.begin() + static_cast<std::ptrdiff_t>(2 * hidden), changedStates.begin()));
            QVERIFY(largestDifference(states, changedStates) > 1e-3);
            QVERIFY(changed.kept["0.value"] == intact.kept["0.value"]); // what is delivered is the intact value
        }
        auto early = record(*m_llama, sample, only({.kind = Kind::ZeroValue, .sample = 0, .tokens = {0}, .heads = {}}));
        QVERIFY(std::equal(intact.kept["0.attention"].begin(), intact.kept["0.attention"].begin() + static_cast<std::ptrdiff_t>(layer),
                           early.kept["0.attention"].begin()));
        QVERIFY(largestDifference(early.kept["0.attention"], intact.kept["0.attention"]) > 1e-3); // the second layer
    }
    /// Two heads share a value: editing it for one of them leaves the output of the other alone.
    void headsOfAGroupAreEditedOneByOne() {
        const SampleInput sample = sampleOf(12, 32);
        const auto firstLayerOutput = [&](std::vector<HeadPlace> heads) {
            auto run = record(*m_llama, sample, {});
            const Intervention intervention = only({.kind = Kind::ZeroValue, .sample = 0, .tokens = {1}, .heads = std::move(heads)});
            const EditTable table(intervention, 2, 4);
            std::vector<float> output(12 * 16);
            for (int head = 0; head < 4; ++head) {
                AttentionBlocks blocks;
                const auto offset = static_cast<std::size_t>(head) * 48, group = static_cast<std::size_t>(head / 2) * 48;
                const HeadInput input{run.kept["0.query"].data() + offset, run.kept["0.key"].data() + group, run.kept["0.value"].data() + group,
                                      0, 0, head, 12, 4, {.scale = 0.5, .causal = true}, table.find(0, 0, head)};
                blocks.run(input, nullptr, 0, output.data() + head * 4, 16, JobContext());
            }
            return output;
        };
        const auto intact = firstLayerOutput({{1, 0}}), one = firstLayerOutput({{0, 2}}), other = firstLayerOutput({{0, 3}}),
                   both = firstLayerOutput({{0, 2}, {0, 3}});
        for (std::size_t token = 0; token < 12; ++token)
            for (std::size_t c = 0; c < 16; ++c) {
                const std::size_t at = token * 16 + c;
                QCOMPARE(one[at] != intact[at], token >= 1 && c >= 8 && c < 12);
                QCOMPARE(both[at], c < 12 ? one[at] : other[at]);
            }
    }

    /// A zero embedding is what a model has whose table holds zeros for that word (which is nowhere else in the sample).
    void editsOfEmbeddings() {
        const SampleInput sample{.ids = {1, 7, 9, 3, 12, 4}, .segments = {}};
        const auto changedBy = [&](const std::vector<EmbeddingEdit>& edits) {
            Intervention intervention;
            intervention.embeddings = edits;
            return record(*m_llama, sample, intervention);
        };
        auto model = TinyModel::llama();
        model.config["tie_word_embeddings"] = "false";
        model.change = [](const std::string& name, std::size_t index, float value) {
            return name == "model.embed_tokens.weight" && index / 16 == 9 ? 0.0F : value;
        };
        QTemporaryDir folder;
        const auto spoilt = model.spec(folder);
        QVERIFY_RESULT(spoilt);
        const auto wanted = record(**spoilt, sample, {}), zeroed = changedBy({{.kind = EmbeddingEdit::Kind::Zero, .sample = 0, .token = 2}}),
                   intact = record(*m_llama, sample, {});
        QVERIFY(wanted.complaints.empty() && zeroed.complaints.empty());
        for (const char* what : {"0.hidden", "0.logits", "0.attention"}) {
            QVERIFY2(zeroed.kept.at(what) == wanted.kept.at(what), what);
            QVERIFY2(zeroed.kept.at(what) != intact.kept.at(what), what);
        }
        const auto permuted = changedBy({{.kind = EmbeddingEdit::Kind::Permuted, .sample = 0, .token = 0, .seed = 3}});
        QVERIFY(permuted.complaints.empty() && permuted.kept.at("0.logits") != intact.kept.at("0.logits"));
        std::vector<float> row(100), again, other;
        std::iota(row.begin(), row.end(), 0.0F);
        again = other = row;
        const std::vector<float> before = row;
        EmbeddingEdit{.kind = EmbeddingEdit::Kind::Permuted, .seed = 3}.apply(row);
        EmbeddingEdit{.kind = EmbeddingEdit::Kind::Permuted, .seed = 3}.apply(again);
        EmbeddingEdit{.kind = EmbeddingEdit::Kind::Permuted, .seed = 4}.apply(other);
        QVERIFY(row == again && row != other && row != before && std::ranges::is_permutation(row, before));
        for (const EmbeddingEdit& edit : {EmbeddingEdit{.sample = 1}, EmbeddingEdit{.sample = -1}, EmbeddingEdit{.token = 6}, EmbeddingEdit{.token = -1}}) {
            Intervention wrong;
            wrong.embeddings = {edit};
            QCOMPARE(codeOf(*m_llama, wrong), ErrorCode::InvalidArgument);
        }
    }

    void threadsChangeNothing() {
        const SampleInput sample = sampleOf(600, 32);
        Intervention intervention = only({.kind = Kind::Mask, .sample = 0, .tokens = {0, 5}, .heads = {{0, -1}}});
        intervention.edits.push_back({.kind = Kind::MeanValue, .sample = 0, .tokens = {0}, .heads = {}});
        intervention.positionShift = 12;
        std::map<std::string, std::vector<float>> first;
        for (const int threads : {1, 2, 5}) {
            RecordingConsumer consumer;
            JobContext context;
            QVERIFY_RESULT(runModel(*m_llama, std::span(&sample, 1),
                                    {.threads = threads, .intervention = std::make_shared<const Intervention>(intervention)}, consumer, context));
            consumer.collectAttention();
            QVERIFY(threads == 1 || consumer.kept == first);
            first = consumer.kept;
        }
    }

    void refusesWhatMakesNoSense() {
        const auto rope = [&](auto change) {
            Intervention intervention;
            intervention.rope = m_llama->rope;
            change(*intervention.rope);
            return codeOf(*m_llama, intervention);
        };
        const double nan = std::nan("");
        QCOMPARE(rope([](RopeParameters&) {}), ErrorCode::Internal); // that is: it runs
        QCOMPARE(rope([&](RopeParameters& r) { r.theta = nan; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([&](RopeParameters& r) { r.theta = 1; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([&](RopeParameters& r) { r.factor = nan; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([&](RopeParameters& r) { r.factor = 0.5; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([](RopeParameters& r) { r.rotaryWidth = 2; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([](RopeParameters& r) { r.scaling = Scaling::Yarn; }), ErrorCode::InvalidArgument);
        QCOMPARE(rope([&](RopeParameters& r) { r.scaling = Scaling::Yarn, r.originalPositions = 9, r.betaFast = nan; }), ErrorCode::InvalidArgument);
        Intervention learned;
        learned.rope = RopeParameters{};
        QCOMPARE(codeOf(*m_gpt2, learned), ErrorCode::InvalidArgument);
        QCOMPARE(codeOf(*m_llama, {.positionShift = -1, .rope = {}, .edits = {}}), ErrorCode::InvalidArgument);
        for (const AttentionEdit& edit : {AttentionEdit{Kind::Mask, 1, {0}, {}}, AttentionEdit{Kind::Mask, 0, {6}, {}},
                                          AttentionEdit{Kind::Mask, 0, {0}, {{2, 0}}}, AttentionEdit{Kind::Mask, 0, {0}, {{0, 4}}}})
            QCOMPARE(codeOf(*m_llama, only(edit)), ErrorCode::InvalidArgument);
        Intervention both = only({.kind = Kind::ZeroValue, .sample = 0, .tokens = {2}, .heads = {{0, -1}}});
        both.edits.push_back({.kind = Kind::MeanValue, .sample = 0, .tokens = {1, 2}, .heads = {{0, 3}}});
        QCOMPARE(codeOf(*m_llama, both), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestInterventions)
#include "tst_interventions.moc"
