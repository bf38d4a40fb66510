// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/open_tokenizer.h"

#include "core/tokenizer/sentencepiece_file.h"
#include "core/tokenizer/vocabulary_files.h"

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

bool isThere(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored);
}

Result<std::shared_ptr<const Tokenizer>> built(Result<DescribedTokenizer> described, const fs::path& file) {
    if (!described)
        return described.error();
    return tokenizerFromJson(described->description, described->bosPiece, file);
}

} // namespace

fs::path tokenizerFileOf(const fs::path& folder) {
    for (const char* name : {"tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"})
        if (isThere(folder / name))
            return folder / name;
    if (isThere(folder / "vocab.json") && isThere(folder / "merges.txt"))
        return folder / "vocab.json";
    return isThere(folder / "vocab.txt") ? folder / "vocab.txt" : fs::path();
}

Result<std::shared_ptr<const Tokenizer>> openTokenizer(const fs::path& folder) {
    const fs::path file = tokenizerFileOf(folder);
    if (file.empty())
        return Error{ErrorCode::TokenizerMissing, "there is no tokenizer.json, and no tokenizer.model, vocab.json with merges.txt or vocab.txt either", folder / "tokenizer.json"};
    if (file.extension() == ".model")
        return openSentencePiece(file);
    if (file.filename() == "vocab.json")
        return built(describeVocabularyAndMerges(folder), file);
    if (file.filename() == "vocab.txt")
        return built(describeWordPieces(folder), file);
    return Tokenizer::load(file, folder / "tokenizer_config.json");
}

} // namespace sinkscope
