// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sinkscope {

/// The part of a model that a parameter belongs to. Query to Norm exist once per layer. Biases count with their weights.
enum class Component {
    TokenEmbedding, ///< with its projection; and the unembedding when that is the same tensor
    PositionEmbedding, SegmentEmbedding, EmbeddingNorm,
    Query, Key, Value, Output, Mlp, Norm, ///< Norm: all norms of the layer; Mlp: with its experts
    Sink, Router,
    FinalNorm,
    HeadTransform, ///< linear layers and norm between the final norm and the unembedding
    Unembedding,
};
/// "token_embedding", "query": for files. Thread: any.
std::string_view idOf(Component component);
/// "token embedding", "query": for people. Thread: any.
std::string_view titleOf(Component component);

struct ParameterGroup {
    Component component = Component::TokenEmbedding;
    int layer = -1; ///< -1 for what exists once
    std::uint64_t parameters = 0;
};

/// Outputs first..first+count-1 of a linear layer (or of its bias), or a whole tensor.
struct ParameterPiece {
    std::size_t group = 0; ///< index into ParameterTable::groups
    std::int64_t first = 0, count = 0;
};

struct ParameterTensor {
    Role role = Role::TokenEmbedding;
    int layer = -1;
    const TensorInfo* tensor = nullptr;
    int expert = -1;                    ///< of which it is, where experts have tensors of their own
    const TensorInfo* scales = nullptr; ///< of a tensor in blocks of MXFP4, which holds two parameters a byte
    int outputAxis = 0; ///< the axis that the pieces cut
    std::vector<ParameterPiece> pieces{};
    /// Of the parameters, which blocks do not have.
    [[nodiscard]] std::vector<std::int64_t> shape() const;
};

/// Every tensor that the model computes logits with, each once, and the group of every parameter. The tensors of a fused
/// query-key-value projection are cut into pieces for the three.
struct ParameterTable {
    std::vector<ParameterTensor> tensors;
    std::vector<ParameterGroup> groups; ///< embedding, layers in order, final norm, head; none is empty
    bool tied = false;                  ///< unembedding and token embedding are one tensor
    [[nodiscard]] std::uint64_t parameters() const;
};

/// Thread: any. Points into the checkpoint of `spec`.
ParameterTable parameterTable(const ModelSpec& spec);

} // namespace sinkscope
