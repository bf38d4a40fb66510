// SPDX-License-Identifier: Apache-2.0
// Falcon (Almazrouei et al., 2023). The 7B: one key/value head, attention and MLP side by side behind one norm. The "new decoder
// architecture" of the 40B: groups of heads, a norm for either branch (Falcon2-11B: one again). falcon-rw: ALiBi, a key for every head,
// one block after the other. First published as RefinedWebModel (7B, rw) and RefinedWeb (40B, always the new architecture), with other
// names and defaults of the keys.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"falcon", "RefinedWebModel", "RefinedWeb"};
constexpr std::string_view kPrefixes[] = {"transformer.", ""};
/// Side by side, the branches share a norm unless there are two.
constexpr Condition kHasMlpNorm = "new_decoder_architecture&num_ln_in_parallel_attn!=1|!new_decoder_architecture&!parallel_attn";
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "h.{}.input_layernorm.weight|h.{}.ln_attn.weight"},
    {Role::AttentionNormBias, "h.{}.input_layernorm.bias|h.{}.ln_attn.bias"},
    {Role::FusedQkvWeight, "h.{}.self_attention.query_key_value.weight"},
    {Role::FusedQkvBias, "h.{}.self_attention.query_key_value.bias", Need::Flagged, "bias"},
    {Role::OutputWeight, "h.{}.self_attention.dense.weight"},
    {Role::OutputBias, "h.{}.self_attention.dense.bias", Need::Flagged, "bias"},
    {Role::MlpNorm, "h.{}.ln_mlp.weight|h.{}.post_attention_layernorm.weight", Need::Flagged, kHasMlpNorm},
    {Role::MlpNormBias, "h.{}.ln_mlp.bias|h.{}.post_attention_layernorm.bias", Need::Flagged, kHasMlpNorm},
    {Role::UpWeight, "h.{}.mlp.dense_h_to_4h.weight"},
    {Role::UpBias, "h.{}.mlp.dense_h_to_4h.bias", Need::Flagged, "bias"},
    {Role::DownWeight, "h.{}.mlp.dense_4h_to_h.weight"},
    {Role::DownBias, "h.{}.mlp.dense_4h_to_h.bias", Need::Flagged, "bias"},
    {Role::TokenEmbedding, "word_embeddings.weight"},
    {Role::FinalNorm, "ln_f.weight"},
    {Role::FinalNormBias, "ln_f.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};
constexpr ConfigDemand kDemands[] = {
    {"apply_residual_connection_post_layernorm", "false"},
};
constexpr ConfigDefault kDefaults[] = {
    {"new_decoder_architecture", "true", "model_type=\"RefinedWeb\""},
    {"multi_query", "true", "model_type=\"falcon\""},
    {"parallel_attn", "true", "model_type=\"falcon\""},
};
/// Files do not tell the two architectures apart: behind one norm, the older is the newer with one key/value head. The norm of the 40B's
/// MLP is the one that has the name of the 7B's only one.
constexpr TensorRule kGgufTensors[] = {
    {Role::AttentionNorm, "blk.{}.attn_norm_2.weight", Need::Flagged, "attn_norm_2.weight"},
    {Role::AttentionNormBias, "blk.{}.attn_norm_2.bias", Need::Flagged, "attn_norm_2.weight"},
    {Role::AttentionNorm, "blk.{}.attn_norm.weight"},
    {Role::AttentionNormBias, "blk.{}.attn_norm.bias"},
    {Role::MlpNorm, "blk.{}.attn_norm.weight", Need::Flagged, "attn_norm_2.weight"},
    {Role::MlpNormBias, "blk.{}.attn_norm.bias", Need::Flagged, "attn_norm_2.weight"},
};
constexpr ConfigDefault kGgufSettings[] = {{"new_decoder_architecture", "true"}};

} // namespace

extern const ArchSpec falcon;
const ArchSpec falcon{
    .id = "falcon",
    .title = "Falcon",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::Gelu,
    .defaultNormEpsilon = 1e-5,
    .tiedByDefault = true,
    .mlpFactor = 4,
    .fusedOrder = FusedOrder::Grouped,
    .alibiInBFloat16 = true,
    .parallel = "new_decoder_architecture|parallel_attn",
    .alibi = "alibi",
    .multiQuery = "!new_decoder_architecture&multi_query",
    .numbers = {.positions = 2048},
    .keys = {.layers = "num_hidden_layers|n_layer",
             .heads = "num_attention_heads|n_head",
             .keyValueHeads = "num_kv_heads|n_head_kv",
             .width = "n_embed|hidden_size",
             .mlpWidth = "ffn_hidden_size",
             .vocabulary = "vocab_size",
             .positions = "max_position_embeddings",
             .normEpsilon = "layer_norm_epsilon",
             .activation = "activation"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .demands = kDemands,
    .defaults = kDefaults,
    .gguf = {.architecture = "falcon", .tensors = kGgufTensors, .settings = kGgufSettings},
};

} // namespace sinkscope::registry_archs
