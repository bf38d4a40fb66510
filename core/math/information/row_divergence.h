// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

/// Probability distributions over the same `length` outcomes; row i can be other than 0 in its first `visible(i)` places. With a triangle,
/// `visible` grows by one from row to row. Rows are normalised when they are made; logarithms are kept beside them.
class DistributionRows {
public:
    /// `values` is [rows, length], not negative, rows need not sum to 1 exactly. `firstVisible` 0: every row sees everything; otherwise row
    /// i sees firstVisible + i outcomes. Nothing when a row has no mass or is not finite.
    static std::optional<DistributionRows> create(std::span<const float> values, std::size_t length, std::size_t firstVisible = 0);

    [[nodiscard]] std::size_t count() const { return m_entropies.size(); }
    [[nodiscard]] std::size_t length() const { return m_length; }
    [[nodiscard]] std::size_t visible(std::size_t row) const { return m_firstVisible > 0 ? m_firstVisible + row : m_length; }
    [[nodiscard]] std::span<const double> row(std::size_t row) const { return std::span(m_values).subspan(row * m_length, m_length); }
    [[nodiscard]] std::span<const double> logarithms(std::size_t row) const { return std::span(m_logarithms).subspan(row * m_length, m_length); }
    [[nodiscard]] double entropy(std::size_t row) const { return m_entropies[row]; } ///< nats

private:
    DistributionRows() = default;
    std::size_t m_length = 0, m_firstVisible = 0;
    std::vector<double> m_values, m_logarithms; ///< log of 0 is a large negative number here
    std::vector<double> m_entropies;
};

/// Mean over pairs of rows of the Jensen-Shannon divergence, nats, in 0..ln 2. NaN where there is no pair.
struct PairwiseDivergence {
    double whole = 0;  ///< of the rows as they are: what one row puts where the other cannot see counts as disagreement
    double common = 0; ///< of both rows conditioned on what both can see; pairs in which one has no mass there are left out
};
/// O(rows^2 length). Thread: any.
PairwiseDivergence meanPairwiseJensenShannon(const DistributionRows& rows);

/// Generalized Jensen-Shannon divergence with equal shares: entropy of the mean row minus the mean of the entropies, which is the mean
/// Kullback-Leibler divergence of the rows from their mean. Nats, 0..ln(rows). NaN for less than two rows. O(rows length).
double generalizedJensenShannon(const DistributionRows& rows);

/// Mean over successive rows i, i+1 of KL(row i || row i+1 conditioned on what row i sees), nats. Infinite as soon as row i+1 is 0 where row i
/// is not. NaN for less than two rows.
double meanSuccessiveKullbackLeibler(const DistributionRows& rows);

} // namespace sinkscope
