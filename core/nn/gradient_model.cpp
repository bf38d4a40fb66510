// SPDX-License-Identifier: Apache-2.0
#include "core/nn/gradient_model.h"

#include "core/nn/rope.h"

#include <limits>

namespace sinkscope {
namespace {

constexpr std::size_t at(Role role) { return static_cast<std::size_t>(role); }

at::Tensor indices(std::span<const std::int32_t> ids) {
    at::Tensor tensor = at::empty({static_cast<std::int64_t>(ids.size())}, at::kLong);
    std::copy(ids.begin(), ids.end(), tensor.data_ptr<std::int64_t>());
    return tensor;
}

/// [tokens, heads * width] as [heads, tokens, width].
at::Tensor byHead(const at::Tensor& x, std::int64_t heads) { return x.view({x.size(0), heads, -1}).transpose(0, 1); }

} // namespace

Result<void> GradientModel::load(const JobContext& context) {
    m_layers.resize(static_cast<std::size_t>(m_spec.layers));
    for (const ParameterTensor& entry : m_table.tensors) {
        SINKSCOPE_CHECK(context.checkpoint());
        at::Tensor parameter = at::empty(entry.tensor->shape, at::kFloat);
        convertToFloat(*entry.tensor, {parameter.data_ptr<float>(), static_cast<std::size_t>(parameter.numel())});
        entry.tensor->file->release(entry.tensor->bytes);
        parameter.set_requires_grad(true);
        m_parameters.push_back(parameter);
        (entry.layer < 0 ? m_model : m_layers[static_cast<std::size_t>(entry.layer)])[at(entry.role)] = parameter;
    }
    if (m_table.tied)
        m_model[at(Role::Unembedding)] = m_model[at(Role::TokenEmbedding)];
    return {};
}

at::Tensor GradientModel::linear(const Layer& layer, Role weight, Role bias, const at::Tensor& x) const {
    const at::Tensor& matrix = layer[at(weight)];
    const bool transposed = m_spec.arch->transposedLinear && weight != Role::Unembedding;
    const at::Tensor product = x.matmul(transposed ? matrix : matrix.t());
    return layer[at(bias)].defined() ? product + layer[at(bias)] : product;
}

at::Tensor GradientModel::normalised(const Layer& layer, Role weight, Role bias, const at::Tensor& x) const {
    const double epsilon = m_spec.normEpsilon;
    if (m_spec.arch->norm == Norm::RmsNorm)
        return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * layer[at(weight)];
    return at::layer_norm(x, {x.size(-1)}, layer[at(weight)], layer[at(bias)], epsilon);
}

at::Tensor GradientModel::activated(const at::Tensor& x) const {
    switch (m_spec.activation) {
    case Activation::Gelu: return at::gelu(x, "none");
    case Activation::GeluTanh: return at::gelu(x, "tanh");
    case Activation::Relu: return at::relu(x);
    case Activation::Silu: return at::silu(x);
    }
    return x;
}

GradientModel::Rotation GradientModel::rotationFor(std::int64_t tokens) const {
    if (m_spec.arch->positions != Positions::Rope)
        return {};
    const RopeTable table(m_spec.rope, static_cast<int>(tokens));
    const std::int64_t half = m_spec.rope.rotaryWidth / 2;
    const auto count = static_cast<std::size_t>(half);
    Rotation rotation{at::empty({tokens, half}, at::kFloat), at::empty({tokens, half}, at::kFloat)};
    std::vector<float> vector(2 * count);
    for (std::int64_t token = 0; token < tokens; ++token) {
        // (1, 0) turned by an angle is (cosine, sine): the very numbers that the fast forward pass turns by.
        std::fill(vector.begin(), vector.begin() + half, 1.0f);
        std::fill(vector.begin() + half, vector.end(), 0.0f);
        table.rotate(vector.data(), static_cast<int>(token));
        std::copy_n(vector.data(), count, rotation.cosines.data_ptr<float>() + token * half);
        std::copy_n(vector.data() + count, count, rotation.sines.data_ptr<float>() + token * half);
    }
    return rotation;
}

at::Tensor GradientModel::rotated(const at::Tensor& vectors, const Rotation& rotation) const {
    if (!rotation.cosines.defined())
        return vectors;
    const std::int64_t half = m_spec.rope.rotaryWidth / 2, width = vectors.size(-1);
    const at::Tensor first = vectors.narrow(-1, 0, half), second = vectors.narrow(-1, half, half);
    std::vector<at::Tensor> parts{first * rotation.cosines - second * rotation.sines,
                                  second * rotation.cosines + first * rotation.sines};
    if (width > 2 * half)
        parts.push_back(vectors.narrow(-1, 2 * half, width - 2 * half));
    return at::cat(parts, -1);
}

at::Tensor GradientModel::attention(const Layer& layer, const at::Tensor& x, const Rotation& rotation) const {
    const std::int64_t heads = m_spec.heads, shared = m_spec.keyValueHeads, tokens = x.size(0);
    const std::int64_t queryWidth = heads * m_spec.headWidth, keyWidth = shared * m_spec.headWidth;
    at::Tensor query, key, value;
    if (layer[at(Role::FusedQkvWeight)].defined()) {
        const at::Tensor fused = linear(layer, Role::FusedQkvWeight, Role::FusedQkvBias, x);
        const auto parts = fused.split_with_sizes({queryWidth, keyWidth, keyWidth}, -1);
        query = parts[0].contiguous(), key = parts[1].contiguous(), value = parts[2].contiguous();
    } else {
        query = linear(layer, Role::QueryWeight, Role::QueryBias, x);
        key = linear(layer, Role::KeyWeight, Role::KeyBias, x);
        value = linear(layer, Role::ValueWeight, Role::ValueBias, x);
    }
    query = rotated(byHead(query, heads), rotation);
    key = rotated(byHead(key, shared), rotation).repeat_interleave(heads / shared, 0);
    value = byHead(value, shared).repeat_interleave(heads / shared, 0);
    at::Tensor scores = query.matmul(key.transpose(1, 2)) * m_spec.attentionScale;
    if (m_spec.arch->mask == Mask::Causal) {
        const at::Tensor later = at::ones({tokens, tokens}, at::kBool).triu(1);
        scores = scores.masked_fill(later, -std::numeric_limits<float>::infinity());
    }
    const at::Tensor mixed = scores.softmax(-1).matmul(value).transpose(0, 1).reshape({tokens, queryWidth});
    return linear(layer, Role::OutputWeight, Role::OutputBias, mixed);
}

at::Tensor GradientModel::feedForward(const Layer& layer, const at::Tensor& x) const {
    const at::Tensor up = linear(layer, Role::UpWeight, Role::UpBias, x);
    const at::Tensor inner =
        m_spec.arch->mlp == Mlp::Gated ? activated(linear(layer, Role::GateWeight, Role::GateBias, x)) * up : activated(up);
    return linear(layer, Role::DownWeight, Role::DownBias, inner);
}

at::Tensor GradientModel::block(const Layer& layer, const at::Tensor& x, const Rotation& rotation) const {
    const auto attentionNorm = [&](const at::Tensor& y) { return normalised(layer, Role::AttentionNorm, Role::AttentionNormBias, y); };
    const auto mlpNorm = [&](const at::Tensor& y) { return normalised(layer, Role::MlpNorm, Role::MlpNormBias, y); };
    if (m_spec.arch->normPlacement == NormPlacement::Pre) {
        const at::Tensor middle = x + attention(layer, attentionNorm(x), rotation);
        return middle + feedForward(layer, mlpNorm(middle));
    }
    const at::Tensor middle = attentionNorm(x + attention(layer, x, rotation));
    return mlpNorm(middle + feedForward(layer, middle));
}

at::Tensor GradientModel::embed(const SampleInput& sample) const {
    const auto tokens = static_cast<std::int64_t>(sample.ids.size());
    at::Tensor x = at::embedding(m_model[at(Role::TokenEmbedding)], indices(sample.ids));
    if (const at::Tensor& segments = m_model[at(Role::SegmentEmbedding)]; segments.defined())
        x = x + at::embedding(segments, sample.segments.empty() ? at::zeros({tokens}, at::kLong) : indices(sample.segments));
    if (const at::Tensor& positions = m_model[at(Role::PositionEmbedding)]; positions.defined())
        x = x + positions.narrow(0, 0, tokens);
    return m_model[at(Role::EmbeddingNorm)].defined() ? normalised(m_model, Role::EmbeddingNorm, Role::EmbeddingNormBias, x) : x;
}

at::Tensor GradientModel::hidden(const SampleInput& sample) const {
    const Rotation rotation = rotationFor(static_cast<std::int64_t>(sample.ids.size()));
    at::Tensor x = embed(sample);
    for (const Layer& layer : m_layers)
        x = block(layer, x, rotation);
    return x;
}

at::Tensor GradientModel::logits(const at::Tensor& hidden) const {
    at::Tensor x = hidden;
    if (m_model[at(Role::FinalNorm)].defined())
        x = normalised(m_model, Role::FinalNorm, Role::FinalNormBias, x);
    if (m_model[at(Role::HeadTransformWeight)].defined()) {
        x = activated(linear(m_model, Role::HeadTransformWeight, Role::HeadTransformBias, x));
        x = normalised(m_model, Role::HeadTransformNorm, Role::HeadTransformNormBias, x);
    }
    return linear(m_model, Role::Unembedding, Role::UnembeddingBias, x);
}

} // namespace sinkscope
