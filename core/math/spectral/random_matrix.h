// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Limit law of the eigenvalues of W' W / N for an N x M matrix W (N >= M) of independent entries of mean zero (Marchenko and Pastur 1967).
struct MarchenkoPastur {
    double ratio = 1;    ///< Q = N / M, at least 1
    double variance = 1; ///< of the entries

    [[nodiscard]] double low() const;  ///< variance (1 - 1/sqrt Q)^2
    [[nodiscard]] double high() const; ///< variance (1 + 1/sqrt Q)^2
    [[nodiscard]] double density(double x) const;
    /// Share of the eigenvalues up to x, in closed form.
    [[nodiscard]] double cumulative(double x) const;
    /// The inverse of `cumulative` for a share in 0..1.
    [[nodiscard]] double quantile(double share) const;
};

/// How far eigenvalues, falling, are from the law.
struct MarchenkoPasturDistance {
    double kolmogorovSmirnov = 0; ///< largest difference of the cumulative distributions
    double wasserstein = 0;       ///< mean difference of eigenvalues and quantiles (at the middles of their shares), in units of the variance
};
MarchenkoPasturDistance distanceTo(const MarchenkoPastur& law, std::span<const double> eigenvalues);

/// 99 % quantile of the Tracy-Widom law of order 1.
inline constexpr double kTracyWidom99 = 2.0234;
/// What the largest eigenvalue of W' W / N exceeds with the probability that belongs to `quantile`, for normal entries and finite sizes:
/// centre and scale of Johnstone (Annals of Statistics 29, 2001). Scales with the variance.
double tracyWidomEdge(std::size_t rows, std::size_t columns, double variance, double quantile = kTracyWidom99);
/// The edge that WeightWatcher uses: high + sqrt(Q^-1/2 high^2/3 M^-2/3). Not invariant to the scale of the matrix; for comparison only.
double weightWatcherEdge(const MarchenkoPastur& law, std::size_t columns);
/// Eigenvalues, falling, beyond an edge.
int countSpikes(std::span<const double> eigenvalues, double edge);

/// Tail of a power law p(x) ~ x^-alpha from x = start on.
struct PowerLawFit {
    double alpha = 0;
    double start = 0;          ///< x_min, one of the values
    double distance = 0;       ///< Kolmogorov-Smirnov distance of the tail from the fit
    double deviation = 0;      ///< of alpha: (alpha - 1) / sqrt(tail)
    int tail = 0;              ///< values from `start` on
};
/// Fewest values of a tail.
inline constexpr int kShortestTail = 10;
/// Maximum likelihood for every possible start, and the start with the smallest distance (Clauset, Shalizi and Newman 2009). `values` falling;
/// those that are not positive are left out. Nothing when fewer than kShortestTail remain or all are equal. O(n^2).
std::optional<PowerLawFit> fitPowerLaw(std::span<const double> values);
/// The exponent alone, for a known start; NaN when nothing lies above it.
double powerLawExponent(std::span<const double> values, double start);

} // namespace sinkscope
