// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"

namespace sinkscope {

/// What the many architectures that follow LLaMA's config.json have in common.
inline constexpr ConfigKeys kLlamaKeys{.layers = "num_hidden_layers",
                                       .heads = "num_attention_heads",
                                       .keyValueHeads = "num_key_value_heads",
                                       .headWidth = "head_dim",
                                       .width = "hidden_size",
                                       .mlpWidth = "intermediate_size",
                                       .vocabulary = "vocab_size",
                                       .positions = "max_position_embeddings",
                                       .normEpsilon = "rms_norm_eps",
                                       .activation = "hidden_act"};
inline constexpr std::string_view kLlamaPrefixes[] = {"model.", ""};

/// `kLlamaKeys` with changes made by a function that takes them by reference.
template <typename Change> constexpr ConfigKeys llamaKeysWith(const Change& change) {
    ConfigKeys keys = kLlamaKeys;
    change(keys);
    return keys;
}

} // namespace sinkscope
