// SPDX-License-Identifier: Apache-2.0
// RoBERTa (Liu et al., 2019), XLM-RoBERTa (Conneau et al., 2020) and CamemBERT: BERT whose positions count the tokens that are not padding,
// from pad_token_id + 1 on. The language-model head has its own activation.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"roberta", "xlm-roberta", "camembert"};
constexpr std::string_view kPrefixes[] = {"roberta.", ""};
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
    {Role::HeadTransformWeight, "lm_head.dense.weight", Need::Optional},
    {Role::HeadTransformBias, "lm_head.dense.bias", Need::Optional},
    {Role::HeadTransformNorm, "lm_head.layer_norm.weight", Need::Optional},
    {Role::HeadTransformNormBias, "lm_head.layer_norm.bias", Need::Optional},
    {Role::Unembedding, "lm_head.decoder.weight", Need::Optional},
    {Role::UnembeddingBias, "lm_head.bias|lm_head.decoder.bias", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"position_embedding_type", "\"absolute\""},
    {"is_decoder", "false"},
    {"add_cross_attention", "false"},
};

} // namespace

extern const ArchSpec roberta;
const ArchSpec roberta{
    .id = "roberta",
    .title = "RoBERTa, XLM-R",
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
    .countsPadding = true,
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "layer_norm_eps",
             .activation = "hidden_act"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
};

} // namespace sinkscope::registry_archs
