// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/weight_access.h"
#include "core/model/model_spec.h"

namespace sinkscope {

/// The tensor of a role as float32, oriented so that output = input x matrix, whichever way it is stored: linear layers [in, out],
/// embeddings [tokens or positions, width] (the input is one-hot), the unembedding [width, vocabulary], norms and biases [1, n]. The
/// query, key and value of a fused projection are cut out of it. `layer` is ignored for what exists once. Thread: any but gui (reads
/// the mapped file).
/// Errors: InvalidArgument (no such layer), Unavailable (the model has no such tensor).
Result<WeightMatrix> weightMatrix(const ModelSpec& spec, Role role, int layer = 0);

/// The weights of an opened model, for analyses. Keeps the matrices of the layer that was asked for last, and the unembedding once it
/// has been asked for. Safe on several threads. Never null.
std::shared_ptr<const WeightAccess> weightsOf(std::shared_ptr<const ModelSpec> spec);

} // namespace sinkscope
