// SPDX-License-Identifier: Apache-2.0
// ELECTRA (Clark et al., 2020): BERT whose embeddings may be narrower than its layers. The generator has a language-model head with an
// activation of its own; the discriminator judges tokens instead of predicting them, and so runs without logits.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"electra"};
constexpr std::string_view kPrefixes[] = {"electra.", ""};
constexpr TensorRule kTensors[] = {
    {Role::QueryWeight, "encoder.layer.{}.attention.self.query.weight"},
    {Role::QueryBias, "encoder.layer.{}.attention.self.query.bias"},
    {Role::KeyWeight, "encoder.layer.{}.attention.self.key.weight"},
    {Role::KeyBias, "encoder.layer.{}.attention.self.key.bias"},
    {Role::ValueWeight, "encoder.layer.{}.attention.self.value.weight"},
    {Role::ValueBias, "encoder.layer.{}.attention.self.value.bias"},
    {Role::OutputWeight, "encoder.layer.{}.attention.output.dense.weight"},
    {Role::OutputBias, "encoder.layer.{}.attention.output.dense.bias"},
    {Role::AttentionNorm, "encoder.layer.{}.attention.output.LayerNorm.weight"},
    {Role::AttentionNormBias, "encoder.layer.{}.attention.output.LayerNorm.bias"},
    {Role::UpWeight, "encoder.layer.{}.intermediate.dense.weight"},
    {Role::UpBias, "encoder.layer.{}.intermediate.dense.bias"},
    {Role::DownWeight, "encoder.layer.{}.output.dense.weight"},
    {Role::DownBias, "encoder.layer.{}.output.dense.bias"},
    {Role::MlpNorm, "encoder.layer.{}.output.LayerNorm.weight"},
    {Role::MlpNormBias, "encoder.layer.{}.output.LayerNorm.bias"},
    {Role::TokenEmbedding, "embeddings.word_embeddings.weight"},
    {Role::PositionEmbedding, "embeddings.position_embeddings.weight"},
    {Role::SegmentEmbedding, "embeddings.token_type_embeddings.weight"},
    {Role::EmbeddingNorm, "embeddings.LayerNorm.weight"},
    {Role::EmbeddingNormBias, "embeddings.LayerNorm.bias"},
    {Role::EmbeddingProjectionWeight, "embeddings_project.weight"},
    {Role::EmbeddingProjectionBias, "embeddings_project.bias"},
    {Role::HeadTransformWeight, "generator_predictions.dense.weight", Need::Optional},
    {Role::HeadTransformBias, "generator_predictions.dense.bias", Need::Optional},
    {Role::HeadTransformNorm, "generator_predictions.LayerNorm.weight", Need::Optional},
    {Role::HeadTransformNormBias, "generator_predictions.LayerNorm.bias", Need::Optional},
    {Role::Unembedding, "generator_lm_head.weight", Need::Optional},
    {Role::UnembeddingBias, "generator_lm_head.bias", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"position_embedding_type", "\"absolute\""},
    {"is_decoder", "false"},
    {"add_cross_attention", "false"},
};

} // namespace

extern const ArchSpec electra;
const ArchSpec electra{
    .id = "electra",
    .title = "ELECTRA",
    .modelTypes = kModelTypes,
    .mask = Mask::Bidirectional,
    .positions = Positions::LearnedAbsolute,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Post,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-12,
    .tiedByDefault = true,
    .headActivation = Activation::Gelu,
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "layer_norm_eps",
             .activation = "hidden_act",
             .embeddingWidth = "embedding_size"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
};

} // namespace sinkscope::registry_archs
