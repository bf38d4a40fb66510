// SPDX-License-Identifier: Apache-2.0
// Families that span layers, need norms or embeddings, or vectors before rotation: closed forms, and agreement with numpy and networkx (fixture of
// tests/golden/gen/make_layer_features.py; the references are float64, vectors and attention here float32, hence the tolerance).
#include "core/analysis/analysis.h"
#include "core/analysis/unrotation.h"
#include "core/io/json_reader.h"
#include "core/math/graph/layered_flow.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

constexpr double kReferenceError = 2e-5; ///< relative above 1: float32 products of a few dozen terms, and angles of the rotation in float32

/// A recorded model: attention, vectors and weights are what the fixture says.
class RecordedSource : public PatternSource {
public:
    RecordedSource(const Json& fixture, const Json& one)
        : PatternSource(fixture["layers"], fixture["heads"], one["causal"]), m_one(one), m_heads(fixture["heads"]), m_width(fixture["width"]),
          m_headWidth(fixture["head_width"]), m_tokens(one["tokens"]) {
        addSample(m_tokens, [&](int layer, int head) { return Weights{m_tokens, one["causal"], part("attention", layer * m_heads + head, m_tokens * m_tokens)}; });
        m_header = PatternSource::header();
        m_header.headWidth = m_headWidth;
        m_header.width = m_width;
        m_header.rotary = textOf(RotaryEncoding{{.theta = 10000, .rotaryWidth = m_headWidth}, 0, one["interleaved"]});
    }
    const CaptureHeader& header() const override { return m_header; }
    bool hasSpace(Space) const override { return true; }
    Result<HeadVectors> vectors(int, int layer, Space space, int head) override {
        if (space == Space::Hidden)
            return HeadVectors{m_tokens, m_width, part("hidden", layer, m_tokens * m_width)};
        return HeadVectors{m_tokens, m_headWidth, part(std::string(nameOf(space)).c_str(), layer * m_heads + head, m_tokens * m_headWidth)};
    }
    [[nodiscard]] std::vector<float> part(const char* name, int index, int size) const {
        const auto all = m_one[name].get<std::vector<float>>();
        return {all.begin() + static_cast<std::ptrdiff_t>(index) * size, all.begin() + static_cast<std::ptrdiff_t>(index + 1) * size};
    }

private:
    const Json& m_one;
    int m_heads, m_width, m_headWidth, m_tokens;
    CaptureHeader m_header;
};

class RecordedWeights : public WeightAccess {
public:
    RecordedWeights(const Json& fixture, const Json& one, const RecordedSource& source)
        : m_source(source), m_heads(fixture["heads"]), m_width(fixture["width"]), m_headWidth(fixture["head_width"]), m_centres(one["centres"]),
          m_embedding(std::make_shared<const WeightMatrix>(WeightMatrix{fixture["words"], m_width, one["embedding"].get<std::vector<float>>()})) {}
    Result<std::shared_ptr<const WeightMatrix>> outputProjection(int layer, int head) const override {
        return std::make_shared<const WeightMatrix>(
            WeightMatrix{m_headWidth, m_width, m_source.part("projection", layer * m_heads + head, m_headWidth * m_width)});
    }
    Result<std::shared_ptr<const WeightMatrix>> unembedding() const override { return Error{ErrorCode::Unavailable, "none", {}}; }
    Result<std::shared_ptr<const WeightMatrix>> embedding() const override { return m_embedding; }
    Result<NormScale> normAfterAttention(int layer) const override { return NormScale{m_centres, m_source.part("gamma", layer, m_width)}; }

private:
    const RecordedSource& m_source;
    int m_heads, m_width, m_headWidth;
    bool m_centres;
    std::shared_ptr<const WeightMatrix> m_embedding;
};

std::vector<std::string> families() {
    return {"attention_flow", "lap_eigenvalues_layers", "layer_mixing_norm", "embedding_bands", "outlier_features", "unrotated_cosine"};
}

