// SPDX-License-Identifier: Apache-2.0
// Phi-1, 1.5 and 2 (Li et al., 2023): partial rotary embedding, attention and MLP side by side behind one norm, biases everywhere.
#include "core/arch/llama_layout.h"

namespace sinkscope::registry_archs {
namespace {

constexpr std::string_view kModelTypes[] = {"phi"};
constexpr std::string_view kPrefixes[] = {"model.", ""};
constexpr TensorRule kTensors[] = {
    {Role::AttentionNorm, "layers.{}.input_layernorm.weight"},
    {Role::AttentionNormBias, "layers.{}.input_layernorm.bias"},
    {Role::QueryWeight, "layers.{}.self_attn.q_proj.weight"},
    {Role::QueryBias, "layers.{}.self_attn.q_proj.bias"},
    {Role::KeyWeight, "layers.{}.self_attn.k_proj.weight"},
    {Role::KeyBias, "layers.{}.self_attn.k_proj.bias"},
    {Role::ValueWeight, "layers.{}.self_attn.v_proj.weight"},
    {Role::ValueBias, "layers.{}.self_attn.v_proj.bias"},
    {Role::QueryNorm, "layers.{}.self_attn.q_layernorm.weight", Need::Flagged, "qk_layernorm"},
    {Role::QueryNormBias, "layers.{}.self_attn.q_layernorm.bias", Need::Flagged, "qk_layernorm"},
    {Role::KeyNorm, "layers.{}.self_attn.k_layernorm.weight", Need::Flagged, "qk_layernorm"},
    {Role::KeyNormBias, "layers.{}.self_attn.k_layernorm.bias", Need::Flagged, "qk_layernorm"},
    {Role::OutputWeight, "layers.{}.self_attn.dense.weight"},
    {Role::OutputBias, "layers.{}.self_attn.dense.bias"},
    {Role::UpWeight, "layers.{}.mlp.fc1.weight"},
    {Role::UpBias, "layers.{}.mlp.fc1.bias"},
    {Role::DownWeight, "layers.{}.mlp.fc2.weight"},
    {Role::DownBias, "layers.{}.mlp.fc2.bias"},
    {Role::TokenEmbedding, "embed_tokens.weight"},
    {Role::FinalNorm, "final_layernorm.weight"},
    {Role::FinalNormBias, "final_layernorm.bias"},
    {Role::Unembedding, "lm_head.weight", Need::Optional},
    {Role::UnembeddingBias, "lm_head.bias", Need::Optional},
};

} // namespace

extern const ArchSpec phi;
const ArchSpec phi{
    .id = "phi",
    .title = "Phi",
    .modelTypes = kModelTypes,
    .mask = Mask::Causal,
    .positions = Positions::Rope,
    .norm = Norm::LayerNorm,
    .normPlacement = NormPlacement::Pre,
    .mlp = Mlp::Plain,
    .defaultActivation = Activation::GeluTanh,
    .defaultNormEpsilon = 1e-5,
    .parallel = "true",
    .numbers = {.rotaryShare = 0.5},
    .keys = llamaKeysWith([](ConfigKeys& keys) { keys.normEpsilon = "layer_norm_eps"; }),
    .prefixes = kPrefixes,
    .tensors = kTensors,
    .gguf = {.architecture = "phi2"},
};

} // namespace sinkscope::registry_archs
