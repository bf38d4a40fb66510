// SPDX-License-Identifier: Apache-2.0
// LLaMA (Touvron et al., 2023) and its relatives of the same layout: RoPE, RMSNorm, gated MLP, grouped-query attention.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"llama"};
constexpr std::string_view kPrefixes[] = {"model.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::QueryBias, "layers.{}.self_attn.q_proj.bias", Need::Flagged, "attention_bias"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::KeyBias, "layers.{}.self_attn.k_proj.bias", Need::Flagged, "attention_bias"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::ValueBias, "layers.{}.self_attn.v_proj.bias", Need::Flagged, "attention_bias"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::OutputBias, "layers.{}.self_attn.o_proj.bias", Need::Flagged, "attention_bias"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::GateBias, "layers.{}.mlp.gate_proj.bias", Need::Flagged, "mlp_bias"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::UpBias, "layers.{}.mlp.up_proj.bias", Need::Flagged, "mlp_bias"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::DownBias, "layers.{}.mlp.down_proj.bias", Need::Flagged, "mlp_bias"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr GgufDoubt kGgufDoubts[] = {
    {"attention.sliding_window", "the file does not say whether attention has windows, as that of Mistral 7B v0.1 has (4096); it runs without", "mistral"},
};

} // namespace

extern const ArchSpec llama;
const ArchSpec llama{
    .id = "llama",
    .title = "LLaMA",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-6,
    .keys = {.layers = "num_hidden_layers",
             .heads = "num_attention_heads",
             .keyValueHeads = "num_key_value_heads",
             .headWidth = "head_dim",
             .width = "hidden_size",
             .mlpWidth = "intermediate_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "rms_norm_eps",
             .activation = "hidden_act"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "llama", .pairedRotary = true, .doubts = kGgufDoubts},
};

} // namespace sinkscope::registry_archs
