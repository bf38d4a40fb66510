// SPDX-License-Identifier: Apache-2.0
// GPT-NeoX (Black et al., 2022) and Pythia (Biderman et al., 2023): partial rotary embedding, attention and MLP side by side with a norm
// each, one fused projection head by head.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gpt_neox"};
constexpr std::string_view kPrefixes[] = {"gpt_neox.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::AttentionNormBias, "layers.{}.input_layernorm.bias"},
    {Role::FusedQkvWeight, "layers.{}.attention.query_key_value.weight"},
    {Role::FusedQkvBias, "layers.{}.attention.query_key_value.bias", Need::Flagged, "attention_bias"},
    {Role::OutputWeight, "layers.{}.attention.dense.weight"},
    {Role::OutputBias, "layers.{}.attention.dense.bias", Need::Flagged, "attention_bias"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::MlpNormBias, "layers.{}.post_attention_layernorm.bias"},
    {Role::UpWeight, "layers.{}.mlp.dense_h_to_4h.weight"},
    {Role::UpBias, "layers.{}.mlp.dense_h_to_4h.bias"},
    {Role::DownWeight, "layers.{}.mlp.dense_4h_to_h.weight"},
    {Role::DownBias, "layers.{}.mlp.dense_4h_to_h.bias"},
    {Role::TokenEmbedding, "embed_in.weight"},
    {Role::FinalNorm, "final_layer_norm.weight"},
    {Role::FinalNormBias, "final_layer_norm.bias"},
    {Role::Unembedding, "embed_out.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"is_decoder", "false"},
};
constexpr ConfigDefault kDefaults[] = {
    {"use_parallel_residual", "true"},
    {"attention_bias", "true"},
};
constexpr ConfigDefault kGgufKeys[] = {
    {"use_parallel_residual", "use_parallel_residual"},
};

} // namespace

extern const ArchSpec gpt_neox;
const ArchSpec gpt_neox{
    .id = "gpt_neox",
    .title = "GPT-NeoX, Pythia",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-5,
    .fusedOrder = FusedOrder::Grouped,
    .parallel = "use_parallel_residual",
    .numbers = {.rotaryShare = 0.25},
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "layer_norm_eps",
             .activation = "hidden_act",
             .ropeTheta = "rotary_emb_base|rope_theta",
             .rotaryShare = "rotary_pct|partial_rotary_factor"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
    .gguf = {.architecture = "gptneox", .keys = kGgufKeys},
};

} // namespace sinkscope::registry_archs
