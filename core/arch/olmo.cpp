// SPDX-License-Identifier: Apache-2.0
// OLMo (Groeneveld et al., 2024): LLaMA with LayerNorm that has no weights, and in some sizes queries, keys and values cut off at a bound.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"olmo"};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "", Need::Unweighted, "true"},
    {Role::MlpNorm, "", Need::Unweighted, "true"},
    {Role::FinalNorm, "", Need::Unweighted, "true"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::QueryBias, "layers.{}.self_attn.q_proj.bias", Need::Flagged, "attention_bias"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::KeyBias, "layers.{}.self_attn.k_proj.bias", Need::Flagged, "attention_bias"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::ValueBias, "layers.{}.self_attn.v_proj.bias", Need::Flagged, "attention_bias"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::OutputBias, "layers.{}.self_attn.o_proj.bias", Need::Flagged, "attention_bias"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDefault kGgufKeys[] = {{"clip_qkv", "attention.clamp_kqv"}};

} // namespace

extern const ArchSpec olmo;
const ArchSpec olmo{
    .id = "olmo",
    .title = "OLMo",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .keys = llamaKeysWith([](ConfigKeys& keys) {
        keys.normEpsilon = {};
        keys.projectionClip = "clip_qkv";
    }),
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "olmo", .pairedRotary = true, .keys = kGgufKeys},
};

} // namespace sinkscope::registry_archs
