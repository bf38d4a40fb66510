// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary_files.h"

#include "core/io/mapped_file.h"
#include "core/tokenizer/unicode.h"

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

constexpr const char* kQwen2Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// Calls use(line) for every line of a text file, line ends left out.
template <typename Use> Result<void> forEachLine(const fs::path& path, Use use) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    if (file->bytes().size() > kMaxJsonBytes)
        return Error{ErrorCode::TokenizerInvalid, "a vocabulary of " + std::to_string(file->bytes().size()) + " bytes", path};
    std::string_view rest(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    if (const auto invalid = firstInvalidUtf8(rest))
        return Error{ErrorCode::TokenizerInvalid, "not UTF-8 at byte " + std::to_string(*invalid), path};
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        use(line);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return {};
}

/// The id of a piece, also of one that is only to be added to the vocabulary.
std::int32_t idOf(const std::string& piece, const Json& vocabulary, const Json& added) {
    const auto found = vocabulary.find(piece);
    if (found != vocabulary.end() && found->is_number_integer())
        return found->get<std::int32_t>();
    auto next = static_cast<std::int32_t>(vocabulary.size());
    for (const Json& token : added) {
        const std::string content = stringAt(token, "content").value_or("");
        if (content == piece)
            break;
        next += vocabulary.contains(content) ? 0 : 1;
    }
    return next;
}

enum class Family { Gpt2, Qwen2, Roberta };

Result<Family> familyOf(const SideFiles& files, const fs::path& folder) {
    const std::string name = files.tokenizerClass(), model = files.modelType();
    constexpr std::array<std::string_view, 5> kPlain = {"", "GPT2Tokenizer", "CodeGenTokenizer", "PreTrainedTokenizer", "GPTNeoXTokenizer"};
    constexpr std::array<std::string_view, 3> kRoberta = {"RobertaTokenizer", "BartTokenizer", "LongformerTokenizer"};
    if (std::ranges::find(kRoberta, name) != kRoberta.end() || (name.empty() && (model == "roberta" || model == "bart" || model == "longformer")))
        return Family::Roberta;
    if (name == "Qwen2Tokenizer" || (name.empty() && model.starts_with("qwen")))
        return Family::Qwen2;
    if (std::ranges::find(kPlain, name) == kPlain.end())
        return Error{ErrorCode::TokenizerUnsupported, "vocab.json for the class " + name + " is not supported; its tokenizer.json would be", folder / "vocab.json"};
    return Family::Gpt2;
}

std::vector<std::string> listed(std::initializer_list<std::optional<std::string>> pieces) {
    std::vector<std::string> list;
    for (const auto& piece : pieces)
        if (piece && std::ranges::find(list, *piece) == list.end())
            list.push_back(*piece);
    return list;
}

Json byteLevel(bool prefixSpace, bool words) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", prefixSpace}, {"trim_offsets", true}, {"use_regex", words}};
}

Json preTokenizerOf(Family family, bool prefixSpace) {
    if (family != Family::Qwen2)
        return byteLevel(prefixSpace, true);
    const Json split = {{"type", "Split"}, {"pattern", {{"Regex", kQwen2Words}}}, {"behavior", "Isolated"}, {"invert", false}};
    return {{"type", "Sequence"}, {"pretokenizers", Json::array({split, byteLevel(prefixSpace, false)})}};
}

} // namespace

