// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// SentencePiece's precompiled character map: which short sequences of characters a text replaces by which. Bytes 0 to 3: the size of a double-array
/// trie in the layout of darts-clone, little-endian; then the trie; then the replacements, each ending with a zero byte. Immutable.
class CharacterMap {
public:
    /// Every place that a walk through the trie can reach is checked here, so that looking up needs no checks. Errors: TokenizerInvalid.
    static Result<CharacterMap> fromBytes(std::string_view bytes);

    /// What stands for the shortest entry that `text` begins with; nothing when it begins with none. Valid as long as this object.
    [[nodiscard]] std::optional<std::string_view> replacementOf(std::string_view text) const;

private:
    std::vector<std::uint32_t> m_units;
    std::string m_replacements;
};

} // namespace sinkscope
