// SPDX-License-Identifier: Apache-2.0
// Graphs of random attention, with and without a mask, against numpy, scipy and networkx (tests/golden/gen/make_graph.py). Counts must be
// equal; all else may differ by 1e-12, for both sides compute in double from the same float32 weights.
#include "core/math/graph/digraph.h"
#include "core/math/graph/graph_signal.h"
#include "core/math/graph/graph_sweep.h"
#include "core/math/graph/lap_eigenvalues.h"
#include "core/math/graph/template_distance.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>

using namespace sinkscope;
using nlohmann::json;

namespace {

constexpr double kTolerance = 1e-12;

} // namespace

class TestGraphReference : public QObject {
    Q_OBJECT
    json m_reference;
    double m_worst = 0;

    void compare(double value, const json& expected, const char* what) {
        const double difference = std::abs(value - expected.get<double>()) / std::max(1.0, std::abs(expected.get<double>()));
        m_worst = std::max(m_worst, difference);
        QVERIFY2(difference <= kTolerance, what);
    }
    void compareShape(const GraphShape& shape, const std::optional<LaplacianEnds>& ends, const json& expected) {
        QCOMPARE(shape.edges, expected["edges"].get<int>());
        QCOMPARE(shape.components, expected["components"].get<int>());
        QCOMPARE(shape.cycles(), expected["cycles"].get<int>());
        QCOMPARE(shape.hub, expected["hub"].get<int>());
        compare(*shape.density, expected["density"], "density");
        compare(*shape.centralization, expected["centralization"], "centralization");
        compare(*shape.starLikeness, expected["star_likeness"], "star likeness");
        compare(*shape.starDistance, expected["star_distance"], "star distance");
        compare(ends->second, expected["fiedler"], "fiedler");
        compare(ends->largest, expected["largest"], "largest");
    }
    void compareWeighted(const SymmetricWeights& weights, const json& expected) {
        const auto spectrum = *laplacianSpectrum(weights);
        QCOMPARE(spectrum.size(), expected["spectrum"].size());
        for (std::size_t i = 0; i < spectrum.size(); ++i)
            compare(spectrum[i], expected["spectrum"][i], "spectrum");
        compare(*normalizedFiedler(weights, false), expected["normalized"], "normalized");
        compare(*normalizedFiedler(weights, true), expected["normalized_loops"], "normalized with loops");
        const auto mode = *leadingMode(weights);
        compare(mode.value, expected["principal_value"], "principal value");
        compare(mode.next, expected["principal_next"], "next value");
        const auto hub = std::ranges::max_element(mode.vector, {}, [](double x) { return std::abs(x); });
        QCOMPARE(static_cast<int>(hub - mode.vector.begin()), expected["principal_hub"].get<int>());
        compare(*hub * *hub, expected["principal_weight"], "principal weight");
    }

private Q_SLOTS:
    void initTestCase() {
        std::ifstream file(SINKSCOPE_SOURCE_DIR "/tests/golden/graph/reference.json");
        m_reference = json::parse(file);
        QVERIFY(m_reference["cases"].size() >= 5);
    }
    void undirected() {
        for (const json& example : m_reference["cases"])
            for (const auto& [name, how] : {std::pair{"mean", Symmetrization::Mean}, {"max", Symmetrization::Max}}) {
                const json& expected = example[name];
                const SymmetricWeights weights = *symmetrized(example["attention"].get<std::vector<float>>(), example["tokens"].get<int>(), how);
                const auto points = graphSweep(weights, kSweepThresholds, true);
                QCOMPARE(points.size(), expected["cuts"].size());
                for (std::size_t i = 0; i < points.size(); ++i) {
                    QCOMPARE(points[i].threshold, expected["cuts"][i]["threshold"].get<double>());
                    compareShape(points[i].shape, points[i].ends, expected["cuts"][i]);
                    const BinaryGraph graph = cutAtThreshold(weights, points[i].threshold);
                    compareShape(shapeOf(graph), laplacianEnds(graph), expected["cuts"][i]);
                }
                for (const json& percentile : expected["percentiles"]) {
                    const double percent = percentile["percentile"].get<double>();
                    compare(edgeQuantile(weights, percent / 100), percentile["weight"], "quantile");
                    const BinaryGraph graph = cutAtPercentile(weights, percent);
                    compareShape(shapeOf(graph), laplacianEnds(graph), percentile);
                }
                compareWeighted(weights, expected["weighted"]);
            }
    }
    void directed() {
        for (const json& example : m_reference["cases"]) {
            const auto attention = example["attention"].get<std::vector<float>>();
            const int tokens = example["tokens"].get<int>();
            for (const json& expected : example["digraph"]) {
                const DigraphShape shape = *digraphShape(attention, tokens, expected["threshold"].get<double>());
                QCOMPARE(shape.strong, expected["strong"].get<int>());
                QCOMPARE(shape.weak, expected["weak"].get<int>());
                QCOMPARE(shape.edges, expected["edges"].get<int>());
                QCOMPARE(shape.cycles, expected["cycles"].get<int>());
                QCOMPARE(shape.undirectedCycles(), expected["beta1"].get<int>());
                compare(shape.meanDegree(), expected["degree"], "mean degree");
            }
            const bool causal = example["causal"].get<bool>();
            const TemplateDistances distances = *templateDistances(attention, tokens, causal);
            compare(distances.self, example["templates"]["self"], "self");
            compare(distances.beginning, example["templates"]["beginning"], "beginning");
            compare(distances.previous, example["templates"]["previous"], "previous");
            QCOMPARE(distances.next.has_value(), !causal);
            if (!causal)
                compare(*distances.next, example["templates"]["next"], "next");
            const auto eigenvalues = *lapEigenvalues(attention, tokens, causal);
            for (std::size_t i = 0; i < eigenvalues.size(); ++i)
                compare(eigenvalues[i], example["lap_eigenvalues"].at(i), "LapEigvals");
            compare(*attentionScore(attention, tokens), example["attention_score"], "AttnScore");
        }
    }
    void signalsOnGraphs() {
        for (const json& example : m_reference["cases"]) {
            const auto attention = example["attention"].get<std::vector<float>>(), signal = example["signal"].get<std::vector<float>>();
            const std::vector<std::span<const float>> heads{attention};
            const SymmetricWeights weights = *meanOfHeads(heads, example["tokens"].get<int>());
            for (const auto& [name, kind] : {std::pair{"none", SignalLaplacian::None}, {"rw", SignalLaplacian::RandomWalk}, {"sym", SignalLaplacian::Symmetric}}) {
                const json& expected = example["signals"][name];
                const GraphSignal result = *graphSignal(weights, signal, kind);
                compare(result.energy, expected["energy"], "energy");
                compare(result.smoothness, expected["smoothness"], "smoothness");
                compare(result.relativeSmoothness * result.largest, expected["smoothness"], "relative smoothness");
                compare(result.entropy, expected["entropy"], "entropy");
                compare(result.highTenth, expected["high_tenth"], "top tenth");
                compare(result.highHalf, expected["high_half"], "upper half");
                compare(result.fiedler, expected["fiedler"], "fiedler");
                compare(result.largest, expected["largest"], "largest");
                QVERIFY(result.connected);
            }
        }
    }
    void cleanupTestCase() { qInfo("largest difference %.2g (allowed %.2g)", m_worst, kTolerance); }
};

QTEST_GUILESS_MAIN(TestGraphReference)
#include "tst_graph_reference.moc"
