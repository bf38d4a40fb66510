// SPDX-License-Identifier: Apache-2.0
#include "core/math/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

namespace sinkscope {
namespace {

constexpr int kFewestPairs = 3;
/// Sums of the same numbers in another order must not count as smaller.
constexpr double kSlack = 1e-12;

/// Uniform in 0..bound-1, the same on every machine.
std::size_t below(std::mt19937_64& generator, std::size_t bound) {
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t value = generator();
    while (value >= limit)
        value = generator();
    return static_cast<std::size_t>(value % bound);
}

/// Ranks with mean 0 and length 1; empty when all are equal.
std::vector<double> standardRanks(std::span<const double> values) {
    std::vector<double> ranks = averageRanks(values);
    const double mean = (static_cast<double>(values.size()) + 1) / 2;
    double square = 0;
    for (double& rank : ranks) {
        rank -= mean;
        square += rank * rank;
    }
    if (square == 0)
        return {};
    for (double& rank : ranks)
        rank /= std::sqrt(square);
    return ranks;
}

double dot(std::span<const double> a, std::span<const double> b) {
    return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0);
}

/// Columns that have values in the same places as the reference.
struct Block {
    std::vector<double> reference;             ///< standard ranks
    std::vector<std::size_t> columns;          ///< index in the results
    std::vector<std::vector<double>> ranks;
};

void permute(Block& block, int permutations, std::uint64_t seed, std::vector<RankCorrelation>& results) {
    std::mt19937_64 generator(seed);
    std::vector<int> hits(block.columns.size(), 0);
    for (int round = 0; round < permutations; ++round) {
        for (std::size_t i = block.reference.size(); i > 1; --i)
            std::swap(block.reference[i - 1], block.reference[below(generator, i)]);
        for (std::size_t column = 0; column < block.columns.size(); ++column)
            if (std::abs(dot(block.reference, block.ranks[column])) >= std::abs(results[block.columns[column]].rho) - kSlack)
                ++hits[column];
    }
    for (std::size_t column = 0; column < block.columns.size(); ++column)
        results[block.columns[column]].p = (1.0 + hits[column]) / (1.0 + permutations);
}

} // namespace

std::vector<double> averageRanks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t index) { return values[index]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first + 1;
        while (end < order.size() && values[order[end]] == values[order[first]])
            ++end;
        for (std::size_t i = first; i < end; ++i)
            ranks[order[i]] = (static_cast<double>(first) + 1 + static_cast<double>(end)) / 2;
        first = end;
    }
    return ranks;
}

std::vector<RankCorrelation> rankCorrelations(std::span<const double> reference, const std::vector<std::vector<double>>& columns,
                                              int permutations, std::uint64_t seed) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    std::vector<RankCorrelation> results(columns.size(), {kNone, kNone, 0});
    std::map<std::vector<bool>, Block> blocks;
    for (std::size_t index = 0; index < columns.size(); ++index) {
        std::vector<bool> present(reference.size());
        std::vector<double> own, wanted;
        for (std::size_t i = 0; i < reference.size(); ++i)
            if (!std::isnan(reference[i]) && !std::isnan(columns[index][i])) {
                present[i] = true;
                own.push_back(columns[index][i]);
                wanted.push_back(reference[i]);
            }
        results[index].count = static_cast<int>(own.size());
        std::vector<double> ranks = standardRanks(own), target = standardRanks(wanted);
        if (results[index].count < kFewestPairs || ranks.empty() || target.empty())
            continue;
        results[index].rho = std::clamp(dot(ranks, target), -1.0, 1.0);
        Block& block = blocks[std::move(present)];
        block.reference = std::move(target);
        block.columns.push_back(index);
        block.ranks.push_back(std::move(ranks));
    }
    for (auto& [present, block] : blocks)
        permute(block, permutations, seed, results);
    return results;
}

} // namespace sinkscope
