// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/unicode.h"
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>

namespace sinkscope::registry_tokenizer_models {
extern const TokenizerModelSpec bpe;
namespace {

/// Byte-pair encoding (Sennrich et al. 2016): characters are merged pairwise, the earliest learned merge first.
class BpeModel : public TokenizerModel {
public:
    struct Options {
        std::optional<std::int32_t> unknown;
        std::string prefix, suffix; ///< of word-internal characters, and of the last one
        bool fuseUnknown = false, byteFallback = false, ignoreMerges = false;
    };

    BpeModel(Vocabulary vocabulary, MergeTable merges, Options options)
        : m_vocabulary(std::move(vocabulary)), m_merges(std::move(merges)), m_options(std::move(options)) {
        for (int byte = 0; byte < 256; ++byte) {
            char name[8];
            std::snprintf(name, sizeof name, "<0x%02X>", byte);
            m_byteIds[static_cast<std::size_t>(byte)] = m_vocabulary.idOf(name);
        }
        for (char32_t c = 0; c < m_characterIds.size(); ++c)
            m_characterIds[c] = m_vocabulary.idOf(utf8Of(c)).value_or(-1);
    }

    [[nodiscard]] Result<void> tokenize(std::string_view piece, std::vector<ModelToken>& out) const override {
        if (m_options.ignoreMerges) {
            if (const auto id = m_vocabulary.idOf(piece)) {
                out.push_back({*id, 0, static_cast<std::uint32_t>(piece.size())});
                return {};
            }
        }
        static thread_local Collector collector; // its memory is used again for the next piece
        collectSymbols(piece, collector);
        m_merges.apply(collector.symbols);
        out.insert(out.end(), collector.symbols.begin(), collector.symbols.end());
        return {};
    }

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override { return m_vocabulary.idOf(piece); }
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const override { return m_vocabulary.pieceOf(id); }
    [[nodiscard]] std::size_t size() const override { return m_vocabulary.size(); }
    [[nodiscard]] std::string_view kind(bool byteLevel) const override {
        return byteLevel ? "byte-level BPE" : m_options.byteFallback ? "SentencePiece BPE" : "BPE";
    }

private:
    /// Collects symbols; an unknown one is held back, because the next may fuse with it.
    struct Collector {
        std::vector<ModelToken> symbols;
        std::optional<ModelToken> unknown;
        std::uint32_t at = 0;
        void add(std::int32_t id, std::uint32_t length) {
            symbols.push_back({id, at, at + length});
            at += length;
        }
        void flush() {
            if (unknown)
                add(unknown->id, unknown->end);
            unknown.reset();
        }
    };

    void collectSymbols(std::string_view piece, Collector& collector) const {
        collector.symbols.clear();
        collector.unknown.reset();
        collector.at = 0;
        const bool plain = m_options.prefix.empty() && m_options.suffix.empty();
        std::string name;
        for (std::size_t at = 0; at < piece.size();) {
            const auto [character, bytes] = codePointAt(piece, at);
            const std::int32_t quick = plain && character < m_characterIds.size() ? m_characterIds[character] : -1;
            if (quick >= 0) {
                collector.flush();
                collector.add(quick, static_cast<std::uint32_t>(bytes));
                at += bytes;
                continue;
            }
            name.assign(at > 0 ? m_options.prefix : std::string()).append(piece.substr(at, bytes));
            if (at + bytes == piece.size())
                name += m_options.suffix;
            addCharacter(name, static_cast<std::uint32_t>(bytes), collector);
            at += bytes;
        }
        collector.flush();
    }

    void addCharacter(const std::string& name, std::uint32_t bytes, Collector& collector) const {
        if (const auto id = m_vocabulary.idOf(name)) {
            collector.flush();
            collector.add(*id, bytes);
        } else if (m_options.byteFallback && hasBytes(name)) {
            // The library does not flush a held-back unknown here; neither do we, so that ids agree.
            for (const char byte : name)
                collector.add(*m_byteIds[static_cast<unsigned char>(byte)], 1);
        } else if (m_options.unknown) {
            if (collector.unknown && m_options.fuseUnknown) {
                collector.unknown->end += bytes;
            } else {
                collector.flush();
                collector.unknown = ModelToken{*m_options.unknown, 0, bytes};
            }
        }
    }

    [[nodiscard]] bool hasBytes(const std::string& name) const {
        for (const char byte : name)
            if (!m_byteIds[static_cast<unsigned char>(byte)])
                return false;
        return true;
    }

    Vocabulary m_vocabulary;
    MergeTable m_merges;
    Options m_options;
    std::array<std::optional<std::int32_t>, 256> m_byteIds;
    std::array<std::int32_t, 0x800> m_characterIds{}; ///< of one- and two-byte characters, which is all that byte-level pieces have; -1: none
};

Result<std::unique_ptr<const TokenizerModel>> build(const Json& description) {
    BpeModel::Options options;
    const auto vocabularyJson = description.find("vocab");
    if (vocabularyJson == description.end())
        return Error{ErrorCode::TokenizerInvalid, "a BPE model without \"vocab\"", {}};
    SINKSCOPE_TRY(auto vocabulary, Vocabulary::fromJson(*vocabularyJson));
    options.prefix = stringAt(description, "continuing_subword_prefix").value_or("");
    options.suffix = stringAt(description, "end_of_word_suffix").value_or("");
    options.fuseUnknown = booleanAt(description, "fuse_unk").value_or(false);
    options.byteFallback = booleanAt(description, "byte_fallback").value_or(false);
    options.ignoreMerges = booleanAt(description, "ignore_merges").value_or(false);
    if (numberAt(description, "dropout").value_or(0) > 0)
        return Error{ErrorCode::TokenizerUnsupported, "a BPE model with dropout divides every text by chance, and is not supported", {}};
    if (const auto unknown = stringAt(description, "unk_token")) {
        options.unknown = vocabulary.idOf(*unknown);
        if (!options.unknown)
            return Error{ErrorCode::TokenizerInvalid, "unk_token \"" + *unknown + "\" is not in the vocabulary", {}};
    }
    SINKSCOPE_TRY(auto merges, MergeTable::fromJson(description, vocabulary, options.prefix));
    return std::unique_ptr<const TokenizerModel>(new BpeModel(std::move(vocabulary), std::move(merges), std::move(options)));
}

constexpr std::string_view kTypes[] = {"BPE"};

} // namespace
const TokenizerModelSpec bpe{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_tokenizer_models
