// SPDX-License-Identifier: Apache-2.0
// Closed forms and laws of graphs of attention.
#include "core/math/graph/digraph.h"
#include "core/math/graph/graph_signal.h"
#include "core/math/graph/graph_sweep.h"
#include "core/math/graph/lap_eigenvalues.h"
#include "core/math/graph/symmetric_eigen.h"
#include "core/math/graph/template_distance.h"
#include "core/math/spectral/symmetric_eigenvalues.h"
#include "support/graphs.h"
#include "support/verify_result.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <numbers>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

bool isNear(double a, double b, double tolerance = 1e-10) { return std::abs(a - b) <= tolerance; }

SymmetricWeights edgesOf(const Weights& weights, Symmetrization how = Symmetrization::Mean) {
    return *symmetrized(weights.values, weights.tokens, how);
}
SymmetricWeights edgesOf(const std::string& name, int tokens) { return edgesOf(pattern(name, tokens)); }

double fiedler(const BinaryGraph& graph) { return laplacianEnds(graph)->second; }

std::vector<double> eigenvaluesOf(std::vector<double> matrix, int size) { return *symmetricEigenvalues(matrix, static_cast<std::size_t>(size)); }

bool areNear(const std::vector<double>& a, const std::vector<double>& b, double tolerance = 1e-10) {
    return std::ranges::equal(a, b, [tolerance](double x, double y) { return isNear(x, y, tolerance); });
}

std::vector<BinaryGraph> manyGraphs() {
    std::vector<BinaryGraph> graphs;
    for (unsigned seed = 0; seed < 60; ++seed)
        graphs.push_back(randomGraph(2 + static_cast<int>(seed) % 23, 0.04 + 0.9 * (seed % 7) / 6, seed));
    for (const int n : {2, 3, 7, 10})
        for (const BinaryGraph& graph : {completeGraph(n), pathGraph(n), emptyGraph(n), hubGraph(n, 1), hubGraph(n, 2), hubGraph(n, 2, false)})
            graphs.push_back(graph);
    graphs.push_back(doubleStar(4));
    graphs.push_back(cycleGraph(9));
    return graphs;
}

template <typename Matrix> Matrix relabelled(const Matrix& matrix, int n, const std::vector<int>& order) {
    Matrix result(matrix.size());
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            result[static_cast<std::size_t>(i) * n + j] = matrix[static_cast<std::size_t>(order[static_cast<std::size_t>(i)]) * n + order[static_cast<std::size_t>(j)]];
    return result;
}

double harmonic(int n) {
    double sum = 0;
    for (int i = 1; i <= n; ++i)
        sum += 1.0 / i;
    return sum;
}

} // namespace

class TestGraph : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fiedlerOfKnownGraphs();
    void centralizationOfKnownGraphs();
    void starLikenessOfKnownGraphs();
    void spectraOfTheStar();
    void structureAgreesWithTheDenseSolver();
    void laplacianLaws();
    void relabellingChangesNothing();
    void uniformAttentionAtAThreshold();
    void sweepIsTheSameAsSingleCuts();
    void sweepIsMonotone();
    void percentileCuts();
    void weightedFiedlerIsStuck();
    void minimumDegreeBound();
    void normalizedValues();
    void principalVector();
    void digraphs();
    void cyclesAgreeWithEnumeration();
    void templates();
    void lapEigvals();
    void signalsOnGraphs();
    void shortAndBrokenInputs();
};

