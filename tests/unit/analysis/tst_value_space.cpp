// SPDX-License-Identifier: Apache-2.0
// Closed forms of design notes 3.6, 4.6, 4.7 and 4.11.
#include "core/analysis/analysis.h"
#include "core/math/geometry/cloud_shape.h"
#include "support/pattern_source.h"

#include <QtTest>

#include <Eigen/QR>

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

bool isNear(double a, double b, double tolerance = 1e-5) { return std::abs(a - b) <= tolerance; }

HeadVectors vectorsOf(int tokens, int width, const std::function<float(int, int)>& component) {
    HeadVectors vectors{tokens, width, {}};
    for (int token = 0; token < tokens; ++token)
        for (int i = 0; i < width; ++i)
            vectors.values.push_back(component(token, i));
    return vectors;
}

WeightMatrix identity(int width) {
    WeightMatrix matrix{width, width, std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(width), 0.0F)};
    for (int i = 0; i < width; ++i)
        matrix.values[static_cast<std::size_t>(i * width + i)] = 1;
    return matrix;
}

/// Half of the attention on token 0, half on the query itself.
Weights halfSink(int tokens) {
    Weights w = emptyWeights(tokens, true);
    for (int i = 0; i < tokens; ++i) {
        w.at(i, 0) += 0.5F;
        w.at(i, i) += 0.5F;
    }
    return w;
}

/// Metrics of a family on one head.
std::map<std::string, double> evaluated(const char* id, const Weights& weights, const HeadVectors& value, const WeightMatrix& projection) {
    const FeatureFamily& family = *findFamily(id);
    const auto statistics = *buildStatistics({weights});
    const HeadAttention attention{.tokens = weights.tokens, .causal = weights.causal, .logits = {}, .weights = weights.values};
    const SampleTokens tokens;
    const MetricParameters parameters;
    const HeadEvidence evidence{.tokens = tokens, .statistics = *statistics, .parameters = parameters, .head = 0, .attention = &attention,
                                .query = &value, .key = &value, .value = &value, .hidden = nullptr, .outputProjection = &projection};
    std::vector<double> numbers(family.metrics.size(), std::nan(""));
    family.evaluateHead(evidence, {}, numbers);
    std::map<std::string, double> result;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        result[std::string(family.metrics[i].id)] = numbers[i];
    return result;
}

/// Weights whose unembedding has known singular vectors: the rows of an orthogonal matrix, lengths falling.
class KnownWeights : public WeightAccess {
public:
    explicit KnownWeights(int width) : basis(Eigen::MatrixXf::Random(width, width).householderQr().householderQ()) {
        const Eigen::VectorXf lengths = Eigen::VectorXf::LinSpaced(width, static_cast<float>(width), 1.0F);
        const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> matrix = basis * lengths.asDiagonal();
        m_unembedding = std::make_shared<const WeightMatrix>(WeightMatrix{width, width, {matrix.data(), matrix.data() + matrix.size()}});
    }
    Result<std::shared_ptr<const WeightMatrix>> outputProjection(int, int) const override { return Error{ErrorCode::Unavailable, "none", {}}; }
    Result<std::shared_ptr<const WeightMatrix>> unembedding() const override { return m_unembedding; }
    Eigen::MatrixXf basis; ///< columns by falling singular value

private:
    std::shared_ptr<const WeightMatrix> m_unembedding;
};

} // namespace

class TestValueSpace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shapesOfClouds();
    void aZeroValueHasNoInfluence();
    void equalValuesGiveTheAttention();
    void mixingOfPatterns();
    void rolloutOfPerfectSinks();
    void mixingOfLayers();
    void punctuation();
    void bandsOfTheUnembedding();
};

void TestValueSpace::shapesOfClouds() {
    const auto parallel = vectorsOf(9, 5, [](int token, int i) { return static_cast<float>((token + 1) * (i + 1)); });
    QVERIFY(isNear(cloudShape(parallel.values, 9, 5).effectiveRank, 1));
    QVERIFY(isNear(cloudShape(parallel.values, 9, 5).anisotropy, 1));
    const auto orthogonal = vectorsOf(6, 8, [](int token, int i) { return token == i ? 3.0F : 0.0F; });
    QVERIFY(isNear(cloudShape(orthogonal.values, 6, 8).effectiveRank, 6));
    QVERIFY(isNear(cloudShape(orthogonal.values, 6, 8).participationRatio, 6));
    const std::vector<float> zero(12, 0.0F);
    QCOMPARE(cloudShape(zero, 3, 4).effectiveRank, 0.0);
}

