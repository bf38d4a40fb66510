// SPDX-License-Identifier: Apache-2.0
// Experts, differentiably: which ones a token goes to is a constant, how much of each answer counts is not.
#include "core/nn/gradient_model.h"

namespace sinkscope {
namespace {

constexpr std::size_t at(Role role) { return static_cast<std::size_t>(role); }

} // namespace

at::Tensor GradientModel::expertTensor(int layerIndex, Role role, int expert) const {
    const std::size_t place = at(role) - at(kFirstExpertRole);
    const auto& tensors = m_experts[static_cast<std::size_t>(layerIndex)][place];
    if (tensors.empty())
        return {};
    return m_spec.experts.hasOwn[place] ? tensors[static_cast<std::size_t>(expert)] : tensors.front().select(0, expert);
}

at::Tensor GradientModel::expertOutput(int layerIndex, int expert, const at::Tensor& x) const {
    const ExpertSpec& experts = m_spec.experts;
    const auto product = [&](const at::Tensor& input, Role weight, Role bias) {
        const at::Tensor matrix = expertTensor(layerIndex, weight, expert), shift = expertTensor(layerIndex, bias, expert);
        const at::Tensor result = input.matmul(experts.storedByInput ? matrix : matrix.t());
        return shift.defined() ? result + shift : result;
    };
    at::Tensor gate, up;
    if (expertTensor(layerIndex, Role::ExpertGateUpWeight, expert).defined()) {
        const at::Tensor both = product(x, Role::ExpertGateUpWeight, Role::ExpertGateUpBias);
        const std::int64_t inner = experts.width;
        gate = experts.interleaved ? both.slice(-1, 0, 2 * inner, 2) : both.narrow(-1, 0, inner);
        up = experts.interleaved ? both.slice(-1, 1, 2 * inner, 2) : both.narrow(-1, inner, inner);
    } else {
        gate = product(x, Role::ExpertGateWeight, Role::ExpertGateBias);
        up = product(x, Role::ExpertUpWeight, Role::ExpertUpBias);
    }
    if (experts.alpha > 0) {
        gate = gate.clamp_max(experts.limit);
        gate = gate * (gate * experts.alpha).sigmoid();
        up = up.clamp(-experts.limit, experts.limit) + 1;
    } else
        gate = activated(m_spec.activation, gate);
    return product(gate * up, Role::ExpertDownWeight, Role::ExpertDownBias);
}

at::Tensor GradientModel::mixture(int layerIndex, const at::Tensor& x) const {
    const ExpertSpec& experts = m_spec.experts;
    const at::Tensor logits = linear(m_layers[static_cast<std::size_t>(layerIndex)], Role::RouterWeight, Role::RouterBias, x);
    const auto [best, chosen] = logits.topk(experts.chosen, -1); // [tokens, chosen]
    const at::Tensor weights = experts.renormalised ? best.softmax(-1) : logits.softmax(-1).gather(-1, chosen);
    at::Tensor sum = at::zeros_like(x);
    for (int expert = 0; expert < experts.count; ++expert) {
        const at::Tensor places = (chosen == expert).nonzero(); // [routes, 2]: the token, and which of its choices it is
        if (places.size(0) == 0)
            continue;
        const at::Tensor rows = places.select(1, 0), shares = weights.flatten().index_select(0, rows * experts.chosen + places.select(1, 1));
        sum = sum.index_add(0, rows, expertOutput(layerIndex, expert, x.index_select(0, rows)) * shares.unsqueeze(1));
    }
    return sum;
}

} // namespace sinkscope
