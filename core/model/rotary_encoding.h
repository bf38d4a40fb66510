// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/model_spec.h"

#include <string_view>

namespace sinkscope {

/// How the queries and keys of a run were rotated: enough to rotate them back.
struct RotaryEncoding {
    RopeParameters rope;
    int positionShift = 0; ///< added to every position
    bool interleaved = false; ///< ArchSpec::interleavedRotary
    bool operator==(const RotaryEncoding&) const = default;
};

/// JSON with every parameter, for the header of a capture.
std::string textOf(const RotaryEncoding& encoding);
/// The other direction. Errors: ConfigInvalid, naming the member that is missing or out of range.
Result<RotaryEncoding> parseRotaryEncoding(std::string_view text);
/// What a config.json says; nothing when its architecture does not rotate. Errors: those of architectureOf and readDimensions;
/// Unavailable when layers rotate differently.
Result<std::optional<RotaryEncoding>> rotaryEncodingOf(std::string_view configJson);

} // namespace sinkscope
