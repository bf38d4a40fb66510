// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/persistence/rips.h"

#include <optional>

namespace sinkscope {

/// Figures of the lengths of the finite bars of one dimension. Essential bars are left out of all of them, as in the
/// topological features of Kushnareva et al. (2021); bars of length zero are counted if the barcode has them.
struct BarStatistics {
    int count = 0;
    double sum = 0;     ///< 0 without bars; in dimension 0 the weight of the minimum spanning tree
    double entropy = 0; ///< -sum p log p, p = length / sum, natural logarithm, 0 log 0 = 0; 0 if the sum is 0
    std::optional<double> mean, deviation, maximum; ///< none without bars; the deviation divides by the count
};
BarStatistics barStatistics(std::span<const Bar> bars);

/// The longest finite bar, of equally long ones the first; none without bars.
std::optional<Bar> longestBar(std::span<const Bar> bars);

/// Which bars to count, all bounds inclusive. Essential bars are never counted.
struct BarFilter {
    double birthAtLeast = -std::numeric_limits<double>::infinity();
    double birthAtMost = std::numeric_limits<double>::infinity();
    double deathAtLeast = -std::numeric_limits<double>::infinity();
    double deathAtMost = std::numeric_limits<double>::infinity();
};
int countBars(std::span<const Bar> bars, const BarFilter& filter);

/// Bars alive at `value`, essential ones too: birth <= value < death. From the bars of dimension 0 and 1 of ripsBarcode
/// these are the Betti numbers of the flag complex of all edges of length <= `value` (for values up to
/// RipsOptions::maximum). They are not those of the graph, where every cycle counts that no triangle can fill.
int bettiNumber(std::span<const Bar> bars, double value);
/// The Betti number at each of `values`.
std::vector<int> bettiCurve(std::span<const Bar> bars, std::span<const double> values);

} // namespace sinkscope
