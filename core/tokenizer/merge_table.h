// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/flat_map.h"
#include "core/tokenizer/vocabulary.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sinkscope {

/// The merges of a BPE model: which pairs of ids join, in which order, and into what. Immutable.
class MergeTable {
public:
    /// From "merges" of a BPE description, either ["a b", ...] or [["a", "b"], ...]. `prefix` is dropped from the second member of a pair when
    /// the joined piece is looked up. Errors: TokenizerInvalid (a piece that is not in the vocabulary).
    static Result<MergeTable> fromJson(const Json& description, const Vocabulary& vocabulary, const std::string& prefix);

    /// Merges neighbours in place until none is left: always the lowest rank, the leftmost among equals. Thread: any.
    void apply(std::vector<ModelToken>& symbols) const;

private:
    struct Merge {
        std::uint32_t rank = 0;
        std::int32_t id = 0;
    };
    static std::uint64_t keyOf(std::int32_t left, std::int32_t right) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    }
    [[nodiscard]] const Merge* find(std::int32_t left, std::int32_t right) const {
        return m_merges.find(keyOf(left, right));
    }
    void applyToShort(std::vector<ModelToken>& symbols) const;
    void applyToLong(std::vector<ModelToken>& symbols) const;

    FlatMap<Merge> m_merges;
};

} // namespace sinkscope
