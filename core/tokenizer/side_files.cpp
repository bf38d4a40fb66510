// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/side_files.h"

#include <algorithm>
#include <map>

namespace sinkscope {
namespace {

Json objectIn(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
        return Json::object();
    auto json = readJson(file, ErrorCode::TokenizerInvalid);
    return json && json->is_object() ? *std::move(json) : Json::object();
}

Json plainToken(const std::string& content, bool special) {
    return {{"content", content}, {"special", special}, {"normalized", !special}, {"lstrip", false}, {"rstrip", false}, {"single_word", false}};
}

} // namespace

SideFiles::SideFiles(const std::filesystem::path& folder)
    : m_tokenizerConfig(objectIn(folder / "tokenizer_config.json")), m_specialTokens(objectIn(folder / "special_tokens_map.json")),
      m_addedTokens(objectIn(folder / "added_tokens.json")), m_config(objectIn(folder / "config.json")) {}

std::string SideFiles::tokenizerClass() const {
    std::string name = stringAt(m_tokenizerConfig, "tokenizer_class").value_or("");
    if (name.ends_with("Fast"))
        name.resize(name.size() - 4);
    return name;
}

std::string SideFiles::modelType() const { return stringAt(m_config, "model_type").value_or(""); }

const Json* SideFiles::entryOf(const char* name) const {
    for (const Json* object : {&m_tokenizerConfig, &m_specialTokens})
        if (const auto entry = object->find(name); entry != object->end())
            return &*entry;
    return nullptr;
}

std::optional<std::string> SideFiles::named(const char* name, std::optional<std::string> fallback) const {
    const Json* entry = entryOf(name);
    if (!entry)
        return fallback;
    return entry->is_string() ? std::optional(entry->get<std::string>()) : stringAt(*entry, "content");
}

Json SideFiles::addedTokens(const std::vector<std::string>& special) const {
    std::map<std::int64_t, Json> declared;
    if (const auto decoder = m_tokenizerConfig.find("added_tokens_decoder"); decoder != m_tokenizerConfig.end() && decoder->is_object())
        for (const auto& [id, token] : decoder->items())
            if (stringAt(token, "content") && !id.empty() && id.size() < 10 && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; }))
                declared.emplace(std::stoll(id), token);
    if (declared.empty())
        for (const auto& [content, id] : m_addedTokens.items())
            if (id.is_number_integer())
                declared.emplace(id.get<std::int64_t>(), plainToken(content, std::ranges::find(special, content) != special.end()));
    Json list = Json::array();
    std::vector<std::string> seen;
    for (auto& [id, token] : declared) {
        seen.push_back(*stringAt(token, "content"));
        list.push_back(std::move(token));
    }
    for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
        const Json* entry = entryOf(name); // with its own switches, where it has some
        const auto content = entry ? stringAt(*entry, "content") : std::nullopt;
        if (!content || std::ranges::find(special, *content) == special.end() || std::ranges::find(seen, *content) != seen.end())
            continue;
        seen.push_back(*content);
        Json token = *entry;
        token["special"] = true;
        list.push_back(std::move(token));
    }
    for (const std::string& content : special) {
        if (std::ranges::find(seen, content) != seen.end())
            continue;
        seen.push_back(content);
        list.push_back(plainToken(content, true));
    }
    return list;
}

Json templateProcessing(const std::optional<TemplateToken>& before, const std::optional<TemplateToken>& after) {
    Json single = Json::array(), specials = Json::object();
    const auto add = [&](const std::optional<TemplateToken>& token) {
        if (!token)
            return;
        single.push_back({{"SpecialToken", {{"id", token->piece}, {"type_id", 0}}}});
        specials[token->piece] = {{"id", token->piece}, {"ids", Json::array({static_cast<std::uint32_t>(token->id)})}, {"tokens", Json::array({token->piece})}};
    };
    add(before);
    single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    add(after);
    return {{"type", "TemplateProcessing"}, {"single", std::move(single)}, {"pair", Json::array()}, {"special_tokens", std::move(specials)}};
}

} // namespace sinkscope
