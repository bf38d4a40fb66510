// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <filesystem>

namespace sinkscope {

/// Finds every tensor that the architecture of `spec` names and checks its shape and type; fills `layerTensors`, `modelTensors` and
/// `dtype`. `config` is flattened (config_condition.h). Errors: TensorMissing, TensorShapeMismatch (also for
/// tensors of a layer that no rule asks for), listing every offending tensor (up to a few dozen). Thread: any.
Result<void> findTensors(const Checkpoint& checkpoint, const Json& config, const std::filesystem::path& file, ModelSpec& spec);

} // namespace sinkscope