Result<DescribedTokenizer> describeVocabularyAndMerges(const fs::path& folder) {
    const SideFiles files(folder);
    SINKSCOPE_TRY(const Family family, familyOf(files, folder));
    SINKSCOPE_TRY(Json vocabulary, readJson(folder / "vocab.json", ErrorCode::TokenizerInvalid));
    if (!vocabulary.is_object())
        return Error{ErrorCode::TokenizerInvalid, "not a JSON object", folder / "vocab.json"};
    Json merges = Json::array();
    SINKSCOPE_CHECK(forEachLine(folder / "merges.txt", [&](std::string_view line) {
        if (!line.starts_with("#version") && !line.empty())
            merges.push_back(line);
    }));
    const bool roberta = family == Family::Roberta;
    const std::string end = roberta ? "</s>" : "<|endoftext|>";
    const auto bos = files.named("bos_token", family == Family::Qwen2 ? std::nullopt : std::optional<std::string>(roberta ? "<s>" : end));
    const auto eos = files.named("eos_token", end);
    const auto onlyRoberta = [&](const char* piece) { return roberta ? std::optional<std::string>(piece) : std::nullopt; };
    const auto cls = files.named("cls_token", onlyRoberta("<s>")), sep = files.named("sep_token", onlyRoberta("</s>"));
    const auto pad = files.named("pad_token", family == Family::Qwen2 ? std::optional(end) : onlyRoberta("<pad>"));
    const Json added = files.addedTokens(listed({bos, eos, files.named("unk_token", roberta ? "<unk>" : end), sep, pad, cls, files.named("mask_token", onlyRoberta("<mask>"))}));
    const auto token = [&](const std::optional<std::string>& piece) {
        return piece ? std::optional(TemplateToken{*piece, idOf(*piece, vocabulary, added)}) : std::nullopt;
    };
    const bool prefixSpace = files.flag("add_prefix_space").value_or(false);
    Json post;
    if (roberta && cls && sep)
        post = {{"type", "RobertaProcessing"}, {"trim_offsets", files.flag("trim_offsets").value_or(true)}, {"add_prefix_space", prefixSpace},
                {"sep", {*sep, token(sep)->id}}, {"cls", {*cls, token(cls)->id}}};
    else
        post = templateProcessing(files.flag("add_bos_token").value_or(false) ? token(bos) : std::nullopt,
                                  files.flag("add_eos_token").value_or(false) ? token(eos) : std::nullopt);
    DescribedTokenizer described;
    described.bosPiece = bos;
    described.description = {{"added_tokens", added}, {"normalizer", family == Family::Qwen2 ? Json{{"type", "NFC"}} : Json()},
                             {"pre_tokenizer", preTokenizerOf(family, prefixSpace)}, {"post_processor", std::move(post)}};
    described.description["model"] = {{"type", "BPE"}, {"fuse_unk", false}};
    described.description["model"]["vocab"] = std::move(vocabulary);
    described.description["model"]["merges"] = std::move(merges);
    return described;
}

Result<DescribedTokenizer> describeWordPieces(const fs::path& folder) {
    const SideFiles files(folder);
    const std::string name = files.tokenizerClass();
    constexpr std::array<std::string_view, 7> kKnown = {"", "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "PreTrainedTokenizer", "RetriBertTokenizer"};
    if (std::ranges::find(kKnown, name) == kKnown.end())
        return Error{ErrorCode::TokenizerUnsupported, "vocab.txt for the class " + name + " is not supported; its tokenizer.json would be", folder / "vocab.txt"};
    Json vocabulary = Json::object();
    std::int32_t line = 0;
    SINKSCOPE_CHECK(forEachLine(folder / "vocab.txt", [&](std::string_view piece) {
        while (!piece.empty() && static_cast<unsigned char>(piece.back()) <= ' ')
            piece.remove_suffix(1);
        vocabulary[std::string(piece)] = line++;
    }));
    const auto cls = files.named("cls_token", "[CLS]"), sep = files.named("sep_token", "[SEP]"), unknown = files.named("unk_token", "[UNK]");
    const Json added = files.addedTokens(listed({unknown, sep, files.named("pad_token", "[PAD]"), cls, files.named("mask_token", "[MASK]")}));
    const auto token = [&](const std::optional<std::string>& piece) {
        return piece ? std::optional(TemplateToken{*piece, idOf(*piece, vocabulary, added)}) : std::nullopt;
    };
    const auto accents = files.flag("strip_accents");
    DescribedTokenizer described;
    described.bosPiece = cls;
    described.description = {{"added_tokens", added}, {"pre_tokenizer", {{"type", "BertPreTokenizer"}}}, {"post_processor", templateProcessing(token(cls), token(sep))}};
    described.description["normalizer"] = {{"type", "BertNormalizer"}, {"clean_text", true}, {"handle_chinese_chars", files.flag("tokenize_chinese_chars").value_or(true)},
                                           {"strip_accents", accents ? Json(*accents) : Json()}, {"lowercase", files.flag("do_lower_case").value_or(true)}};
    described.description["model"] = {{"type", "WordPiece"}, {"unk_token", unknown.value_or("[UNK]")}, {"continuing_subword_prefix", "##"}, {"max_input_chars_per_word", 100}};
    described.description["model"]["vocab"] = std::move(vocabulary);
    return described;
}

} // namespace sinkscope
