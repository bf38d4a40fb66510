// SPDX-License-Identifier: Apache-2.0
// Qwen3 (Yang et al., 2025): LLaMA with a norm of the queries and keys of every head; heads are 128 wide unless config.json says otherwise.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"qwen3"};
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
    {Role::QueryNorm, "layers.{}.self_attn.q_norm.weight"},
    {Role::KeyNorm, "layers.{}.self_attn.k_norm.weight"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDefault kDefaults[] = {
    {"head_dim", "128"},
};

} // namespace

extern const ArchSpec qwen3;
const ArchSpec qwen3{
    .id = "qwen3",
    .title = "Qwen3",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-6,
    .window = {.pattern = WindowRule::Pattern::FromLayer,
               .sizeKey = "sliding_window",
               .size = 4096,
               .patternKey = "max_window_layers",
               .patternSize = 28,
               .when = "use_sliding_window"},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .defaults = kDefaults,
    .gguf = {.architecture = "qwen3"},
};

} // namespace sinkscope::registry_archs
