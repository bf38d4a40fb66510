// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/io/json_reader.h"
#include "core/tokenizer/pre_tokens.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

// The four kinds of parts that a tokenizer.json is made of. Each registered item serves some values of the JSON's "type" and builds an
// immutable object from it. Lists: `normalizers`, `pre_tokenizers`, `tokenizer_models`, `post_processors` in core/CMakeLists.txt.

class Normalizer {
public:
    virtual ~Normalizer() = default;
    [[nodiscard]] virtual Result<void> apply(NormalizedText& text) const = 0;
};

class PreTokenizer {
public:
    virtual ~PreTokenizer() = default;
    /// Divides and rewrites the parts that are no added tokens. Errors: TextTooLong; TokenizerInvalid when a regular expression exceeds its limits.
    [[nodiscard]] virtual Result<void> apply(PreTokens& text) const = 0;
};

/// A token of one pre-tokenized piece, with the bytes of the piece it covers.
struct ModelToken {
    std::int32_t id = 0;
    std::uint32_t begin = 0, end = 0;
    bool verbatim = false; ///< its piece is what it covers, not what the vocabulary calls its id
};

class TokenizerModel {
public:
    virtual ~TokenizerModel() = default;
    [[nodiscard]] virtual Result<void> tokenize(std::string_view piece, std::vector<ModelToken>& out) const = 0;
    [[nodiscard]] virtual std::optional<std::int32_t> idOf(std::string_view piece) const = 0;
    [[nodiscard]] virtual std::optional<std::string_view> pieceOf(std::int32_t id) const = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// What kind of tokenizer it makes, given whether the pipeline works on bytes.
    [[nodiscard]] virtual std::string_view kind(bool byteLevel) const = 0;
};

class PostProcessor {
public:
    virtual ~PostProcessor() = default;
    /// Thread: any.
    virtual void apply(Encoding& encoding, bool addSpecial) const = 0;
    /// The id that the template puts first, if it does.
    [[nodiscard]] virtual std::optional<std::int32_t> firstSpecial() const { return std::nullopt; }
};

template <typename Part> struct PartSpec {
    std::span<const std::string_view> types; ///< values of "type"
    Result<std::unique_ptr<const Part>> (*build)(const Json& description);
};
struct NormalizerSpec : PartSpec<Normalizer> {};
struct PreTokenizerSpec : PartSpec<PreTokenizer> {};
struct TokenizerModelSpec : PartSpec<TokenizerModel> {};
struct PostProcessorSpec : PartSpec<PostProcessor> {};

std::span<const NormalizerSpec* const> normalizers();
std::span<const PreTokenizerSpec* const> pre_tokenizers();
std::span<const TokenizerModelSpec* const> tokenizer_models();
std::span<const PostProcessorSpec* const> post_processors();

/// Build a part from its JSON; null for JSON null. Errors: TokenizerUnsupported naming the type, TokenizerInvalid.
Result<std::unique_ptr<const Normalizer>> buildNormalizer(const Json& description);
Result<std::unique_ptr<const PreTokenizer>> buildPreTokenizer(const Json& description);
Result<std::unique_ptr<const TokenizerModel>> buildTokenizerModel(const Json& description);
Result<std::unique_ptr<const PostProcessor>> buildPostProcessor(const Json& description);

} // namespace sinkscope
