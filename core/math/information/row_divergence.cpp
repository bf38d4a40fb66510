// SPDX-License-Identifier: Apache-2.0
#include "core/math/information/row_divergence.h"

#include "core/math/information/logarithm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sinkscope {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

SINKSCOPE_CLONES void takeLogarithms(const double* values, std::size_t count, double* logarithms) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i)
        logarithms[i] = simd::logarithm(values[i]);
}

/// Places of a row are worked on so many at a time; the rest of the last step is zeros, whose m log m is 0.
constexpr std::size_t kStep = 8;
constexpr std::size_t inSteps(std::size_t count) { return (count + kStep - 1) / kStep * kStep; }

/// Rows of `rows`, each with zeros up to a whole number of steps.
std::vector<double> inSteps(const DistributionRows& rows) {
    const std::size_t stride = inSteps(rows.length());
    std::vector<double> padded(rows.count() * stride, 0.0);
    for (std::size_t i = 0; i < rows.count(); ++i)
        std::ranges::copy(rows.row(i), padded.data() + i * stride);
    return padded;
}

/// Row `last` against the rows before it. `whole` and `common` receive the sums of m log m over what both see, with the rows as they are and
/// conditioned; `mass[n]` is what row `last` has in its first n places. `seen` [stride] starts as zeros. One call for many pairs, since rows are short.
SINKSCOPE_CLONES void mixtureSums(const double* rows, std::size_t stride, std::size_t length, std::size_t firstVisible, std::size_t last, const double* mass,
                                  double* seen, double* whole, double* common) {
    const double* q = rows + last * stride;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < last; ++i) {
        const double* p = rows + i * stride;
        const std::size_t count = firstVisible > 0 ? firstVisible + i : length;
        for (; filled < count; ++filled)
            seen[filled] = q[filled];
        const double share = mass[count] > 0 ? 0.5 / mass[count] : 0.0;
        double sum = 0, conditioned = 0;
        if (count == length) {
#pragma omp simd reduction(+ : sum)
            for (std::size_t j = 0; j < stride; ++j) {
                const double m = 0.5 * p[j] + 0.5 * seen[j];
                sum += m * simd::logarithm(m);
            }
            conditioned = sum;
        } else {
#pragma omp simd reduction(+ : sum, conditioned)
            for (std::size_t j = 0; j < inSteps(count); ++j) {
                simd::addProducts(0.5 * p[j] + 0.5 * seen[j], 0.5 * p[j] + share * seen[j], sum, conditioned);
            }
        }
        whole[i] = sum;
        common[i] = mass[count] > 0 ? conditioned : 0.0;
    }
}

/// Sums of the first n places of a row, for every n.
struct Prefixes {
    std::vector<double> mass, plogp;
    void read(std::span<const double> row, std::span<const double> logarithms) {
        mass.assign(row.size() + 1, 0.0);
        plogp.assign(row.size() + 1, 0.0);
        for (std::size_t j = 0; j < row.size(); ++j) {
            mass[j + 1] = mass[j] + row[j];
            plogp[j + 1] = plogp[j] + row[j] * logarithms[j];
        }
    }
};

double meanOf(double sum, std::size_t count) { return count > 0 ? std::max(sum / static_cast<double>(count), 0.0) : kNone; }

/// KL(p || q conditioned on the first `count` places).
double conditionedDivergence(const DistributionRows& rows, std::size_t from, std::size_t to, std::size_t count) {
    const auto p = rows.row(from), logP = rows.logarithms(from), q = rows.row(to), logQ = rows.logarithms(to);
    double sum = 0, mass = 0;
    for (std::size_t j = 0; j < count; ++j) {
        if (p[j] > 0 && !(q[j] > 0))
            return kInfinity;
        sum += p[j] * (logP[j] - logQ[j]);
        mass += q[j];
    }
    return std::max(sum + std::log(mass), 0.0);
}

} // namespace