void TestGraph::fiedlerOfKnownGraphs() {
    for (int n = 3; n <= 40; ++n) {
        QCOMPARE(fiedler(hubGraph(n, 1)), 1.0);
        QCOMPARE(fiedler(completeGraph(n)), static_cast<double>(n));
        QCOMPARE(fiedler(emptyGraph(n)), 0.0);
        QVERIFY(isNear(fiedler(pathGraph(n)), 2 - 2 * std::cos(std::numbers::pi / n)));
        QVERIFY(isNear(fiedler(cycleGraph(n)), 2 - 2 * std::cos(2 * std::numbers::pi / n)));
    }
    for (int n = 5; n <= 20; ++n) {
        for (int k = 1; k <= n - 2; ++k)
            QCOMPARE(fiedler(hubGraph(n, k)), static_cast<double>(k));
        QVERIFY(isNear(fiedler(hubGraph(n, 2, false)), 2));
    }
    for (const int m : {1, 2, 4, 9})
        QVERIFY(isNear(fiedler(doubleStar(m)), (m + 3 - std::sqrt((m + 3.0) * (m + 3.0) - 8)) / 2));
    BinaryGraph apart = emptyGraph(6);
    for (int i = 0; i < 6; ++i)
        for (int j = 0; j < i; ++j)
            if (i != 2 && j != 2)
                apart.connect(i, j);
    QCOMPARE(fiedler(apart), 0.0);
    QCOMPARE(laplacianEnds(apart)->largest, 5.0);
}

void TestGraph::centralizationOfKnownGraphs() {
    const auto of = [](const BinaryGraph& graph) { return shapeOf(graph).centralization.value(); };
    for (int n = 5; n <= 30; ++n) {
        QVERIFY(isNear(of(hubGraph(n, 1)), 1));
        QVERIFY(isNear(of(completeGraph(n)), 0));
        QVERIFY(isNear(of(cycleGraph(n)), 0));
        QVERIFY(isNear(of(pathGraph(n)), 2.0 / ((n - 1) * (n - 2))));
        QVERIFY(isNear(of(hubGraph(n, 2, false)), (n - 4.0) / (n - 1)));
        for (int k = 1; k < n; ++k)
            QVERIFY(isNear(of(hubGraph(n, k)), (n - k) * (n - 1.0 - k) / ((n - 1) * (n - 2))));
    }
    QVERIFY(isNear(of(hubGraph(10, 2)), 7.0 / 9) && isNear(of(hubGraph(10, 3)), 7.0 / 12));
}

void TestGraph::starLikenessOfKnownGraphs() {
    for (int n = 4; n <= 30; ++n) {
        const GraphShape star = shapeOf(hubGraph(n, 1)), complete = shapeOf(completeGraph(n));
        QVERIFY(isNear(*star.starLikeness, 1) && isNear(*complete.starLikeness, 0));
        QVERIFY(isNear(*star.starDistance, 0) && isNear(*shapeOf(emptyGraph(n)).starDistance, 1));
        QVERIFY(isNear(*star.hubShare, 0.5) && isNear(*complete.hubShare, 1.0 / n));
        QVERIFY(!shapeOf(emptyGraph(n)).hubShare);
        QVERIFY(isNear(*star.density, 2.0 / n) && isNear(*complete.density, 1));
        for (int k = 1; k < n; ++k) {
            const GraphShape shape = shapeOf(hubGraph(n, k));
            QVERIFY(isNear(*shape.starLikeness, *shape.centralization));
            QCOMPARE(shape.hub, 0);
        }
        QCOMPARE(shapeOf(hubGraph(n, 2)).cycles(), n - 2);
        QCOMPARE(shapeOf(hubGraph(n, 2, false)).cycles(), n - 3);
    }
    BinaryGraph wheel = hubGraph(7, 1);
    for (int i = 1; i < 7; ++i)
        wheel.connect(i, i == 6 ? 1 : i + 1);
    QCOMPARE(shapeOf(wheel).cycles(), 6);
    QCOMPARE(shapeOf(cycleGraph(6)).cycles(), 1);
}

void TestGraph::spectraOfTheStar() {
    for (const int n : {4, 9, 33}) {
        SymmetricWeights star = edgesOf("SINK", n);
        for (double& value : star.values)
            value *= 2;
        std::vector<double> laplacian(static_cast<std::size_t>(n), 1.0), normalized = laplacian, adjacency(static_cast<std::size_t>(n), 0.0);
        laplacian.front() = normalized.front() = 0;
        laplacian.back() = n;
        normalized.back() = 2;
        adjacency.front() = -std::sqrt(n - 1.0);
        adjacency.back() = std::sqrt(n - 1.0);
        QVERIFY(areNear(*laplacianSpectrum(star), laplacian) && areNear(*laplacianSpectrum(hubGraph(n, 1)), laplacian));
        QVERIFY(areNear(*normalizedSpectrum(star, false), normalized));
        QVERIFY(areNear(eigenvaluesOf(star.values, n), adjacency));
    }
}

