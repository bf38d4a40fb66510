// SPDX-License-Identifier: Apache-2.0
// Families of graph features: their parameters reach the mathematics, and what has no value has none.
#include "core/analysis/analysis.h"
#include "core/math/graph/graph_signal.h"
#include "support/graphs.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <QtTest>

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const std::vector<std::string> kFamilies{"attention_graph", "attention_graph_sweep", "weighted_graph", "graph_signal", "lap_eigenvalues",
                                         "template_distance", "digraph"};

/// Adds hidden states to patterns: a fixed function of sample, layer and place.
class HiddenSource : public PatternSource {
public:
    using PatternSource::PatternSource;
    bool hasSpace(Space space) const override { return space == Space::Hidden; }
    Result<HeadVectors> vectors(int sample, int layer, Space, int) override {
        const int tokens = static_cast<int>(header().samples[static_cast<std::size_t>(sample)]->encoding.ids.size()), width = header().width;
        HeadVectors result{tokens, width, {}};
        for (int i = 0; i < tokens * width; ++i)
            result.values.push_back(static_cast<float>(std::sin(1.3 * i + layer) + 0.1 * sample));
        return result;
    }
};

AnalysisResult analysed(CaptureSource& source, const ParameterValues& features = {}, int threads = 1) {
    JobContext context;
    const auto result = analyzeCapture(source, {.families = kFamilies, .features = features, .threads = threads}, context);
    return result ? **result : AnalysisResult{};
}

double valueIn(const MetricEstimates& metrics, const std::string& id) {
    const auto found = metrics.find(id);
    return found == metrics.end() ? std::nan("") : found->second.value;
}

/// Values of the only head of a pattern.
std::map<std::string, double> onPattern(const std::string& name, int tokens, const ParameterValues& features = {}) {
    HiddenSource source(1, 1, !name.ends_with("BI"));
    source.addSample(tokens, [&](int, int) { return pattern(name, tokens); });
    const AnalysisResult result = analysed(source, features);
    std::map<std::string, double> values;
    for (const auto& [id, estimate] : result.heads.at(0).metrics)
        values[id] = estimate.value;
    return values;
}

bool isNear(double a, double b, double tolerance = 1e-6) { return std::abs(a - b) <= tolerance; }

} // namespace

class TestGraphFamilies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sinkIsAStar();
    void parametersReachTheGraph();
    void sweepHasANamePerThreshold();
    void weighted();
    void directed();
    void layersHaveSignals();
    void shortTextsHaveNoValues();
    void anyNumberOfThreads();
};

void TestGraphFamilies::sinkIsAStar() {
    for (const int tokens : {3, 4, 16, 64, 65}) {
        auto values = onPattern("SINK", tokens);
        QVERIFY(isNear(values.at("graph_fiedler"), 1) && isNear(values.at("graph_laplacian_max"), tokens));
        QVERIFY(isNear(values.at("graph_centralization"), 1) && isNear(values.at("graph_star_likeness"), 1));
        QVERIFY(isNear(values.at("graph_star_distance"), 0) && isNear(values.at("graph_hub_share"), 0.5));
        QVERIFY(isNear(values.at("graph_components"), 1) && isNear(values.at("graph_beta1"), 0) && isNear(values.at("graph_density"), 2.0 / tokens));
        values = onPattern("ID", tokens);
        QVERIFY(isNear(values.at("graph_components"), tokens) && isNear(values.at("graph_fiedler"), 0) && isNear(values.at("graph_star_distance"), 1));
        QVERIFY(!values.contains("graph_hub_share"));
    }
    // Two anchors: joined hubs when causal (T - 2 cycles), and so they are when first and last look at each other.
    QVERIFY(isNear(onPattern("TWO", 12).at("graph_fiedler"), 2) && isNear(onPattern("TWO", 12).at("graph_beta1"), 10));
    QVERIFY(isNear(onPattern("TWOBI", 12).at("graph_fiedler"), 2) && isNear(onPattern("TWOBI", 12).at("graph_centralization"), 10 * 9 / 110.0));
}

void TestGraphFamilies::parametersReachTheGraph() {
    // UNIF, T = 32, above 0.05: 9 tokens are joined. With the larger direction weights double, and 19 are (1/20 is not above 0.05).
    QVERIFY(isNear(onPattern("UNIF", 32).at("graph_centralization"), 23 * 8 / (31.0 * 30)));
    QVERIFY(isNear(onPattern("UNIF", 32, {{"attention_graph.symmetrization", 1}}).at("graph_components"), 32 - 19 + 1));
    QVERIFY(isNear(onPattern("UNIF", 32, {{"attention_graph.threshold", 0.2}}).at("graph_components"), 32 - 2 + 1));
    QVERIFY(isNear(onPattern("UNIF", 32, {{"attention_graph.cut", 1}, {"attention_graph.percentile", 0}}).at("graph_density"), 1));
    QVERIFY(isNear(onPattern("SINK", 64, {{"attention_graph.cut", 1}}).at("graph_star_likeness"), 1));
    QVERIFY(isNear(onPattern("UNIF", 16, {{"weighted_graph.loops", 1}}).at("normalized_fiedler"), 0.584, 5e-4));
    QVERIFY(isNear(onPattern("UNIF", 8, {{"digraph.threshold", 0.5}}).at("digraph_edges"), 3));
}

