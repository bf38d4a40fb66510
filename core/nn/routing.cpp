// SPDX-License-Identifier: Apache-2.0
#include "core/nn/routing.h"

#include "core/base/assert.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

void RoutingTable::start(std::size_t rows, int experts, int chosen) {
    SINKSCOPE_ASSERT(chosen > 0 && chosen <= experts);
    m_chosen = chosen;
    m_choices.assign(rows * static_cast<std::size_t>(chosen), {});
    m_begins.assign(static_cast<std::size_t>(experts) + 1, 0);
    m_routes.clear();
}

bool RoutingTable::choose(std::size_t row, std::span<const float> logits, bool renormalised) {
    if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); }))
        return false;
    Choice* choices = m_choices.data() + row * static_cast<std::size_t>(m_chosen);
    for (int expert = 0; expert < static_cast<int>(logits.size()); ++expert) { // the best so far, sorted
        const float logit = logits[static_cast<std::size_t>(expert)];
        int at = std::min(expert, m_chosen);
        while (at > 0 && choices[at - 1].weight < logit)
            --at;
        if (at == m_chosen)
            continue;
        std::copy_backward(choices + at, choices + m_chosen - 1, choices + m_chosen);
        choices[at] = {expert, logit};
    }
    const float largest = choices[0].weight;
    double total = 0;
    for (const float logit : logits)
        total += renormalised ? 0.0 : std::exp(double{logit} - largest);
    for (int at = 0; at < m_chosen; ++at)
        total += renormalised ? std::exp(double{choices[at].weight} - largest) : 0.0;
    for (int at = 0; at < m_chosen; ++at)
        choices[at].weight = static_cast<float>(std::exp(double{choices[at].weight} - largest) / total);
    return true;
}

void RoutingTable::finish() {
    for (const Choice& choice : m_choices)
        ++m_begins[static_cast<std::size_t>(choice.expert) + 1];
    for (std::size_t expert = 1; expert < m_begins.size(); ++expert)
        m_begins[expert] += m_begins[expert - 1];
    m_routes.resize(m_choices.size());
    std::vector<std::size_t> next(m_begins.begin(), m_begins.end() - 1);
    for (std::size_t at = 0; at < m_choices.size(); ++at)
        m_routes[next[static_cast<std::size_t>(m_choices[at].expert)]++] = {static_cast<std::uint32_t>(at / static_cast<std::size_t>(m_chosen)),
                                                                          m_choices[at].weight};
}

std::span<const Route> RoutingTable::routesOf(int expert) const {
    const auto at = static_cast<std::size_t>(expert);
    return {m_routes.data() + m_begins[at], m_begins[at + 1] - m_begins[at]};
}

std::size_t RoutingTable::floats(std::size_t rows, int chosen) {
    return rows * static_cast<std::size_t>(chosen) * (sizeof(Choice) + sizeof(Route)) / sizeof(float);
}

} // namespace sinkscope
