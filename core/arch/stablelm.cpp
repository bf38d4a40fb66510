// SPDX-License-Identifier: Apache-2.0
// StableLM (Bellagente et al., 2024): LLaMA with LayerNorm, a quarter of every head rotating, and branches side by side where
// config.json says so. First published as "stablelm_epoch" with other names of two keys. The norms of single heads of the 12B are not
// implemented.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"stablelm", "stablelm_epoch"};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::AttentionNormBias, "layers.{}.input_layernorm.bias"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::QueryBias, "layers.{}.self_attn.q_proj.bias", Need::Flagged, "use_qkv_bias"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::KeyBias, "layers.{}.self_attn.k_proj.bias", Need::Flagged, "use_qkv_bias"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::ValueBias, "layers.{}.self_attn.v_proj.bias", Need::Flagged, "use_qkv_bias"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight", Need::Flagged, "!use_parallel_residual"},
    {Role::MlpNormBias, "layers.{}.post_attention_layernorm.bias", Need::Flagged, "!use_parallel_residual"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::FinalNormBias, "norm.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"qk_layernorm", "false"},
};
constexpr ConfigDefault kGgufKeys[] = {{"use_parallel_residual", "use_parallel_residual"}};

} // namespace

extern const ArchSpec stablelm;
const ArchSpec stablelm{
    .id = "stablelm",
    .title = "StableLM",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .parallel = "use_parallel_residual",
    .numbers = {.rotaryShare = 0.25},
    .keys = llamaKeysWith([](ConfigKeys& keys) {
        keys.headWidth = {};
        keys.normEpsilon = "layer_norm_eps|norm_eps";
        keys.rotaryShare = "partial_rotary_factor|rope_pct";
    }),
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .gguf = {.architecture = "stablelm", .keys = kGgufKeys},
};

} // namespace sinkscope::registry_archs
