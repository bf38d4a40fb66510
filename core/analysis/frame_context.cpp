// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/frame_context.h"

#include "core/base/printable.h"

#include <algorithm>

namespace sinkscope {
namespace {

std::string lengthText(const FrameContext& context) {
    if (context.fewestTokens == context.mostTokens)
        return std::to_string(context.fewestTokens) + (context.fewestTokens == 1 ? " token" : " tokens");
    std::string median = std::to_string(static_cast<int>(context.medianTokens));
    if (context.medianTokens != static_cast<int>(context.medianTokens))
        median += ".5";
    return std::to_string(context.fewestTokens) + " to " + std::to_string(context.mostTokens) + " tokens (median " + median + ")";
}

} // namespace

FrameContext frameContextOf(const CaptureHeader& header, int samples, const SinkTestOptions& options) {
    FrameContext context{.bosPresent = header.bosPresent, .firstToken = {}, .positions = header.positions,
                         .dtype = header.dtype.empty() ? "not recorded" : header.dtype, .mask = header.rule.causal ? "causal" : "none",
                         .null = textOf(sinkParameters().front(), static_cast<double>(options.null))};
    std::vector<int> lengths, first;
    for (const auto& sample : header.samples) {
        const auto& ids = sample->encoding.ids;
        lengths.push_back(static_cast<int>(ids.size()));
        if (ids.empty())
            continue;
        if (first.empty())
            context.firstToken = sample->display.front();
        first.push_back(ids.front());
    }
    describeSamples(context, lengths, first);
    context.samples = samples; // those of unfinished samples count for the lengths alone
    return context;
}

void describeSamples(FrameContext& context, std::span<const int> lengths, std::span<const int> firstTokens) {
    context.samples = static_cast<int>(lengths.size());
    if (!firstTokens.empty())
        context.firstTokenId = firstTokens.front();
    context.sameFirstToken = std::ranges::all_of(firstTokens, [&](int id) { return id == context.firstTokenId; });
    if (lengths.empty())
        return;
    std::vector<int> sorted(lengths.begin(), lengths.end());
    std::ranges::sort(sorted);
    const std::size_t half = sorted.size() / 2;
    context.fewestTokens = sorted.front();
    context.mostTokens = sorted.back();
    context.medianTokens = sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
}

std::string textOf(const FrameContext& context) {
    std::string text = context.bosPresent ? "with BOS" : "without BOS";
    if (context.firstTokenId >= 0)
        text += ", first token " + std::to_string(context.firstTokenId) + (context.firstToken.empty() ? "" : " \"" + printable(context.firstToken, 24) + "\"") +
                (context.sameFirstToken ? "" : " (others in other samples)");
    return text + "; positions " + printable(context.positions) + "; " + printable(context.dtype) + "; mask " + context.mask + "; " +
           std::to_string(context.samples) + (context.samples == 1 ? " sample of " : " samples of ") + lengthText(context) + "; null " + context.null;
}

} // namespace sinkscope
