// SPDX-License-Identifier: Apache-2.0
// gpt-oss (OpenAI, 2025): learned sinks, windows in every other layer, and experts whose gate and up outputs take turns and are clamped.
// The weights of the experts are bfloat16, or MXFP4 as published.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gpt_oss"};
constexpr Condition kMxfp4 = R"(quantization_config.quant_method="mxfp4")", kPlain = R"(quantization_config.quant_method!="mxfp4")";
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
    {Role::AttentionSinks, "layers.{}.self_attn.sinks"},
    {Role::MlpNorm, "layers.{}.post_attention_layernorm.weight"},
    {Role::RouterWeight, "layers.{}.mlp.router.weight"},
    {Role::RouterBias, "layers.{}.mlp.router.bias"},
    {Role::ExpertGateUpWeight, "layers.{}.mlp.experts.gate_up_proj", Need::Flagged, kPlain},
    {Role::ExpertGateUpWeight, "layers.{}.mlp.experts.gate_up_proj_blocks", Need::Flagged, kMxfp4},
    {Role::ExpertGateUpScales, "layers.{}.mlp.experts.gate_up_proj_scales", Need::Flagged, kMxfp4},
    {Role::ExpertGateUpBias, "layers.{}.mlp.experts.gate_up_proj_bias"},
    {Role::ExpertDownWeight, "layers.{}.mlp.experts.down_proj", Need::Flagged, kPlain},
    {Role::ExpertDownWeight, "layers.{}.mlp.experts.down_proj_blocks", Need::Flagged, kMxfp4},
    {Role::ExpertDownScales, "layers.{}.mlp.experts.down_proj_scales", Need::Flagged, kMxfp4},
    {Role::ExpertDownBias, "layers.{}.mlp.experts.down_proj_bias"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "norm.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"hidden_act", "\"silu\""}, // stands for the clamped SwiGLU
};
constexpr ConfigDefault kDefaults[] = {
    {"attention_bias", "true"},
};
constexpr TensorRule kGgufTensors[] = {
    {Role::MlpNorm, "blk.{}.post_attention_norm.weight"},
    {Role::AttentionSinks, "blk.{}.attn_sinks.weight"},
};
constexpr ConfigDefault kGgufSettings[] = {
    {"rope_scaling", R"({"rope_type": "yarn", "truncate": false})"}, // a GGUF has the factor and the trained length alone
};

} // namespace

extern const ArchSpec gpt_oss;
const ArchSpec gpt_oss{
    .id = "gpt_oss",
    .title = "gpt-oss",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::RmsNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Gated,
    .defaultActivation = Activation::Silu,
    .defaultNormEpsilon = 1e-5,
    .window = {.pattern = WindowRule::Pattern::UnlessLastOf, .sizeKey = "sliding_window", .size = 128, .patternSize = 2},
    .experts = {.countKey = "num_local_experts|num_experts",
                .chosenKey = "num_experts_per_tok|experts_per_token",
                .count = 128,
                .chosen = 4,
                .storedByInput = true,
                .interleaved = true,
                .alphaKey = "swiglu_alpha",
                .limitKey = "swiglu_limit",
                .alpha = 1.702,
                .limit = 7.0},
    .quantization = "mxfp4",
    .defaultRopeScaling = R"({"rope_type": "yarn", "factor": 32, "beta_fast": 32, "beta_slow": 1, "truncate": false, "original_max_position_embeddings": 4096})",
    .numbers = {.ropeTheta = 150000.0},
    .keys = kLlamaKeys,
    .prefixes = kLlamaPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
    .gguf = {.architecture = "gpt-oss", .tensors = kGgufTensors, .settings = kGgufSettings},
};

} // namespace sinkscope::registry_archs
