// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

namespace sinkscope {

/// Mean over samples with a 95 % percentile-bootstrap interval (2,000 resamples, fixed seed). With one sample low = high = value.
struct Estimate {
    double value = 0, low = 0, high = 0;
    int samples = 0; ///< that had a value
};
/// NaN counts as "no value". Thread: any.
Estimate estimateOf(std::span<const double> values);

/// Estimates of many rows of the same length: the resamples are drawn once, and their means are one matrix product. Gives what estimateOf
/// gives, to rounding. Thread: any, once made.
class Bootstrap {
public:
    explicit Bootstrap(int samples);
    /// `rows` is [count, samples]. Rows with gaps or infinities go through estimateOf.
    [[nodiscard]] std::vector<Estimate> ofRows(std::span<const double> rows) const;

private:
    int m_samples = 0;
    std::vector<double> m_shares; ///< [samples, resamples] column-major: how often a sample is drawn / samples
};

} // namespace sinkscope
