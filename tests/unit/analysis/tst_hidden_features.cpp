// SPDX-License-Identifier: Apache-2.0
// Closed forms, planted activations and bounds of the families that read hidden states and values (design note 4.3 to 4.5 and 4.12).
#include "core/analysis/analysis.h"
#include "support/pattern_source.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

/// A capture whose hidden states (and values) are given.
class HiddenSource : public PatternSource {
public:
    using Make = std::function<HeadVectors(int layer)>;
    HiddenSource(int layers, int tokens, Make make) : PatternSource(layers, 1, true), m_make(std::move(make)) {
        addSample(tokens, [&](int, int) { return pattern("UNIF", tokens); });
    }
    bool hasSpace(Space) const override { return true; }
    Result<HeadVectors> vectors(int, int layer, Space, int) override { return m_make(layer); }

private:
    Make m_make;
};

HeadVectors normalVectors(int tokens, int width, float deviation, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, deviation);
    HeadVectors vectors{tokens, width, std::vector<float>(static_cast<std::size_t>(tokens * width))};
    for (float& value : vectors.values)
        value = normal(random);
    return vectors;
}

std::shared_ptr<const AnalysisResult> analysed(CaptureSource& source, ParameterValues features = {}) {
    JobContext context;
    const auto result = analyzeCapture(
        source, {.families = std::vector<std::string>{"hidden_geometry", "over_mixing", "massive_activations", "secondary_sinks"},
                 .features = std::move(features), .threads = 1}, context);
    return result ? *result : std::make_shared<const AnalysisResult>();
}

double valueOf(const MetricEstimates& metrics, const char* id) {
    const auto found = metrics.find(id);
    return found == metrics.end() ? std::nan("") : found->second.value;
}

MetricEstimates layerOf(const HeadVectors& hidden, ParameterValues features = {}) {
    HiddenSource source(1, hidden.tokens, [&](int) { return hidden; });
    MetricEstimates metrics = analysed(source, std::move(features))->layers.at(0).metrics;
    return metrics;
}

bool isNear(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

} // namespace

class TestHiddenFeatures : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void entropyOfKnownMatrices();
    void firstTokenBoundsHold();
    void boundIsReachedWhenOthersAreEqual();
    void overMixing();
    void plantedActivation();
    void kurtosis();
    void notFiniteHasNoValue();
    void zeroStates();
    void shortSamplesHaveNoValue();
    void secondarySinks();
    void fewLayersCannotBeClassified();
};

void TestHiddenFeatures::entropyOfKnownMatrices() {
    HeadVectors line{5, 4, {}};
    for (int token = 0; token < 5; ++token)
        for (int j = 0; j < 4; ++j)
            line.values.push_back(static_cast<float>((token + 1) * (j - 1)));
    const MetricEstimates flat = layerOf(line);
    QVERIFY(isNear(valueOf(flat, "hidden_entropy"), 0, 1e-6) && isNear(valueOf(flat, "hidden_anisotropy"), 1, 1e-9));
    QVERIFY(isNear(valueOf(flat, "hidden_alignment"), 1, 1e-9) && isNear(valueOf(flat, "hidden_anisotropy_bound"), 1, 1e-9));
    QVERIFY(isNear(valueOf(flat, "hidden_first_ratio"), 1 / 3.5, 1e-9)); // norms 1 against 2, 3, 4, 5
    HeadVectors axes{4, 6, std::vector<float>(24, 0.0F)};
    for (std::size_t token = 0; token < 4; ++token)
        axes.values[token * 6 + token] = -3;
    const MetricEstimates round = layerOf(axes);
    QVERIFY(isNear(valueOf(round, "hidden_entropy"), std::log(4), 1e-9) && isNear(valueOf(round, "hidden_entropy_share"), 1, 1e-9));
    QVERIFY(isNear(valueOf(round, "hidden_anisotropy"), 0.25, 1e-9) && isNear(valueOf(round, "hidden_alignment"), 0, 1e-9));
    // Here p = 1/r, the largest entropy is ln r, and it is reached.
    QVERIFY(isNear(valueOf(round, "hidden_anisotropy_bound"), 0.25, 1e-9) && isNear(valueOf(round, "hidden_entropy_bound"), std::log(4), 1e-9));
    // Uniform attention of 4 tokens: mean of ln 1..ln 4 over ln 4.
    QVERIFY(isNear(valueOf(round, "mixing_score"), std::log(24) / 4 / std::log(4), 1e-6));
}

