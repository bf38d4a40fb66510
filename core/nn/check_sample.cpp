// SPDX-License-Identifier: Apache-2.0
#include "core/nn/check_sample.h"

#include <algorithm>

namespace sinkscope {
namespace {

Error sampleError(ErrorCode code, std::size_t sample, const std::string& text) {
    return {code, "sample " + std::to_string(sample) + ": " + text, {}};
}

/// Number of segments that the model has embeddings for; 0 when it has none at all.
std::int64_t segmentCount(const ModelSpec& spec) {
    const TensorInfo* segments = spec.modelTensors[static_cast<std::size_t>(Role::SegmentEmbedding)];
    return segments ? segments->shape.front() : 0;
}

} // namespace

Result<void> checkSample(const ModelSpec& spec, const SampleInput& input, std::size_t sample) {
    if (input.ids.empty())
        return sampleError(ErrorCode::EmptyText, sample, "no tokens");
    if (input.ids.size() > static_cast<std::size_t>(spec.positions))
        return sampleError(ErrorCode::TextTooLong, sample,
                           std::to_string(input.ids.size()) + " tokens, the model has positions for " + std::to_string(spec.positions));
    const auto badId = std::ranges::find_if(input.ids, [&](std::int32_t id) { return id < 0 || id >= spec.vocabulary; });
    if (badId != input.ids.end())
        return sampleError(ErrorCode::InvalidArgument, sample,
                           "token id " + std::to_string(*badId) + " is outside the vocabulary of " + std::to_string(spec.vocabulary));
    if (!input.segments.empty() && input.segments.size() != input.ids.size())
        return sampleError(ErrorCode::InvalidArgument, sample, "segments and tokens differ in number");
    const std::int64_t segments = segmentCount(spec);
    const auto badSegment =
        std::ranges::find_if(input.segments, [&](std::int32_t id) { return id < 0 || id >= std::max<std::int64_t>(segments, 1); });
    if (segments > 0 && badSegment != input.segments.end())
        return sampleError(ErrorCode::InvalidArgument, sample, "segment " + std::to_string(*badSegment) + " of " + std::to_string(segments));
    return {};
}

} // namespace sinkscope
