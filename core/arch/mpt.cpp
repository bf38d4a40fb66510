// SPDX-License-Identifier: Apache-2.0
// MPT (MosaicML, 2023): ALiBi, no biases, exact GELU. Attention has its settings in an object of its own, attn_config. The steepest
// slope follows alibi_bias_max as in the published code (16 for the StoryWriter); transformers reads the key and uses 8.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"mpt"};
constexpr std::string_view kPrefixes[] = {"transformer.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "blocks.{}.norm_1.weight"},
    {Role::FusedQkvWeight, "blocks.{}.attn.Wqkv.weight"},
    {Role::OutputWeight, "blocks.{}.attn.out_proj.weight"},
    {Role::MlpNorm, "blocks.{}.norm_2.weight"},
    {Role::UpWeight, "blocks.{}.ffn.up_proj.weight"},
    {Role::DownWeight, "blocks.{}.ffn.down_proj.weight"},
    {Role::TokenEmbedding, "wte.weight"},
    {Role::FinalNorm, "norm_f.weight"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"attn_config.alibi", "true"},
    {"attn_config.attn_type", "\"multihead_attention\""},
    {"attn_config.prefix_lm", "false"},
    {"attn_config.qk_ln", "false"},
    {"expansion_ratio", "4"},
    {"logit_scale", "null"},
    {"no_bias", "true"},
    {"norm_type", "\"low_precision_layernorm\""},
};
constexpr ConfigDefault kGgufKeys[] = {{"attn_config.clip_qkv", "attention.clamp_kqv"}};

} // namespace

extern const ArchSpec mpt;
const ArchSpec mpt{
    .id = "mpt",
    .title = "MPT",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Alibi,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-5,
    .tiedByDefault = true,
    .mlpFactor = 4,
    .numbers = {.positions = 2048},
    .keys = {.layers = "n_layers|num_hidden_layers",
             .heads = "n_heads|num_attention_heads",
             .width = "d_model|hidden_size",
             .vocabulary = "vocab_size",
             .positions = "max_seq_len",
             .normEpsilon = "layer_norm_epsilon",
             .attentionScale = "attn_config.softmax_scale",
             .projectionClip = "attn_config.clip_qkv",
             .alibiBias = "attn_config.alibi_bias_max"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .gguf = {.architecture = "mpt", .keys = kGgufKeys},
};

} // namespace sinkscope::registry_archs
