// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentencepiece_file.h"

#include "core/io/mapped_file.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/sentencepiece_model.h"
#include "core/tokenizer/side_files.h"

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

/// What a class of transformers puts around a text, and how it counts.
struct Family {
    std::string_view tokenizerClass;
    std::array<std::string_view, 4> modelTypes;
    const char *bos, *eos, *unknown, *pad;
    bool addsBos, addsEos, shifted;
    int extraIds;
};
constexpr Family kFamilies[] = {
    {"LlamaTokenizer", {"llama", "mistral", "mixtral", "phi3"}, "<s>", "</s>", "<unk>", nullptr, true, false, false, 0},
    {"CodeLlamaTokenizer", {}, "<s>", "</s>", "<unk>", nullptr, true, false, false, 0},
    {"GemmaTokenizer", {"gemma", "gemma2", "gemma3_text", "gemma3"}, "<bos>", "<eos>", "<unk>", "<pad>", true, false, false, 0},
    {"T5Tokenizer", {"t5", "mt5", "umt5", "longt5"}, nullptr, "</s>", "<unk>", "<pad>", false, true, false, 100},
    {"XLMRobertaTokenizer", {"xlm-roberta", "xlm-roberta-xl"}, "<s>", "</s>", "<unk>", "<pad>", true, true, true, 0},
};

Result<const Family*> familyOf(const SideFiles& files) {
    const std::string name = files.tokenizerClass(), model = files.modelType();
    const bool named = !name.empty() && name != "PreTrainedTokenizer";
    for (const Family& family : kFamilies)
        if (named ? family.tokenizerClass == name : !model.empty() && std::ranges::find(family.modelTypes, model) != family.modelTypes.end())
            return &family;
    if (named || !model.empty())
        return Error{ErrorCode::TokenizerUnsupported, "a SentencePiece file for " + (named ? "the class " + name : "models of type " + model) + " is not supported; its tokenizer.json would be", {}};
    return &kFamilies[0];
}

std::vector<std::string> specialsOf(const Family& family, const SideFiles& files) {
    std::vector<std::string> list;
    const auto add = [&](const char* name, const char* fallback) {
        const auto piece = files.named(name, fallback ? std::optional<std::string>(fallback) : std::nullopt);
        if (piece && std::ranges::find(list, *piece) == list.end())
            list.push_back(*piece);
    };
    add("bos_token", family.bos);
    add("eos_token", family.eos);
    add("unk_token", family.unknown);
    add("pad_token", family.pad);
    add("mask_token", family.shifted ? "<mask>" : nullptr);
    const auto extra = files.number("extra_ids").value_or(family.extraIds);
    for (std::int64_t i = std::clamp<std::int64_t>(extra, 0, 1000); family.extraIds > 0 && i-- > 0;)
        list.push_back("<extra_id_" + std::to_string(i) + '>');
    return list;
}

Result<TokenizerParts> buildParts(std::string_view bytes, const fs::path& folder) {
    const SideFiles files(folder);
    SINKSCOPE_TRY(const Family* family, familyOf(files));
    const bool legacy = files.flag("legacy").value_or(true);
    TokenizerParts parts;
    SINKSCOPE_TRY(parts.model, makeSentencePieceModel(bytes, {.legacy = legacy, .shifted = family->shifted}));
    SINKSCOPE_TRY(parts.added, AddedTokens::fromJson(files.addedTokens(specialsOf(*family, files)), *parts.model, nullptr));
    if (!legacy) { // the space in front of the whole text only
        SINKSCOPE_TRY(parts.preTokenizer, buildPreTokenizer({{"type", "Metaspace"}, {"replacement", "\u2581"}, {"prepend_scheme", "first"}, {"split", false}}));
    }
    parts.bosPiece = files.named("bos_token", family->bos ? std::optional<std::string>(family->bos) : std::nullopt);
    const auto end = [&](const std::optional<std::string>& piece, bool wanted) -> std::optional<TemplateToken> {
        const auto id = piece && wanted ? parts.added.idOf(*piece) : std::nullopt;
        return id ? std::optional(TemplateToken{*piece, *id}) : std::nullopt;
    };
    const auto before = end(parts.bosPiece, files.flag("add_bos_token").value_or(family->addsBos));
    const auto after = end(files.named("eos_token", std::optional<std::string>(family->eos)), files.flag("add_eos_token").value_or(family->addsEos));
    SINKSCOPE_TRY(parts.postProcessor, buildPostProcessor(templateProcessing(before, after)));
    return parts;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> readSentencePiece(std::string_view bytes, const fs::path& folder, const fs::path& file) {
    auto parts = buildParts(bytes, folder);
    if (!parts) {
        Error error = parts.error();
        error.file = file;
        return error;
    }
    return makePipeline(std::move(*parts));
}

Result<std::shared_ptr<const Tokenizer>> openSentencePiece(const fs::path& file) {
    SINKSCOPE_TRY(const auto mapped, MappedFile::open(file));
    return readSentencePiece({reinterpret_cast<const char*>(mapped->bytes().data()), mapped->bytes().size()}, file.parent_path(), file);
}

} // namespace sinkscope
