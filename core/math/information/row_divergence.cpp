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

/// Rows that are compared with another one at a time, a lane each.
constexpr std::size_t kTogether = 8;

/// Half of each row, place by place: [length, stride], rows beyond the last are 0. 1e-300 is added so that zeros have a logarithm; it changes no other number.
struct HalfRows {
    explicit HalfRows(const DistributionRows& rows)
        : length(rows.length()), stride((rows.count() + kTogether - 1) / kTogether * kTogether), values(length * stride, 1e-300) {
        for (std::size_t i = 0; i < rows.count(); ++i)
            for (std::size_t j = 0; j < length; ++j)
                values[j * stride + i] += 0.5 * rows.row(i)[j];
    }
    std::size_t length, stride;
    std::vector<double> values;
};

/// What row number `last` has in the places that each row before it sees, and what the sums of `mixtureSums` come to.
struct Against {
    const double* row = nullptr;     ///< [length]
    const double* share = nullptr;   ///< [stride] 1 / its mass there; 0 without any
    const double* visible = nullptr; ///< [stride] number of places
    double *whole = nullptr, *common = nullptr; ///< [stride]
};

/// Eight rows from number `first` on against another one: sums of m log2 m, over the places up to `end`, of the mixtures of the rows as they are
/// (`whole`), and of the row and the other conditioned on what the row sees (`common`).
SINKSCOPE_INLINE void mixtureSumsOfEight(const double* halves, std::size_t stride, std::size_t first, std::size_t allSee, std::size_t end, const Against& against) {
    simd::Doubles p, share, visible, whole{}, common{};
    std::memcpy(&share, against.share + first, sizeof share);
    std::memcpy(&visible, against.visible + first, sizeof visible);
    for (std::size_t j = 0; j < allSee; ++j) {
        const double q = 0.5 * against.row[j];
        std::memcpy(&p, halves + j * stride + first, sizeof p);
        simd::addProducts(p + q, p + q * share, whole, common);
    }
    for (std::size_t j = allSee; j < end; ++j) {
        const double q = 0.5 * against.row[j];
        std::memcpy(&p, halves + j * stride + first, sizeof p);
        simd::addProducts(p + q, p + q * (static_cast<double>(j) < visible ? share : simd::Doubles{}), whole, common);
    }
    std::memcpy(against.whole + first, &whole, sizeof whole);
    std::memcpy(against.common + first, &common, sizeof common);
}

/// The rows before number `last` against it. One call for many pairs, since rows are short.
SINKSCOPE_CLONES void mixtureSums(const double* halves, std::size_t length, std::size_t stride, std::size_t firstVisible, std::size_t last, const Against& against) {
    for (std::size_t first = 0; first < last; first += kTogether) {
        if (firstVisible > 0) {
            const std::size_t end = firstVisible + first + kTogether;
            mixtureSumsOfEight(halves, stride, first, firstVisible + first, end < length ? end : length, against);
            continue;
        }
        simd::Doubles p, whole{};
        for (std::size_t j = 0; j < length; ++j) {
            std::memcpy(&p, halves + j * stride + first, sizeof p);
            simd::addProduct(p + 0.5 * against.row[j], whole);
        }
        std::memcpy(against.whole + first, &whole, sizeof whole);
        std::memcpy(against.common + first, &whole, sizeof whole);
    }
}

/// Sums of the first n places of a row, for every n; the logarithm of the first sum, and 1 / it, 0 without any.
struct Prefixes {
    std::vector<double> mass, plogp, logMass, inverse;
    void read(std::span<const double> row, std::span<const double> logarithms) {
        mass.assign(row.size() + 1, 0.0);
        plogp.assign(row.size() + 1, 0.0);
        for (std::size_t j = 0; j < row.size(); ++j) {
            mass[j + 1] = mass[j] + row[j];
            plogp[j + 1] = plogp[j] + row[j] * logarithms[j];
        }
        logMass.resize(mass.size());
        inverse.resize(mass.size());
        for (std::size_t n = 0; n < mass.size(); ++n)
            inverse[n] = mass[n] > 0 ? 1 / mass[n] : 0.0;
        takeLogarithms(mass.data(), mass.size(), logMass.data());
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
    const HalfRows halves(rows);
    std::vector<double> whole(halves.stride), common(halves.stride), share(halves.stride, 0.0), visible(halves.stride, 0.0);
    for (std::size_t i = 0; i < rows.count(); ++i)
        visible[i] = static_cast<double>(rows.visible(i));
    Prefixes last;
    double sumWhole = 0, sumCommon = 0;
    std::size_t pairs = 0, conditioned = 0;
    for (std::size_t k = 1; k < rows.count(); ++k) {
        last.read(rows.row(k), rows.logarithms(k));
        for (std::size_t i = 0; i < k; ++i)
            share[i] = last.inverse[rows.visible(i)];
        mixtureSums(halves.values.data(), length, halves.stride, firstVisible, k,
                    {.row = rows.row(k).data(), .share = share.data(), .visible = visible.data(), .whole = whole.data(), .common = common.data()});
        for (std::size_t i = 0; i < k; ++i) {
            const std::size_t count = rows.visible(i), summed = firstVisible > 0 ? std::min(firstVisible + (i / kTogether + 1) * kTogether, length) : length;
            const double mass = last.mass[count], entropy = rows.entropy(i);
            // Beyond what row i sees the mixture is half of row k.
            const double beyond = 0.5 * ((last.plogp[length] - last.plogp[summed]) - std::numbers::ln2 * (last.mass[length] - last.mass[summed]));
            sumWhole += -std::numbers::ln2 * whole[i] - beyond - 0.5 * (entropy + rows.entropy(k));
            ++pairs;
            if (!(mass > 0))
                continue;
            sumCommon += -std::numbers::ln2 * common[i] - 0.5 * (entropy - last.plogp[count] * share[i] + last.logMass[count]);
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
