// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"
#include "core/tokenizer/piece_trie.h"
#include "core/tokenizer/unicode.h"
#include "core/tokenizer/vocabulary.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace sinkscope::registry_tokenizer_models {
extern const TokenizerModelSpec unigram;
namespace {

/// A character that no piece covers counts as much worse than the worst piece, by this (SentencePiece's constant).
constexpr double kUnknownPenalty = 10.0;

/// A piece for every token, each with its log-probability; the most probable division of a text is found by dynamic programming (Kudo 2018).
class UnigramModel : public TokenizerModel {
public:
    UnigramModel(std::vector<std::string> pieces, std::vector<double> scores, std::optional<std::int32_t> unknown, bool byteFallback)
        : m_pieces(std::move(pieces)), m_scores(std::move(scores)), m_unknown(unknown) {
        std::vector<std::pair<std::string_view, std::int32_t>> named;
        named.reserve(m_pieces.size());
        for (std::size_t id = 0; id < m_pieces.size(); ++id) {
            named.emplace_back(m_pieces[id], static_cast<std::int32_t>(id));
            m_ids.insert_or_assign(m_pieces[id], static_cast<std::int32_t>(id)); // a repeated piece keeps its last id
        }
        m_trie = PieceTrie(std::move(named));
        m_unknownScore = (m_scores.empty() ? 0.0 : *std::ranges::min_element(m_scores)) - kUnknownPenalty;
        for (std::size_t byte = 0; byteFallback && byte < 256; ++byte) {
            std::array<char, 8> name{};
            std::snprintf(name.data(), name.size(), "<0x%02X>", static_cast<unsigned>(byte));
            m_byteIds[byte] = idOf(name.data()).value_or(-1);
        }
    }

    [[nodiscard]] Result<void> tokenize(std::string_view text, std::vector<ModelToken>& out) const override {
        static thread_local std::vector<End> best; // its memory is used again for the next text
        SINKSCOPE_CHECK(findBest(text, best));
        const std::size_t before = out.size();
        for (std::size_t end = text.size(); end > 0;) {
            std::size_t begin = best[end].begin;
            // Neighbours without a piece become one.
            if (const bool unknown = best[end].id == m_unknown; unknown)
                while (begin > 0 && best[begin].id == m_unknown)
                    begin = best[begin].begin;
            appendReversed(text, begin, end, best[end].id, out);
            end = begin;
        }
        std::reverse(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
        return {};
    }

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view piece) const override {
        const auto found = m_ids.find(piece);
        return found == m_ids.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<std::string_view> pieceOf(std::int32_t id) const override {
        return id >= 0 && static_cast<std::size_t>(id) < m_pieces.size() ? std::optional<std::string_view>(m_pieces[static_cast<std::size_t>(id)]) : std::nullopt;
    }
    [[nodiscard]] std::size_t size() const override { return m_pieces.size(); }
    [[nodiscard]] std::string_view kind(bool) const override { return "Unigram"; }

private:
    /// The best division that ends at a byte: its sum, and its last piece.
    struct End {
        double score = 0;
        std::uint32_t begin = 0;
        std::int32_t id = -1; ///< -1: no division ends here
        void offer(double candidate, std::size_t from, std::int32_t piece) {
            if (id < 0 || candidate > score)
                *this = {candidate, static_cast<std::uint32_t>(from), piece};
        }
    };

    [[nodiscard]] Result<void> findBest(std::string_view text, std::vector<End>& best) const {
        best.assign(text.size() + 1, {});
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t bytes = codePointAt(text, at).bytes;
            const double here = best[at].score;
            bool covered = false;
            m_trie.prefixesOf(text.substr(at), [&](std::size_t length, std::int32_t id) {
                best[at + length].offer(here + m_scores[static_cast<std::size_t>(id)], at, id);
                covered = covered || length == bytes;
            });
            if (!covered && !m_unknown)
                return Error{ErrorCode::TokenizerInvalid, "a character is not in the vocabulary, and the Unigram model has no \"unk_id\"", {}};
            if (!covered)
                best[at + bytes].offer(here + m_unknownScore, at, *m_unknown);
            at += bytes;
        }
        return {};
    }