void TestGraph::structureAgreesWithTheDenseSolver() {
    for (const BinaryGraph& graph : manyGraphs()) {
        const auto spectrum = laplacianSpectrum(graph);
        const auto ends = laplacianEnds(graph);
        QVERIFY(spectrum && ends);
        QVERIFY(isNear(ends->second, (*spectrum)[1], 1e-12 * graph.nodes));
        QVERIFY(isNear(ends->largest, spectrum->back(), 1e-12 * graph.nodes));
    }
}

void TestGraph::laplacianLaws() {
    for (const BinaryGraph& graph : manyGraphs()) {
        const auto matrix = laplacianOf(graph);
        for (int i = 0; i < graph.nodes; ++i)
            QCOMPARE(std::accumulate(matrix.begin() + i * graph.nodes, matrix.begin() + (i + 1) * graph.nodes, 0.0), 0.0);
        const auto values = eigenvaluesOf(matrix, graph.nodes);
        QVERIFY(values.front() > -1e-12 * graph.nodes);
        const GraphShape shape = shapeOf(graph);
        QCOMPARE(static_cast<int>(std::ranges::count_if(values, [](double value) { return value < 1e-9; })), shape.components);
        QCOMPARE(shape.components - shape.cycles(), shape.nodes - shape.edges);
    }
    for (const bool causal : {true, false}) {
        const SymmetricWeights weights = edgesOf(randomAttention(30, causal, 1.5, 3));
        const auto matrix = laplacianOf(weights);
        for (int i = 0; i < 30; ++i)
            QVERIFY(isNear(std::accumulate(matrix.begin() + i * 30, matrix.begin() + (i + 1) * 30, 0.0), 0, 1e-14));
        QVERIFY(eigenvaluesOf(matrix, 30).front() > -1e-14);
    }
}

void TestGraph::relabellingChangesNothing() {
    std::mt19937 random(5);
    for (const unsigned seed : {1U, 2U, 3U}) {
        const int n = 20;
        std::vector<int> order(n);
        std::iota(order.begin(), order.end(), 0);
        std::ranges::shuffle(order, random);
        SymmetricWeights weights = edgesOf(randomAttention(n, false, 1.5, seed)), other = weights;
        other.values = relabelled(weights.values, n, order);
        const auto points = graphSweep(weights, kSweepThresholds, true), others = graphSweep(other, kSweepThresholds, true);
        for (std::size_t i = 0; i < points.size(); ++i) {
            const GraphShape &a = points[i].shape, &b = others[i].shape;
            QVERIFY(a.edges == b.edges && a.components == b.components && a.hubDegree == b.hubDegree);
            QVERIFY(a.centralization == b.centralization && a.starLikeness == b.starLikeness && a.starDistance == b.starDistance);
            QVERIFY(isNear(points[i].ends->second, others[i].ends->second) && isNear(points[i].ends->largest, others[i].ends->largest));
        }
        QVERIFY(areNear(*laplacianSpectrum(weights), *laplacianSpectrum(other)));
        QVERIFY(areNear(*normalizedSpectrum(weights, false), *normalizedSpectrum(other, false)));
    }
}

