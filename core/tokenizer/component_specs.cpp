// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sinkscope {
namespace {

/// Old files leave the model's type out; its fields tell.
std::string typeOf(const Json& description) {
    if (const auto type = stringAt(description, "type"))
        return *type;
    if (description.contains("merges"))
        return "BPE";
    if (description.contains("max_input_chars_per_word"))
        return "WordPiece";
    const auto vocabulary = description.find("vocab");
    return vocabulary == description.end() ? "" : vocabulary->is_array() ? "Unigram" : vocabulary->is_object() ? "WordLevel" : "";
}

template <typename Part, typename Specs>
Result<std::unique_ptr<const Part>> build(const Specs& specs, const Json& description, std::string_view what) {
    if (description.is_null())
        return std::unique_ptr<const Part>();
    if (!description.is_object())
        return Error{ErrorCode::TokenizerInvalid, std::string(what) + " is not an object", {}};
    const std::string type = typeOf(description);
    for (const auto* spec : specs)
        if (std::ranges::find(spec->types, type) != spec->types.end())
            return spec->build(description);
    return Error{ErrorCode::TokenizerUnsupported, std::string(what) + " of type \"" + type + "\" is not supported", {}};
}

} // namespace

Result<std::unique_ptr<const Normalizer>> buildNormalizer(const Json& description) {
    return build<Normalizer>(normalizers(), description, "normalizer");
}
Result<std::unique_ptr<const PreTokenizer>> buildPreTokenizer(const Json& description) {
    return build<PreTokenizer>(pre_tokenizers(), description, "pre-tokenizer");
}
Result<std::unique_ptr<const TokenizerModel>> buildTokenizerModel(const Json& description) {
    return build<TokenizerModel>(tokenizer_models(), description, "model");
}
Result<std::unique_ptr<const PostProcessor>> buildPostProcessor(const Json& description) {
    return build<PostProcessor>(post_processors(), description, "post-processor");
}

} // namespace sinkscope
