// SPDX-License-Identifier: Apache-2.0
#include "core/nn/gradient_model.h"

#include "core/checkpoint/mxfp4.h"
#include "core/model/rope_table.h"

#include <algorithm>
#include <cmath>
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
    m_experts.resize(m_spec.experts.layers.size());
    for (const ParameterTensor& entry : m_table.tensors) {
        SINKSCOPE_CHECK(context.checkpoint());
        at::Tensor parameter = at::empty(entry.shape(), at::kFloat);
        const std::span<float> values{parameter.data_ptr<float>(), static_cast<std::size_t>(parameter.numel())};
        if (entry.scales)
            dequantizeMxfp4(entry.tensor->bytes, entry.scales->bytes, 0, values);
        else
            convertToFloat(*entry.tensor, values);
        entry.tensor->file->release(entry.tensor->bytes);
        parameter.set_requires_grad(true);
        m_parameters.push_back(parameter);
        if (isExpert(entry.role)) // in order of experts
            m_experts[static_cast<std::size_t>(entry.layer)][at(entry.role) - at(kFirstExpertRole)].push_back(parameter);
        else
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
    at::Tensor scale = layer[at(weight)];
    if (m_spec.arch->normAddsOne)
        scale = scale + 1;
    if (m_spec.arch->norm == Norm::RmsNorm) {
        const at::Tensor unit = x * at::rsqrt(x.square().mean(-1, true) + epsilon);
        return scale.defined() ? unit * scale : unit;
    }
    return at::layer_norm(x, {x.size(-1)}, scale, layer[at(bias)], epsilon);
}

at::Tensor GradientModel::normalisedHeads(const Layer& layer, Role weight, Role bias, const at::Tensor& x, std::int64_t heads) const {
    if (!layer[at(weight)].defined())
        return x;
    if (m_spec.arch->wholeQkNorm)
        return normalised(layer, weight, bias, x);
    return normalised(layer, weight, bias, x.view({x.size(0), heads, -1})).view({x.size(0), -1});
}

at::Tensor GradientModel::activated(Activation activation, const at::Tensor& x) {
    switch (activation) {
    case Activation::Gelu: return at::gelu(x, "none");
    case Activation::GeluTanh: return at::gelu(x, "tanh");
    case Activation::Relu: return at::relu(x);
    case Activation::Silu: return at::silu(x);
    }
    return x;
}

GradientModel::Rotation GradientModel::rotationFor(std::int64_t tokens, const RopeParameters& rope) const {
    if (m_spec.positionKind != Positions::Rope)
        return {};
    const RopeTable table(rope, static_cast<int>(tokens));
    const std::int64_t half = rope.rotaryWidth / 2;
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
    const std::int64_t half = rotation.cosines.size(1), width = vectors.size(-1);
    const at::Tensor turning = vectors.narrow(-1, 0, 2 * half);
    const bool interleaved = m_spec.arch->interleavedRotary;
    const at::Tensor first = interleaved ? turning.slice(-1, 0, 2 * half, 2) : turning.narrow(-1, 0, half),
                     second = interleaved ? turning.slice(-1, 1, 2 * half, 2) : turning.narrow(-1, half, half);
    const at::Tensor left = first * rotation.cosines - second * rotation.sines, right = second * rotation.cosines + first * rotation.sines;
    std::vector<at::Tensor> parts{interleaved ? at::stack({left, right}, -1).flatten(-2) : at::cat({left, right}, -1)};
    if (width > 2 * half)
        parts.push_back(vectors.narrow(-1, 2 * half, width - 2 * half));
    return at::cat(parts, -1);
}

std::array<at::Tensor, 3> GradientModel::vectors(const Layer& layer, const at::Tensor& x) const {
    const std::int64_t heads = m_spec.heads, shared = m_spec.keyValueHeads, width = m_spec.headWidth, tokens = x.size(0);
    if (!layer[at(Role::FusedQkvWeight)].defined())
        return {linear(layer, Role::QueryWeight, Role::QueryBias, x), linear(layer, Role::KeyWeight, Role::KeyBias, x),
                linear(layer, Role::ValueWeight, Role::ValueBias, x)};
    const at::Tensor fused = linear(layer, Role::FusedQkvWeight, Role::FusedQkvBias, x);
    if (m_spec.arch->fusedOrder == FusedOrder::Grouped) {
        const at::Tensor groups = fused.view({tokens, shared, heads / shared + 2, width});
        const auto part = [&](std::int64_t first, std::int64_t count) { return groups.narrow(2, first, count).reshape({tokens, -1}); };
        return {part(0, heads / shared), part(heads / shared, 1), part(heads / shared + 1, 1)};
    }
    const auto parts = fused.split_with_sizes({heads * width, shared * width, shared * width}, -1);
    return {parts[0].contiguous(), parts[1].contiguous(), parts[2].contiguous()};
}

