// SPDX-License-Identifier: Apache-2.0
#include "core/base/base64.h"
#include "core/tokenizer/character_map.h"
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/grapheme.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec precompiled;
namespace {

/// Clusters of this many bytes and more are replaced character by character, as in the library.
constexpr std::size_t kLongCluster = 6;
/// As many as the text may have at most, twice: a map of another's making could replace every character by a novel.
constexpr std::size_t kMaxCharacters = 2 * kMaxTextBytes;

int characterCount(std::string_view text) {
    return static_cast<int>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// One cluster or character becomes another text. The library's rule of origin: surplus characters count as inserted, and the last one swallows what is
/// missing, also when that is a character of an earlier replacement.
void appendReplacement(std::vector<CharacterChange>& changes, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; at < to.size();) {
        const CodePoint point = codePointAt(to, at);
        changes.push_back({point.value, 0});
        at += point.bytes;
    }
    const int surplus = characterCount(to) - characterCount(from);
    for (int i = 0; i < surplus; ++i)
        changes[changes.size() - 1 - static_cast<std::size_t>(i)].change = 1;
    if (surplus < 0 && !changes.empty())
        changes.back().change += surplus;
}

/// SentencePiece's normalization as the tokenizers library applies it: by grapheme clusters, of which the shortest entry that they begin with counts.
class PrecompiledNormalizer : public Normalizer {
public:
    explicit PrecompiledNormalizer(CharacterMap map) : m_map(std::move(map)) {}

    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        const std::string& bytes = text.text();
        std::vector<CharacterChange> changes;
        bool modified = false;
        for (std::size_t at = 0, end = 0; at < bytes.size(); at = end) {
            end = graphemeEnd(bytes, at);
            const std::string_view cluster = std::string_view(bytes).substr(at, end - at);
            if (cluster.size() < kLongCluster) {
                if (const auto replacement = m_map.replacementOf(cluster)) {
                    appendReplacement(changes, cluster, *replacement);
                    modified = true;
                    continue;
                }
            }
            modified = byCharacters(cluster, changes) || modified;
            if (changes.size() > std::min(kMaxCharacters, text.mostBytes()))
                return normalizedTooLong(text.mostBytes());
        }
        if (modified)
            text.transform(changes);
        return {};
    }

private:
    bool byCharacters(std::string_view cluster, std::vector<CharacterChange>& changes) const {
        bool modified = false;
        for (std::size_t at = 0; at < cluster.size();) {
            const CodePoint point = codePointAt(cluster, at);
            const std::string_view character = cluster.substr(at, point.bytes);
            at += point.bytes;
            if (const auto replacement = m_map.replacementOf(character)) {
                appendReplacement(changes, character, *replacement);
                modified = true;
            } else {
                changes.push_back({point.value, 0});
            }
        }
        return modified;
    }

    CharacterMap m_map;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    const auto text = stringAt(description, "precompiled_charsmap");
    const auto bytes = text ? decodeBase64(*text) : std::nullopt;
    if (!bytes)
        return Error{ErrorCode::TokenizerInvalid, "a Precompiled normalizer without a \"precompiled_charsmap\" in base64", {}};
    SINKSCOPE_TRY(auto map, CharacterMap::fromBytes(*bytes));
    return std::unique_ptr<const Normalizer>(new PrecompiledNormalizer(std::move(map)));
}

constexpr std::string_view kTypes[] = {"Precompiled"};

} // namespace
const NormalizerSpec precompiled{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
