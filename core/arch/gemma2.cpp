// SPDX-License-Identifier: Apache-2.0
// Gemma 2 (Gemma Team, 2024): Gemma with norms before and after either branch, soft caps on the logits of attention and of the model
// (null: none), windows in every other layer, and a scale of its own.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gemma2"};
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
    {Role::AttentionPostNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::MlpNorm, "layers.{}.pre_feedforward_layernorm.weight"},
    {Role::MlpPostNorm, "layers.{}.post_feedforward_layernorm.weight"},
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
constexpr ConfigDefault kDefaults[] = {
    {"head_dim", "256"},
};
constexpr GgufDoubt kGgufDoubts[] = {
    {"attention.sliding_window", "the file does not say how wide the windows of attention are; 4096 is assumed"},
};

} // namespace

extern const ArchSpec gemma2;
const ArchSpec gemma2{
    .id = "gemma2",
    .title = "Gemma 2",
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
    .window = {.pattern = WindowRule::Pattern::UnlessLastOf, .sizeKey = "sliding_window", .size = 4096, .patternSize = 2},
    .numbers = {.attentionCap = 50, .logitCap = 30, .scaleDivisor = 256},
    .keys = llamaKeysWith([](ConfigKeys& keys) {
        keys.activation = "hidden_activation";
        keys.scaleDivisor = "query_pre_attn_scalar";
        keys.attentionCap = "attn_logit_softcapping";
        keys.logitCap = "final_logit_softcapping";
    }),
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
    .gguf = {.architecture = "gemma2", .widthScaledLayers = 46, .doubts = kGgufDoubts},
};

} // namespace sinkscope::registry_archs
