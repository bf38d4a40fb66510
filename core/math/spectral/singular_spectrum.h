// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <span>
#include <vector>

namespace sinkscope {

/// Squared singular values of a matrix [rows, columns], falling, min(rows, columns) of them, never negative: the eigenvalues of the Gram
/// matrix of the smaller side, in double precision. Products of floats are exact in double, so squares below about 1e-14 of the largest
/// are rounding; singular values are good to 1e-7 of the largest, which is what float32 entries hold anyway. All NaN when an entry is
/// not finite. Errors: Cancelled. Thread: any.
Result<std::vector<double>> squaredSingularValues(std::span<const float> data, std::size_t rows, std::size_t columns,
                                                  const JobContext& context = {});

/// The functions below read squared singular values ("energies"), falling. NaN where there is nothing to say (none, or all zero).

/// Square of the sum over the sum of squares: 1 for rank one, n for n equal ones.
double participationRatio(std::span<const double> energies);
/// -sum p log p of the shares p of the energies, nats.
double spectralEntropy(std::span<const double> energies);
/// Sum over the largest: never more than the rank.
double stableRank(std::span<const double> energies);
/// Singular values above `tolerance` times the largest one. 0 when all are zero.
int numericalRank(std::span<const double> energies, double tolerance);

/// What float32 rounding of a matrix of that size can pretend, as a share of the largest singular value.
constexpr double rankTolerance(std::size_t rows, std::size_t columns) {
    return static_cast<double>(rows > columns ? rows : columns) * 1.1920928955078125e-7;
}

/// Wasserstein-1 distance between two samples: mean difference of their sorted values, and of their quantile functions when their numbers
/// differ. Both sorted the same way; NaN when one is empty. Thread: any.
double wassersteinDistance(std::span<const double> a, std::span<const double> b);

} // namespace sinkscope