void TestGraphFamilies::sweepHasANamePerThreshold() {
    const auto values = onPattern("UNIF", 32);
    const std::pair<const char*, int> joined[] = {{"0p001", 32}, {"0p005", 32}, {"0p01", 32}, {"0p02", 24}, {"0p05", 9}, {"0p1", 4}, {"0p2", 2}};
    for (const auto& [suffix, count] : joined) {
        QVERIFY2(isNear(values.at(std::string("components_") + suffix), 33 - count), suffix);
        QVERIFY2(isNear(values.at(std::string("fiedler_") + suffix), count == 32 ? 32 : 0), suffix);
        QVERIFY2(isNear(values.at(std::string("density_") + suffix), count * (count - 1) / (32.0 * 31)), suffix);
        QVERIFY2(isNear(values.at(std::string("beta1_") + suffix), (count - 1) * (count - 2) / 2), suffix);
        QVERIFY2(isNear(values.at(std::string("centralization_") + suffix), (32 - count) * (count - 1) / (31.0 * 30)), suffix);
        QVERIFY(values.contains(std::string("star_likeness_") + suffix));
    }
    QCOMPARE(values.at("fiedler_0p05"), values.at("graph_fiedler"));
}

void TestGraphFamilies::weighted() {
    for (const char* name : {"SINK", "UNIF", "TWO", "TWOBI"})
        QVERIFY2(isNear(onPattern(name, 16).at("weighted_fiedler"), 0.5), name);
    const auto sink = onPattern("SINK", 16), uniform = onPattern("UNIF", 16), identity = onPattern("ID", 16), chain = onPattern("PREV", 16);
    QVERIFY(isNear(sink.at("normalized_fiedler"), 1) && isNear(uniform.at("normalized_fiedler"), 0.841, 5e-4));
    QVERIFY(isNear(onPattern("UNIF", 40).at("normalized_fiedler"), 0.738, 5e-4) && isNear(chain.at("normalized_fiedler"), 0.022, 5e-4));
    QVERIFY(isNear(sink.at("fiedler_ratio"), 1.0 / 16));
    // Eigenvalues of a star over T tokens: 1/2 (T-2 times) and T/2; seven of them and the largest are in the upper half.
    QVERIFY(isNear(sink.at("laplacian_upper_share"), (7 * 0.5 + 8) / (14 * 0.5 + 8)));
    QVERIFY(isNear(sink.at("principal_hub_weight"), 0.5) && isNear(sink.at("principal_is_sink"), 1) && isNear(sink.at("principal_is_first"), 1));
    QVERIFY(isNear(chain.at("principal_is_first"), 0));
    QVERIFY(isNear(onPattern("UNIFBI", 16).at("principal_hub_weight"), 1.0 / 16) && isNear(onPattern("UNIFBI", 16).at("fiedler_ratio"), 1));
    QVERIFY(!identity.contains("principal_hub_weight") && !identity.contains("fiedler_ratio") && isNear(identity.at("weighted_fiedler"), 0));
}

void TestGraphFamilies::directed() {
    const auto sink = onPattern("SINK", 12), identity = onPattern("IDBI", 12), chain = onPattern("PREV", 12);
    QVERIFY(isNear(sink.at("template_beginning"), 0) && isNear(sink.at("template_self"), std::sqrt(1 - 1.0 / 12)) && !sink.contains("template_next"));
    QVERIFY(isNear(chain.at("template_previous"), 0) && isNear(identity.at("template_self"), 0));
    QVERIFY(isNear(identity.at("template_next"), std::sqrt(11.0 / 12)));
    for (int rank = 1; rank <= 5; ++rank)
        QVERIFY(isNear(sink.at("lap_eigenvalue_" + std::to_string(rank)), 0));
    const auto uniform = onPattern("UNIF", 4);
    QVERIFY(isNear(uniform.at("lap_eigenvalue_1"), 0) && isNear(uniform.at("lap_eigenvalue_4"), -23.0 / 48) && !uniform.contains("lap_eigenvalue_5"));
    // The diagonal, falling: 1 for query 0; 1/(i+1) of uniform attention, 0 of a sink, 1 of a diagonal head.
    for (int rank = 1; rank <= 4; ++rank) {
        const std::string id = "attention_eigenvalue_" + std::to_string(rank);
        QVERIFY(isNear(uniform.at(id), 1.0 / rank) && isNear(sink.at(id), rank == 1 ? 1 : 0) && isNear(identity.at(id), 1));
    }
    QVERIFY(!uniform.contains("attention_eigenvalue_5") && !sink.contains("template_comma") && !sink.contains("template_dot"));
    QVERIFY(isNear(identity.at("attention_score"), 0) && isNear(uniform.at("attention_score"), -std::log(24.0) / 4));
    QVERIFY(isNear(sink.at("digraph_edges"), 12) && isNear(sink.at("digraph_weak"), 1) && isNear(sink.at("digraph_strong"), 12));
    QVERIFY(isNear(sink.at("digraph_degree"), 2) && isNear(sink.at("digraph_cycles"), 1) && isNear(sink.at("digraph_beta1"), 0));
}