at::Tensor GradientModel::shaped(const at::Tensor& scores, int layer) const {
    at::Tensor result = m_spec.attentionCap > 0 ? at::tanh(scores / m_spec.attentionCap) * m_spec.attentionCap : scores;
    const std::int64_t heads = scores.size(0), tokens = scores.size(1);
    at::Tensor bias = at::zeros({heads, tokens, tokens}, at::kFloat), hidden = at::ones({tokens, tokens}, at::kBool);
    std::vector<float> row(static_cast<std::size_t>(tokens));
    for (std::int64_t query = 0; query < tokens; ++query)
        for (int head = 0; head < static_cast<int>(heads); ++head) {
            AttentionRule rule = m_spec.headRules.of(m_spec.attentionRule(), layer, head, m_spec.heads);
            rule.softCap = 0; // what is left is a constant that is added
            const int at = static_cast<int>(query), begin = rule.firstVisible(at), end = rule.endVisible(at, static_cast<int>(tokens));
            std::ranges::fill(row, 0.0f);
            shapeLogits(row.data(), at, begin, end, rule);
            std::ranges::copy(row, bias.data_ptr<float>() + (head * tokens + query) * tokens);
            std::fill(hidden.data_ptr<bool>() + query * tokens + begin, hidden.data_ptr<bool>() + query * tokens + end, false);
        }
    if (m_spec.positionKind == Positions::Alibi)
        result = result + bias;
    return result.masked_fill(hidden, -std::numeric_limits<float>::infinity());
}

at::Tensor GradientModel::attention(int layerIndex, const at::Tensor& x, const Rotation& rotation) const {
    const Layer& layer = m_layers[static_cast<std::size_t>(layerIndex)];
    const std::int64_t heads = m_spec.heads, shared = m_spec.keyValueHeads, tokens = x.size(0);
    auto [query, key, value] = vectors(layer, x);
    if (const double clip = m_spec.projectionClip; clip > 0)
        for (at::Tensor* part : {&query, &key, &value})
            *part = part->clamp(-clip, clip);
    query = normalisedHeads(layer, Role::QueryNorm, Role::QueryNormBias, query, heads);
    key = normalisedHeads(layer, Role::KeyNorm, Role::KeyNormBias, key, shared);
    query = rotated(byHead(query, heads), rotation);
    key = rotated(byHead(key, shared), rotation).repeat_interleave(heads / shared, 0);
    value = byHead(value, shared).repeat_interleave(heads / shared, 0);
    const at::Tensor scores = shaped(query.matmul(key.transpose(1, 2)) * m_spec.attentionScale, layerIndex);
    at::Tensor weights;
    if (const at::Tensor& sinks = layer[at(Role::AttentionSinks)]; sinks.defined())
        weights = at::cat({scores, sinks.view({heads, 1, 1}).expand({heads, tokens, 1})}, -1).softmax(-1).narrow(-1, 0, tokens);
    else
        weights = scores.softmax(-1);
    const at::Tensor mixed = weights.matmul(value).transpose(0, 1).reshape({tokens, heads * m_spec.headWidth});
    return linear(layer, Role::OutputWeight, Role::OutputBias, mixed);
}

at::Tensor GradientModel::feedForward(const Layer& layer, const at::Tensor& x) const {
    if (layer[at(Role::FusedGateUpWeight)].defined()) {
        const auto parts = linear(layer, Role::FusedGateUpWeight, Role::FusedGateUpBias, x).chunk(2, -1);
        return linear(layer, Role::DownWeight, Role::DownBias, activated(m_spec.activation, parts[0]) * parts[1]);
    }
    const at::Tensor up = linear(layer, Role::UpWeight, Role::UpBias, x);
    const at::Tensor inner = m_spec.arch->mlp == Mlp::Gated
                                 ? activated(m_spec.activation, linear(layer, Role::GateWeight, Role::GateBias, x)) * up
                                 : activated(m_spec.activation, up);
    return linear(layer, Role::DownWeight, Role::DownBias, inner);
}

