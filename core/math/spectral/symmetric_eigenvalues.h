// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <span>
#include <vector>

namespace sinkscope {

/// Eigenvalues, without vectors, of a symmetric matrix in ascending order. `matrix` is [n, n] row-major; only its lower triangle is read,
/// and it is destroyed. Householder reduction to a tridiagonal matrix (Golub and Van Loan, 8.3) in one pass over the triangle per step,
/// then implicit QL. Absolute error about n times the rounding of the largest magnitude. A matrix that holds NaN or infinity has n times NaN.
/// O(n^3). Errors: Cancelled. Thread: any.
Result<std::vector<double>> symmetricEigenvalues(std::span<double> matrix, std::size_t n, const JobContext& context = {});

} // namespace sinkscope
