// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <filesystem>

namespace sinkscope {

/// The registered architecture that config.json's "model_type" names. Errors: ConfigMissing, UnknownArchitecture (listing
/// the supported ones). Thread: any.
Result<const ArchSpec*> architectureOf(const Json& config, const std::filesystem::path& file);

/// Fills the dimensions and flags of `spec` (everything but tensors) from config.json. Errors: ConfigMissing naming the key;
/// ConfigInvalid naming the key and its value; Unavailable for values that ask for mathematics we do not have. Thread: any.
Result<void> readDimensions(const Json& config, const std::filesystem::path& file, ModelSpec& spec);

/// Reads rotary parameters from "rope_theta", "rope_scaling" and "rope_parameters". Needs the dimensions of `spec`.
Result<void> readRope(const Json& config, const std::filesystem::path& file, ModelSpec& spec);

/// Fills `headRules.windows` as WindowRule and "layer_types" say. Needs the number of layers. Errors: ConfigInvalid; Unavailable for
/// kinds of layers that we do not have.
Result<void> readWindows(const Json& config, const std::filesystem::path& file, ModelSpec& spec);

/// Fills `experts` (everything but tensors) as ExpertRule says. Needs the dimensions. Errors: ConfigInvalid; Unavailable for weights that
/// are quantized in a way that we do not have.
Result<void> readExperts(const Json& config, const std::filesystem::path& file, ModelSpec& spec);

/// A number of config.json, as text for a message: "hidden_size = 12.5".
std::string keyValueText(const Json& object, std::string_view key);

} // namespace sinkscope
