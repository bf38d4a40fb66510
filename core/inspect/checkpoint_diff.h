// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/tensor_match.h"
#include "core/jobs/job_context.h"

#include <cstdint>
#include <memory>

namespace sinkscope {

/// What became of a tensor from the first checkpoint to the second.
enum class Change {
    OnlyFirst, OnlySecond,
    Shape,     ///< cannot be compared element by element
    Values,    ///< at least one element differs
    Type,      ///< every element has the same value, stored in another type
    None,      ///< type and every bit are the same
};
/// "only_first", "shape", "values", ...: in JSON. Thread: any.
std::string_view nameOf(Change change);

struct TensorDifference {
    TensorPair pair;
    Change change = Change::None;
    // Of the values, where both are finite; meaningful unless the tensor is missing or its shape differs. NaN for types whose numbers are not read.
    std::uint64_t elements = 0;
    std::uint64_t changed = 0;         ///< elements with another value (two NaN are the same, 0 and -0 too)
    std::uint64_t notFinite = 0;       ///< changed elements of which one or both are NaN or infinite: left out below
    double largest = 0;                ///< largest |b - a|
    std::uint64_t largestAt = 0;       ///< where it is, as an index into the flat tensor
    double firstNorm = 0, secondNorm = 0, differenceNorm = 0; ///< Euclidean
    double cosine = 1;                 ///< of the angle between both; NaN when one is zero and the other is not
    /// ||b - a|| / ||a||; NaN when a is zero and b is not.
    [[nodiscard]] double relative() const;
};

struct CheckpointDiff {
    std::shared_ptr<const Checkpoint> first, second;
    std::vector<TensorPlace> firstPlaces, secondPlaces;
    std::vector<TensorDifference> tensors; ///< in the order of matchTensors
    [[nodiscard]] std::size_t count(Change change) const;
    /// All tensors are there on both sides, with the same bits.
    [[nodiscard]] bool isIdentical() const { return count(Change::None) == tensors.size(); }
    /// Of the tensor, in the first checkpoint where it is there.
    [[nodiscard]] const TensorInfo& tensor(const TensorDifference& difference) const;
    [[nodiscard]] const TensorPlace& place(const TensorDifference& difference) const;
};

/// Compares tensor by tensor, reading both once, on several threads, in pieces: memory does not depend on sizes. Roles are used where both
/// architectures are known. Errors: Cancelled. Thread: any but gui.
Result<CheckpointDiff> diffCheckpoints(std::shared_ptr<const Checkpoint> first, std::shared_ptr<const Checkpoint> second, JobContext& context, int threads = 0);

} // namespace sinkscope