void TestGraphFamilies::layersHaveSignals() {
    const int tokens = 14;
    HiddenSource source(2, 3, true);
    const auto weightsOf = [](int layer, int head) { return randomAttention(tokens, true, 1.0 + head, static_cast<unsigned>(layer * 3 + head)); };
    source.addSample(tokens, weightsOf);
    for (int kind = 0; kind < 3; ++kind)
        for (int cutoff = 0; cutoff < 2; ++cutoff) {
            const AnalysisResult result = analysed(source, {{"graph_signal.laplacian", kind}, {"graph_signal.cutoff", cutoff}});
            QCOMPARE(result.layers.size(), std::size_t{2});
            for (int layer = 0; layer < 2; ++layer) {
                const std::vector<Weights> heads{weightsOf(layer, 0), weightsOf(layer, 1), weightsOf(layer, 2)};
                const std::vector<std::span<const float>> matrices{heads[0].values, heads[1].values, heads[2].values};
                const auto hidden = *source.vectors(0, layer, Space::Hidden, 0);
                const auto expected = *graphSignal(*meanOfHeads(matrices, tokens), hidden.values, static_cast<SignalLaplacian>(kind));
                const auto& metrics = result.layers[static_cast<std::size_t>(layer)].metrics;
                QCOMPARE(valueIn(metrics, "signal_energy"), expected.energy);
                QCOMPARE(valueIn(metrics, "signal_smoothness"), expected.smoothness);
                QCOMPARE(valueIn(metrics, "signal_entropy"), expected.entropy);
                QCOMPARE(valueIn(metrics, "signal_hfer"), cutoff == 0 ? expected.highTenth : expected.highHalf);
                QCOMPARE(valueIn(metrics, "signal_fiedler_ratio"), expected.fiedler / expected.largest);
                QCOMPARE(valueIn(metrics, "signal_connected"), 1.0);
            }
        }
}

void TestGraphFamilies::shortTextsHaveNoValues() {
    for (const int tokens : {1, 2})
        for (const bool causal : {true, false}) {
            HiddenSource source(1, 1, causal);
            source.addSample(tokens, [&](int, int) { return pattern(causal ? "UNIF" : "UNIFBI", tokens); });
            const AnalysisResult result = analysed(source);
            for (const std::string& family : kFamilies)
                for (const MetricSpec& metric : findFamily(family)->metrics) {
                    QVERIFY2(!result.heads.at(0).metrics.contains(std::string(metric.id)), metric.id.data());
                    QVERIFY2(std::isnan(valueIn(result.layers.at(0).metrics, std::string(metric.id))), metric.id.data());
                }
        }
}

void TestGraphFamilies::anyNumberOfThreads() {
    HiddenSource source(2, 4, false);
    for (int sample = 0; sample < 3; ++sample)
        source.addSample(10 + sample, [sample](int layer, int head) { return randomAttention(10 + sample, false, 2, static_cast<unsigned>(sample * 8 + layer * 4 + head)); });
    const AnalysisResult one = analysed(source, {}, 1), four = analysed(source, {}, 4);
    for (std::size_t i = 0; i < one.heads.size(); ++i)
        for (const auto& [id, estimate] : one.heads[i].metrics)
            QVERIFY2(estimate.value == four.heads[i].metrics.at(id).value, id.c_str());
    for (std::size_t i = 0; i < one.layers.size(); ++i)
        for (const auto& [id, estimate] : one.layers[i].metrics)
            QVERIFY2(estimate.value == four.layers[i].metrics.at(id).value, id.c_str());
}

QTEST_GUILESS_MAIN(TestGraphFamilies)
#include "tst_graph_families.moc"
