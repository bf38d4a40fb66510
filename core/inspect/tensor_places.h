// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// What a tensor of a checkpoint is for, as far as the architecture says.
struct TensorPlace {
    std::optional<Role> role; ///< empty: no tensor that the model computes with, or the architecture is not known
    int layer = -1;           ///< -1 for what exists once
    int expert = -1;          ///< of a tensor that one expert has to itself
    bool operator==(const TensorPlace&) const = default;
};

/// Of every tensor, in the order of Checkpoint::tensors. `spec` may be null. A tensor with two roles (tied embeddings) has the first. Thread: any.
std::vector<TensorPlace> tensorPlaces(const Checkpoint& checkpoint, const ModelSpec* spec);

/// "layer 3 query weight", "layer 3 expert up weight 5", "token embedding"; empty without a role.
std::string textOf(const TensorPlace& place);

} // namespace sinkscope
