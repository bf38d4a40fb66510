// SPDX-License-Identifier: Apache-2.0
#include "core/io/program_module.h"
#include "core/tokenizer/sentencepiece_check.h"
#include "core/tokenizer/sentencepiece_module.h"

#include <dlfcn.h>
#include <mutex>

namespace sinkscope {
namespace {

using Entry = const SentencePieceModule* (*)();

Result<const SentencePieceModule*> sentencePieceModule() {
    static std::mutex mutex;
    static const SentencePieceModule* loaded = nullptr;
    const std::lock_guard lock(mutex);
    if (loaded)
        return loaded;
    SINKSCOPE_TRY(void* const library, openProgramModule("libsinkscope_sentencepiece.so", true));
    const auto entry = reinterpret_cast<Entry>(dlsym(library, kSentencePieceEntry));
    const SentencePieceModule* module = entry ? entry() : nullptr;
    if (!module || module->version != SINKSCOPE_VERSION)
        return Error{ErrorCode::Unavailable, "belongs to another version of Sinkscope", "libsinkscope_sentencepiece.so"};
    return loaded = module;
}

} // namespace

Result<std::unique_ptr<const TokenizerModel>> makeSentencePieceModel(std::string_view bytes, SentencePieceUse use) {
    SINKSCOPE_TRY(const int kind, checkSentencePiece(bytes));
    SINKSCOPE_TRY(const SentencePieceModule* const module, sentencePieceModule());
    return module->make(bytes, use, kind);
}

} // namespace sinkscope
