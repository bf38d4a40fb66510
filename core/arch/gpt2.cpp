// SPDX-License-Identifier: Apache-2.0
// GPT-2 (Radford et al., 2019): learned positions, pre-norm, one fused projection for query, key and value.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gpt2"};
constexpr std::string_view kPrefixes[] = {"transformer.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "h.{}.ln_1.weight"},
    {Role::AttentionNormBias, "h.{}.ln_1.bias"},
    {Role::FusedQkvWeight, "h.{}.attn.c_attn.weight"},
    {Role::FusedQkvBias, "h.{}.attn.c_attn.bias"},
    {Role::OutputWeight, "h.{}.attn.c_proj.weight"},
    {Role::OutputBias, "h.{}.attn.c_proj.bias"},
    {Role::MlpNorm, "h.{}.ln_2.weight"},
    {Role::MlpNormBias, "h.{}.ln_2.bias"},
    {Role::UpWeight, "h.{}.mlp.c_fc.weight"},
    {Role::UpBias, "h.{}.mlp.c_fc.bias"},
    {Role::DownWeight, "h.{}.mlp.c_proj.weight"},
    {Role::DownBias, "h.{}.mlp.c_proj.bias"},
    {Role::TokenEmbedding, "wte.weight"},
    {Role::PositionEmbedding, "wpe.weight"},
    {Role::FinalNorm, "ln_f.weight"},
    {Role::FinalNormBias, "ln_f.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"scale_attn_weights", "true"},
    {"scale_attn_by_inverse_layer_idx", "false"},
    {"add_cross_attention", "false"},
};

} // namespace

extern const ArchSpec gpt2;
const ArchSpec gpt2{
    .id = "gpt2",
    .title = "GPT-2",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::LearnedAbsolute,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::GeluTanh,
    .defaultNormEpsilon = 1e-5,
    .transposedLinear = true,
    .tiedByDefault = true,
    .mlpFactor = 4,
    .keys = {.layers = "n_layer|num_hidden_layers",
             .heads = "n_head|num_attention_heads",
             .keyValueHeads = {},
             .headWidth = {},
             .width = "n_embd|hidden_size",
             .mlpWidth = "n_inner",
             .vocabulary = "vocab_size",
             .positions = "n_positions|n_ctx|max_position_embeddings",
             .normEpsilon = "layer_norm_epsilon",
             .activation = "activation_function"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .gguf = {.architecture = "gpt2"},
};

} // namespace sinkscope::registry_archs
