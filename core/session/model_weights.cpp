// SPDX-License-Identifier: Apache-2.0
#include "core/session/model_weights.h"

#include <Eigen/Core>

#include <algorithm>
#include <mutex>
#include <optional>

namespace sinkscope {
namespace {

constexpr std::size_t kBlock = 32; ///< of a transposition: two blocks stay in the cache

bool isLinear(Role role) {
    switch (role) {
    case Role::QueryWeight:
    case Role::KeyWeight:
    case Role::ValueWeight:
    case Role::FusedQkvWeight:
    case Role::OutputWeight:
    case Role::GateWeight:
    case Role::UpWeight:
    case Role::FusedGateUpWeight:
    case Role::DownWeight:
    case Role::EmbeddingProjectionWeight:
    case Role::HeadProjectionWeight:
    case Role::HeadTransformWeight:
    case Role::Unembedding: return true;
    default: return false;
    }
}

std::vector<float> transposed(const std::vector<float>& from, std::size_t rows, std::size_t columns) {
    std::vector<float> to(from.size());
    for (std::size_t row = 0; row < rows; row += kBlock)
        for (std::size_t column = 0; column < columns; column += kBlock)
            for (std::size_t r = row; r < std::min(rows, row + kBlock); ++r)
                for (std::size_t c = column; c < std::min(columns, column + kBlock); ++c)
                    to[c * rows + r] = from[r * columns + c];
    return to;
}

/// The fused tensor that holds a role, and the role's columns there: `count` from `first` on, so many times, each `step` further.
struct FusedPlace {
    Role role = Role::FusedQkvWeight;
    int first = 0, count = 0, times = 1, step = 0;
};

WeightMatrix columnsOf(const WeightMatrix& matrix, const FusedPlace& place) {
    WeightMatrix part{matrix.rows, place.count * place.times, {}};
    part.values.reserve(static_cast<std::size_t>(part.rows) * static_cast<std::size_t>(part.columns));
    for (int row = 0; row < matrix.rows; ++row)
        for (int time = 0; time < place.times; ++time) {
            const auto begin = matrix.values.begin() + static_cast<std::ptrdiff_t>(row) * matrix.columns + place.first + time * place.step;
            part.values.insert(part.values.end(), begin, begin + place.count);
        }
    return part;
}

std::optional<FusedPlace> fusedPlace(const ModelSpec& spec, Role role) {
    const int groups = spec.arch->fusedOrder == FusedOrder::Grouped ? spec.keyValueHeads : 1;
    const int query = spec.heads * spec.headWidth / groups, key = spec.keyValueHeads * spec.headWidth / groups, step = query + 2 * key;
    const int gate = spec.mlpWidth;
    switch (role) {
    case Role::QueryWeight: return FusedPlace{Role::FusedQkvWeight, 0, query, groups, step};
    case Role::KeyWeight: return FusedPlace{Role::FusedQkvWeight, query, key, groups, step};
    case Role::ValueWeight: return FusedPlace{Role::FusedQkvWeight, query + key, key, groups, step};
    case Role::QueryBias: return FusedPlace{Role::FusedQkvBias, 0, query, groups, step};
    case Role::KeyBias: return FusedPlace{Role::FusedQkvBias, query, key, groups, step};
    case Role::ValueBias: return FusedPlace{Role::FusedQkvBias, query + key, key, groups, step};
    case Role::GateWeight: return FusedPlace{Role::FusedGateUpWeight, 0, gate};
    case Role::UpWeight: return FusedPlace{Role::FusedGateUpWeight, gate, gate};
    case Role::GateBias: return FusedPlace{Role::FusedGateUpBias, 0, gate};
    case Role::UpBias: return FusedPlace{Role::FusedGateUpBias, gate, gate};
    default: return std::nullopt;
    }
}

WeightMatrix product(const WeightMatrix& left, const WeightMatrix& right) {
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    WeightMatrix result{left.rows, right.columns, std::vector<float>(static_cast<std::size_t>(left.rows) * static_cast<std::size_t>(right.columns))};
    Eigen::Map<Rows>(result.values.data(), result.rows, result.columns).noalias() =
        Eigen::Map<const Rows>(left.values.data(), left.rows, left.columns) * Eigen::Map<const Rows>(right.values.data(), right.rows, right.columns);
    return result;
}

WeightMatrix oriented(const ModelSpec& spec, Role role, const TensorInfo& tensor) {
    const auto rows = static_cast<int>(tensor.shape.size() > 1 ? tensor.shape[0] : 1);
    const auto columns = static_cast<int>(tensor.shape.back());
    WeightMatrix matrix{rows, columns, std::vector<float>(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))};
    convertToFloat(tensor, matrix.values);
    const bool storedByInput = spec.arch->transposedLinear && role != Role::Unembedding;
    if (!isLinear(role) || storedByInput)
        return matrix;
    return {columns, rows, transposed(matrix.values, static_cast<std::size_t>(rows), static_cast<std::size_t>(columns))};
}

class ModelWeights : public WeightAccess {
public:
    explicit ModelWeights(std::shared_ptr<const ModelSpec> spec) : m_spec(std::move(spec)) {}

