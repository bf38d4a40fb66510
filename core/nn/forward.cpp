// SPDX-License-Identifier: Apache-2.0
#include "core/nn/forward.h"

#include "core/nn/check_sample.h"
#include "core/nn/forward_pass.h"
#include "core/nn/matrix.h"

namespace sinkscope {
namespace {

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
    SINKSCOPE_CHECK(checkAvailable(options.device, options.compute));
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
        std::unique_ptr<DeviceProduct> device;
        if (options.device != Device::Cpu) {
            SINKSCOPE_TRY(device, DeviceProduct::create(options.device));
        }
        return ForwardPass(spec, samples, options, consumer, context, std::move(device)).run();
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "an allocation failed; planned were " + planRun(spec, samples, options, consumer).text(), {}};
    } catch (const std::exception& failure) { // c10::Error among them
        return Error{ErrorCode::Internal, failure.what(), {}};
    }
}

} // namespace sinkscope
