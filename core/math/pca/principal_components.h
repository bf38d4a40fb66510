// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"
#include "core/math/pca/matrix_source.h"

#include <cstdint>
#include <string_view>

namespace sinkscope {

enum class PcaSolver {
    Auto,       ///< exact where that takes well under a second, randomized above
    Exact,      ///< from the eigenvectors of the covariance matrix
    Randomized, ///< subspace iteration from random directions (Halko, Martinsson and Tropp 2011), until its residuals are small
};

struct PcaOptions {
    int components = 3;
    bool centred = true; ///< false: directions of largest sum of squares about 0
    PcaSolver solver = PcaSolver::Auto;
    std::uint64_t seed = 42; ///< of the randomized solver
    int threads = 0;         ///< 0: every processor this process may use
};

/// A basis of principal components. Immutable once made.
struct PrincipalComponents {
    std::int64_t rows = 0;
    int width = 0, components = 0;
    bool centred = true, varies = true; ///< `varies` is false when all rows are the same: then every axis is 0
    std::vector<double> mean;   ///< [width]; 0 unless centred
    std::vector<double> axes;   ///< [components, width], orthonormal; 0 where there is no further direction with variance
    std::vector<double> sums;   ///< [components] sums of squares along the axes, falling
    double total = 0;           ///< sum of all squares
    PcaSolver solver = PcaSolver::Exact; ///< that was used
    int passes = 0;             ///< over the rows, without the one that projects

    /// Share of the sum of squares along an axis.
    [[nodiscard]] double explained(int component) const { return varies ? sums[static_cast<std::size_t>(component)] / total : 0.0; }
    /// Sum of squares over rows - 1 (rows when not centred).
    [[nodiscard]] double variance(double sum) const { return sum / static_cast<double>(centred && rows > 1 ? rows - 1 : rows); }
};

/// Finds the leading components of all rows. The sign of an axis makes its loading of largest magnitude positive. Memory: about width^2 for the
/// exact solver (or rows^2, where there are fewer rows than columns: these are then read into memory), width for the randomized one, and a few
/// blocks of rows. The same numbers for any number of threads. Errors: InvalidArgument (no rows or columns, no components), NotFinite,
/// Cancelled, those of the source. Thread: any but gui.
Result<PrincipalComponents> fitPrincipalComponents(MatrixSource& source, const PcaOptions& options, const JobContext& context);

/// Coordinates of all rows in a basis, [rows, components]. The basis may come from other rows. Errors: InvalidArgument (another width), NotFinite
/// (of a source that was not fitted), Cancelled, those of the source. Thread: any but gui.
Result<std::vector<float>> coordinatesIn(const PrincipalComponents& basis, MatrixSource& source, const JobContext& context, int threads = 0);

} // namespace sinkscope
