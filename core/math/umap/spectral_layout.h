// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/umap/fuzzy_graph.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sinkscope {

/// Eigenvectors 1..dimensions of the normalized Laplacian I - D^-1/2 W D^-1/2 (the constant one is left out), [points, dimensions].
/// Dense below a few hundred points, Lanczos (Spectra) above. Nothing when the graph is disconnected, too small, or the iteration does
/// not converge: the caller then starts from a PCA. The sign of every vector is fixed: its largest entry is positive.
Result<std::optional<std::vector<double>>> spectralLayout(const FuzzyGraph& graph, int dimensions, ThreadTeam& team, const JobContext& context);

/// A layout scaled for the optimization: largest magnitude 10, a little seeded noise so that no two points coincide, and then every
/// axis stretched to [0, 10], as the reference implementation does.
std::vector<float> scaledLayout(std::vector<double> layout, int points, int dimensions, std::uint64_t seed);

} // namespace sinkscope
