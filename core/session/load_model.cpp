// SPDX-License-Identifier: Apache-2.0
#include "core/session/capture_run.h"
#include "core/tokenizer/open_tokenizer.h"

#include <algorithm>

namespace sinkscope {

Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const Checkpoint& checkpoint) {
    if (!checkpoint.tokenizerInside)
        return openTokenizer(checkpoint.folder);
    SINKSCOPE_TRY(const TokenizerText inside, checkpoint.tokenizerInside());
    return Tokenizer::parse(inside.json, inside.bosPiece, checkpoint.opened);
}

Result<std::shared_ptr<const LoadedModel>> loadModel(const std::filesystem::path& path) {
    auto model = std::make_shared<LoadedModel>();
    SINKSCOPE_TRY(model->checkpoint, openCheckpoint(path));
    const Checkpoint& checkpoint = *model->checkpoint;
    model->problems = checkpoint.problems;
    // A broken config.json was reported by the checkpoint; that it is then missing would only confuse.
    const bool configBroken = std::ranges::any_of(
        checkpoint.problems, [](const Error& problem) { return problem.code == ErrorCode::ConfigInvalid; });
    if (!configBroken) {
        if (auto spec = buildModelSpec(model->checkpoint))
            model->spec = *spec;
        else
            model->problems.push_back(spec.error());
    }
    auto tokenizer = tokenizerOf(checkpoint);
    if (tokenizer)
        model->tokenizer = *std::move(tokenizer);
    else
        model->problems.push_back(tokenizer.error());
    return std::shared_ptr<const LoadedModel>(std::move(model));
}

} // namespace sinkscope