at::Tensor GradientModel::block(int layerIndex, const at::Tensor& x, const Rotation& rotation) const {
    const Layer& layer = m_layers[static_cast<std::size_t>(layerIndex)];
    const auto norm = [&](Role weight, Role bias, const at::Tensor& y) {
        return applies(layer, weight) ? normalised(layer, weight, bias, y) : y;
    };
    const auto attentionNorm = [&](const at::Tensor& y) { return norm(Role::AttentionNorm, Role::AttentionNormBias, y); };
    const auto mlpNorm = [&](const at::Tensor& y) { return norm(Role::MlpNorm, Role::MlpNormBias, y); };
    const auto attended = [&](const at::Tensor& y) { return norm(Role::AttentionPostNorm, Role::FinalNormBias, attention(layerIndex, y, rotation)); };
    const auto fed = [&](const at::Tensor& y) { return norm(Role::MlpPostNorm, Role::FinalNormBias, m_spec.experts.in(layerIndex) ? mixture(layerIndex, y) : feedForward(layer, y)); };
    if (m_spec.parallel) {
        const at::Tensor input = attentionNorm(x);
        return x + attended(input) + fed(applies(layer, Role::MlpNorm) ? mlpNorm(x) : input);
    }
    if (m_spec.preNorm) {
        const at::Tensor input = attentionNorm(x), middle = (m_spec.residualFromNorm ? input : x) + attended(input), inner = mlpNorm(middle);
        return (m_spec.residualFromNorm ? inner : middle) + fed(inner);
    }
    const at::Tensor middle = attentionNorm(x + attended(x));
    return mlpNorm(middle + fed(middle));
}

at::Tensor GradientModel::positionsOf(const SampleInput& sample) const {
    std::vector<std::int32_t> rows;
    std::int32_t next = m_spec.positionOffset;
    for (const std::int32_t id : sample.ids)
        rows.push_back(m_spec.paddingId >= 0 && id == m_spec.paddingId ? m_spec.paddingId : next++);
    return at::embedding(m_model[at(Role::PositionEmbedding)], indices(rows));
}

at::Tensor GradientModel::embed(const SampleInput& sample) const {
    const auto tokens = static_cast<std::int64_t>(sample.ids.size());
    at::Tensor x = at::embedding(m_model[at(Role::TokenEmbedding)], indices(sample.ids));
    const bool projects = m_model[at(Role::EmbeddingProjectionWeight)].defined(),
               positioned = m_model[at(Role::PositionEmbedding)].defined(), later = projects && m_spec.arch->projectsEmbeddingFirst;
    if (m_spec.arch->scalesEmbedding)
        x = x * std::sqrt(static_cast<double>(m_spec.width));
    if (const at::Tensor& segments = m_model[at(Role::SegmentEmbedding)]; segments.defined())
        x = x + at::embedding(segments, sample.segments.empty() ? at::zeros({tokens}, at::kLong) : indices(sample.segments));
    if (positioned && !later)
        x = x + positionsOf(sample);
    if (m_model[at(Role::EmbeddingNorm)].defined())
        x = normalised(m_model, Role::EmbeddingNorm, Role::EmbeddingNormBias, x);
    if (projects)
        x = linear(m_model, Role::EmbeddingProjectionWeight, Role::EmbeddingProjectionBias, x);
    return positioned && later ? x + positionsOf(sample) : x;
}

at::Tensor GradientModel::hidden(const SampleInput& sample) const {
    const auto tokens = static_cast<std::int64_t>(sample.ids.size());
    const Rotation global = rotationFor(tokens, m_spec.rope), local = m_spec.localRope ? rotationFor(tokens, *m_spec.localRope) : global;
    at::Tensor x = embed(sample);
    for (int layer = 0; layer < m_spec.layers; ++layer)
        x = block(layer, x, m_spec.windowOf(layer) > 0 ? local : global);
    return x;
}

at::Tensor GradientModel::logits(const at::Tensor& hidden) const {
    at::Tensor x = hidden;
    if (applies(m_model, Role::FinalNorm))
        x = normalised(m_model, Role::FinalNorm, Role::FinalNormBias, x);
    if (m_model[at(Role::HeadTransformWeight)].defined()) {
        x = activated(m_spec.headActivation, linear(m_model, Role::HeadTransformWeight, Role::HeadTransformBias, x));
        x = normalised(m_model, Role::HeadTransformNorm, Role::HeadTransformNormBias, x);
    } else if (const at::Tensor& projection = m_model[at(Role::HeadProjectionWeight)]; projection.defined()) {
        x = x.matmul(m_spec.arch->transposedLinear ? projection : projection.t());
    }
    x = linear(m_model, Role::Unembedding, Role::UnembeddingBias, x);
    return m_spec.logitCap > 0 ? at::tanh(x / m_spec.logitCap) * m_spec.logitCap : x;
}

} // namespace sinkscope
