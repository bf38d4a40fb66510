// SPDX-License-Identifier: Apache-2.0
#include "core/model/parameter_groups.h"

#include <array>

namespace sinkscope {
namespace {

Component componentOf(Role role) {
    switch (role) {
    case Role::AttentionNorm:
    case Role::AttentionNormBias:
    case Role::MlpNorm:
    case Role::MlpNormBias:
    case Role::QueryNorm:
    case Role::QueryNormBias:
    case Role::KeyNorm:
    case Role::KeyNormBias:
    case Role::AttentionPostNorm:
    case Role::MlpPostNorm: return Component::Norm;
    case Role::AttentionSinks: return Component::Sink;
    case Role::RouterWeight:
    case Role::RouterBias: return Component::Router;
    case Role::FusedQkvWeight: // cut into three by the caller
    case Role::FusedQkvBias:
    case Role::QueryWeight:
    case Role::QueryBias: return Component::Query;
    case Role::KeyWeight:
    case Role::KeyBias: return Component::Key;
    case Role::ValueWeight:
    case Role::ValueBias: return Component::Value;
    case Role::OutputWeight:
    case Role::OutputBias: return Component::Output;
    case Role::GateWeight:
    case Role::GateBias:
    case Role::UpWeight:
    case Role::UpBias:
    case Role::FusedGateUpWeight:
    case Role::FusedGateUpBias:
    case Role::DownWeight:
    case Role::DownBias:
    case Role::ExpertGateWeight:
    case Role::ExpertGateBias:
    case Role::ExpertUpWeight:
    case Role::ExpertUpBias:
    case Role::ExpertGateUpWeight:
    case Role::ExpertGateUpScales:
    case Role::ExpertGateUpBias:
    case Role::ExpertDownWeight:
    case Role::ExpertDownScales:
    case Role::ExpertDownBias: return Component::Mlp;
    case Role::TokenEmbedding:
    case Role::EmbeddingProjectionWeight:
    case Role::EmbeddingProjectionBias: return Component::TokenEmbedding;
    case Role::PositionEmbedding: return Component::PositionEmbedding;
    case Role::SegmentEmbedding: return Component::SegmentEmbedding;
    case Role::EmbeddingNorm:
    case Role::EmbeddingNormBias: return Component::EmbeddingNorm;
    case Role::FinalNorm:
    case Role::FinalNormBias: return Component::FinalNorm;
    case Role::Unembedding:
    case Role::UnembeddingBias: return Component::Unembedding;
    case Role::HeadProjectionWeight:
    case Role::HeadTransformWeight:
    case Role::HeadTransformBias:
    case Role::HeadTransformNorm:
    case Role::HeadTransformNormBias: return Component::HeadTransform;
    }
    return Component::TokenEmbedding;
}

class TableBuilder {
public:
    explicit TableBuilder(const ModelSpec& spec) : m_spec(spec) {}

