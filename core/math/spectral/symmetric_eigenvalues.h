// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <vector>

namespace sinkscope {

/// Eigenvalues, without vectors, of a symmetric matrix in ascending order. `matrix` is [n, n] row-major; only its lower triangle is read.
/// Householder reduction and QL; core/math/spectral/tridiagonal.h has single values and a vector, too. Absolute error about n times the
/// rounding of the largest magnitude. A matrix that holds NaN or infinity has n times NaN. O(n^3). Errors: Cancelled. Thread: any.
Result<std::vector<double>> symmetricEigenvalues(std::vector<double> matrix, std::size_t n, const JobContext& context = {});

} // namespace sinkscope