std::optional<DistributionRows> DistributionRows::create(std::span<const float> values, std::size_t length, std::size_t firstVisible) {
    DistributionRows rows;
    rows.m_length = length;
    rows.m_firstVisible = firstVisible;
    rows.m_values.assign(values.begin(), values.end());
    for (std::size_t first = 0; first < values.size(); first += length) {
        const std::span<double> row = std::span(rows.m_values).subspan(first, length);
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t j = 0; j < length; ++j)
            sum += row[j];
        if (!(sum > 0) || !std::isfinite(sum))
            return std::nullopt;
        for (double& value : row)
            value /= sum;
    }
    rows.m_logarithms.resize(values.size());
    takeLogarithms(rows.m_values.data(), values.size(), rows.m_logarithms.data());
    for (std::size_t first = 0; first < values.size(); first += length) {
        const double *p = &rows.m_values[first], *logarithms = &rows.m_logarithms[first];
        double entropy = 0;
#pragma omp simd reduction(- : entropy)
        for (std::size_t j = 0; j < length; ++j)
            entropy -= p[j] * logarithms[j];
        rows.m_entropies.push_back(std::max(entropy, 0.0));
    }
    return rows;
}

PairwiseDivergence meanPairwiseJensenShannon(const DistributionRows& rows) {
    const std::size_t length = rows.length(), firstVisible = rows.count() > 0 && rows.visible(0) < length ? rows.visible(0) : 0;
    const std::size_t stride = inSteps(length);
    const std::vector<double> padded = inSteps(rows);
    std::vector<double> whole(rows.count()), common(rows.count()), seen(stride);
    Prefixes last;
    double sumWhole = 0, sumCommon = 0;
    std::size_t pairs = 0, conditioned = 0;
    for (std::size_t k = 1; k < rows.count(); ++k) {
        last.read(rows.row(k), rows.logarithms(k));
        std::ranges::fill(seen, 0.0);
        mixtureSums(padded.data(), stride, length, firstVisible, k, last.mass.data(), seen.data(), whole.data(), common.data());
        for (std::size_t i = 0; i < k; ++i) {
            const std::size_t count = rows.visible(i);
            const double mass = last.mass[count], entropy = rows.entropy(i);
            // Beyond what row i sees the mixture is half of row k.
            const double beyond = 0.5 * ((last.plogp[length] - last.plogp[count]) - std::numbers::ln2 * (last.mass[length] - mass));
            sumWhole += -whole[i] - beyond - 0.5 * (entropy + rows.entropy(k));
            ++pairs;
            if (!(mass > 0))
                continue;
            sumCommon += -common[i] - 0.5 * (entropy - last.plogp[count] / mass + std::log(mass));
            ++conditioned;
        }
    }
    return {meanOf(sumWhole, pairs), meanOf(sumCommon, conditioned)};
}

double generalizedJensenShannon(const DistributionRows& rows) {
    if (rows.count() < 2)
        return kNone;
    std::vector<double> mean(rows.length(), 0.0);
    double entropies = 0;
    for (std::size_t i = 0; i < rows.count(); ++i) {
        const auto row = rows.row(i);
        for (std::size_t j = 0; j < rows.visible(i); ++j)
            mean[j] += row[j];
        entropies += rows.entropy(i);
    }
    double entropy = 0;
    for (const double sum : mean) {
        const double share = sum / static_cast<double>(rows.count());
        entropy -= share > 0 ? share * std::log(share) : 0;
    }
    return std::max(entropy - entropies / static_cast<double>(rows.count()), 0.0);
}

double meanSuccessiveKullbackLeibler(const DistributionRows& rows) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < rows.count(); ++i)
        sum += conditionedDivergence(rows, i, i + 1, rows.visible(i));
    return rows.count() < 2 ? kNone : sum / static_cast<double>(rows.count() - 1);
}

} // namespace sinkscope