    void add(Role role, int layer, const TensorInfo* tensor, int expert = -1, const TensorInfo* scales = nullptr) {
        if (!tensor)
            return;
        const int axis = m_spec.arch->transposedLinear && role == Role::FusedQkvWeight ? 1 : 0; // nothing else is cut
        ParameterTensor entry{role, layer, tensor, expert, scales, axis};
        const auto shape = entry.shape();
        const std::int64_t outputs = shape[static_cast<std::size_t>(axis)];
        std::int64_t others = 1;
        for (const std::int64_t size : shape)
            others *= size;
        others /= outputs;
        const auto piece = [&](Component component, std::int64_t first, std::int64_t count) {
            entry.pieces.push_back({groupOf(component, layer), first, count});
            m_table.groups[entry.pieces.back().group].parameters += static_cast<std::uint64_t>(count * others);
        };
        if (role == Role::FusedQkvWeight || role == Role::FusedQkvBias) {
            const std::int64_t query = std::int64_t{m_spec.heads} * m_spec.headWidth,
                               key = std::int64_t{m_spec.keyValueHeads} * m_spec.headWidth;
            const bool grouped = m_spec.arch->fusedOrder == FusedOrder::Grouped;
            const std::int64_t groups = grouped ? m_spec.keyValueHeads : 1, queries = query / groups, keys = key / groups;
            for (std::int64_t group = 0, first = 0; group < groups; ++group, first += queries + 2 * keys) {
                piece(Component::Query, first, queries);
                piece(Component::Key, first + queries, keys);
                piece(Component::Value, first + queries + keys, keys);
            }
        } else
            piece(componentOf(role), 0, outputs);
        m_table.tensors.push_back(std::move(entry));
    }
    void addModelRoles(Role first, Role last) {
        for (auto role = static_cast<std::size_t>(first); role <= static_cast<std::size_t>(last); ++role)
            add(static_cast<Role>(role), -1, m_spec.modelTensors[role]);
    }
    /// In the order in which the components are listed, whatever the order of the roles.
    void addLayer(int layer) {
        for (const Component component :
             {Component::Query, Component::Key, Component::Value, Component::Output, Component::Mlp, Component::Norm})
            groupOf(component, layer);
        for (std::size_t role = 0; role <= static_cast<std::size_t>(kLastLayerRole); ++role)
            add(static_cast<Role>(role), layer, m_spec.layerTensors[static_cast<std::size_t>(layer)][role]);
        if (m_spec.experts.in(layer))
            addExperts(layer);
    }
    void addExperts(int layer) {
        const ExpertSpec& experts = m_spec.experts;
        for (auto at = static_cast<std::size_t>(kFirstExpertRole); at <= static_cast<std::size_t>(kLastLayerRole); ++at) {
            const auto role = static_cast<Role>(at);
            if (role == Role::ExpertGateUpScales || role == Role::ExpertDownScales)
                continue;
            const Role scales = role == Role::ExpertGateUpWeight ? Role::ExpertGateUpScales : Role::ExpertDownScales;
            const bool blocks = experts.mxfp4 && (role == Role::ExpertGateUpWeight || role == Role::ExpertDownWeight);
            const auto& tensors = experts.tensorsOf(layer, role);
            const bool each = experts.hasOwn[at - static_cast<std::size_t>(kFirstExpertRole)];
            for (std::size_t expert = 0; expert < tensors.size(); ++expert)
                add(role, layer, tensors[expert], each ? static_cast<int>(expert) : -1, blocks ? experts.tensorsOf(layer, scales).front() : nullptr);
        }
    }
    ParameterTable&& table() { return std::move(m_table); }
    void setTied(bool tied) { m_table.tied = tied; }

private:
    std::size_t groupOf(Component component, int layer) {
        for (std::size_t at = m_table.groups.size(); at > 0; --at) // the layer at hand is at the end
            if (m_table.groups[at - 1].component == component && m_table.groups[at - 1].layer == layer)
                return at - 1;
        m_table.groups.push_back({component, layer, 0});
        return m_table.groups.size() - 1;
    }

    const ModelSpec& m_spec;
    ParameterTable m_table;
};

} // namespace

std::string_view idOf(Component component) {
    static constexpr std::array<std::string_view, 15> kIds{
        "token_embedding", "position_embedding", "segment_embedding", "embedding_norm", "query", "key", "value", "output", "mlp", "norm", "sink", "router",
        "final_norm", "head_transform", "unembedding"};
    return kIds[static_cast<std::size_t>(component)];
}

std::string_view titleOf(Component component) {
    static constexpr std::array<std::string_view, 15> kTitles{
        "token embedding", "position embedding", "segment embedding", "embedding norm", "query", "key", "value", "output", "MLP", "norms", "learned sinks", "router",
        "final norm", "head transform", "unembedding"};
    return kTitles[static_cast<std::size_t>(component)];
}

std::uint64_t ParameterTable::parameters() const {
    std::uint64_t sum = 0;
    for (const ParameterGroup& group : groups)
        sum += group.parameters;
    return sum;
}

std::vector<std::int64_t> ParameterTensor::shape() const {
    if (!scales)
        return tensor->shape;
    const auto& blocks = tensor->shape; // [experts, out, in / 32, 16]
    return {blocks[0], blocks[1], blocks[2] * blocks[3] * 2};
}

ParameterTable parameterTable(const ModelSpec& spec) {
    const auto at = [&spec](Role role) { return spec.modelTensors[static_cast<std::size_t>(role)]; };
    TableBuilder builder(spec);
    builder.addModelRoles(Role::TokenEmbedding, Role::EmbeddingProjectionBias);
    for (int layer = 0; layer < spec.layers; ++layer)
        builder.addLayer(layer);
    builder.addModelRoles(Role::FinalNorm, Role::FinalNormBias);
    const TensorInfo* unembedding = at(Role::Unembedding);
    if (!unembedding)
        return builder.table(); // no head: what is left of one is not used
    builder.addModelRoles(Role::HeadProjectionWeight, Role::HeadTransformNormBias);
    builder.setTied(unembedding == at(Role::TokenEmbedding));
    if (unembedding != at(Role::TokenEmbedding))
        builder.add(Role::Unembedding, -1, unembedding);
    builder.add(Role::UnembeddingBias, -1, at(Role::UnembeddingBias));
    return builder.table();
}

} // namespace sinkscope
