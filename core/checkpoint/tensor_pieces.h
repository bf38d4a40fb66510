// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"

#include <functional>
#include <span>

namespace sinkscope {

/// Number of elements, from the shape, which the readers have checked against the bytes. Thread: any.
std::size_t elementCount(const TensorInfo& tensor);

/// Elements first..first+out.size()-1 as doubles. 64-bit types and 32-bit integers do not go through float. Thread: any but gui.
void convertToDouble(const TensorInfo& tensor, std::size_t first, std::span<double> out);

/// Reads a tensor once from end to end: `use(first, values)` gets piece after piece, and may change what it gets. The pages of the file are
/// read ahead and given back, so that memory stays flat whatever the size. Reports progress with the tensor's name. Errors: Cancelled.
/// Thread: any but gui.
Result<void> readPieces(const TensorInfo& tensor, JobContext& context, const std::function<void(std::size_t first, std::span<double> values)>& use);

} // namespace sinkscope
