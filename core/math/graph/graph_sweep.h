// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/graph/laplacian.h"

#include <array>
#include <span>
#include <vector>

namespace sinkscope {

/// Thresholds of the one public reimplementation of the paper whose choices are known.
inline constexpr std::array<double, 7> kSweepThresholds{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2};

struct GraphSweepPoint {
    double threshold = 0;
    GraphShape shape;
    std::optional<LaplacianEnds> ends; ///< absent when not asked for, below two nodes, or without convergence
};

/// The graphs of one head over many thresholds, in the order given: the same numbers as cutting at each, but edges are sorted once, by the
/// first threshold that they exceed, and added from the highest down, so that a slider costs little more than one cut. `spectrum`: also the
/// ends of the Laplacian, which may need an eigenvalue problem per threshold whose graph differs from the one before. Thread: any; for 64
/// tokens and seven thresholds about 0.02 ms, with spectrum 0.5 ms.
std::vector<GraphSweepPoint> graphSweep(const SymmetricWeights& weights, std::span<const double> thresholds, bool spectrum);

} // namespace sinkscope