    Result<std::shared_ptr<const WeightMatrix>> outputProjection(int layer, int head) const override {
        if (head < 0 || head >= m_spec->heads)
            return Error{ErrorCode::InvalidArgument,
                         "head " + std::to_string(head) + " of a model with " + std::to_string(m_spec->heads), {}};
        const std::lock_guard lock(m_mutex);
        if (m_layer != layer) {
            SINKSCOPE_TRY(const WeightMatrix whole, weightMatrix(*m_spec, Role::OutputWeight, layer));
            m_heads.clear();
            const std::ptrdiff_t size = std::ptrdiff_t{m_spec->headWidth} * whole.columns;
            for (int at = 0; at < m_spec->heads; ++at)
                m_heads.push_back(std::make_shared<const WeightMatrix>(WeightMatrix{
                    m_spec->headWidth, whole.columns, {whole.values.begin() + at * size, whole.values.begin() + (at + 1) * size}}));
            m_layer = layer;
        }
        return m_heads[static_cast<std::size_t>(head)];
    }

    Result<std::shared_ptr<const WeightMatrix>> unembedding() const override {
        const std::lock_guard lock(m_mutex);
        if (!m_unembedding) {
            SINKSCOPE_TRY(WeightMatrix matrix, weightMatrix(*m_spec, Role::Unembedding));
            if (m_spec->modelTensors[static_cast<std::size_t>(Role::HeadProjectionWeight)]) { // to a narrower embedding first (opt-350m)
                SINKSCOPE_TRY(const WeightMatrix projection, weightMatrix(*m_spec, Role::HeadProjectionWeight));
                matrix = product(projection, matrix);
            }
            m_unembedding = std::make_shared<const WeightMatrix>(std::move(matrix));
        }
        return m_unembedding;
    }

    Result<std::shared_ptr<const WeightMatrix>> embedding() const override {
        const std::lock_guard lock(m_mutex);
        if (!m_embedding) {
            SINKSCOPE_TRY(WeightMatrix matrix, weightMatrix(*m_spec, Role::TokenEmbedding));
            if (m_spec->modelTensors[static_cast<std::size_t>(Role::EmbeddingProjectionWeight)]) {
                SINKSCOPE_TRY(const WeightMatrix projection, weightMatrix(*m_spec, Role::EmbeddingProjectionWeight));
                matrix = product(matrix, projection);
            }
            m_embedding = std::make_shared<const WeightMatrix>(std::move(matrix));
        }
        return m_embedding;
    }

    Result<NormScale> normAfterAttention(int layer) const override {
        if (layer < 0 || layer >= m_spec->layers)
            return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(layer) + " of a model with " + std::to_string(m_spec->layers), {}};
        const auto has = [&](Role role) {
            return m_spec->layerTensors[static_cast<std::size_t>(layer)][static_cast<std::size_t>(role)] || m_spec->unweightedNorms[static_cast<std::size_t>(role)];
        };
        const Role role = m_spec->preNorm ? Role::MlpNorm : Role::AttentionNorm;
        if (m_spec->parallel || m_spec->residualFromNorm || has(Role::AttentionPostNorm) || !has(role))
            return Error{ErrorCode::Unavailable, "no norm of this model reads the residual stream with attention added", {}};
        NormScale norm{.centres = m_spec->arch->norm == Norm::LayerNorm, .scale = std::vector<float>(static_cast<std::size_t>(m_spec->width), 1.0F)};
        if (m_spec->layerTensors[static_cast<std::size_t>(layer)][static_cast<std::size_t>(role)]) {
            SINKSCOPE_TRY(WeightMatrix weight, weightMatrix(*m_spec, role, layer));
            norm.scale = std::move(weight.values);
            for (float& value : norm.scale)
                value += m_spec->arch->normAddsOne ? 1.0F : 0.0F;
        }
        return norm;
    }

private:
    std::shared_ptr<const ModelSpec> m_spec;
    mutable std::mutex m_mutex; ///< guards what follows
    mutable std::optional<int> m_layer;
    mutable std::vector<std::shared_ptr<const WeightMatrix>> m_heads; ///< of m_layer
    mutable std::shared_ptr<const WeightMatrix> m_unembedding, m_embedding;
};

} // namespace

Result<WeightMatrix> weightMatrix(const ModelSpec& spec, Role role, int layer) {
    const bool once = role > kLastLayerRole;
    if (!once && (layer < 0 || layer >= spec.layers))
        return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(layer) + " of a model with " + std::to_string(spec.layers), {}};
    const auto& tensors = once ? spec.modelTensors : spec.layerTensors[static_cast<std::size_t>(layer)];
    if (const TensorInfo* tensor = tensors[static_cast<std::size_t>(role)])
        return oriented(spec, role, *tensor);
    if (const auto place = fusedPlace(spec, role))
        if (const TensorInfo* fused = tensors[static_cast<std::size_t>(place->role)])
            return columnsOf(oriented(spec, place->role, *fused), *place);
    return Error{ErrorCode::Unavailable, "this checkpoint has no " + std::string(nameOf(role)), spec.checkpoint->opened};
}

std::shared_ptr<const WeightAccess> weightsOf(std::shared_ptr<const ModelSpec> spec) {
    return std::make_shared<ModelWeights>(std::move(spec));
}

} // namespace sinkscope