void compare(const MetricEstimates& metrics, const Json& expected, int& compared) {
    for (const auto& [id, value] : expected.items()) {
        const auto found = metrics.find(id);
        QVERIFY2(found != metrics.end(), id.c_str());
        const double wanted = value.get<double>(), got = found->second.value;
        QVERIFY2(std::abs(got - wanted) <= kReferenceError * std::max(1.0, std::abs(wanted)),
                 qPrintable(QStringLiteral("%1: %2, expected %3").arg(QString::fromStdString(id)).arg(got, 0, 'g', 12).arg(wanted, 0, 'g', 12)));
        ++compared;
    }
}

/// Metrics of the families on a pattern in every layer and head.
std::shared_ptr<const AnalysisResult> onPattern(const std::string& name, int layers, int tokens, std::vector<std::string> wanted) {
    PatternSource source(layers, 2, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    JobContext context;
    const auto result = analyzeCapture(source, {.families = std::move(wanted)}, context);
    return result ? *result : nullptr;
}

/// Vectors of the width of the model, the same in every head.
class StateSource : public PatternSource {
public:
    StateSource(std::vector<HeadVectors> hidden) : PatternSource(static_cast<int>(hidden.size()), 1, true), m_hidden(std::move(hidden)) {
        addSample(m_hidden.front().tokens, [&](int, int) { return pattern("SINK", m_hidden.front().tokens); });
    }
    bool hasSpace(Space) const override { return true; }
    Result<HeadVectors> vectors(int, int layer, Space, int) override { return m_hidden[static_cast<std::size_t>(layer)]; }

private:
    std::vector<HeadVectors> m_hidden;
};

} // namespace

