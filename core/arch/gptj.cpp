// SPDX-License-Identifier: Apache-2.0
// GPT-J (Wang and Komatsuzaki, 2021): a part of every head rotates in neighbouring pairs, attention and MLP side by side behind one norm,
// an unembedding with a bias. Checkpoints of EleutherAI also hold the causal mask as tensors, which are not used.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"gptj"};
constexpr std::string_view kPrefixes[] = {"transformer.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "h.{}.ln_1.weight"},
    {Role::AttentionNormBias, "h.{}.ln_1.bias"},
    {Role::QueryWeight, "h.{}.attn.q_proj.weight"},
    {Role::KeyWeight, "h.{}.attn.k_proj.weight"},
    {Role::ValueWeight, "h.{}.attn.v_proj.weight"},
    {Role::OutputWeight, "h.{}.attn.out_proj.weight"},
    {Role::UpWeight, "h.{}.mlp.fc_in.weight"},
    {Role::UpBias, "h.{}.mlp.fc_in.bias"},
    {Role::DownWeight, "h.{}.mlp.fc_out.weight"},
    {Role::DownBias, "h.{}.mlp.fc_out.bias"},
    {Role::TokenEmbedding, "wte.weight"},
    {Role::FinalNorm, "ln_f.weight"},
    {Role::FinalNormBias, "ln_f.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
    {Role::UnembeddingBias, "lm_head.bias", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"rotary", "true"},
    {"scale_attn_weights", "true"},
};

} // namespace

extern const ArchSpec gptj;
const ArchSpec gptj{
    .id = "gptj",
    .title = "GPT-J",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::GeluTanh,
    .defaultNormEpsilon = 1e-5,
    .mlpFactor = 4,
    .interleavedRotary = true,
    .parallel = "true",
    .numbers = {.rotaryWidth = 64},
    .keys = {.layers = "n_layer|num_hidden_layers",
             .heads = "n_head|num_attention_heads",
             .width = "n_embd|hidden_size",
             .mlpWidth = "n_inner",
             .vocabulary = "vocab_size",
             .positions = "n_positions|max_position_embeddings",
             .normEpsilon = "layer_norm_epsilon",
             .activation = "activation_function",
             .rotaryWidth = "rotary_dim"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
};

} // namespace sinkscope::registry_archs
