// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/graph/binary_graph.h"

#include <optional>
#include <vector>

namespace sinkscope {

/// D - W, [nodes, nodes]; a loop does not change it. Thread: any, like all that follows.
std::vector<double> laplacianOf(const SymmetricWeights& weights);
std::vector<double> laplacianOf(const BinaryGraph& graph);
/// D^-1/2 W D^-1/2, whose eigenvalues are 1 minus those of the normalised Laplacian. With loops, they count in W and in D. Rows of nodes
/// without edges are 0.
std::vector<double> normalizedAdjacency(const SymmetricWeights& weights, bool loops);

/// All eigenvalues in ascending order; never below 0. Nothing when the iteration did not converge.
std::optional<std::vector<double>> laplacianSpectrum(const SymmetricWeights& weights);
std::optional<std::vector<double>> laplacianSpectrum(const BinaryGraph& graph);
/// Of I - D^-1/2 W D^-1/2, in [0, 2]. A node without any edge counts as an eigenvalue of 1.
std::optional<std::vector<double>> normalizedSpectrum(const SymmetricWeights& weights, bool loops);

/// The second of `normalizedSpectrum` alone, cheaper. Nothing below two nodes.
std::optional<double> normalizedFiedler(const SymmetricWeights& weights, bool loops);

struct LeadingMode {
    double value = 0, next = 0; ///< the two largest eigenvalues
    std::vector<double> vector; ///< unit vector of the largest; its sum is at least 0. Any one of their space when both are equal
};
/// Of W without loops. Nothing below two nodes and without any edge.
std::optional<LeadingMode> leadingMode(const SymmetricWeights& weights);

struct LaplacianEnds {
    double second = 0;  ///< Fiedler value, algebraic connectivity: 0 exactly when the graph falls apart
    double largest = 0;
};
/// The same numbers as the second and last of `laplacianSpectrum`, without a dense solver where structure gives them: a graph in pieces has
/// second 0; a node with an edge to all others makes largest n exactly and lowers the rest by a known amount (cones, Fiedler 1973).
/// Nothing below two nodes, or when the iteration did not converge.
std::optional<LaplacianEnds> laplacianEnds(const BinaryGraph& graph);

} // namespace sinkscope
