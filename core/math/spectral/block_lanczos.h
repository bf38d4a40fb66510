// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sinkscope {

/// Vectors of a block: as many as the floats of core/base/simd.h, so that a product with a matrix is one pass over it.
inline constexpr std::size_t kLanczosBlock = 16;

/// Y = B X for a symmetric matrix B without negative eigenvalues, of side `n`. Both are [n, kLanczosBlock], row-major.
using BlockProduct = std::function<Result<void>(std::span<const double> x, std::span<double> y)>;

/// Leading eigenvalues, falling, each with a bound: an eigenvalue of B lies within `bound` of it (the norm of B v - value v for the unit
/// vector v that belongs to it).
struct LeadingEigenvalues {
    std::vector<double> values, bounds;
    int products = 0; ///< how many were needed
};

struct LanczosOptions {
    std::size_t wanted = 10;     ///< at most kLanczosBlock
    double tolerance = 1e-6;     ///< of the bounds, relative to the largest value
    int products = 24;           ///< at most; memory is n * kLanczosBlock * products * 16 bytes
    std::uint64_t seed = 0;
};

/// Block Lanczos iteration with full reorthogonalisation from random vectors (Golub and Underwood 1977): the Krylov space of a block holds the
/// leading eigenvectors after far fewer products than powers of B would need (Musco and Musco 2015). Ends when the wanted bounds are met,
/// when the space holds all of B's range, or after the allowed number of products; the bounds say how good it is. Equal numbers for equal seeds.
/// Errors: those of the product, Cancelled, NotFinite. Thread: any.
Result<LeadingEigenvalues> leadingEigenvalues(std::size_t n, const BlockProduct& product, const LanczosOptions& options, const JobContext& context);

} // namespace sinkscope
