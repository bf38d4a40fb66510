// SPDX-License-Identifier: Apache-2.0
// BERT (Devlin et al., 2019): bidirectional, post-norm, learned positions and segments. "gamma" and "beta" are what checkpoints
// converted from TensorFlow call the weight and bias of a norm.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"bert"};
constexpr std::string_view kPrefixes[] = {"bert.", ""};
constexpr TensorRule kTensors[] = {
    {Role::QueryWeight, "encoder.layer.{}.attention.self.query.weight"},
    {Role::QueryBias, "encoder.layer.{}.attention.self.query.bias"},
    {Role::KeyWeight, "encoder.layer.{}.attention.self.key.weight"},
    {Role::KeyBias, "encoder.layer.{}.attention.self.key.bias"},
    {Role::ValueWeight, "encoder.layer.{}.attention.self.value.weight"},
    {Role::ValueBias, "encoder.layer.{}.attention.self.value.bias"},
    {Role::OutputWeight, "encoder.layer.{}.attention.output.dense.weight"},
    {Role::OutputBias, "encoder.layer.{}.attention.output.dense.bias"},
    {Role::AttentionNorm, "encoder.layer.{}.attention.output.LayerNorm.weight|encoder.layer.{}.attention.output.LayerNorm.gamma"},
    {Role::AttentionNormBias, "encoder.layer.{}.attention.output.LayerNorm.bias|encoder.layer.{}.attention.output.LayerNorm.beta"},
    {Role::UpWeight, "encoder.layer.{}.intermediate.dense.weight"},
    {Role::UpBias, "encoder.layer.{}.intermediate.dense.bias"},
    {Role::DownWeight, "encoder.layer.{}.output.dense.weight"},
    {Role::DownBias, "encoder.layer.{}.output.dense.bias"},
    {Role::MlpNorm, "encoder.layer.{}.output.LayerNorm.weight|encoder.layer.{}.output.LayerNorm.gamma"},
    {Role::MlpNormBias, "encoder.layer.{}.output.LayerNorm.bias|encoder.layer.{}.output.LayerNorm.beta"},
    {Role::TokenEmbedding, "embeddings.word_embeddings.weight"},
    {Role::PositionEmbedding, "embeddings.position_embeddings.weight"},
    {Role::SegmentEmbedding, "embeddings.token_type_embeddings.weight"},
    {Role::EmbeddingNorm, "embeddings.LayerNorm.weight|embeddings.LayerNorm.gamma"},
    {Role::EmbeddingNormBias, "embeddings.LayerNorm.bias|embeddings.LayerNorm.beta"},
    {Role::HeadTransformWeight, "cls.predictions.transform.dense.weight", Need::Optional},
    {Role::HeadTransformBias, "cls.predictions.transform.dense.bias", Need::Optional},
    {Role::HeadTransformNorm,
     "cls.predictions.transform.LayerNorm.weight|cls.predictions.transform.LayerNorm.gamma", Need::Optional},
    {Role::HeadTransformNormBias,
     "cls.predictions.transform.LayerNorm.bias|cls.predictions.transform.LayerNorm.beta", Need::Optional},
    {Role::Unembedding, "cls.predictions.decoder.weight", Need::Optional},
    {Role::UnembeddingBias, "cls.predictions.bias|cls.predictions.decoder.bias", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"position_embedding_type", "\"absolute\""},
    {"is_decoder", "false"},
    {"add_cross_attention", "false"},
};
constexpr TensorRule kGgufTensors[] = {
    {Role::AttentionNorm, "blk.{}.attn_output_norm.weight"},
    {Role::AttentionNormBias, "blk.{}.attn_output_norm.bias"},
    {Role::MlpNorm, "blk.{}.layer_output_norm.weight"},
    {Role::MlpNormBias, "blk.{}.layer_output_norm.bias"},
};

} // namespace

extern const ArchSpec bert;
const ArchSpec bert{
    .id = "bert",
    .title = "BERT",
    .modelTypes = kModelTypes,
    .mask = Mask::Bidirectional,
    .positions = Positions::LearnedAbsolute,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Post,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-12,
    .tiedByDefault = true,
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .keyValueHeads = {},
             .headWidth = {},
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "layer_norm_eps",
             .activation = "hidden_act"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .gguf = {.architecture = "bert", .tensors = kGgufTensors},
};

} // namespace sinkscope::registry_archs
