// SPDX-License-Identifier: Apache-2.0
// Phi-3, 3.5 and 4 (Abdin et al., 2024): LLaMA with fused projections (queries, keys, values; gate, up), a window in every layer where
// config.json names one, LongRoPE in the long versions, and in Phi-4-mini a head that rotates in part. Early config.json call LongRoPE
// "su" or "yarn".
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"phi3"};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::FusedQkvWeight, "layers.{}.self_attn.qkv_proj.weight"},
    {Role::OutputWeight, "layers.{}.self_attn.o_proj.weight"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::FusedGateUpWeight, "layers.{}.mlp.gate_up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr GgufDoubt kGgufDoubts[] = {
    {"attention.sliding_window", "the file does not say whether attention has windows, as that of Phi-3-mini-4k has (2047); it runs without"},
};

} // namespace

extern const ArchSpec phi3;
const ArchSpec phi3{
    .id = "phi3",
    .title = "Phi-3",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .window = {.pattern = WindowRule::Pattern::All, .sizeKey = "sliding_window"},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "phi3", .doubts = kGgufDoubts},
};

} // namespace sinkscope::registry_archs
