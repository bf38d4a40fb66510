// SPDX-License-Identifier: Apache-2.0
// Graph features of many heads, read from a file that compare_graph.py writes: int32 heads, int32 tokens, then float32 [heads, tokens,
// tokens]. Prints one line of JSON: seconds of each group of features in one thread, and sums that the script checks against its own.
#include "core/math/graph/graph_sweep.h"
#include "core/math/graph/lap_eigenvalues.h"
#include "core/math/graph/template_distance.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>

using namespace sinkscope;

namespace {

struct Heads {
    std::int32_t count = 0, tokens = 0;
    std::vector<float> weights;
    [[nodiscard]] std::span<const float> head(int index) const {
        const auto size = static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tokens);
        return std::span(weights).subspan(static_cast<std::size_t>(index) * size, size);
    }
};

Heads readHeads(const char* path) {
    Heads heads;
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(&heads.count), 4);
    file.read(reinterpret_cast<char*>(&heads.tokens), 4);
    heads.weights.resize(static_cast<std::size_t>(heads.count) * static_cast<std::size_t>(heads.tokens) * static_cast<std::size_t>(heads.tokens));
    file.read(reinterpret_cast<char*>(heads.weights.data()), static_cast<std::streamsize>(heads.weights.size() * sizeof(float)));
    if (!file)
        heads.count = 0;
    return heads;
}

SymmetricWeights edgesOf(const Heads& heads, int head) { return *symmetrized(heads.head(head), heads.tokens, Symmetrization::Mean); }

double sumOf(const GraphShape& shape) {
    return *shape.centralization + *shape.starLikeness + *shape.starDistance + *shape.density + shape.components + shape.cycles() +
           shape.hubShare.value_or(0);
}

double cutOf(const Heads& heads, int head) {
    const BinaryGraph graph = cutAtThreshold(edgesOf(heads, head), 0.05);
    const auto ends = laplacianEnds(graph);
    return sumOf(shapeOf(graph)) + ends->second + ends->largest;
}

double sweepOf(const Heads& heads, int head) {
    double sum = 0;
    for (const GraphSweepPoint& point : graphSweep(edgesOf(heads, head), kSweepThresholds, true))
        sum += sumOf(point.shape) + point.ends->second + point.ends->largest;
    return sum;
}

double weightedOf(const Heads& heads, int head) {
    const SymmetricWeights weights = edgesOf(heads, head);
    const auto spectrum = laplacianSpectrum(weights);
    const auto mode = leadingMode(weights);
    return (*spectrum)[1] + spectrum->back() + *normalizedFiedler(weights, false) +
           std::abs(*std::ranges::max_element(mode->vector, {}, [](double x) { return std::abs(x); }));
}

double templatesOf(const Heads& heads, int head) {
    const auto distances = templateDistances(heads.head(head), heads.tokens, true);
    return distances->self + distances->beginning + distances->previous + lapEigenvalues(heads.head(head), heads.tokens, true)->front() +
           *attentionScore(heads.head(head), heads.tokens);
}

} // namespace

int main(int count, char** arguments) {
    const Heads heads = count > 1 ? readHeads(arguments[1]) : Heads();
    if (heads.count == 0) {
        std::fprintf(stderr, "bench_graph FILE   (from compare_graph.py)\n");
        return 2;
    }
    const std::pair<const char*, double (*)(const Heads&, int)> groups[] = {
        {"cut", cutOf}, {"sweep", sweepOf}, {"weighted", weightedOf}, {"templates", templatesOf}};
    std::printf("{");
    for (const auto& [name, feature] : groups) {
        double sum = 0;
        const auto start = std::chrono::steady_clock::now();
        for (int head = 0; head < heads.count; ++head)
            sum += feature(heads, head);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::printf("%s\"%s\": [%.9f, %.9f]", name == groups[0].first ? "" : ", ", name, seconds, sum);
    }
    std::printf("}\n");
    return 0;
}
