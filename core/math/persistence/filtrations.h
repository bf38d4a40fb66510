// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

/// How attention becomes a dissimilarity of tokens. None but the last is a metric, which ripsBarcode does not need.
enum class Filtration {
    Mean,      ///< 1 - (A + A^T) / 2
    Maximum,   ///< 1 - max(A, A^T), as in Kushnareva et al. 2021
    Hellinger, ///< sqrt(1/2 sum_j (sqrt A_ij - sqrt A_kj)^2) of the rows i and k
};
inline constexpr std::array kFiltrations{Filtration::Mean, Filtration::Maximum, Filtration::Hellinger};

/// The stable spelling in options and results: "mean", "max", "hellinger".
std::string_view nameOf(Filtration filtration);

/// The bound of Kushnareva et al. below which a weight counts as none.
inline constexpr double kCommonLowerBound = 1e-3;

struct FiltrationOptions {
    Filtration filtration = Filtration::Mean;
    double lowerBound = 0; ///< weights up to this are taken as 0 first, in every variant
};

/// Dissimilarities [tokens, tokens] of one head: symmetric, zero diagonal, in 0..1. `attention` is [tokens, tokens]
/// row-major, query first, weights in 0..1 (up to 1e-3 more is taken as rounding of a 16-bit capture); a causal head
/// has its zeros above the diagonal. Rows need not sum to 1. O(tokens^2), Hellinger O(tokens^3). Errors: NotFinite,
/// InvalidArgument (the weight is named). Thread: any.
Result<std::vector<double>> attentionDissimilarity(std::span<const float> attention, int tokens,
                                                   const FiltrationOptions& options);

} // namespace sinkscope
