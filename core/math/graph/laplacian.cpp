// SPDX-License-Identifier: Apache-2.0
#include "core/math/graph/laplacian.h"

#include "core/math/spectral/tridiagonal.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

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

/// Nothing when an entry is not finite.
std::optional<TridiagonalForm> formOf(std::vector<double> matrix, int size) {
    auto form = tridiagonalForm(std::move(matrix), static_cast<std::size_t>(size));
    SINKSCOPE_ASSERT(form.has_value()); // only cancelling fails
    return std::move(*form);
}

std::optional<std::vector<double>> valuesOf(std::vector<double> matrix, int size) {
    const auto form = formOf(std::move(matrix), size);
    return form ? allEigenvalues(*form) : std::nullopt;
}

std::optional<std::vector<double>> nonNegative(std::optional<std::vector<double>> values) {
    if (values)
        for (double& value : *values)
            value = std::max(value, 0.0);
    return values;
}

int countOf(const NodeSet& nodes) {
    int count = 0;
    for (const std::uint64_t word : nodes)
        count += std::popcount(word);
    return count;
}

std::vector<int> listOf(const NodeSet& nodes) {
    std::vector<int> list;
    for (std::size_t word = 0; word < nodes.size(); ++word)
        for (std::uint64_t rest = nodes[word]; rest != 0; rest &= rest - 1)
            list.push_back(static_cast<int>(word) * 64 + std::countr_zero(rest));
    return list;
}

std::optional<LaplacianEnds> denseEnds(const BinaryGraph& graph, const NodeSet& nodes) {
    const std::vector<int> list = listOf(nodes);
    const int size = static_cast<int>(list.size());
    std::vector<std::size_t> place(static_cast<std::size_t>(graph.nodes)); // of a node in the list
    for (std::size_t i = 0; i < list.size(); ++i)
        place[static_cast<std::size_t>(list[i])] = i;
    std::vector<double> matrix(list.size() * list.size(), 0.0);
    for (std::size_t i = 0; i < list.size(); ++i) {
        double* row = &matrix[i * list.size()];
        const auto edges = graph.row(list[i]);
        for (std::size_t word = 0; word < edges.size(); ++word)
            for (std::uint64_t rest = edges[word] & nodes[word]; rest != 0; rest &= rest - 1) {
                row[place[word * 64 + static_cast<std::size_t>(std::countr_zero(rest))]] = -1;
                ++row[i];
            }
    }
    const auto form = formOf(std::move(matrix), size);
    if (!form)
        return std::nullopt;
    const auto [second, largest] = eigenvaluesAt(*form, 1, list.size() - 1);
    return LaplacianEnds{std::max(second, 0.0), largest};
}

std::optional<LaplacianEnds> endsOf(const BinaryGraph& graph, const NodeSet& nodes);

/// Of a connected subgraph of at least two nodes.
std::optional<LaplacianEnds> connectedEnds(const BinaryGraph& graph, const NodeSet& nodes) {
    const int size = countOf(nodes);
    NodeSet rest = nodes; // those that are not joined to all
    for (const int node : listOf(nodes)) {
        int degree = 0;
        const auto row = graph.row(node);
        for (std::size_t word = 0; word < row.size(); ++word)
            degree += std::popcount(row[word] & nodes[word]);
        if (degree + 1 == size)
            rest[static_cast<std::size_t>(node / 64)] &= ~(std::uint64_t{1} << (node % 64));
    }
    const int others = countOf(rest);
    if (others == 0)
        return LaplacianEnds{static_cast<double>(size), static_cast<double>(size)};
    if (others == size)
        return denseEnds(graph, nodes);
    // k nodes joined to all: eigenvalues are 0, n (k times) and k + those of the rest but its first. At least two are in the rest.
    const auto inner = endsOf(graph, rest);
    if (!inner)
        return std::nullopt;
    return LaplacianEnds{size - others + inner->second, static_cast<double>(size)};
}

std::optional<LaplacianEnds> endsOf(const BinaryGraph& graph, const NodeSet& nodes) {
    std::vector<NodeSet> pieces = piecesOf(graph, nodes);
    if (pieces.size() == 1)
        return connectedEnds(graph, nodes);
    std::ranges::stable_sort(pieces, std::greater(), countOf);
    LaplacianEnds ends;
    for (const NodeSet& piece : pieces) {
        const int size = countOf(piece);
        if (size < 2 || ends.largest >= size)
            break; // the eigenvalues of a piece do not exceed its size
        const auto inner = connectedEnds(graph, piece);
        if (!inner)
            return std::nullopt;
        ends.largest = std::max(ends.largest, inner->largest);
    }
    return ends;
}

} // namespace

std::vector<double> laplacianOf(const SymmetricWeights& weights) {
    const auto n = static_cast<std::size_t>(weights.nodes);
    std::vector<double> matrix(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        const double* from = &weights.values[i * n]; // 0 on the diagonal
        double* row = &matrix[i * n];
        double degree = 0;
#pragma omp simd reduction(+ : degree)
        for (std::size_t j = 0; j < n; ++j) {
            degree += from[j];
            row[j] = -from[j];
        }
        row[i] = degree;
    }
    return matrix;
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
        const double* row = &matrix[i * n];
        double degree = 0;
#pragma omp simd reduction(+ : degree)
        for (std::size_t j = 0; j < n; ++j)
            degree += row[j];
        scale[i] = degree > 0 ? 1 / std::sqrt(degree) : 0.0;
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            matrix[i * n + j] *= scale[i] * scale[j];
    return matrix;
}

std::optional<std::vector<double>> laplacianSpectrum(const SymmetricWeights& weights) {
    return nonNegative(valuesOf(laplacianOf(weights), weights.nodes));
}

std::optional<std::vector<double>> laplacianSpectrum(const BinaryGraph& graph) {
    return nonNegative(valuesOf(laplacianOf(graph), graph.nodes));
}

std::optional<std::vector<double>> normalizedSpectrum(const SymmetricWeights& weights, bool loops) {
    auto values = valuesOf(normalizedAdjacency(weights, loops), weights.nodes);
    if (!values)
        return std::nullopt;
    std::ranges::reverse(*values);
    for (double& value : *values)
        value = std::clamp(1 - value, 0.0, 2.0);
    return values;
}

std::optional<double> normalizedFiedler(const SymmetricWeights& weights, bool loops) {
    if (weights.nodes < 2)
        return std::nullopt;
    const auto form = formOf(normalizedAdjacency(weights, loops), weights.nodes);
    return form ? std::optional(std::clamp(1 - eigenvalueAt(*form, form->size() - 2), 0.0, 2.0)) : std::nullopt;
}

std::optional<LeadingMode> leadingMode(const SymmetricWeights& weights) {
    if (weights.nodes < 2 || std::ranges::all_of(weights.values, [](double value) { return value == 0; }))
        return std::nullopt;
    const auto form = formOf(weights.values, weights.nodes);
    if (!form)
        return std::nullopt;
    const auto [value, next] = eigenvaluesAt(*form, form->size() - 1, form->size() - 2);
    auto vector = leadingVector(*form, value);
    if (!vector)
        return std::nullopt;
    return LeadingMode{value, next, std::move(*vector)};
}

std::optional<LaplacianEnds> laplacianEnds(const BinaryGraph& graph) {
    if (graph.nodes < 2)
        return std::nullopt;
    return endsOf(graph, allNodes(graph));
}

} // namespace sinkscope
