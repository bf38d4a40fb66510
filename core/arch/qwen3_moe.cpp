// SPDX-License-Identifier: Apache-2.0
// Qwen3 with experts (Yang et al., 2025): LLaMA with norms of queries and keys, head by head, and experts in most layers. The weights of
// a token's experts add up to 1 only if config.json says so.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"qwen3_moe"};
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
    {Role::RouterWeight, "layers.{}.mlp.gate.weight"},
    {Role::ExpertGateWeight, "layers.{}.mlp.experts.{e}.gate_proj.weight"},
    {Role::ExpertUpWeight, "layers.{}.mlp.experts.{e}.up_proj.weight"},
    {Role::ExpertDownWeight, "layers.{}.mlp.experts.{e}.down_proj.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDefault kGgufKeys[] = {{"norm_topk_prob", "expert_weights_norm"}};
constexpr ConfigDefault kGgufSettings[] = {{"norm_topk_prob", "true"}};
constexpr GgufDoubt kGgufDoubts[] = {
    {"expert_weights_norm", "the file does not say whether the weights of a token's experts add up to 1; they are taken to, as in the published models"},
};

} // namespace

extern const ArchSpec qwen3_moe;
const ArchSpec qwen3_moe{
    .id = "qwen3_moe",
    .title = "Qwen3 MoE",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-6,
    .window = {.pattern = WindowRule::Pattern::All, .sizeKey = "sliding_window", .size = 4096, .when = "use_sliding_window"},
    .experts = {.countKey = "num_experts|num_local_experts",
                .chosenKey = "num_experts_per_tok",
                .count = 128,
                .chosen = 8,
                .widthKey = "moe_intermediate_size",
                .width = 768,
                .renormalised = "norm_topk_prob",
                .stepKey = "decoder_sparse_step",
                .denseLayersKey = "mlp_only_layers"},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "qwen3moe", .keys = kGgufKeys, .settings = kGgufSettings, .doubts = kGgufDoubts},
};

} // namespace sinkscope::registry_archs