void TestGraph::uniformAttentionAtAThreshold() {
    for (const int tokens : {8, 32, 50}) {
        const auto points = graphSweep(edgesOf("UNIF", tokens), kSweepThresholds, true);
        for (const GraphSweepPoint& point : points) {
            // Weights are 1/(2(i+1)): the largest m with 1/(2m) above the threshold. 1e-9 undoes the rounding of 1/(2 tau) itself.
            const int m = std::min(tokens, static_cast<int>(std::ceil(1 / (2 * point.threshold) - 1e-9)) - 1);
            QCOMPARE(point.shape.edges, m * (m - 1) / 2);
            QCOMPARE(point.shape.components, tokens - m + 1);
            QVERIFY(isNear(*point.shape.centralization, (tokens - m) * (m - 1.0) / ((tokens - 1) * (tokens - 2))));
            QCOMPARE(point.ends->second, m < tokens ? 0.0 : static_cast<double>(tokens));
        }
    }
    const auto point = graphSweep(edgesOf("UNIF", 32), std::vector{0.05}, false).front();
    QVERIFY(isNear(*point.shape.centralization, 0.198, 5e-4) && !point.ends);
}

void TestGraph::sweepIsTheSameAsSingleCuts() {
    const std::vector<double> thresholds{0.3, 0.02, 0.05, 0.05, 0.0, 0.7, 0.011};
    for (const bool causal : {true, false}) {
        const SymmetricWeights weights = edgesOf(randomAttention(24, causal, 2, 9), Symmetrization::Max);
        const auto points = graphSweep(weights, thresholds, true);
        for (std::size_t i = 0; i < thresholds.size(); ++i) {
            const BinaryGraph graph = cutAtThreshold(weights, thresholds[i]);
            const GraphShape shape = shapeOf(graph);
            const GraphSweepPoint& point = points[i];
            QCOMPARE(point.threshold, thresholds[i]);
            QVERIFY(point.shape.edges == shape.edges && point.shape.components == shape.components && point.shape.hub == shape.hub);
            QVERIFY(point.shape.centralization == shape.centralization && point.shape.starDistance == shape.starDistance);
            QCOMPARE(point.ends->second, laplacianEnds(graph)->second);
            QCOMPARE(point.ends->largest, laplacianEnds(graph)->largest);
        }
    }
    QVERIFY(graphSweep(edgesOf("SINK", 5), {}, true).empty());
}

void TestGraph::sweepIsMonotone() {
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        const auto points = graphSweep(edgesOf(randomAttention(40, seed % 2 == 0, 0.5 * seed, seed)), kSweepThresholds, true);
        for (std::size_t i = 1; i < points.size(); ++i) {
            QVERIFY(points[i].shape.edges <= points[i - 1].shape.edges);
            QVERIFY(points[i].shape.components >= points[i - 1].shape.components);
            QVERIFY(points[i].ends->second <= points[i - 1].ends->second + 1e-12);
        }
    }
}

void TestGraph::percentileCuts() {
    // A sink is the star at every length, whether the percentile falls on 1/2 or on 0.
    for (const int tokens : {4, 10, 18, 19, 20, 21, 64}) {
        const GraphShape shape = shapeOf(cutAtPercentile(edgesOf("SINK", tokens), 90));
        QVERIFY(isNear(*shape.starLikeness, 1));
        QCOMPARE(shape.edges, tokens - 1);
    }
    const SymmetricWeights weights = edgesOf(randomAttention(41, true, 1, 2));
    QCOMPARE(shapeOf(cutAtPercentile(weights, 0)).edges, 41 * 40 / 2);
    QCOMPARE(shapeOf(cutAtPercentile(weights, 90)).edges, 82);
    QCOMPARE(shapeOf(cutAtPercentile(weights, 100)).edges, 1);
    QCOMPARE(edgeQuantile(weights, 1.0), *std::ranges::max_element(weights.values));
}

