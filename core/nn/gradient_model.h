// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/parameter_groups.h"
#include "core/nn/forward.h"

#include <ATen/ATen.h>

#include <array>

namespace sinkscope {

/// A model that can be differentiated: its parameters as float32 tensors that require gradients, and the mathematics of the forward
/// pass in ATen operations, for every flag of ArchSpec. Slower than runModel and never used for it; the tests hold the two against
/// each other. Throws what ATen throws. Threads: load() once, then any, each with its own sample.
class GradientModel {
public:
    explicit GradientModel(const ModelSpec& spec) : m_spec(spec), m_table(parameterTable(spec)) {}
    /// Copies the weights. Errors: Cancelled.
    Result<void> load(const JobContext& context);

    /// The residual stream after the last layer, before the final norm: [tokens, width]. The sample has been checked.
    [[nodiscard]] at::Tensor hidden(const SampleInput& sample) const;
    /// [tokens, vocabulary]. The model has a head.
    [[nodiscard]] at::Tensor logits(const at::Tensor& hidden) const;

    /// In the order of table().tensors.
    [[nodiscard]] const std::vector<at::Tensor>& parameters() const { return m_parameters; }
    [[nodiscard]] const ParameterTable& table() const { return m_table; }

private:
    using Layer = std::array<at::Tensor, kRoleCount>;
    struct Rotation {
        at::Tensor cosines, sines; ///< [tokens, rotaryWidth / 2]
    };
    [[nodiscard]] at::Tensor embed(const SampleInput& sample) const;
    [[nodiscard]] at::Tensor positionsOf(const SampleInput& sample) const;
    [[nodiscard]] at::Tensor block(int layerIndex, const at::Tensor& x, const Rotation& rotation) const;
    [[nodiscard]] std::array<at::Tensor, 3> vectors(const Layer& layer, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor attention(int layerIndex, const at::Tensor& x, const Rotation& rotation) const;
    [[nodiscard]] at::Tensor shaped(const at::Tensor& scores, int layer) const;
    [[nodiscard]] at::Tensor feedForward(const Layer& layer, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor mixture(int layerIndex, const at::Tensor& x) const; // gradient_experts.cpp
    [[nodiscard]] at::Tensor expertOutput(int layerIndex, int expert, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor expertTensor(int layerIndex, Role role, int expert) const;
    [[nodiscard]] at::Tensor linear(const Layer& layer, Role weight, Role bias, const at::Tensor& x) const;
    /// Whether the norm is there, with or without weights.
    [[nodiscard]] bool applies(const Layer& layer, Role norm) const {
        return layer[static_cast<std::size_t>(norm)].defined() || m_spec.unweightedNorms[static_cast<std::size_t>(norm)];
    }
    [[nodiscard]] at::Tensor normalised(const Layer& layer, Role weight, Role bias, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor normalisedHeads(const Layer& layer, Role weight, Role bias, const at::Tensor& x, std::int64_t heads) const;
    [[nodiscard]] static at::Tensor activated(Activation activation, const at::Tensor& x);
    [[nodiscard]] Rotation rotationFor(std::int64_t tokens, const RopeParameters& rope) const;
    [[nodiscard]] at::Tensor rotated(const at::Tensor& vectors, const Rotation& rotation) const;

    const ModelSpec& m_spec;
    ParameterTable m_table;
    std::vector<at::Tensor> m_parameters;
    std::vector<Layer> m_layers;
    std::vector<std::array<std::vector<at::Tensor>, ExpertSpec::kRoles>> m_experts; ///< [layers], as ExpertSpec::layers
    Layer m_model; ///< what exists once
};

} // namespace sinkscope
