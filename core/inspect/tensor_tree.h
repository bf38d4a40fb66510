// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/tensor_places.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// A group of tensors, or one of them.
struct TensorNode {
    std::string title;              ///< "Layer 3", "attention", "query weight"; of a tensor without a role its name, or the last part of it
    int tensor = -1;                ///< index into Checkpoint::tensors; -1 for a group
    int parent = -1;                ///< -1 for the root
    std::vector<int> children;      ///< in reading order
    std::uint64_t tensors = 0, elements = 0, bytes = 0; ///< in it
};

/// nodes[0] is the root, and has no title. A parent comes before its children.
struct TensorTree {
    std::vector<TensorNode> nodes;
};

/// `Role` needs an architecture that is known; tensors without a role come last, by name.
enum class TensorGrouping { Role, Name, None };

/// Groups the tensors of a checkpoint. By name the parts between dots are the levels, numbers count as numbers, and what has one child only is one
/// level with it ("model.layers"). Thread: any.
TensorTree tensorTree(const Checkpoint& checkpoint, std::span<const TensorPlace> places, TensorGrouping grouping);

/// Whether `a` comes before `b` when their numbers are compared as numbers ("h.2" before "h.10").
bool naturalLess(std::string_view a, std::string_view b);

} // namespace sinkscope
