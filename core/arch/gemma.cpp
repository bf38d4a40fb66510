// SPDX-License-Identifier: Apache-2.0
// Gemma (Gemma Team, 2024): LLaMA with norms of 1 + weight, embeddings scaled by the square root of the width, and a GELU gate, which
// is the tanh approximation whatever config.json calls it.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gemma"};
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
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"use_bidirectional_attention", "false"},
};

} // namespace

extern const ArchSpec gemma;
const ArchSpec gemma{
    .id = "gemma",
    .title = "Gemma",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::GeluTanh,
    .defaultNormEpsilon = 1e-6,
    .tiedByDefault = true,
    .normAddsOne = true,
    .scalesEmbedding = true,
    .geluMeansTanh = true,
    .keys = llamaKeysWith([](ConfigKeys& keys) { keys.activation = "hidden_activation|hidden_act"; }),
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .gguf = {.architecture = "gemma"},
};

} // namespace sinkscope::registry_archs
