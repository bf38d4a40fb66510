// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/row_permutation.h"

#include "core/analysis/tilted_row.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace sinkscope {
namespace {

constexpr double kTie = 1e-6;             ///< sums that differ by less, per row, are equal: weights are float
constexpr std::size_t kMostDistinct = 8;  ///< weights of a head for which sums are few enough
constexpr int kShortest = 7;              ///< heads that are at most as long have few enough sums whatever the weights are
constexpr std::size_t kMostSums = 16384;
constexpr double kNearMean = 0.15;        ///< in standard deviations

double upperNormal(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }
double normalDensity(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

struct Atom {
    double sum = 0, chance = 0;
};

/// Sorts and puts sums together that are equal but for rounding.
void merge(std::vector<Atom>& atoms) {
    std::ranges::sort(atoms, {}, &Atom::sum);
    std::size_t kept = 0;
    for (const Atom& atom : atoms)
        if (kept > 0 && atom.sum - atoms[kept - 1].sum < kTie)
            atoms[kept - 1].chance += atom.chance;
        else
            atoms[kept++] = atom;
    atoms.resize(kept);
}

} // namespace

Result<RowPermutation> RowPermutation::create(const HeadAttention& attention) {
    RowPermutation result(attention);
    const int tokens = attention.tokens;
    result.m_rows.resize(static_cast<std::size_t>(tokens) + 1); // the last holds empty sums
    for (int i = tokens - 1; i >= (attention.causal ? 1 : 0); --i) {
        Row& row = result.m_rows[static_cast<std::size_t>(i)];
        const Row& below = result.m_rows[static_cast<std::size_t>(i) + 1];
        row.visible = attention.causal ? i + 1 : tokens;
        const RowMoments moments = momentsOf(result.row(i), row.visible);
        if (!std::isfinite(moments.mean) || !std::isfinite(moments.variance) || !std::isfinite(moments.third))
            return Error{ErrorCode::NotFinite, "the attention weights hold NaN or infinity", {}};
        if (moments.smallest < 0)
            return Error{ErrorCode::InvalidArgument, "an attention weight is negative", {}};
        row.largest = moments.largest;
        row.meanSum = below.meanSum + moments.mean;
        row.varianceSum = below.varianceSum + moments.variance;
        row.thirdSum = below.thirdSum + moments.third;
        row.largestSum = below.largestSum + moments.largest;
        row.logTopSum = below.logTopSum + std::log(static_cast<double>(moments.countOfLargest) / row.visible);
    }
    result.findDistinctWeights();
    return result;
}

void RowPermutation::findDistinctWeights() {
    const int first = m_attention.causal ? 1 : 0;
    for (int i = first; i < m_attention.tokens; ++i)
        for (int j = 0; j < m_rows[static_cast<std::size_t>(i)].visible; ++j) {
            const float weight = row(i)[j];
            const auto isSame = [&](float other) { return std::abs(other - weight) < kTie; };
            if (std::ranges::any_of(m_distinct, isSame))
                continue;
            m_distinct.push_back(weight);
            if (m_distinct.size() > kMostDistinct && m_attention.tokens > kShortest) {
                m_distinct.clear();
                return;
            }
        }
}

std::optional<double> RowPermutation::exactTail(int firstRow, double sum) const {
    if (m_distinct.empty())
        return std::nullopt;
    std::vector<Atom> atoms{{0, 1}}, next;
    for (int i = firstRow; i < m_attention.tokens; ++i) {
        const int visible = m_rows[static_cast<std::size_t>(i)].visible;
        std::vector<Atom> weights;
        for (int j = 0; j < visible; ++j)
            weights.push_back({row(i)[j], 1.0 / visible});
        merge(weights);
        if (atoms.size() * weights.size() > 8 * kMostSums)
            return std::nullopt;
        next.clear();
        for (const Atom& atom : atoms)
            for (const Atom& weight : weights)
                next.push_back({atom.sum + weight.sum, atom.chance * weight.chance});
        merge(next);
        if (next.size() > kMostSums)
            return std::nullopt;
        atoms.swap(next);
    }
    const double least = sum - kTie * static_cast<double>(m_attention.tokens - firstRow);
    double chance = 0;
    for (const Atom& atom : atoms) // the small ones of the far tail come last; they are the ones that count
        chance += atom.sum >= least ? atom.chance : 0.0;
    return std::min(chance, 1.0);
}

RowPermutation::Cumulants RowPermutation::cumulants(int firstRow, double t) const {
    Cumulants sum;
    for (int i = firstRow; i < m_attention.tokens; ++i) {
        const Row& own = m_rows[static_cast<std::size_t>(i)];
        const TiltedRow tilted = tiltedRow(row(i), own.visible, own.largest, static_cast<float>(t));
        const double mean = tilted.first / tilted.weight; // of the weight minus the largest
        sum.value += std::log(tilted.weight / own.visible) + t * own.largest;
        sum.first += own.largest + mean;
        sum.second += std::max(tilted.second / tilted.weight - mean * mean, 0.0);
    }
    return sum;
}

double RowPermutation::saddlepointTail(int firstRow, double sum, TailMethod& method) const {
    const Row& rows = m_rows[static_cast<std::size_t>(firstRow)];
    const double deviation = std::sqrt(rows.varianceSum), z = (sum - rows.meanSum) / deviation;
    const double top = std::exp(rows.logTopSum); // no tail is smaller than this, as long as the sum is possible
    method = TailMethod::Bound;
    if (sum >= rows.largestSum - kTie * (m_attention.tokens - firstRow))
        return top;
    if (z < kNearMean) {
        method = TailMethod::Edgeworth;
        const double skewness = rows.thirdSum / (deviation * deviation * deviation);
        return std::clamp(upperNormal(z) + normalDensity(z) * skewness / 6 * (z * z - 1), top, 1.0);
    }
    constexpr int kMostSteps = 40;
    double t = z / deviation, low = 0, high = 0; // high 0: none yet
    for (int step = 0; step < kMostSteps; ++step) {
        const Cumulants k = cumulants(firstRow, t);
        const double gap = sum - k.first, bound = std::min(1.0, std::exp(k.value - t * sum));
        const double root = std::sqrt(k.second), u = t * root;
        if (std::abs(gap) <= 1e-3 * root * std::min(1.0, u * u)) { // an error of 1e-3 in 1/u
            const double w = std::sqrt(std::max(2 * (t * sum - k.value), 0.0));
            const double p = upperNormal(w) + normalDensity(w) * (1 / u - 1 / w);
            if (!std::isfinite(p) || p <= 0)
                return std::max(bound, top);
            method = TailMethod::Saddlepoint;
            return std::clamp(p, std::min(top, bound), bound);
        }
        if (step + 1 == kMostSteps)
            return std::max(bound, top);
        (gap > 0 ? low : high) = t;
        double next = k.second > 0 ? t + gap / k.second : 2 * t;
        next = std::min(next, 4 * t); // far out K'' is small and the step too long
        if (next <= low || (high > 0 && next >= high))
            next = high > 0 ? (low + high) / 2 : 2 * t;
        t = next;
    }
    return 1;
}

PermutedKey RowPermutation::test(int key) const {
    const int firstRow = m_attention.causal ? std::max(key, 1) : 0, queries = m_attention.tokens - firstRow;
    const Row& rows = m_rows[static_cast<std::size_t>(firstRow)];
    double sum = 0;
    for (int i = firstRow; i < m_attention.tokens; ++i)
        sum += row(i)[key];
    PermutedKey result{.observed = sum / queries, .expected = rows.meanSum / queries};
    if (rows.varianceSum < kTie * kTie * queries) {
        result.method = TailMethod::Constant;
        return result;
    }
    result.z = (sum - rows.meanSum) / std::sqrt(rows.varianceSum);
    if (sum <= rows.meanSum + kTie)
        return result;
    if (const auto exact = exactTail(firstRow, sum)) {
        result.p = *exact;
        result.method = TailMethod::Exact;
    } else {
        result.p = saddlepointTail(firstRow, sum, result.method);
    }
    return result;
}

} // namespace sinkscope
