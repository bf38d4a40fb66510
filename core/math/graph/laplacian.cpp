// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/laplacian.h"

#include "core/math/graph/disjoint_sets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope {
namespace {

template <typename Weight> std::vector<double> laplacian(int nodes, Weight weight) {
    const auto n = static_cast<std::size_t>(nodes);
    std::vector<double> matrix(n * n);
    for (int i = 0; i < nodes; ++i) {
        double degree = 0;
        double* row = &matrix[static_cast<std::size_t>(i) * n];
        for (int j = 0; j < nodes; ++j) {
            const double w = i == j ? 0.0 : weight(i, j);
            degree += w;
            row[j] = -w;
        }
        row[i] = degree;
    }
    return matrix;
}

std::optional<std::vector<double>> nonNegative(std::optional<std::vector<double>> values) {
    if (values)
        for (double& value : *values)
            value = std::max(value, 0.0);
    return values;
}

using Nodes = std::vector<int>;

/// The parts an induced subgraph falls into, largest first.
std::vector<Nodes> partsOf(const BinaryGraph& graph, const Nodes& nodes) {
    const int count = static_cast<int>(nodes.size());
    DisjointSets sets(count);
    for (int i = 1; i < count && sets.sets() > 1; ++i)
        for (int j = 0; j < i; ++j)
            if (graph.hasEdge(nodes[static_cast<std::size_t>(i)], nodes[static_cast<std::size_t>(j)]))
                sets.join(i, j);
    std::vector<Nodes> parts(nodes.size());
    for (int i = 0; i < count; ++i)
        parts[static_cast<std::size_t>(sets.find(i))].push_back(nodes[static_cast<std::size_t>(i)]);
    std::erase_if(parts, [](const Nodes& part) { return part.empty(); });
    std::ranges::stable_sort(parts, [](const Nodes& a, const Nodes& b) { return a.size() > b.size(); });
    return parts;
}

std::optional<LaplacianEnds> denseEnds(const BinaryGraph& graph, const Nodes& nodes) {
    const auto values = symmetricEigenvalues(laplacian(static_cast<int>(nodes.size()), [&](int i, int j) {
        return graph.hasEdge(nodes[static_cast<std::size_t>(i)], nodes[static_cast<std::size_t>(j)]) ? 1.0 : 0.0;
    }), static_cast<int>(nodes.size()));
    if (!values)
        return std::nullopt;
    return LaplacianEnds{std::max((*values)[1], 0.0), values->back()};
}

std::optional<LaplacianEnds> endsOf(const BinaryGraph& graph, const Nodes& nodes);

/// Of a connected subgraph of at least two nodes.
std::optional<LaplacianEnds> connectedEnds(const BinaryGraph& graph, const Nodes& nodes) {
    Nodes rest;
    for (const int node : nodes) {
        const auto degree = std::ranges::count_if(nodes, [&](int other) { return graph.hasEdge(node, other); });
        if (static_cast<std::size_t>(degree) + 1 < nodes.size())
            rest.push_back(node);
    }
    const auto size = static_cast<double>(nodes.size());
    if (rest.empty())
        return LaplacianEnds{size, size};
    if (rest.size() == nodes.size())
        return denseEnds(graph, nodes);
    // k nodes joined to all: eigenvalues are 0, n (k times) and k + those of the rest but its first. At least two are in the rest.
    const auto inner = endsOf(graph, rest);
    if (!inner)
        return std::nullopt;
    return LaplacianEnds{size - static_cast<double>(rest.size()) + inner->second, size};
}

std::optional<LaplacianEnds> endsOf(const BinaryGraph& graph, const Nodes& nodes) {
    const std::vector<Nodes> parts = partsOf(graph, nodes);
    if (parts.size() == 1)
        return connectedEnds(graph, nodes);
    LaplacianEnds ends;
    for (const Nodes& part : parts) {
        if (part.size() < 2 || ends.largest >= static_cast<double>(part.size()))
            break; // the eigenvalues of a part do not exceed its size
        const auto inner = connectedEnds(graph, part);
        if (!inner)
            return std::nullopt;
        ends.largest = std::max(ends.largest, inner->largest);
    }
    return ends;
}

} // namespace

std::vector<double> laplacianOf(const SymmetricWeights& weights) {
    return laplacian(weights.nodes, [&](int i, int j) { return weights.at(i, j); });
}

std::vector<double> laplacianOf(const BinaryGraph& graph) {
    return laplacian(graph.nodes, [&](int i, int j) { return graph.hasEdge(i, j) ? 1.0 : 0.0; });
}

std::vector<double> normalizedAdjacency(const SymmetricWeights& weights, bool loops) {
    const auto n = static_cast<std::size_t>(weights.nodes);
    std::vector<double> matrix = weights.values, scale(n);
    for (std::size_t i = 0; i < n; ++i) {
        if (loops)
            matrix[i * n + i] = weights.loops[i];
        const double degree = std::accumulate(&matrix[i * n], &matrix[i * n] + n, 0.0);
        scale[i] = degree > 0 ? 1 / std::sqrt(degree) : 0.0;
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            matrix[i * n + j] *= scale[i] * scale[j];
    return matrix;
}

std::optional<std::vector<double>> laplacianSpectrum(const SymmetricWeights& weights) {
    return nonNegative(symmetricEigenvalues(laplacianOf(weights), weights.nodes));
}

std::optional<std::vector<double>> laplacianSpectrum(const BinaryGraph& graph) {
    return nonNegative(symmetricEigenvalues(laplacianOf(graph), graph.nodes));
}

std::optional<std::vector<double>> normalizedSpectrum(const SymmetricWeights& weights, bool loops) {
    auto values = symmetricEigenvalues(normalizedAdjacency(weights, loops), weights.nodes);
    if (!values)
        return std::nullopt;
    std::ranges::reverse(*values);
    for (double& value : *values)
        value = std::clamp(1 - value, 0.0, 2.0);
    return values;
}

std::optional<LaplacianEnds> laplacianEnds(const BinaryGraph& graph) {
    if (graph.nodes < 2)
        return std::nullopt;
    Nodes all(static_cast<std::size_t>(graph.nodes));
    std::iota(all.begin(), all.end(), 0);
    return endsOf(graph, all);
}

} // namespace sinkscope
