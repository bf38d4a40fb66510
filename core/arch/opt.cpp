// SPDX-License-Identifier: Apache-2.0
// OPT (Zhang et al., 2022): learned positions that begin at row 2 of their table, ReLU. opt-350m differs: norms after the sum, no final
// norm, and an embedding half as wide as the model with a projection on either side. A checkpoint that was
// fine-tuned before transformers 4.20 may lack the final norm, and says so. Older exports write "decoder." in front instead of
// "model.decoder.".
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"opt"};
constexpr std::string_view kPrefixes[] = {"model.decoder.", "decoder.", ""};
constexpr Condition kAffine = "layer_norm_elementwise_affine", kPlain = "!layer_norm_elementwise_affine";
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.self_attn_layer_norm.weight", Need::Flagged, kAffine},
    {Role::AttentionNorm, "", Need::Unweighted, kPlain},
    {Role::AttentionNormBias, "layers.{}.self_attn_layer_norm.bias", Need::Flagged, kAffine},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::QueryBias, "layers.{}.self_attn.q_proj.bias", Need::Flagged, "enable_bias"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::KeyBias, "layers.{}.self_attn.k_proj.bias", Need::Flagged, "enable_bias"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::ValueBias, "layers.{}.self_attn.v_proj.bias", Need::Flagged, "enable_bias"},
    {Role::OutputWeight, "layers.{}.self_attn.out_proj.weight"},
    {Role::OutputBias, "layers.{}.self_attn.out_proj.bias", Need::Flagged, "enable_bias"},
    {Role::MlpNorm, "layers.{}.final_layer_norm.weight", Need::Flagged, kAffine},
    {Role::MlpNorm, "", Need::Unweighted, kPlain},
    {Role::MlpNormBias, "layers.{}.final_layer_norm.bias", Need::Flagged, kAffine},
    {Role::UpWeight, "layers.{}.fc1.weight"},
    {Role::UpBias, "layers.{}.fc1.bias", Need::Flagged, "enable_bias"},
    {Role::DownWeight, "layers.{}.fc2.weight"},
    {Role::DownBias, "layers.{}.fc2.bias", Need::Flagged, "enable_bias"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::PositionEmbedding, "embed_positions.weight"},
    {Role::EmbeddingProjectionWeight, "project_in.weight"},
    {Role::HeadProjectionWeight, "project_out.weight"},
    {Role::FinalNorm, "final_layer_norm.weight", Need::Flagged, "do_layer_norm_before&!_remove_final_layer_norm&layer_norm_elementwise_affine"},
    {Role::FinalNorm, "", Need::Unweighted, "do_layer_norm_before&!_remove_final_layer_norm&!layer_norm_elementwise_affine"},
    {Role::FinalNormBias, "final_layer_norm.bias", Need::Flagged, "do_layer_norm_before&!_remove_final_layer_norm&layer_norm_elementwise_affine"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDefault kDefaults[] = {
    {"do_layer_norm_before", "true"},
    {"enable_bias", "true"},
    {"layer_norm_elementwise_affine", "true"},
};

} // namespace

extern const ArchSpec opt;
const ArchSpec opt{
    .id = "opt",
    .title = "OPT",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::LearnedAbsolute,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Relu,
    .defaultNormEpsilon = 1e-5,
    .tiedByDefault = true,
    .projectsEmbeddingFirst = true,
    .extraPositions = 2,
    .postNorm = "!do_layer_norm_before",
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .width = "hidden_size",
             .mlpWidth = "ffn_dim",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .activation = "activation_function",
             .embeddingWidth = "word_embed_proj_dim"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .defaults = kDefaults,
};

} // namespace sinkscope::registry_archs