void TestHiddenFeatures::firstTokenBoundsHold() {
    double before = 2;
    for (const float norm : {1.0F, 3.0F, 10.0F, 100.0F}) {
        HeadVectors hidden = normalVectors(24, 40, 1);
        for (std::size_t j = 0; j < 40; ++j)
            hidden.values[j] *= norm;
        const MetricEstimates metrics = layerOf(hidden);
        const double p = valueOf(metrics, "hidden_anisotropy_bound"), entropy = valueOf(metrics, "hidden_entropy");
        QVERIFY(valueOf(metrics, "hidden_anisotropy") >= p - 1e-9);
        QVERIFY(p < 1 / 24.0 || entropy <= valueOf(metrics, "hidden_entropy_bound") + 1e-9);
        QVERIFY(entropy / std::log(24) < before);
        before = entropy / std::log(24);
    }
    QVERIFY(before < 0.01); // a first token 100 times as long leaves next to nothing for the others
}

void TestHiddenFeatures::boundIsReachedWhenOthersAreEqual() {
    // First token along an axis of its own, c = 9/3: sigma_1^2 = M + alpha R exactly.
    HeadVectors hidden{4, 5, std::vector<float>(20, 0.0F)};
    hidden.values[0] = 3;
    for (std::size_t token = 1; token < 4; ++token)
        hidden.values[token * 5 + token] = 1;
    const MetricEstimates metrics = layerOf(hidden);
    QVERIFY(isNear(valueOf(metrics, "hidden_anisotropy"), 0.75, 1e-9) && isNear(valueOf(metrics, "hidden_anisotropy_bound"), 0.75, 1e-9));
    const double entropy = -0.75 * std::log(0.75) - 0.25 * std::log(0.25) + 0.25 * std::log(3.0);
    QVERIFY(isNear(valueOf(metrics, "hidden_entropy"), entropy, 1e-9) && isNear(valueOf(metrics, "hidden_entropy_bound"), entropy, 1e-9));
    QVERIFY(isNear(valueOf(metrics, "hidden_first_ratio"), 3, 1e-9));
}

void TestHiddenFeatures::overMixing() {
    const auto ofValues = [](const HeadVectors& values) {
        HiddenSource source(1, values.tokens, [&](int) { return values; });
        return analysed(source)->heads.at(0).metrics;
    };
    const MetricEstimates alike = ofValues({4, 3, std::vector<float>(12, 0.7F)});
    QVERIFY(isNear(valueOf(alike, "over_mixing"), 0, 1e-7) && isNear(valueOf(alike, "over_mixing_share"), 0, 1e-7));
    // Two tokens at +1 and two at -1 around 0: nothing is lost by taking the mean away.
    const MetricEstimates apart = ofValues({4, 1, {1, -1, 1, -1}});
    QVERIFY(isNear(valueOf(apart, "over_mixing"), 2, 1e-9) && isNear(valueOf(apart, "over_mixing_share"), 1, 1e-9));
    QVERIFY(ofValues({3, 1, {1, std::numeric_limits<float>::quiet_NaN(), 1}}).empty() ||
            !ofValues({3, 1, {1, std::numeric_limits<float>::quiet_NaN(), 1}}).contains("over_mixing"));
}

void TestHiddenFeatures::plantedActivation() {
    HeadVectors hidden = normalVectors(16, 64, 0.2F);
    hidden.values[3 * 64 + 17] = -2000;
    const MetricEstimates planted = layerOf(hidden);
    QCOMPARE(valueOf(planted, "activation_top"), 2000.0);
    QCOMPARE(valueOf(planted, "activation_massive"), 1.0);
    QCOMPARE(valueOf(planted, "activation_massive_ratio"), 1.0);
    QCOMPARE(valueOf(planted, "activation_feature"), 17.0);
    QCOMPARE(valueOf(planted, "activation_token"), 3.0);
    QVERIFY(isNear(valueOf(planted, "activation_top_ratio"), 2000 / (0.2 * 0.6745), 1500)); // median of |N(0, 0.2)|
    QVERIFY(valueOf(planted, "activation_kurtosis") > 1000);
    for (float& value : hidden.values)
        value *= 0.01F;
    const MetricEstimates scaled = layerOf(hidden);
    QCOMPARE(valueOf(scaled, "activation_massive"), 0.0);
    QCOMPARE(valueOf(scaled, "activation_massive_ratio"), 1.0);
    QVERIFY(isNear(valueOf(scaled, "activation_top_ratio"), valueOf(planted, "activation_top_ratio"), 0.1));
    QCOMPARE(valueOf(layerOf(hidden, {{"massive_activations.absolute", 10.0}}), "activation_massive"), 1.0);
    QCOMPARE(valueOf(layerOf(hidden, {{"massive_activations.ratio", 1e6}}), "activation_massive_ratio"), 0.0);
}

void TestHiddenFeatures::kurtosis() {
    QVERIFY(isNear(valueOf(layerOf({2, 2, {1, -1, -1, 1}}), "activation_kurtosis"), 1, 1e-12)); // two equal values: the least possible
    QVERIFY(isNear(valueOf(layerOf(normalVectors(100, 200, 3)), "activation_kurtosis"), 3, 0.15));
}