void TestValueSpace::aZeroValueHasNoInfluence() {
    const int tokens = 10;
    const auto value = vectorsOf(tokens, 12, [](int token, int i) { return token > 0 && token == i ? 1.0F : 0.0F; });
    const auto plain = evaluated("value_space", halfSink(tokens), value, identity(12));
    QVERIFY(isNear(plain.at("directional_influence"), 0));
    QVERIFY(isNear(plain.at("influence_deficit"), 0.5));
    QVERIFY(isNear(plain.at("value_effective_rank"), tokens - 1));
    QVERIFY(std::isnan(plain.at("value_mean_cosine"))); // the zero vector has no direction
    const auto written = evaluated("output_contribution", halfSink(tokens), value, identity(12));
    QVERIFY(isNear(written.at("norm_share_reference"), 0));
    QVERIFY(isNear(written.at("contribution_reference"), 0));
}

void TestValueSpace::equalValuesGiveTheAttention() {
    const auto value = vectorsOf(10, 4, [](int, int i) { return static_cast<float>(i + 1); });
    const auto plain = evaluated("value_space", halfSink(10), value, identity(4));
    QVERIFY(isNear(plain.at("directional_influence"), 0.5));
    QVERIFY(isNear(plain.at("influence_deficit"), 0));
    QVERIFY(isNear(plain.at("value_output_cosine"), 1));
    QVERIFY(isNear(plain.at("value_mean_cosine"), 1));
    QVERIFY(isNear(plain.at("query_reference_cosine"), 1));
    QVERIFY(isNear(plain.at("plane_resultant"), 1)); // every q_c conj(k_c) is a positive real number
    const auto written = evaluated("output_contribution", halfSink(10), value, identity(4));
    QVERIFY(isNear(written.at("norm_share_reference"), 0.5));
    QVERIFY(isNear(written.at("contribution_reference"), 0.5));
    QVERIFY(isNear(written.at("contribution_negative"), 0));
}

void TestValueSpace::mixingOfPatterns() {
    const auto value = vectorsOf(8, 4, [](int token, int i) { return static_cast<float>(1 + (token * 3 + i * i) % 5); });
    QVERIFY(isNear(evaluated("output_contribution", pattern("ID", 8), value, identity(4)).at("mixing_share_head"), 0));
    QVERIFY(isNear(evaluated("output_contribution", pattern("SINK", 8), value, identity(4)).at("mixing_share_head"), 1));
    QVERIFY(isNear(evaluated("output_contribution", pattern("SINK", 8), value, identity(4)).at("norm_share_reference"), 1));
    // Opposite values of equal length: o = 0 for the later queries, so that nothing is contributed, and nothing divides by zero.
    const auto opposite = vectorsOf(8, 1, [](int token, int) { return token == 0 ? 1.0F : -1.0F; });
    QVERIFY(std::isnan(evaluated("output_contribution", halfSink(8), opposite, identity(1)).at("contribution_reference")));
}

void TestValueSpace::rolloutOfPerfectSinks() {
    for (const int tokens : {4, 11}) {
        PatternSource source(5, 2, true);
        source.addSample(tokens, [&](int, int) { return pattern("SINK", tokens); });
        JobContext context;
        const auto result = analyzeCapture(source, {.families = std::vector<std::string>{"attention_rollout"}}, context);
        QVERIFY(result);
        for (int layer = 0; layer < 5; ++layer) {
            const double expected = 1 - std::pow(2.0, -(layer + 1));
            QVERIFY(isNear((*result)->layers[static_cast<std::size_t>(layer)].metrics.at("rollout_first").value, expected, 1e-6));
        }
        QVERIFY(!(*result)->heads[0].metrics.contains("rollout_first")); // a number per layer, not per head
    }
    // A = I gives R = I: every row is one token, entropy 0.
    PatternSource still(3, 1, true);
    still.addSample(6, [](int, int) { return pattern("ID", 6); });
    JobContext context;
    const auto result = analyzeCapture(still, {.families = std::vector<std::string>{"attention_rollout"}}, context);
    QVERIFY(isNear((*result)->layers[2].metrics.at("rollout_entropy").value, 0));
    QVERIFY(isNear((*result)->layers[2].metrics.at("rollout_first").value, 0));
    QVERIFY(isNear((*result)->layers[2].metrics.at("rollout_strongest").value, 1.0 / 5));
}

namespace {

/// Two layers of one head, values and hidden states of one number: 2 of every token, residual stream 6; the projection is 1.
class NumbersSource : public PatternSource {
public:
    explicit NumbersSource(const std::string& name) : PatternSource(2, 1, true) {
        addSample(8, [&](int, int) { return pattern(name, 8); });
    }
    bool hasSpace(Space) const override { return true; }
    Result<HeadVectors> vectors(int, int, Space space, int) override { return HeadVectors{8, 1, std::vector<float>(8, space == Space::Hidden ? 6.0F : 2.0F)}; }
};

class UnitWeights : public WeightAccess {
public:
    Result<std::shared_ptr<const WeightMatrix>> outputProjection(int, int) const override { return std::make_shared<const WeightMatrix>(identity(1)); }
    Result<std::shared_ptr<const WeightMatrix>> unembedding() const override { return Error{ErrorCode::Unavailable, "none", {}}; }
};

} // namespace

