// SPDX-License-Identifier: Apache-2.0
// Mistral (Jiang et al., 2023): LLaMA with a window in every layer. A config.json that does not mention the window means 4096;
// null means none.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"mistral"};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};

} // namespace

extern const ArchSpec mistral;
const ArchSpec mistral{
    .id = "mistral",
    .title = "Mistral",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-6,
    .window = {.pattern = WindowRule::Pattern::All, .sizeKey = "sliding_window", .size = 4096},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "llama", .pairedRotary = true},
};

} // namespace sinkscope::registry_archs
