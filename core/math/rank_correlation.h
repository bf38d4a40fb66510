// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// Ranks from 1; equal values share the mean of their ranks. No NaN. Thread: any.
std::vector<double> averageRanks(std::span<const double> values);

struct RankCorrelation {
    double rho = 0;  ///< Spearman's: Pearson's correlation of the ranks; NaN with fewer than 3 pairs or when one side is constant
    double p = 1;    ///< two-sided, by permutation; NaN where rho is
    int count = 0;   ///< pairs
};

/// Spearman's rank correlation of every column with the reference, over the places where both have a value (NaN is none). The p-value is
/// (1 + number of permutations whose |rho| is at least as large) / (1 + permutations), so never 0. Columns with gaps in the same places see the
/// same permutations; equal arguments give equal results on every machine. Thread: any.
std::vector<RankCorrelation> rankCorrelations(std::span<const double> reference, const std::vector<std::vector<double>>& columns,
                                              int permutations, std::uint64_t seed);

} // namespace sinkscope
