// SPDX-License-Identifier: Apache-2.0
// DistilBERT (Sanh et al., 2019): BERT without segments. Sinusoidal positions, where a checkpoint has them, are a table in it.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"distilbert"};
constexpr std::string_view kPrefixes[] = {"distilbert.", ""};
constexpr TensorRule kTensors[] = {
    {Role::QueryWeight, "transformer.layer.{}.attention.q_lin.weight"},
    {Role::QueryBias, "transformer.layer.{}.attention.q_lin.bias"},
    {Role::KeyWeight, "transformer.layer.{}.attention.k_lin.weight"},
    {Role::KeyBias, "transformer.layer.{}.attention.k_lin.bias"},
    {Role::ValueWeight, "transformer.layer.{}.attention.v_lin.weight"},
    {Role::ValueBias, "transformer.layer.{}.attention.v_lin.bias"},
    {Role::OutputWeight, "transformer.layer.{}.attention.out_lin.weight"},
    {Role::OutputBias, "transformer.layer.{}.attention.out_lin.bias"},
    {Role::AttentionNorm, "transformer.layer.{}.sa_layer_norm.weight"},
    {Role::AttentionNormBias, "transformer.layer.{}.sa_layer_norm.bias"},
    {Role::UpWeight, "transformer.layer.{}.ffn.lin1.weight"},
    {Role::UpBias, "transformer.layer.{}.ffn.lin1.bias"},
    {Role::DownWeight, "transformer.layer.{}.ffn.lin2.weight"},
    {Role::DownBias, "transformer.layer.{}.ffn.lin2.bias"},
    {Role::MlpNorm, "transformer.layer.{}.output_layer_norm.weight"},
    {Role::MlpNormBias, "transformer.layer.{}.output_layer_norm.bias"},
    {Role::TokenEmbedding, "embeddings.word_embeddings.weight"},
    {Role::PositionEmbedding, "embeddings.position_embeddings.weight"},
    {Role::EmbeddingNorm, "embeddings.LayerNorm.weight"},
    {Role::EmbeddingNormBias, "embeddings.LayerNorm.bias"},
    {Role::HeadTransformWeight, "vocab_transform.weight", Need::Optional},
    {Role::HeadTransformBias, "vocab_transform.bias", Need::Optional},
    {Role::HeadTransformNorm, "vocab_layer_norm.weight", Need::Optional},
    {Role::HeadTransformNormBias, "vocab_layer_norm.bias", Need::Optional},
    {Role::Unembedding, "vocab_projector.weight", Need::Optional},
    {Role::UnembeddingBias, "vocab_projector.bias", Need::Optional},
};

} // namespace

extern const ArchSpec distilbert;
const ArchSpec distilbert{
    .id = "distilbert",
    .title = "DistilBERT",
    .modelTypes = kModelTypes,
    .mask = Mask::Bidirectional,
    .positions = Positions::LearnedAbsolute,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Post,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-12,
    .tiedByDefault = true,
    .keys = {.layers = "n_layers",
             .heads = "n_heads",
             .width = "dim",
             .mlpWidth = "hidden_dim",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .activation = "activation"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
};

} // namespace sinkscope::registry_archs
