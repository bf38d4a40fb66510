// SPDX-License-Identifier: Apache-2.0
// Gemma 3 (Gemma Team, 2025): Gemma 2 without caps, with norms of queries and keys, windows in all but every sixth layer, and another
// rotary base in these. The models that also see images keep their settings in text_config, leaving out what equals the defaults of
// transformers, and their tensors behind "language_model."; the tower that reads images is not used.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gemma3_text", "gemma3"};
constexpr std::string_view kPrefixes[] = {"model.", "language_model.model.", "model.language_model.", ""};
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
    {Role::AttentionPostNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::MlpNorm, "layers.{}.pre_feedforward_layernorm.weight"},
    {Role::MlpPostNorm, "layers.{}.post_feedforward_layernorm.weight"},
    {Role::GateWeight, "layers.{}.mlp.gate_proj.weight"},
    {Role::UpWeight, "layers.{}.mlp.up_proj.weight"},
    {Role::DownWeight, "layers.{}.mlp.down_proj.weight"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight|language_model.lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"use_bidirectional_attention", "false"},
};
constexpr ConfigDefault kDefaults[] = {
    {"num_attention_heads", "8"},
    {"num_key_value_heads", "4"},
    {"head_dim", "256"},
    {"vocab_size", "262208"},
    {"max_position_embeddings", "131072"},
    {"bos_token_id", "2"},
};
constexpr GgufDoubt kGgufDoubts[] = {
    {"attention.sliding_window", "the file does not say how wide the windows of attention are; 4096 is assumed"},
};

} // namespace

extern const ArchSpec gemma3;
const ArchSpec gemma3{
    .id = "gemma3",
    .title = "Gemma 3",
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
    .nested = "text_config",
    .window = {.pattern = WindowRule::Pattern::UnlessLastOf,
               .sizeKey = "sliding_window",
               .size = 4096,
               .patternKey = "sliding_window_pattern",
               .patternSize = 6},
    .numbers = {.ropeTheta = 1e6, .localRopeTheta = 1e4, .scaleDivisor = 256},
    .keys = llamaKeysWith([](ConfigKeys& keys) {
        keys.activation = "hidden_activation";
        keys.scaleDivisor = "query_pre_attn_scalar";
        keys.attentionCap = "attn_logit_softcapping";
        keys.logitCap = "final_logit_softcapping";
        keys.localRopeTheta = "rope_local_base_freq";
    }),
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
    .gguf = {.architecture = "gemma3", .widthScaledLayers = 62, .doubts = kGgufDoubts},
};

} // namespace sinkscope::registry_archs
