// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <Eigen/Core>

namespace sinkscope::pca {

struct EigenPairs {
    Eigen::VectorXd values;  ///< falling
    Eigen::MatrixXd vectors; ///< unit columns
};

/// The leading eigenpairs of a symmetric matrix without negative eigenvalues: all of them are computed up to a size, by Lanczos iteration above
/// (Spectra), falling back on all of them when that does not settle. Errors: Cancelled.
Result<EigenPairs> leadingEigenpairs(const Eigen::MatrixXd& matrix, Eigen::Index wanted, const JobContext& context);

} // namespace sinkscope::pca
