// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <string>

namespace sinkscope {

/// Puts one special token at an end of an encoding; its offsets are 0,0.
void addSpecialToken(Encoding& encoding, bool atFront, std::int32_t id, const std::string& piece, std::int32_t segment);
/// Takes white space (also in its byte-level spelling) out of the offsets of byte-level tokens, as the library's trim_offsets does.
void trimByteLevelOffsets(Encoding& encoding, bool addPrefixSpace);

} // namespace sinkscope
