// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// Longest text that is encoded, in bytes. No model reads more.
inline constexpr std::size_t kMaxTextBytes = std::size_t{8} << 20;

/// A tokenized text. All vectors have one entry per token.
struct Encoding {
    std::vector<std::int32_t> ids;
    std::vector<std::string> pieces;                             ///< the vocabulary's own spelling ("Ġthe", "▁the", "##ing")
    std::vector<std::pair<std::int32_t, std::int32_t>> offsets;  ///< [begin, end) in code points of the text; 0,0 for added ones
    std::vector<std::uint8_t> special;                           ///< 1 where the template or BOS switch put the token
    std::vector<std::int32_t> segments;                          ///< token type ids
};

enum class BosChoice { Auto, Yes, No }; ///< Auto: what the tokenizer's own template does

/// A tokenizer loaded from tokenizer.json. Immutable and safe to use from several threads at once.
class Tokenizer {
public:
    /// Errors: TokenizerMissing, TokenizerInvalid, TokenizerUnsupported (naming the component). `configFile`
    /// (tokenizer_config.json) may not exist. Thread: any but gui.
    static Result<std::shared_ptr<const Tokenizer>> load(const std::filesystem::path& tokenizerFile,
                                                         const std::filesystem::path& configFile);
    /// The same from the text of a tokenizer.json and the piece that tokenizer_config.json declares as bos_token, if any. `file` goes into errors.
    static Result<std::shared_ptr<const Tokenizer>> parse(std::string_view json, const std::optional<std::string>& bosPiece,
                                                          const std::filesystem::path& file);
    virtual ~Tokenizer() = default;

    /// Ids, pieces and offsets as the Hugging Face tokenizers library gives them for one text. `addSpecial` false leaves
    /// the template's tokens out. Errors: InvalidUtf8 (with the byte), TextTooLong (above 8 MiB, or made very long by the
    /// tokenizer's rules), TokenizerInvalid (a regular expression of the file that does not finish). Thread: any.
    [[nodiscard]] virtual Result<Encoding> encode(std::string_view text, bool addSpecial = true) const = 0;
    [[nodiscard]] virtual std::size_t vocabularySize() const = 0; ///< added tokens counted
    [[nodiscard]] virtual std::string_view kind() const = 0;      ///< "byte-level BPE", "SentencePiece BPE", "WordPiece"
    /// The piece of an id, or nothing when the id is not in the vocabulary.
    [[nodiscard]] virtual std::optional<std::string> pieceOf(std::int32_t id) const = 0;
    [[nodiscard]] virtual std::optional<std::int32_t> idOf(std::string_view piece) const = 0;
    /// The id of the beginning-of-sequence token (or [CLS]) if the tokenizer declares one.
    [[nodiscard]] virtual std::optional<std::int32_t> bosId() const = 0;
    /// What a piece looks like to a reader: bytes decoded to text, "Ġ" and "▁" as a space, control characters as
    /// symbols, incomplete UTF-8 as "\xNN".
    [[nodiscard]] virtual std::string displayText(std::int32_t id) const = 0;
};

/// Encodes with the BOS switch applied: Yes prepends `bosId` unless it is first already, No removes it if it is.
/// Errors: those of encode; InvalidArgument when Yes is asked of a tokenizer without one. Thread: any.
Result<Encoding> encodeWithBos(const Tokenizer& tokenizer, std::string_view text, BosChoice bos);

} // namespace sinkscope