void TestValueSpace::mixingOfLayers() {
    const auto on = [](const std::string& name, int layer) {
        NumbersSource source(name);
        JobContext context;
        const auto result = analyzeCapture(
            source, {.families = std::vector<std::string>{"layer_mixing"}, .weights = std::make_shared<UnitWeights>(), .threads = 1}, context);
        return (*result)->layers.at(static_cast<std::size_t>(layer)).metrics;
    };
    QVERIFY(!on("SINK", 0).contains("mixing_share_residual")); // what went into the first layer is not captured
    // A sink writes 2 from token 0 and nothing of its own: 2 / (2 + 0), and 2 / (2 + 6) beside the residual stream.
    QVERIFY(isNear(on("SINK", 0).at("mixing_share").value, 1) && isNear(on("SINK", 1).at("mixing_share_residual").value, 0.25));
    QVERIFY(isNear(on("ID", 1).at("mixing_share").value, 0) && isNear(on("ID", 1).at("mixing_share_residual").value, 0));
    double uniform = 0, beside = 0; // query i: 2 i/(i+1) from others, 2/(i+1) of its own
    for (int i = 1; i < 8; ++i) {
        const double others = 2.0 * i / (i + 1), own = 2.0 / (i + 1);
        uniform += others / (others + own) / 7;
        beside += others / (others + own + 6) / 7;
    }
    QVERIFY(isNear(on("UNIF", 1).at("mixing_share").value, uniform) && isNear(on("UNIF", 1).at("mixing_share_residual").value, beside));
}

void TestValueSpace::punctuation() {
    SampleTokens tokens;
    for (const char* text : {"<bos>", "a", ",", "b", " .", "...", ", "})
        tokens.display.emplace_back(text);
    Weights weights = emptyWeights(7, true); // every query from 2 on looks at the first comma, the others at themselves
    for (int i = 0; i < 7; ++i)
        weights.at(i, i < 2 ? i : 2) = 1;
    const auto statistics = *buildStatistics({weights});
    const HeadAttention attention{.tokens = 7, .causal = true, .logits = {}, .weights = weights.values};
    const FeatureFamily& family = *findFamily("template_distance");
    const MetricParameters parameters;
    const HeadEvidence evidence{.tokens = tokens, .statistics = *statistics, .parameters = parameters, .head = 0, .attention = &attention};
    std::vector<double> numbers(family.metrics.size(), std::nan(""));
    family.evaluateHead(evidence, {}, numbers);
    // Commas are tokens 2 and 6, seen by 5 + 1 queries, of which 5 agree: sqrt((7 + 6 - 10) / (7 + 6)). The full stop is token 4, seen by 3, none of which looks.
    QVERIFY(isNear(numbers[4], std::sqrt(3.0 / 13)) && isNear(numbers[5], 1));
}

void TestValueSpace::bandsOfTheUnembedding() {
    constexpr int kWidth = 40;
    const KnownWeights weights(kWidth);
    HeadVectors hidden{4, kWidth, {}};
    for (const int direction : {kWidth - 1, 0, 20, 20}) // token 0: the darkest direction; token 1: the brightest
        for (int i = 0; i < kWidth; ++i)
            hidden.values.push_back(3 * weights.basis(i, direction));
    const auto statistics = *buildStatistics({pattern("SINK", 4)});
    const FeatureFamily& family = *findFamily("unembedding_bands");
    const SampleTokens tokens;
    const MetricParameters parameters;
    std::shared_ptr<void> state;
    const LayerEvidence evidence{.tokens = tokens, .statistics = *statistics, .parameters = parameters, .first = true, .hidden = &hidden,
                                 .weights = &weights, .attention = {}, .finishedLayers = {}, .attentionOf = {}, .vectors = {}, .state = state};
    for (const double bands : {2.0, 20.0, 40.0}) {
        std::vector<double> values(4, std::nan(""));
        QVERIFY(family.evaluateLayer(evidence, std::vector<double>{bands}, values));
        QVERIFY(isNear(values[0], 1, 1e-4));
        QVERIFY(isNear(values[2], 0, 1e-4));
        // Of the others one is in the brightest direction; the middle direction belongs to the lower half.
        QVERIFY(isNear(values[3], 1.0 / 3, 1e-4));
        QVERIFY(isNear(values[1], bands == 2.0 ? 2.0 / 3 : 0.0, 1e-4));
    }
}

QTEST_GUILESS_MAIN(TestValueSpace)
#include "tst_value_space.moc"