void TestGraph::weightedFiedlerIsStuck() {
    for (int tokens = 4; tokens <= 64; tokens += 5)
        for (const char* name : {"SINK", "UNIF", "TWO", "TWOBI"})
            QVERIFY2(isNear((*laplacianSpectrum(edgesOf(name, tokens)))[1], 0.5, 1e-7), name); // weights are float32
    for (const int tokens : {4, 16, 40}) {
        const auto uniform = *laplacianSpectrum(edgesOf("UNIF", tokens)), sink = *laplacianSpectrum(edgesOf("SINK", tokens));
        std::vector<double> expected{0.0};
        for (int k = tokens; k >= 2; --k)
            expected.push_back(0.5 + 0.5 * (harmonic(tokens) - harmonic(k)));
        QVERIFY(areNear(uniform, expected, 1e-6));
        expected.assign(static_cast<std::size_t>(tokens), 0.5);
        expected.front() = 0;
        expected.back() = tokens / 2.0;
        QVERIFY(areNear(sink, expected));
        QVERIFY(isNear(sink[1] / sink.back(), 1.0 / tokens));
    }
    QVERIFY(isNear((*laplacianSpectrum(edgesOf("PREV", 16)))[1], 0.019, 5e-4));
    QVERIFY(isNear((*laplacianSpectrum(edgesOf("ID", 16)))[1], 0));
}

void TestGraph::minimumDegreeBound() {
    for (unsigned seed = 0; seed < 200; ++seed) {
        const int tokens = 3 + static_cast<int>(seed % 30);
        const Weights weights = randomAttention(tokens, true, 0.3 * (seed % 11), seed);
        const double bound = tokens / (tokens - 1.0) * (1 - weights.at(tokens - 1, tokens - 1)) / 2;
        QVERIFY((*laplacianSpectrum(edgesOf(weights)))[1] <= bound + 1e-7);
    }
}

void TestGraph::normalizedValues() {
    const auto value = [](const char* name, int tokens, bool loops) { return *normalizedFiedler(edgesOf(name, tokens), loops); };
    for (const bool loops : {false, true}) {
        const SymmetricWeights weights = edgesOf(randomAttention(21, true, 2, 8));
        const auto spectrum = *normalizedSpectrum(weights, loops);
        QVERIFY(isNear(spectrum.front(), 0) && isNear(spectrum[1], *normalizedFiedler(weights, loops)) && spectrum.back() <= 2);
    }
    QVERIFY(isNear(value("SINK", 16, false), 1) && isNear(value("ID", 16, false), 1) && isNear(value("TWO", 16, false), 1));
    QVERIFY(isNear(value("TWOBI", 16, false), 1));
    QVERIFY(isNear(value("UNIF", 16, false), 0.841, 5e-4) && isNear(value("UNIF", 40, false), 0.738, 5e-4));
    QVERIFY(isNear(value("PREV", 16, false), 0.022, 5e-4));
    QVERIFY(isNear(value("UNIF", 16, true), 0.584, 5e-4) && isNear(value("ID", 16, true), 0));
}

void TestGraph::principalVector() {
    for (const int n : {3, 8, 40}) {
        const auto star = leadingMode(edgesOf("SINK", n));
        QVERIFY(isNear(star->value, std::sqrt(n - 1.0) / 2) && star->value > star->next);
        QVERIFY(isNear(star->vector[0] * star->vector[0], 0.5));
        for (int leaf = 1; leaf < n; ++leaf)
            QVERIFY(isNear(star->vector[static_cast<std::size_t>(leaf)] * star->vector[static_cast<std::size_t>(leaf)], 0.5 / (n - 1)));
    }
    const SymmetricWeights weights = edgesOf(randomAttention(33, false, 1.5, 4));
    const auto mode = leadingMode(weights);
    const auto all = symmetricModes(weights.values, 33);
    QVERIFY(isNear(mode->value, all->values.back()) && isNear(mode->next, all->values[31]));
    double residual = 0, alignment = 0;
    for (int i = 0; i < 33; ++i) {
        double image = 0;
        for (int j = 0; j < 33; ++j)
            image += weights.at(i, j) * mode->vector[static_cast<std::size_t>(j)];
        residual = std::max(residual, std::abs(image - mode->value * mode->vector[static_cast<std::size_t>(i)]));
        alignment += mode->vector[static_cast<std::size_t>(i)] * all->vectors[static_cast<std::size_t>(32 * 33 + i)];
    }
    QVERIFY(residual < 1e-12 && isNear(std::abs(alignment), 1));
    QVERIFY(!leadingMode(edgesOf("ID", 9)));
    const auto path = leadingMode(edgesOf("PREV", 300)); // neighbours in the spectrum are close: 1e-4 of the value
    QVERIFY(isNear(path->value, std::cos(std::numbers::pi / 301)));
    for (int i = 0; i < 300; ++i)
        QVERIFY(isNear(path->vector[static_cast<std::size_t>(i)], std::sqrt(2.0 / 301) * std::sin(std::numbers::pi * (i + 1) / 301), 1e-8));
}

