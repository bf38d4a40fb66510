// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/gguf_pieces.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace sinkscope {
namespace {

constexpr std::string_view kWordMark = "\u2581";
/// Longer pieces have no merges: their number grows with the square of what is stored.
constexpr std::size_t kLongestPiece = 512;

constexpr std::string_view kThreeDigits = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kOneDigit = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kCaseAware = R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kO200k = R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr BytePattern kPatterns[] = {
    {.name = "gpt-2", .regex = {}},
    {.name = "phi-2", .regex = {}},
    {.name = "mpt", .regex = {}},
    {.name = "olmo", .regex = {}}, // and Pythia, whose tokenizer it is
    {.name = "roberta-bpe", .regex = {}},
    {.name = "llama-bpe", .regex = kThreeDigits, .ignoresMerges = true, .addsBos = true},
    {.name = "llama3", .regex = kThreeDigits, .ignoresMerges = true, .addsBos = true},
    {.name = "llama-v3", .regex = kThreeDigits, .ignoresMerges = true, .addsBos = true},
    {.name = "dbrx", .regex = kThreeDigits},
    {.name = "smaug-bpe", .regex = kThreeDigits},
    {.name = "qwen2", .regex = kOneDigit, .composed = true},
    {.name = "gpt-4o", .regex = kO200k},
    {.name = "tekken", .regex = kCaseAware, .ignoresMerges = true},
    {.name = "starcoder", .regex = {}, .digits = true},
    {.name = "refact", .regex = {}, .digits = true},
    {.name = "smollm", .regex = {}, .digits = true},
    {.name = "command-r", .regex = {}, .digits = true, .composed = true},
};

bool startsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }
std::size_t codePoints(std::string_view text) { return static_cast<std::size_t>(std::ranges::count_if(text, startsCodePoint)); }

struct Merge {
    std::string_view left, right;
    double score = 0;
    std::size_t leftId = 0, rightId = 0, leftLength = 0, rightLength = 0;
};

} // namespace

std::vector<std::pair<std::string, std::string>> mergesByScore(const Pieces& pieces) {
    std::unordered_map<std::string_view, std::size_t> ids;
    for (std::size_t id = 0; id < pieces.texts.size(); ++id)
        if (pieces.kinds[id] == PieceKind::Normal)
            ids.emplace(pieces.texts[id], id);
    std::vector<Merge> merges;
    for (std::size_t id = 0; id < pieces.texts.size(); ++id) {
        const std::string_view piece = pieces.texts[id];
        if (pieces.kinds[id] != PieceKind::Normal || piece.size() > kLongestPiece)
            continue;
        const auto begin = static_cast<std::ptrdiff_t>(merges.size());
        for (std::size_t at = 1; at < piece.size(); ++at) {
            if (!startsCodePoint(piece[at]))
                continue;
            const auto left = ids.find(piece.substr(0, at)), right = ids.find(piece.substr(at));
            if (left != ids.end() && right != ids.end())
                merges.push_back({left->first, right->first, pieces.scores[id], left->second, right->second, codePoints(left->first), codePoints(right->first)});
        }
        std::stable_sort(merges.begin() + begin, merges.end(), [](const Merge& a, const Merge& b) {
            return std::pair(a.leftId, a.rightId) < std::pair(b.leftId, b.rightId);
        });
    }
    std::ranges::stable_sort(merges, [](const Merge& a, const Merge& b) {
        return std::tuple(a.score, a.leftLength, a.rightLength) > std::tuple(b.score, b.leftLength, b.rightLength);
    });
    std::vector<std::pair<std::string, std::string>> pairs;
    pairs.reserve(merges.size());
    for (const Merge& merge : merges)
        pairs.emplace_back(merge.left, merge.right);
    return pairs;
}

void asWordPieces(Pieces& pieces) {
    for (std::size_t id = 0; id < pieces.texts.size(); ++id) {
        std::string& piece = pieces.texts[id];
        if (piece.starts_with(kWordMark))
            piece.erase(0, kWordMark.size());
        else if (pieces.kinds[id] != PieceKind::Control && pieces.kinds[id] != PieceKind::Unknown && !(piece.starts_with('[') && piece.ends_with(']')))
            piece.insert(0, "##");
    }
}

std::optional<BytePattern> bytePattern(std::string_view name) {
    const auto found = std::ranges::find(kPatterns, name, &BytePattern::name);
    return found == std::end(kPatterns) ? std::nullopt : std::optional(*found);
}

} // namespace sinkscope
