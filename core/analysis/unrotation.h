// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "core/model/rope_table.h"
#include "core/model/rotary_encoding.h"

#include <optional>

namespace sinkscope {

/// Takes the rotation back that a run applied to queries and keys, which captures hold as they enter the dot product.
class Unrotation {
public:
    /// Nothing for a model without rotary embedding. Errors: those of parseRotaryEncoding and rotaryEncodingOf; Unavailable when the run changed positions and
    /// the capture does not say how; CaptureInvalid.
    static Result<std::optional<Unrotation>> of(const CaptureHeader& header);

    /// For vectors of so many tokens. Thread: one at a time, and not while others undo.
    void prepare(int tokens);
    /// In place; of the number of tokens that was prepared, or fewer. Thread: any.
    void undo(HeadVectors& vectors) const;
    [[nodiscard]] int positionShift() const { return m_encoding.positionShift; }

private:
    explicit Unrotation(RotaryEncoding encoding) : m_encoding(std::move(encoding)) {}

    RotaryEncoding m_encoding;
    RopeTable m_table;
};

} // namespace sinkscope