void TestGraph::digraphs() {
    for (const int n : {3, 6, 10})
        for (const float w : {0.2F, 0.5F}) {
            Weights complete = emptyWeights(n, false);
            for (int i = 0; i < n; ++i)
                for (int j = 0; j < n; ++j)
                    complete.at(i, j) = i == j ? 0.0F : w;
            const auto shape = *digraphShape(complete.values, n, 0.5);
            QCOMPARE(shape.weak, w >= 0.5F ? 1 : n);
            QCOMPARE(shape.strong, w >= 0.5F ? 1 : n);
            QCOMPARE(shape.undirectedCycles(), w >= 0.5F ? (n - 1) * (n - 2) / 2 : 0);
            QCOMPARE(shape.edges, w >= 0.5F ? n * (n - 1) : 0);
            if (w >= 0.5F)
                QCOMPARE(shape.cycles, n == 3 ? 5 : n == 6 ? 409 : kCycleCap);
        }
    const auto sink = *digraphShape(pattern("SINK", 7).values, 7, 0.5);
    QVERIFY(sink.strong == 7 && sink.weak == 1 && sink.edges == 7 && sink.loops == 1 && sink.cycles == 1 && sink.undirectedCycles() == 0);
    QCOMPARE(sink.meanDegree(), 2.0);
    Weights ring = emptyWeights(5, false);
    for (int i = 0; i < 5; ++i)
        ring.at(i, (i + 1) % 5) = 1;
    const auto cycle = *digraphShape(ring.values, 5, 0.75);
    QVERIFY(cycle.strong == 1 && cycle.cycles == 1 && cycle.undirectedCycles() == 1);
    const auto identity = *digraphShape(pattern("IDBI", 5).values, 5, 0.75);
    QVERIFY(identity.loops == 5 && identity.cycles == 5 && identity.weak == 5 && identity.undirectedCycles() == 0);
}

void TestGraph::cyclesAgreeWithEnumeration() {
    for (unsigned seed = 0; seed < 40; ++seed) {
        const int n = 6;
        std::mt19937 random(seed);
        std::bernoulli_distribution edge(0.15 + 0.02 * (seed % 20));
        std::vector<float> matrix(n * n);
        for (float& value : matrix)
            value = edge(random) ? 1.0F : 0.0F;
        // Every cycle once: ordered choices of distinct nodes that begin with their lowest.
        int cycles = 0;
        const std::function<void(std::vector<int>&)> extend = [&](std::vector<int>& walk) {
            cycles += matrix[static_cast<std::size_t>(walk.back() * n + walk.front())] > 0 ? 1 : 0;
            for (int next = walk.front() + 1; next < n; ++next)
                if (matrix[static_cast<std::size_t>(walk.back() * n + next)] > 0 && std::ranges::find(walk, next) == walk.end()) {
                    walk.push_back(next);
                    extend(walk);
                    walk.pop_back();
                }
        };
        for (int start = 0; start < n; ++start) {
            std::vector<int> walk{start};
            extend(walk);
        }
        QCOMPARE(digraphShape(matrix, n, 0.5, 100000)->cycles, cycles);
        QCOMPARE(digraphShape(matrix, n, 0.5, 7)->cycles, std::min(cycles, 7));
    }
}

