// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/tensor_places.h"

#include <span>
#include <string>
#include <vector>

namespace sinkscope {

/// How two tensors were found to belong together.
enum class MatchedBy { Name, Role, Prefix };
std::string_view nameOf(MatchedBy how);

/// A tensor of one checkpoint, of the other, or one of each: indices into Checkpoint::tensors, -1 where there is none.
struct TensorPair {
    int first = -1, second = -1;
    MatchedBy how = MatchedBy::Name;
};

/// Pairs what belongs together: tensors of one name, then of one role (and layer), then those whose names differ only in how they begin
/// ("transformer.h.0.ln_1.weight" and "h.0.ln_1.weight"), by whichever beginnings join most. Every tensor is in exactly one pair; those of the
/// first checkpoint come in its order, then what only the second has. Thread: any.
std::vector<TensorPair> matchTensors(const Checkpoint& first, std::span<const TensorPlace> firstPlaces, const Checkpoint& second,
                                     std::span<const TensorPlace> secondPlaces);

} // namespace sinkscope
