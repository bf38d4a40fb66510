// SPDX-License-Identifier: Apache-2.0
// ModernBERT (Warner et al., 2024): a pre-norm encoder with RoPE and a gated MLP. Two of three layers see only the tokens around a
// query, |query - key| <= local_attention / 2, and turn by a smaller base. The embedding's norm stands in for the first layer's.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"modernbert"};
constexpr std::string_view kPrefixes[] = {"model.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.attn_norm.weight", Need::LaterLayers},
    {Role::AttentionNormBias, "layers.{}.attn_norm.bias", Need::LaterLayers, "norm_bias"},
    {Role::FusedQkvWeight, "layers.{}.attn.Wqkv.weight"},
    {Role::FusedQkvBias, "layers.{}.attn.Wqkv.bias", Need::Flagged, "attention_bias"},
    {Role::OutputWeight, "layers.{}.attn.Wo.weight"},
    {Role::OutputBias, "layers.{}.attn.Wo.bias", Need::Flagged, "attention_bias"},
    {Role::MlpNorm, "layers.{}.mlp_norm.weight"},
    {Role::MlpNormBias, "layers.{}.mlp_norm.bias", Need::Flagged, "norm_bias"},
    {Role::FusedGateUpWeight, "layers.{}.mlp.Wi.weight"},
    {Role::FusedGateUpBias, "layers.{}.mlp.Wi.bias", Need::Flagged, "mlp_bias"},
    {Role::DownWeight, "layers.{}.mlp.Wo.weight"},
    {Role::DownBias, "layers.{}.mlp.Wo.bias", Need::Flagged, "mlp_bias"},
    {Role::TokenEmbedding, "embeddings.tok_embeddings.weight"},
    {Role::EmbeddingNorm, "embeddings.norm.weight"},
    {Role::EmbeddingNormBias, "embeddings.norm.bias", Need::Flagged, "norm_bias"},
    {Role::FinalNorm, "final_norm.weight"},
    {Role::FinalNormBias, "final_norm.bias", Need::Flagged, "norm_bias"},
    {Role::HeadTransformWeight, "head.dense.weight", Need::Optional},
    {Role::HeadTransformBias, "head.dense.bias", Need::FlaggedHead, "classifier_bias"},
    {Role::HeadTransformNorm, "head.norm.weight", Need::Optional},
    {Role::HeadTransformNormBias, "head.norm.bias", Need::FlaggedHead, "norm_bias"},
    {Role::Unembedding, "decoder.weight", Need::Optional},
    {Role::UnembeddingBias, "decoder.bias", Need::FlaggedHead, "decoder_bias"},
};
constexpr ConfigDemand kDemands[] = {
    {"rope_scaling", "null"}, // would be about both kinds of layers
};
constexpr ConfigDefault kDefaults[] = {
    {"decoder_bias", "true"},
};

} // namespace

extern const ArchSpec modernbert;
const ArchSpec modernbert{
    .id = "modernbert",
    .title = "ModernBERT",
    .modelTypes = kModelTypes,
    .mask = Mask::Bidirectional,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-5,
    .tiedByDefault = true,
    .headActivation = Activation::Gelu,
    .window = {.pattern = WindowRule::Pattern::UnlessFirstOf,
               .sizeKey = "local_attention",
               .size = 128,
               .patternKey = "global_attn_every_n_layers",
               .patternSize = 3,
               .isWholeSpan = true},
    .numbers = {.ropeTheta = 160000.0, .localRopeTheta = 10000.0},
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "norm_eps",
             .activation = "hidden_activation",
             .headActivation = "classifier_activation",
             .ropeTheta = "global_rope_theta",
             .localRopeTheta = "local_rope_theta"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
};

} // namespace sinkscope::registry_archs