void TestGraph::templates() {
    for (const int n : {1, 2, 3, 16, 64}) {
        QCOMPARE(templateDistances(pattern("ID", n).values, n, true)->self, 0.0);
        QCOMPARE(templateDistances(pattern("SINK", n).values, n, true)->beginning, 0.0);
        QCOMPARE(templateDistances(pattern("PREV", n).values, n, true)->previous, 0.0);
        QVERIFY(isNear(templateDistances(pattern("SINK", n).values, n, true)->self, std::sqrt(1 - 1.0 / n)));
        QVERIFY(!templateDistances(pattern("ID", n).values, n, true)->next);
        Weights next = emptyWeights(n, false);
        for (int i = 0; i < n; ++i)
            next.at(i, std::min(i + 1, n - 1)) = 1;
        QCOMPARE(*templateDistances(next.values, n, false)->next, 0.0);
        if (n > 2) {
            Weights second = emptyWeights(n, false); // supports that do not meet
            for (int i = 0; i < n; ++i)
                second.at(i, i == 1 ? 2 : 1) = 1;
            QCOMPARE(templateDistances(second.values, n, false)->beginning, 1.0);
            QCOMPARE(templateDistances(second.values, n, false)->self, 1.0);
        }
        const Weights noisy = randomAttention(n, true, 1, 3);
        QCOMPARE(*keyTemplateDistance(noisy.values, n, true, std::vector{0}), templateDistances(noisy.values, n, true)->beginning);
        QCOMPARE(*keyTemplateDistance(pattern("SINK", n).values, n, true, std::vector{0}), 0.0);
        if (n > 2) { // what nobody looks at shares nothing; a diagonal has one weight in each column of n - key ones
            QCOMPARE(*keyTemplateDistance(pattern("SINK", n).values, n, true, std::vector{1, 2}), 1.0);
            QVERIFY(isNear(*keyTemplateDistance(pattern("ID", n).values, n, true, std::vector{2}), std::sqrt(1 - 2.0 / (n + n - 2))));
            QVERIFY(isNear(*keyTemplateDistance(pattern("ID", n).values, n, false, std::vector{2}), std::sqrt(1 - 1.0 / n)));
        }
        QVERIFY_ERROR(keyTemplateDistance(noisy.values, n, true, {}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(keyTemplateDistance(noisy.values, n, true, std::vector{n}), ErrorCode::InvalidArgument);
    }
}

void TestGraph::lapEigvals() {
    QVERIFY(areNear(*lapEigenvalues(std::vector{1.0F, 0.0F, 0.5F, 0.5F}, 2, true), {0, -0.25}));
    QVERIFY(areNear(*lapEigenvalues(pattern("SINK", 12).values, 12, true), std::vector<double>(12, 0.0)));
    QVERIFY(areNear(*lapEigenvalues(pattern("UNIF", 4).values, 4, true), {0, -1.0 / 24, -5.0 / 36, -23.0 / 48}, 1e-7));
    QCOMPARE(*attentionScore(pattern("ID", 6).values, 6), 0.0);
    QVERIFY(isNear(*attentionScore(pattern("UNIFBI", 8).values, 8), -std::log(8)));
    QVERIFY(isNear(*attentionScore(pattern("SINK", 4).values, 4), 0.75 * std::log(1e-12)));
}

void TestGraph::signalsOnGraphs() {
    const int n = 12, width = 3;
    const SymmetricWeights weights = edgesOf(randomAttention(n, true, 1, 6));
    const std::vector<float> constant(n * width, 2.5F);
    for (const auto kind : {SignalLaplacian::None, SignalLaplacian::RandomWalk}) {
        const auto signal = graphSignal(weights, constant, kind);
        QVERIFY(isNear(signal->energy, 0, 1e-12) && isNear(signal->highTenth, 0) && isNear(signal->highHalf, 0) && isNear(signal->entropy, 0, 1e-10));
        QVERIFY(signal->connected && isNear(signal->smoothness, 0, 1e-14));
    }
    QVERIFY(graphSignal(weights, constant, SignalLaplacian::Symmetric)->energy > 1e-3);
    const auto modes = *symmetricModes(laplacianOf(weights), n);
    std::vector<float> top;
    for (int i = 0; i < n; ++i)
        top.push_back(static_cast<float>(modes.vectors[static_cast<std::size_t>((n - 1) * n + i)]));
    const auto highest = graphSignal(weights, top, SignalLaplacian::None);
    QVERIFY(isNear(highest->smoothness, modes.values.back(), 1e-7) && isNear(highest->highTenth, 1, 1e-7) && isNear(highest->relativeSmoothness, 1, 1e-7));
    QVERIFY(isNear(highest->largest, modes.values.back()) && isNear(highest->fiedler, modes.values[1]));
    // The energy is the sum over edges of weight times squared difference.
    std::vector<float> signal;
    for (int i = 0; i < n * width; ++i)
        signal.push_back(static_cast<float>(std::sin(3.7 * i)));
    double energy = 0;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < i; ++j)
            for (int c = 0; c < width; ++c)
                energy += weights.at(i, j) * std::pow(double{signal[static_cast<std::size_t>(i * width + c)]} - signal[static_cast<std::size_t>(j * width + c)], 2);
    QVERIFY(isNear(graphSignal(weights, signal, SignalLaplacian::None)->energy, energy));
    QVERIFY(isNear(graphSignal(weights, signal, SignalLaplacian::RandomWalk)->energy, energy));
    // Unconnected tokens: a mode each, no frequency anywhere.
    const auto apart = graphSignal(edgesOf("ID", n), signal, SignalLaplacian::None);
    QVERIFY(!apart->connected && apart->energy == 0 && apart->relativeSmoothness == 0);
}

void TestGraph::shortAndBrokenInputs() {
    for (const int n : {0, 1, 2}) {
        const std::vector<float> identity = n == 0 ? std::vector<float>() : pattern("ID", n).values;
        const SymmetricWeights weights = *symmetrized(identity, n, Symmetrization::Mean);
        const GraphShape shape = shapeOf(cutAtThreshold(weights, 0.05));
        QVERIFY(!shape.centralization && !shape.starLikeness && !shape.starDistance && !shape.hubShare);
        QCOMPARE(shape.density.has_value(), n == 2);
        QCOMPARE(laplacianEnds(emptyGraph(n)).has_value(), n == 2);
        QCOMPARE(laplacianSpectrum(weights)->size(), static_cast<std::size_t>(n));
        QVERIFY(n == 2 || !leadingMode(weights));
        QVERIFY(n == 2 || !graphSignal(weights, std::vector<float>(static_cast<std::size_t>(n), 1.0F), SignalLaplacian::Symmetric));
        QCOMPARE(graphSweep(weights, kSweepThresholds, true).size(), kSweepThresholds.size());
    }
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    for (const float wrong : {nan, infinity, -infinity}) {
        std::vector<float> matrix = pattern("UNIF", 5).values;
        matrix[11] = wrong;
        QVERIFY_ERROR(symmetrized(matrix, 5, Symmetrization::Mean), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(meanOfHeads(std::vector<std::span<const float>>{matrix}, 5), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(digraphShape(matrix, 5, 0.1), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(templateDistances(matrix, 5, true), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(lapEigenvalues(matrix, 5, true), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(attentionScore(matrix, 5), ErrorCode::InvalidArgument);
        QVERIFY(!symmetricModes(std::vector<double>(matrix.begin(), matrix.end()), 5));
        QVERIFY(!graphSignal(edgesOf("UNIF", 5), std::vector{1.0F, wrong, 1.0F, 1.0F, 1.0F}, SignalLaplacian::None));
    }
    const std::vector<float> short4(4, 0.25F);
    QVERIFY_ERROR(symmetrized(short4, 3, Symmetrization::Mean), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(meanOfHeads({}, 3), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(symmetrized(std::vector{0.0F, -0.1F, 0.0F, 0.0F}, 2, Symmetrization::Mean), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(digraphShape({}, 0, 0.1), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(templateDistances({}, 0, true), ErrorCode::InvalidArgument);
    QVERIFY(!graphSignal(edgesOf("UNIF", 5), std::vector<float>(5, 0.0F), SignalLaplacian::None));
}

QTEST_GUILESS_MAIN(TestGraph)
#include "tst_graph.moc"
