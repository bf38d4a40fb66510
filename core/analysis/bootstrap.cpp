// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/analysis.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr int kResamples = 2000;
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
    if (low + 1 == values.end())
        return *low;
    return *low + (*std::min_element(low + 1, values.end()) - *low) * (at - std::floor(at));
}

double resampledMean(std::span<const double> values, Random& random) {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); i += 2) {
        const auto [first, second] = random.below(values.size());
        sum += values[first];
        if (i + 1 < values.size())
            sum += values[second];
    }
    return sum / static_cast<double>(values.size());
}

} // namespace

Estimate estimateOf(std::span<const double> values) {
    Estimate estimate{.samples = static_cast<int>(values.size())};
    if (values.empty())
        return estimate;
    double sum = 0;
    for (const double value : values)
        sum += value;
    estimate.value = estimate.low = estimate.high = sum / static_cast<double>(values.size());
    if (std::ranges::all_of(values, [&](double value) { return value == values.front(); })) {
        estimate.value = estimate.low = estimate.high = values.front(); // also one sample: nothing to resample
        return estimate;
    }
    Random random(kSeed); // the same for every call: equal inputs give equal intervals
    std::vector<double> means(kResamples);
    for (double& mean : means)
        mean = resampledMean(values, random);
    estimate.low = percentile(means, 0.025);
    estimate.high = percentile(means, 0.975);
    return estimate;
}

} // namespace sinkscope