    void appendReversed(std::string_view text, std::size_t begin, std::size_t end, std::int32_t id, std::vector<ModelToken>& out) const {
        const auto from = static_cast<std::uint32_t>(begin), to = static_cast<std::uint32_t>(end);
        if (id != m_unknown) {
            out.push_back({id, from, to});
            return;
        }
        const std::string_view part = text.substr(begin, end - begin);
        if (const auto whole = idOf(part)) { // several unknown ones may spell a piece
            out.push_back({*whole, from, to});
        } else if (std::ranges::all_of(part, [this](char c) { return m_byteIds[static_cast<unsigned char>(c)] >= 0; })) {
            for (auto byte = part.rbegin(); byte != part.rend(); ++byte)
                out.push_back({m_byteIds[static_cast<unsigned char>(*byte)], from, to});
        } else {
            out.push_back({id, from, to, true});
        }
    }

    std::vector<std::string> m_pieces; ///< by id
    std::vector<double> m_scores;      ///< by id
    TextMap<std::int32_t> m_ids;
    PieceTrie m_trie;
    std::optional<std::int32_t> m_unknown;
    double m_unknownScore = 0;
    std::array<std::int32_t, 256> m_byteIds = [] {
        std::array<std::int32_t, 256> none{};
        none.fill(-1);
        return none;
    }();
};

/// A score as the library reads it: its digits as an integer, divided or multiplied once by a power of ten. That may differ from the nearest number in
/// the last bit, which decides between divisions that are equally good.
double asTheLibraryReads(double score) {
    std::array<char, 40> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), score, std::chars_format::scientific);
    std::uint64_t digits = 0; // shortest digits: at most 17
    int exponent = 0;
    bool fraction = false;
    for (const char* at = text.data(); at != written.ptr; ++at) {
        if (*at == 'e') {
            int power = 0;
            std::from_chars(at + (at[1] == '+' ? 2 : 1), written.ptr, power);
            exponent += power;
            break;
        }
        if (*at == '.')
            fraction = true;
        if (*at < '0' || *at > '9')
            continue;
        digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
        exponent -= fraction ? 1 : 0;
    }
    if (exponent < -22 || exponent > 22) // no score; the powers of ten beyond are not exact themselves
        return score;
    double power = 1;
    for (int i = 0; i < std::abs(exponent); ++i)
        power *= 10;
    const double value = exponent < 0 ? static_cast<double>(digits) / power : static_cast<double>(digits) * power;
    return std::signbit(score) ? -value : value;
}

Error invalid(const std::string& what) { return Error{ErrorCode::TokenizerInvalid, "Unigram: " + what, {}}; }

Result<std::unique_ptr<const TokenizerModel>> build(const Json& description) {
    const auto list = description.find("vocab");
    if (list == description.end() || !list->is_array() || list->size() > Vocabulary::kMaxId)
        return invalid("no \"vocab\" that is a list of pieces");
    std::vector<std::string> pieces;
    std::vector<double> scores;
    pieces.reserve(list->size());
    scores.reserve(list->size());
    for (const Json& entry : *list) {
        const bool valid = entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_number();
        if (!valid || entry[0].get_ref<const std::string&>().size() > Vocabulary::kMaxPieceBytes)
            return invalid("entry " + std::to_string(pieces.size()) + " of the vocabulary is not a piece with its score, or very long");
        pieces.push_back(entry[0].get<std::string>());
        scores.push_back(asTheLibraryReads(entry[1].get<double>()));
    }
    std::optional<std::int32_t> unknown;
    if (const auto id = integerAt(description, "unk_id")) {
        if (*id < 0 || static_cast<std::size_t>(*id) >= pieces.size())
            return invalid("unk_id " + std::to_string(*id) + " is not in the vocabulary");
        unknown = static_cast<std::int32_t>(*id);
    }
    return std::unique_ptr<const TokenizerModel>(
        new UnigramModel(std::move(pieces), std::move(scores), unknown, booleanAt(description, "byte_fallback").value_or(false)));
}

constexpr std::string_view kTypes[] = {"Unigram"};

} // namespace
const TokenizerModelSpec unigram{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_tokenizer_models
