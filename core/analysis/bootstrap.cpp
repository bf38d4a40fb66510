// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/estimate.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace sinkscope {
namespace {

constexpr std::size_t kResamples = 2000;
constexpr std::uint64_t kSeed = 20250804;

/// SplitMix64: a full-period generator whose first numbers are as good as its later ones.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    /// Two numbers below `bound` (at most 2^32) at a time; the bias of the multiplication is below bound / 2^32.
    std::pair<std::uint32_t, std::uint32_t> below(std::uint64_t bound) {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        z ^= z >> 31;
        return {static_cast<std::uint32_t>(((z >> 32) * bound) >> 32), static_cast<std::uint32_t>(((z & 0xffffffffU) * bound) >> 32)};
    }

private:
    std::uint64_t m_state;
};

/// Interpolated as numpy's percentile does. Reorders `values`.
double percentile(std::vector<double>& values, double share) {
    const double at = share * static_cast<double>(values.size() - 1);
    const auto low = values.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(values.begin(), low, values.end());
    if (low + 1 == values.end() || std::isinf(*low))
        return *low;
    return *low + (*std::min_element(low + 1, values.end()) - *low) * (at - std::floor(at));
}

/// Calls use(index) for every draw of a resample.
template <typename Use> void drawSample(std::size_t count, Random& random, Use use) {
    for (std::size_t i = 0; i < count; i += 2) {
        const auto [first, second] = random.below(count);
        use(first);
        if (i + 1 < count)
            use(second);
    }
}

/// An estimate whose interval is still to be filled in. True when it needs none: all values are equal, or there is only one.
bool startEstimate(std::span<const double> values, Estimate& estimate) {
    estimate = {.samples = static_cast<int>(values.size())};
    if (values.empty())
        return true;
    double sum = 0;
    for (const double value : values)
        sum += value;
    const bool isConstant = std::ranges::all_of(values, [&](double value) { return value == values.front(); });
    estimate.value = estimate.low = estimate.high = isConstant ? values.front() : sum / static_cast<double>(values.size());
    return isConstant;
}

void setInterval(std::vector<double>& means, Estimate& estimate) {
    estimate.low = percentile(means, 0.025);
    estimate.high = percentile(means, 0.975);
}

} // namespace

Estimate estimateOf(std::span<const double> values) {
    std::vector<double> present;
    present.reserve(values.size());
    std::ranges::copy_if(values, std::back_inserter(present), [](double value) { return !std::isnan(value); });
    Estimate estimate;
    if (startEstimate(present, estimate))
        return estimate;
    Random random(kSeed); // the same for every call: equal inputs give equal intervals
    std::vector<double> means(kResamples);
    for (double& mean : means) {
        double sum = 0;
        drawSample(present.size(), random, [&](std::uint32_t index) { sum += present[index]; });
        mean = sum / static_cast<double>(present.size());
    }
    setInterval(means, estimate);
    return estimate;
}

Bootstrap::Bootstrap(int samples) : m_samples(samples), m_shares(static_cast<std::size_t>(samples) * kResamples, 0.0) {
    Random random(kSeed); // the draws of estimateOf
    for (std::size_t resample = 0; resample < kResamples; ++resample)
        drawSample(static_cast<std::size_t>(samples), random,
                   [&](std::uint32_t index) { m_shares[resample * static_cast<std::size_t>(samples) + index] += 1.0 / samples; });
}

std::vector<Estimate> Bootstrap::ofRows(std::span<const double> rows) const {
    const auto samples = static_cast<std::size_t>(m_samples);
    std::vector<Estimate> estimates(samples == 0 ? 0 : rows.size() / samples);
    const Eigen::Map<const Eigen::MatrixXd> shares(m_shares.data(), m_samples, kResamples);
    std::vector<std::size_t> open; // rows that need the product
    for (std::size_t i = 0; i < estimates.size(); ++i) {
        const auto row = rows.subspan(i * samples, samples);
        if (!std::ranges::all_of(row, [](double value) { return std::isfinite(value); }))
            estimates[i] = estimateOf(row);
        else if (!startEstimate(row, estimates[i]))
            open.push_back(i);
    }
    constexpr std::size_t kChunk = 64; // rows whose resampled means are held at once
    std::vector<double> means(kResamples);
    for (std::size_t first = 0; first < open.size(); first += kChunk) {
        const std::size_t count = std::min(kChunk, open.size() - first);
        Eigen::MatrixXd values(m_samples, static_cast<Eigen::Index>(count));
        for (std::size_t i = 0; i < count; ++i)
            std::ranges::copy(rows.subspan(open[first + i] * samples, samples), values.col(static_cast<Eigen::Index>(i)).data());
        const Eigen::MatrixXd products = shares.transpose() * values;
        for (std::size_t i = 0; i < count; ++i) {
            const auto column = products.col(static_cast<Eigen::Index>(i));
            means.assign(column.data(), column.data() + kResamples);
            setInterval(means, estimates[open[first + i]]);
        }
    }
    return estimates;
}

} // namespace sinkscope
