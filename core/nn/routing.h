// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sinkscope {

/// A row of the residual stream that an expert works on, and how much of its answer counts.
struct Route {
    std::uint32_t row = 0;
    float weight = 0;
};

/// Which experts the rows of a layer go to. Expert by expert, so that the weights of each are read once; rows in order.
class RoutingTable {
public:
    /// Forgets everything and makes room for `rows` rows with `chosen` of `experts` each. Throws std::bad_alloc.
    void start(std::size_t rows, int experts, int chosen);
    /// Chooses the experts of a row by the router's `logits` [experts]; of equal ones the earlier. The weights are the softmax over all
    /// logits; `renormalised`: divided by the sum of the chosen ones, which makes them the softmax over those. Safe on any thread
    /// for different rows. False when a logit is not finite.
    bool choose(std::size_t row, std::span<const float> logits, bool renormalised);
    /// After the last row: puts the routes of every expert together.
    void finish();
    [[nodiscard]] std::span<const Route> routesOf(int expert) const;
    /// Floats that `start` makes room for, for the plan.
    static std::size_t floats(std::size_t rows, int chosen);

private:
    struct Choice {
        std::int32_t expert = -1;
        float weight = 0;
    };
    int m_chosen = 0;
    std::vector<Choice> m_choices;      ///< [rows, chosen]
    std::vector<Route> m_routes;        ///< by expert, then by row
    std::vector<std::size_t> m_begins;  ///< [experts + 1]
};

} // namespace sinkscope
