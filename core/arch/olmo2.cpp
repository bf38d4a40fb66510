// SPDX-License-Identifier: Apache-2.0
// OLMo 2 (OLMo Team, 2024): LLaMA with norms behind the branches instead of before them, and one norm over the queries (and keys) of all
// heads.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"olmo2"};
constexpr TensorRule kTensors[] = {
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
    {Role::AttentionPostNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::MlpPostNorm, "layers.{}.post_feedforward_layernorm.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};

} // namespace

extern const ArchSpec olmo2;
const ArchSpec olmo2{
    .id = "olmo2",
    .title = "OLMo 2",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .wholeQkNorm = true,
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "olmo2"},
};

} // namespace sinkscope::registry_archs