class TestLayerFamilies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreeWithTheReference() {
        const auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/features/layers.json", ErrorCode::ConfigInvalid);
        QVERIFY_RESULT(fixture);
        int compared = 0;
        for (const Json& one : (*fixture)["cases"]) {
            RecordedSource source(*fixture, one);
            JobContext context;
            const auto result = analyzeCapture(source, {.families = families(), .features = {{"embedding_bands.bands", (*fixture)["bands"].get<double>()}},
                                                        .weights = std::make_shared<RecordedWeights>(*fixture, one, source), .threads = 1}, context);
            QVERIFY_RESULT(result);
            QVERIFY2((*result)->notes.empty(), (*result)->notes.empty() ? "" : (*result)->notes.front().c_str());
            for (std::size_t head = 0; head < (*result)->heads.size(); ++head)
                compare((*result)->heads[head].metrics, one["expected"]["heads"][head], compared);
            for (std::size_t layer = 0; layer < (*result)->layers.size(); ++layer)
                compare((*result)->layers[layer].metrics, one["expected"]["layers"][layer], compared);
            QVERIFY(!(*result)->layers[0].metrics.contains("mixing_share_norm")); // its input is not there
        }
        QCOMPARE(compared, 3 * (6 * 7 + 3 * 7 + 2 * 2 + 1));
    }

    /// With half of the capacity on the token itself: half reaches token 0 in one layer, all of it in two.
    void flowOfPatterns() {
        const auto sink = onPattern("SINK", 3, 9, {"attention_flow"});
        QVERIFY(sink && std::abs(sink->layers[0].metrics.at("flow_first").value - 0.5) < 1e-6);
        for (const int layer : {1, 2})
            QVERIFY(std::abs(sink->layers[static_cast<std::size_t>(layer)].metrics.at("flow_first").value - 1) < 1e-6);
        const auto self = onPattern("ID", 2, 9, {"attention_flow"});
        QCOMPARE(self->layers[1].metrics.at("flow_first").value, 0.0);
        QCOMPARE(self->layers[1].metrics.at("flow_first_share").value, 0.0);
        const auto even = onPattern("UNIFBI", 1, 8, {"attention_flow"}); // 1/16 to each other token, 9/16 to itself
        QVERIFY(std::abs(even->layers[0].metrics.at("flow_first_share").value - 1.0 / 16 / (7.0 / 16 + 9.0 / 16)) < 1e-6);
    }

    /// A path that has to be given back: the largest flow needs the edge against the first path.
    void flowTakesBack() {
        LayeredFlow flow(3);
        flow.addLevel(std::vector<double>{0, 1, 0, /**/ 1, 1, 0, /**/ 0, 0, 0}); // nodes of level 1 to those of level 0
        flow.addLevel(std::vector<double>{1, 1, 0, /**/ 0, 0, 0, /**/ 0, 0, 0});
        QCOMPARE(flow.maxFlow(0, 1), 2.0); // 0 -> 0 -> 1 and 0 -> 1 -> 1
        QCOMPARE(flow.maxFlow(0, 0), 1.0);
        QCOMPARE(flow.maxFlow(0, 2), 0.0);
        QCOMPARE(LayeredFlow(3).maxFlow(1, 0), 0.0);
    }

    /// Perfect sinks: token 0 has a loop in layer 0, and above an edge to itself below instead.
    void laplacianOfPatterns() {
        constexpr int kTokens = 6;
        const auto sink = onPattern("SINK", 3, kTokens, {"lap_eigenvalues_layers"});
        const auto first = [&](int layer) { return sink->heads[static_cast<std::size_t>(layer) * 2].metrics.at("lap_layers_eigenvalue_1").value; };
        // Layer 0: (6 + 1) / 7 - 1 = 0 on token 0, and 0 elsewhere. Layer 1: (5 + 1) / 6 = 1 on token 0. Layer 2, on top: 5 / 5.
        QVERIFY(std::abs(first(0)) < 1e-6 && std::abs(first(1) - 1) < 1e-6 && std::abs(first(2) - 1) < 1e-6);
        const auto self = onPattern("ID", 2, kTokens, {"lap_eigenvalues_layers"});
        // Bottom: (1 + 1) / (n_j + 1) - 1, largest for the last token, which one query sees: 0. On top nothing enters but itself: 0.
        QVERIFY(std::abs(self->heads[0].metrics.at("lap_layers_eigenvalue_1").value) < 1e-6);
        QVERIFY(std::abs(self->heads[0].metrics.at("lap_layers_eigenvalue_2").value - (2.0 / 3 - 1)) < 1e-6);
        QCOMPARE(self->heads[2].metrics.at("lap_layers_eigenvalue_1").value, 0.0);
    }

    void outliersByTheRule() {
        constexpr int kTokens = 20, kWidth = 10, kLayers = 8;
        std::vector<HeadVectors> hidden;
        for (int layer = 0; layer < kLayers; ++layer) {
            HeadVectors one{kTokens, kWidth, std::vector<float>(kTokens * kWidth, 1.0F)};
            const auto set = [&](int token, int feature, float value) { one.values[static_cast<std::size_t>(token * kWidth + feature)] = value; };
            for (int token = 0; token < 2; ++token)
                set(token, 1, -6.0F);                      // 10 % of the positions of all layers
            set(5, 2, 100.0F);                             // 5 %: too few
            for (int token = 0; layer < 2 && token < 20; ++token)
                set(token, 3, 7.0F);                       // a quarter of the layers
            for (int token = 0; layer < 1 && token < 20; ++token)
                set(token, 4, 7.0F);                       // an eighth
            hidden.push_back(std::move(one));
        }
        StateSource source(hidden);
        JobContext context;
        const auto result = analyzeCapture(source, {.families = std::vector<std::string>{"outlier_features"}}, context);
        QVERIFY_RESULT(result);
        const auto layer = [&](int index) { return (*result)->layers[static_cast<std::size_t>(index)].metrics; };
        QVERIFY(layer(0).at("outlier_features_layer").value == 3 && layer(1).at("outlier_features_layer").value == 2 && layer(7).at("outlier_features_layer").value == 1);
        QVERIFY(!layer(6).contains("outlier_features"));
        QCOMPARE(layer(7).at("outlier_features").value, 2.0); // features 1 and 3
        const auto scaled = analyzeCapture(source, {.families = std::vector<std::string>{"outlier_features"}, .features = {{"outlier_features.size", 7.5}}}, context);
        QCOMPARE((*scaled)->layers[7].metrics.at("outlier_features").value, 0.0);
    }

    /// Models without rotary embedding have no vectors before rotation; whoever asks for them is told.
    void rotationIsNeeded() {
        const auto asked = onPattern("SINK", 1, 6, {"unrotated_cosine"});
        QVERIFY(asked && asked->families.empty() && asked->notes.size() == 1);
    }
};

QTEST_GUILESS_MAIN(TestLayerFamilies)
#include "tst_layer_families.moc"
