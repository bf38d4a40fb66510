// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/inspect/leading_singular_values.h"
#include "core/inspect/tensor_profile.h"
#include "core/io/json_reader.h"

#include <optional>
#include <string>

namespace sinkscope {

/// What `inspect` is asked about one tensor.
struct TensorQuestion {
    std::string name;
    int bins = 0;     ///< 0: no histogram
    int singular = 0; ///< 0: no singular values
};

struct TensorAnswer {
    const TensorInfo* tensor = nullptr; ///< of the checkpoint
    TensorProfile profile;
    bool hasHistogram = false;
    std::optional<LeadingSingularValues> singular;
};

/// Errors: InvalidArgument (no such tensor; singular values of what is no matrix), NotFinite, Cancelled.
Result<TensorAnswer> answerQuestion(const Checkpoint& checkpoint, const TensorQuestion& question, JobContext& context);

Json jsonOf(const TensorAnswer& answer);
std::string textOf(const TensorAnswer& answer);

/// "32 x 64", "scalar".
std::string shapeText(const std::vector<std::int64_t>& shape);

} // namespace sinkscope
