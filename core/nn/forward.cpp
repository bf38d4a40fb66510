// SPDX-License-Identifier: Apache-2.0
#include "core/nn/forward.h"

#include "core/nn/forward_pass.h"
#include "core/nn/matrix.h"

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

Result<void> checkRun(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, const TapConsumer& consumer) {
    if (samples.empty())
        return Error{ErrorCode::EmptyText, "no samples", {}};
    for (std::size_t sample = 0; sample < samples.size(); ++sample)
        SINKSCOPE_CHECK(checkSample(spec, samples[sample], sample));
    for (const int layer : options.layers)
        if (layer < -1 || layer >= spec.layers)
            return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(layer) + " of a model with " + std::to_string(spec.layers), {}};
    if (options.threads < 0 || options.threads > 4096)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.threads) + " threads", {}};
    if (options.device != Device::Cpu)
        return Error{ErrorCode::Unavailable, "this version computes on the processor only", {}};
    if (options.compute != ComputeType::Float32)
        return Error{ErrorCode::Unavailable, "this version computes in float32 only", {}};
    if (consumer.wantsLogits() && !spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)])
        return Error{ErrorCode::Unavailable, "this checkpoint has no language-model head, so there are no logits", {}};
    if (options.intervention)
        SINKSCOPE_CHECK(checkIntervention(spec, samples, *options.intervention));
    const MemoryPlan plan = planRun(spec, samples, options, consumer);
    if (options.maxMemory > 0 && plan.total() > options.maxMemory)
        return Error{ErrorCode::MemoryExceeded, "needs " + plan.text() + "; allowed are " + std::to_string(options.maxMemory / 1000000) + " MB", {}};
    return {};
}

} // namespace

Result<void> runModel(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options,
                      TapConsumer& consumer, JobContext& context) {
    SINKSCOPE_CHECK(checkRun(spec, samples, options, consumer));
    SINKSCOPE_CHECK(context.checkpoint());
    try {
        const SingleThreadedBlas blas;
        computeOnOneThread();
        return ForwardPass(spec, samples, options, consumer, context).run();
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "an allocation failed; planned were " + planRun(spec, samples, options, consumer).text(), {}};
    } catch (const std::exception& failure) { // c10::Error among them
        return Error{ErrorCode::Internal, failure.what(), {}};
    }
}

} // namespace sinkscope