void TestHiddenFeatures::notFiniteHasNoValue() {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        HeadVectors hidden = normalVectors(6, 8, 1);
        hidden.values[3] = bad;
        const MetricEstimates metrics = layerOf(hidden);
        for (const char* id : {"hidden_entropy", "hidden_anisotropy", "hidden_anisotropy_bound", "activation_top", "activation_kurtosis",
                               "secondary_candidates"})
            QVERIFY2(!metrics.contains(id), id);
        for (const auto& [id, estimate] : metrics)
            QVERIFY2(!std::isnan(estimate.value), id.c_str());
    }
}

void TestHiddenFeatures::zeroStates() {
    const MetricEstimates metrics = layerOf({5, 8, std::vector<float>(40, 0.0F)});
    for (const char* id : {"hidden_entropy", "hidden_anisotropy", "hidden_first_ratio", "activation_top", "activation_kurtosis"})
        QVERIFY2(!metrics.contains(id), id);
    QCOMPARE(valueOf(metrics, "secondary_candidates"), 0.0);
}

void TestHiddenFeatures::shortSamplesHaveNoValue() {
    for (const int tokens : {1, 2}) {
        const MetricEstimates metrics = layerOf(normalVectors(tokens, 8, 1));
        for (const char* id : {"hidden_entropy", "mixing_score", "secondary_candidates"})
            QVERIFY2(!metrics.contains(id), id);
        QVERIFY(metrics.contains("activation_top")); // one vector has a largest component
    }
}

namespace {
/// 12 layers of 8 tokens: the first token's norm jumps at layer 3 and drops at layer 11. Token 4 points its way in layers 5 to 9, token 6 in
/// layers 7 and 8, token 2 in all.
HeadVectors staged(int layer) {
    HeadVectors hidden = normalVectors(8, 64, 1, static_cast<unsigned>(layer));
    const auto set = [&](int token, float scale) {
        for (std::size_t j = 0; j < 64; ++j)
            hidden.values[static_cast<std::size_t>(token) * 64 + j] = scale * (j % 3 == 0 ? 1.0F : -0.5F);
    };
    set(0, layer >= 3 && layer < 11 ? 50.0F : 2.0F);
    set(2, -0.3F);
    if (layer >= 5 && layer <= 9)
        set(4, 7);
    if (layer == 7 || layer == 8)
        set(6, 2);
    return hidden;
}
} // namespace

void TestHiddenFeatures::secondarySinks() {
    HiddenSource source(12, 8, staged);
    const auto result = analysed(source, {{"secondary_sinks.margin", 4.0}, {"secondary_sinks.shortest", 2.0}});
    QCOMPARE(result->layers.size(), std::size_t(12));
    const auto at = [&](int layer, const char* id) { return valueOf(result->layers[static_cast<std::size_t>(layer)].metrics, id); };
    QCOMPARE(at(0, "secondary_candidates"), 1.0); // token 2, with the opposite sign
    QCOMPARE(at(5, "secondary_candidates"), 2.0);
    QCOMPARE(at(8, "secondary_candidates"), 3.0);
    QVERIFY(std::isnan(at(0, "secondary_norm_step")));
    QVERIFY(at(3, "secondary_norm_step") > 200 && at(11, "secondary_norm_step") < -200);
    QVERIFY(std::isnan(at(10, "secondary_sinks")));
    QCOMPARE(at(11, "secondary_reference"), 0.0);
    QCOMPARE(at(11, "secondary_window_first"), 3.0);
    QCOMPARE(at(11, "secondary_window_last"), 10.0);
    QCOMPARE(at(11, "secondary_sinks"), 1.0);   // token 4: five layers, between 2 and 12 - 4
    QCOMPARE(at(11, "secondary_start"), 5.0);
    QCOMPARE(at(11, "secondary_lifetime"), 5.0);
    QCOMPARE(at(11, "secondary_primary"), 1.0); // token 2: all eight of the window
    QCOMPARE(at(11, "secondary_noise"), 1.0);   // token 6: two layers
    const auto loose = analysed(source, {{"secondary_sinks.cosine", 0.0}});
    QCOMPARE(valueOf(loose->layers[8].metrics, "secondary_candidates"), 7.0);
}

void TestHiddenFeatures::fewLayersCannotBeClassified() {
    HiddenSource source(12, 8, staged); // 12 - 15 layers leave nothing between the bounds
    const auto result = analysed(source);
    QVERIFY(!result->layers[11].metrics.contains("secondary_sinks"));
    QCOMPARE(valueOf(result->layers[11].metrics, "secondary_window_first"), 3.0);
}

QTEST_GUILESS_MAIN(TestHiddenFeatures)
#include "tst_hidden_features.moc"
