// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/matrix.h"

#include <ATen/ATen.h>

namespace sinkscope {

/// The same memory as a tensor. Thread: any.
inline at::Tensor wrapped(const MatrixView& matrix) {
    static const at::TensorOptions options = at::TensorOptions().dtype(at::kFloat), brain = at::TensorOptions().dtype(at::kBFloat16);
    void* data = matrix.brain ? static_cast<void*>(const_cast<BrainFloat*>(matrix.brain)) : const_cast<float*>(matrix.data);
    return at::from_blob(data,
                         {static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.columns)},
                         {static_cast<std::int64_t>(matrix.rowStride), static_cast<std::int64_t>(matrix.columnStride)}, matrix.brain ? brain : options);
}

} // namespace sinkscope
