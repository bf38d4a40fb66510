// SPDX-License-Identifier: Apache-2.0
// BLOOM (BigScience, 2022): ALiBi, a norm behind the embedding, one fused projection head by head. Its published config.json says "n_embed"
// and "num_attention_heads"; transformers writes "hidden_size" and "n_head". The published weights have no prefix.
#include "core/arch/arch_spec.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"bloom"};
constexpr std::string_view kPrefixes[] = {"transformer.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "h.{}.input_layernorm.weight"},
    {Role::AttentionNormBias, "h.{}.input_layernorm.bias"},
    {Role::FusedQkvWeight, "h.{}.self_attention.query_key_value.weight"},
    {Role::FusedQkvBias, "h.{}.self_attention.query_key_value.bias"},
    {Role::OutputWeight, "h.{}.self_attention.dense.weight"},
    {Role::OutputBias, "h.{}.self_attention.dense.bias"},
    {Role::MlpNorm, "h.{}.post_attention_layernorm.weight"},
    {Role::MlpNormBias, "h.{}.post_attention_layernorm.bias"},
    {Role::UpWeight, "h.{}.mlp.dense_h_to_4h.weight"},
    {Role::UpBias, "h.{}.mlp.dense_h_to_4h.bias"},
    {Role::DownWeight, "h.{}.mlp.dense_4h_to_h.weight"},
    {Role::DownBias, "h.{}.mlp.dense_4h_to_h.bias"},
    {Role::TokenEmbedding, "word_embeddings.weight"},
    {Role::EmbeddingNorm, "word_embeddings_layernorm.weight"},
    {Role::EmbeddingNormBias, "word_embeddings_layernorm.bias"},
    {Role::FinalNorm, "ln_f.weight"},
    {Role::FinalNormBias, "ln_f.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
};

} // namespace

extern const ArchSpec bloom;
const ArchSpec bloom{
    .id = "bloom",
    .title = "BLOOM",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Alibi,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::GeluTanh,
    .defaultNormEpsilon = 1e-5,
    .tiedByDefault = true,
    .mlpFactor = 4,
    .fusedOrder = FusedOrder::Grouped,
    .residualFromNorm = "apply_residual_connection_post_layernorm",
    .numbers = {.positions = 2048},
    .keys = {.layers = "n_layer|num_hidden_layers",
             .heads = "n_head|num_attention_heads",
             .width = "n_embed|hidden_size",
             .vocabulary = "vocab_size",
             .positions = "seq_length",
             .normEpsilon = "layer_norm_epsilon"},
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "bloom"},
};

} // namespace sinkscope::registry_archs
