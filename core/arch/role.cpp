// SPDX-License-Identifier: Apache-2.0
#include "core/arch/arch_spec.h"

#include <array>

namespace sinkscope {

std::string_view nameOf(Role role) {
    static constexpr std::array<std::string_view, kRoleCount> kNames{
        "attention norm", "attention norm bias", "query weight", "query bias", "key weight", "key bias", "value weight",
        "value bias", "fused query-key-value weight", "fused query-key-value bias", "query norm", "query norm bias", "key norm",
        "key norm bias", "attention output weight", "attention output bias", "norm after attention", "MLP norm", "MLP norm bias",
        "MLP gate weight", "MLP gate bias", "MLP up weight", "MLP up bias", "fused MLP gate and up weight", "fused MLP gate and up bias", "MLP down weight",
        "MLP down bias", "norm after MLP", "attention sinks", "router weight", "router bias", "expert gate weight", "expert gate bias",
        "expert up weight", "expert up bias", "fused expert gate and up weight", "fused expert gate and up scales", "fused expert gate and up bias",
        "expert down weight", "expert down scales", "expert down bias", "token embedding", "position embedding", "segment embedding",
        "embedding norm", "embedding norm bias", "embedding projection weight", "embedding projection bias",
        "final norm", "final norm bias", "unembedding", "unembedding bias", "head projection weight",
        "head transform weight", "head transform bias", "head transform norm", "head transform norm bias"};
    return kNames[static_cast<std::size_t>(role)];
}

} // namespace sinkscope
