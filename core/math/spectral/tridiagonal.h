// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sinkscope {

/// A symmetric tridiagonal matrix T with scale * A = Q T Q', and the reflections that make up Q.
struct TridiagonalForm {
    std::vector<double> diagonal;    ///< [n] of T
    std::vector<double> below;       ///< [n - 1]
    std::vector<double> reflections; ///< [n, n] row i: the first i numbers are the vector v of a reflection I - v v' / h of as many coordinates
    std::vector<double> sizes;       ///< [n] h; 0: no reflection
    double scale = 1;                ///< squares of tiny or huge entries would leave the range of double; a power of two
    [[nodiscard]] std::size_t size() const { return diagonal.size(); }
};

/// Householder reduction (Golub and Van Loan, 8.3), one pass over the triangle per step. `matrix` is [n, n] row-major, of which only the lower
/// triangle is read. Nothing when an entry is not finite. 2/3 n^3 multiplications. Errors: Cancelled. Thread: any.
Result<std::optional<TridiagonalForm>> tridiagonalForm(std::vector<double> matrix, std::size_t n, const JobContext& context = {});

/// All eigenvalues of A in ascending order: QL without square roots (Pal, Walker and Kahan; Parlett, The Symmetric Eigenvalue Problem, 8.15).
/// Absolute error about n times the rounding of the largest. Nothing without convergence, which nobody has seen.
std::optional<std::vector<double>> allEigenvalues(const TridiagonalForm& form);

/// The eigenvalue of A of a rank (0: the smallest), by counting signs (Givens) at many points at once: cheaper than all when few are wanted.
double eigenvalueAt(const TridiagonalForm& form, std::size_t rank);
/// Two of them for little more than the price of one.
std::pair<double, double> eigenvaluesAt(const TridiagonalForm& form, std::size_t first, std::size_t second);

/// Unit eigenvector of the largest eigenvalue of A, which the caller has found, by inverse iteration: good to 1e-9 when the next value differs
/// by 1e-7 of the largest magnitude. Its sum is at least 0. Nothing when rounding made that impossible.
std::optional<std::vector<double>> leadingVector(const TridiagonalForm& form, double value);

} // namespace sinkscope
