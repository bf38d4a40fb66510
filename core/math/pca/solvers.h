// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/pca/moments.h"
#include "core/math/pca/principal_components.h"

/// The three ways to the same components. `basis` comes with rows, width, components and centred; the rest is filled in.
namespace sinkscope::pca {

/// Everything in memory and in double precision: for small matrices, and for those with fewer rows than columns.
Result<void> solveDirectly(MatrixSource& source, PrincipalComponents& basis, const JobContext& context);
/// One pass for the covariance matrix, then its leading eigenvectors.
Result<void> solveByCovariance(MatrixSource& source, PrincipalComponents& basis, ThreadTeam& team, const JobContext& context);
/// One pass for the mean, then one per step of the subspace iteration.
Result<void> solveRandomized(MatrixSource& source, PrincipalComponents& basis, std::uint64_t seed, ThreadTeam& team, const JobContext& context);

} // namespace sinkscope::pca
