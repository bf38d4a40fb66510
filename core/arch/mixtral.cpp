// SPDX-License-Identifier: Apache-2.0
// Mixtral (Jiang et al., 2024): Mistral whose MLPs are experts, two of eight for a token, and whose window is one only if config.json says so.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"mixtral"};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::RouterWeight, "layers.{}.block_sparse_moe.gate.weight"},
    {Role::ExpertGateWeight, "layers.{}.block_sparse_moe.experts.{e}.w1.weight"},
    {Role::ExpertUpWeight, "layers.{}.block_sparse_moe.experts.{e}.w3.weight"},
    {Role::ExpertDownWeight, "layers.{}.block_sparse_moe.experts.{e}.w2.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};

} // namespace

extern const ArchSpec mixtral;
const ArchSpec mixtral{
    .id = "mixtral",
    .title = "Mixtral",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .window = {.pattern = WindowRule::Pattern::All, .sizeKey = "sliding_window"},
    .experts = {.countKey = "num_local_experts", .chosenKey = "num_experts_per_tok", .count = 8, .chosen = 2},
    .numbers = {.ropeTheta = 1e6},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "llama", .pairedRotary = true},
};

} // namespace sinkscope::registry_archs
