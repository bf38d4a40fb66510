// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/graph/laplacian.h"

#include <span>

namespace sinkscope {

/// None: D - W. Symmetric: I - D^-1/2 W D^-1/2. RandomWalk: I - D^-1 W in the inner product weighted by D, in which it is symmetric: the same
/// eigenvalues as Symmetric, read for the signal D^1/2 X, so that a constant signal has energy 0, as for None.
enum class SignalLaplacian { None, RandomWalk, Symmetric };

/// A signal on a graph, as graph signal processing sees it (Noel's measures, from their description). U are the modes of the Laplacian with
/// values v_0 <= v_1 .. and p_m the energy of the signal in mode m over that in all modes.
struct GraphSignal {
    double energy = 0;             ///< Dirichlet energy Tr(X' L X)
    double smoothness = 0;         ///< energy / Tr(X' X): low when neighbours are alike
    double relativeSmoothness = 0; ///< energy / (v_max Tr(X' X)), 0 to 1; 0 for a graph without edges
    double entropy = 0;            ///< -sum p log p, nats
    double highTenth = 0;          ///< sum of p over the top 10 % of the modes, rounded up
    double highHalf = 0;           ///< sum of p over modes T/2 and above
    double fiedler = 0;            ///< v_1
    double largest = 0;            ///< v_max
    bool connected = false;        ///< exactly one v is below 1e-6
};

/// `signal` [nodes, width] row-major. Nothing for fewer than two nodes, a signal of zeros, entries that are not finite, or without
/// convergence. About 10 nodes^3 + 2 nodes^2 width steps. Thread: any.
std::optional<GraphSignal> graphSignal(const SymmetricWeights& weights, std::span<const float> signal, SignalLaplacian kind);

} // namespace sinkscope
