// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/io/json_reader.h"

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sinkscope {

/// What the small files beside a vocabulary say of it: tokenizer_config.json, special_tokens_map.json, added_tokens.json, config.json.
class SideFiles {
public:
    /// Files that are absent or broken say nothing: they are an aid, not a necessity.
    explicit SideFiles(const std::filesystem::path& folder);

    /// The class that reads the tokenizer, without "Fast" at its end; empty when none is named.
    [[nodiscard]] std::string tokenizerClass() const;
    /// "model_type" of config.json; empty when there is none.
    [[nodiscard]] std::string modelType() const;
    [[nodiscard]] std::optional<bool> flag(std::string_view name) const { return booleanAt(m_tokenizerConfig, name); }
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const { return integerAt(m_tokenizerConfig, name); }
    /// The piece of a named token ("bos_token"): of tokenizer_config.json, else of special_tokens_map.json, else the fallback; nothing when it is null.
    [[nodiscard]] std::optional<std::string> named(const char* name, std::optional<std::string> fallback) const;
    /// A list as in a tokenizer.json: the added tokens that are declared, in the order of their ids, and then the special ones that are not among them.
    [[nodiscard]] Json addedTokens(const std::vector<std::string>& special) const;

private:
    [[nodiscard]] const Json* entryOf(const char* name) const;
    Json m_tokenizerConfig, m_specialTokens, m_addedTokens, m_config;
};

/// A step of a TemplateProcessing, and a whole one: specials (with their ids) before and after the text.
struct TemplateToken {
    std::string piece;
    std::int32_t id = 0;
};
Json templateProcessing(const std::optional<TemplateToken>& before, const std::optional<TemplateToken>& after);

} // namespace sinkscope
