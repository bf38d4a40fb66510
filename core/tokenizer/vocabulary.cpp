// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

namespace sinkscope {

Result<Vocabulary> Vocabulary::fromJson(const Json& object) {
    if (!object.is_object())
        return Error{ErrorCode::TokenizerInvalid, "the vocabulary is not an object", {}};
    Vocabulary vocabulary;
    vocabulary.m_ids.reserve(object.size());
    for (const auto& [piece, value] : object.items()) {
        const bool whole = value.is_number_integer();
        const std::int64_t id = whole ? value.get<std::int64_t>() : -1;
        if (id < 0 || id > kMaxId)
            return Error{ErrorCode::TokenizerInvalid, "the vocabulary gives \"" + piece + "\" no usable id", {}};
        const auto [entry, added] = vocabulary.m_ids.emplace(piece, static_cast<std::int32_t>(id));
        if (static_cast<std::size_t>(id) >= vocabulary.m_pieces.size())
            vocabulary.m_pieces.resize(static_cast<std::size_t>(id) + 1, nullptr);
        vocabulary.m_pieces[static_cast<std::size_t>(id)] = &entry->first;
    }
    return vocabulary;
}

} // namespace sinkscope
