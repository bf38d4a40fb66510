// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/unrotation.h"

#include "core/io/json_reader.h"

#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

/// True when a run did something to positions that only CaptureHeader::rotary would tell.
bool positionsWereChanged(const CaptureHeader& header) {
    const auto recipe = parseJson(header.recipeJson, ErrorCode::ConfigInvalid, {});
    if (!recipe || !recipe->is_object() || !recipe->contains("intervention"))
        return false;
    const Json& intervention = (*recipe)["intervention"];
    return !intervention.is_object() || integerAt(intervention, "position_shift").value_or(0) != 0 ||
           (intervention.contains("rope") && !intervention["rope"].is_null());
}

} // namespace

Result<std::optional<Unrotation>> Unrotation::of(const CaptureHeader& header) {
    std::optional<RotaryEncoding> encoding;
    if (!header.rotary.empty()) {
        SINKSCOPE_TRY(encoding, parseRotaryEncoding(header.rotary));
    } else {
        SINKSCOPE_TRY(encoding, rotaryEncodingOf(header.configJson));
        if (encoding && positionsWereChanged(header))
            return Error{ErrorCode::Unavailable, "the run changed the positions, and the capture does not say how the vectors were rotated", {}};
    }
    if (!encoding)
        return std::optional<Unrotation>();
    if (encoding->rope.rotaryWidth > header.headWidth)
        return Error{ErrorCode::CaptureInvalid, "the rotation is wider than the heads", {}};
    return std::optional(Unrotation(*std::move(encoding)));
}

void Unrotation::prepare(int tokens) {
    // Dynamic scaling and LongRope turn samples of different lengths by different angles; else the longest table serves all.
    const bool own = m_encoding.rope.followsLength() && m_table.tokens() != tokens;
    if (own || m_table.tokens() < tokens)
        m_table = RopeTable(m_encoding.rope, tokens, m_encoding.positionShift, m_encoding.interleaved);
}

void Unrotation::undo(HeadVectors& vectors) const {
    for (int token = 0; token < vectors.tokens; ++token)
        m_table.unrotate(&vectors.values[static_cast<std::size_t>(token) * static_cast<std::size_t>(vectors.width)], token);
}

} // namespace sinkscope
