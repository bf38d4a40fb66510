// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/thread_team.h"
#include "core/nn/check_sample.h"
#include "core/nn/gradient_model.h"
#include "core/nn/gradient_pass.h"
#include "core/nn/matrix.h"
#include "core/nn/parameter_fisher.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>

namespace sinkscope {
namespace {

/// Uniform numbers in [0, 1) by SplitMix64. Every sample has a stream of its own, so that it does not matter on which thread, and
/// after which other samples, it is computed.
class Stream {
public:
    Stream(std::uint64_t seed, std::size_t sample) : m_state(mix(seed) ^ mix(0x5eed + sample)) {}
    double next() { return static_cast<double>(mix(m_state += 0x9e3779b97f4a7c15ULL) >> 11) * 0x1p-53; }

private:
    static std::uint64_t mix(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t m_state;
};

/// One draw from the distribution whose logarithms are `logProbabilities`. Rounding leaves a sum that is not quite 1: the draw is
/// scaled by it.
std::int64_t draw(const float* logProbabilities, std::int64_t count, double uniform) {
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i)
        sum += std::exp(double{logProbabilities[i]});
    double left = uniform * sum;
    for (std::int64_t i = 0; i < count; ++i)
        if ((left -= std::exp(double{logProbabilities[i]})) < 0)
            return i;
    return count - 1;
}

/// In double: the squares of small float32 gradients would vanish. Any strides, in the order of memory where there are two.
double sumOfSquares(const at::Tensor& piece) {
    const at::Tensor matrix = piece.dim() == 1 ? piece.unsqueeze(0) : piece;
    const bool byColumns = matrix.stride(1) > matrix.stride(0);
    const std::int64_t inner = byColumns ? 0 : 1, outer = 1 - inner, step = matrix.stride(inner), count = matrix.size(inner);
    const float* data = matrix.data_ptr<float>();
    double sum = 0;
    for (std::int64_t row = 0; row < matrix.size(outer); ++row) {
        const float* values = data + row * matrix.stride(outer);
        double partial[4] = {};
        std::int64_t i = 0;
        for (; i + 4 <= count; i += 4)
            for (std::int64_t lane = 0; lane < 4; ++lane) {
                const double value = values[(i + lane) * step];
                partial[lane] += value * value;
            }
        for (; i < count; ++i)
            partial[0] += double{values[i * step]} * values[i * step];
        sum += partial[0] + partial[1] + (partial[2] + partial[3]);
    }
    return sum;
}

class FisherRun {
public:
    FisherRun(const ModelSpec& spec, const GradientModel& model, std::span<const SampleInput> samples, const FisherOptions& options,
              const JobContext& context)
        : m_spec(spec), m_model(model), m_samples(samples), m_options(options), m_context(context) {}

    /// Safe on any thread for different samples. Throws what ATen throws.
    Result<SampleFisher> sample(std::size_t index) const {
        SampleFisher result;
        const SampleInput& input = m_samples[index];
        const auto tokens = static_cast<std::int64_t>(input.ids.size());
        result.terms = static_cast<int>(m_spec.arch->mask == Mask::Causal ? tokens - 1 : tokens);
        if (result.terms == 0)
            return result;
        const at::Tensor logits = m_model.logits(m_model.hidden(input)).narrow(0, 0, result.terms);
        const at::Tensor predicted = logits.log_softmax(-1);
        const at::Tensor terms = predicted.gather(1, labelsOf(index, predicted.detach()).unsqueeze(1)).squeeze(1);
        result.logLikelihood = terms.detach().to(at::kDouble).sum().item<double>();
        if (!std::isfinite(result.logLikelihood))
            return notFinite(index, "log-likelihood");
        result.squaredNorms.assign(m_model.table().groups.size(), 0.0);
        if (m_options.per == FisherPer::Sequence)
            addSquares(terms.sum(), false, result.squaredNorms);
        for (std::int64_t term = 0; m_options.per == FisherPer::Token && term < result.terms; ++term) {
            SINKSCOPE_CHECK(m_context.checkpoint());
            addSquares(terms[term], term + 1 < result.terms, result.squaredNorms);
        }
        const bool finite = std::ranges::all_of(result.squaredNorms, [](double square) { return std::isfinite(square); });
        return finite ? Result(result) : notFinite(index, "gradient");
    }

private:
    [[nodiscard]] Error notFinite(std::size_t index, const std::string& what) const {
        return {ErrorCode::NotFinite, "sample " + std::to_string(index) + ": the " + what + " is not finite", m_spec.checkpoint->opened};
    }

    [[nodiscard]] at::Tensor labelsOf(std::size_t index, const at::Tensor& predicted) const {
        const std::int64_t terms = predicted.size(0), vocabulary = predicted.size(1);
        at::Tensor labels = at::empty({terms}, at::kLong);
        auto* label = labels.data_ptr<std::int64_t>();
        const std::size_t shift = m_spec.arch->mask == Mask::Causal ? 1 : 0;
        const at::Tensor rows = predicted.contiguous();
        Stream stream(m_options.seed, index);
        for (std::int64_t term = 0; term < terms; ++term)
            label[term] = m_options.labels == FisherLabels::Data
                              ? m_samples[index].ids[static_cast<std::size_t>(term) + shift]
                              : draw(rows.data_ptr<float>() + term * vocabulary, vocabulary, stream.next());
        return labels;
    }

    /// Gradients are asked for rather than accumulated in the parameters, which all threads share.
    void addSquares(const at::Tensor& logLikelihood, bool keepGraph, std::vector<double>& squares) const {
        const auto gradients = torch::autograd::grad({logLikelihood}, m_model.parameters(), {}, keepGraph, false, true);
        for (std::size_t tensor = 0; tensor < gradients.size(); ++tensor) {
            if (!gradients[tensor].defined())
                continue; // does not take part
            const ParameterTensor& entry = m_model.table().tensors[tensor];
            for (const ParameterPiece& piece : entry.pieces)
                squares[piece.group] += sumOfSquares(gradients[tensor].narrow(entry.outputAxis, piece.first, piece.count));
        }
    }

    const ModelSpec& m_spec;
    const GradientModel& m_model;
    std::span<const SampleInput> m_samples;
    const FisherOptions& m_options;
    const JobContext& m_context;
};

Result<std::vector<SampleFisher>> runSamples(const FisherRun& run, std::size_t count, int workers, JobContext& context) {
    ThreadTeam team(workers, computeOnOneThread);
    std::vector<std::optional<Result<SampleFisher>>> results(count);
    std::atomic<std::size_t> done{0};
    const auto ended = team.run(
        count,
        [&](std::size_t index, int worker) {
            results[index] = run.sample(index);
            const std::size_t ready = ++done;
            if (worker == 0) // the context belongs to this thread
                context.progress(static_cast<double>(ready) / static_cast<double>(count),
                                 "gradients of sample " + std::to_string(ready) + " of " + std::to_string(count));
        },
        context);
    SINKSCOPE_CHECK(ended);
    std::vector<SampleFisher> samples;
    for (auto& result : results) { // the first error in the order of the samples, whatever the threads did
        SINKSCOPE_TRY(samples.emplace_back(), std::move(*result));
    }
    return samples;
}

Result<void> checkFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options) {
    if (samples.empty())
        return Error{ErrorCode::EmptyText, "no samples", {}};
    for (std::size_t sample = 0; sample < samples.size(); ++sample)
        SINKSCOPE_CHECK(checkSample(spec, samples[sample], sample));
    if (options.threads < 0 || options.threads > 4096)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.threads) + " threads", {}};
    if (!spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)])
        return Error{ErrorCode::Unavailable,
                     "this checkpoint has no language-model head, so there is no log p(y|x) to differentiate", spec.checkpoint->opened};
    const FisherPlan plan = planParameterFisher(spec, samples, options);
    if (options.maxMemory > 0 && plan.total() > options.maxMemory)
        return Error{ErrorCode::MemoryExceeded,
                     "needs " + plan.text() + "; allowed are " + std::to_string(options.maxMemory / 1000000) + " MB", {}};
    return {};
}

template <typename Work> auto guarded(const FisherPlan& plan, const Work& work) -> decltype(work()) {
    try {
        const SingleThreadedBlas blas;
        computeOnOneThread();
        return work();
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "an allocation failed; planned were " + plan.text(), {}};
    } catch (const std::exception& failure) { // c10::Error among them
        return Error{ErrorCode::Internal, failure.what(), {}};
    }
}

} // namespace

Result<ParameterFisher> parameterFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options,
                                        JobContext& context) {
    SINKSCOPE_CHECK(checkFisher(spec, samples, options));
    SINKSCOPE_CHECK(context.checkpoint());
    const FisherPlan plan = planParameterFisher(spec, samples, options);
    return guarded(plan, [&]() -> Result<ParameterFisher> {
        context.progress(0.0, "weights");
        GradientModel model(spec);
        SINKSCOPE_CHECK(model.load(context));
        ParameterFisher result{options, explain(options.labels, options.per, spec.arch->mask), model.table(), plan, {}};
        const FisherRun run(spec, model, samples, options, context);
        SINKSCOPE_TRY(result.samples, runSamples(run, samples.size(), plan.workers, context));
        context.progress(1.0, "done");
        return result;
    });
}

Result<GradientPass> gradientPass(const ModelSpec& spec, const SampleInput& sample) {
    SINKSCOPE_CHECK(checkSample(spec, sample, 0));
    return guarded(planParameterFisher(spec, {&sample, 1}, {}), [&]() -> Result<GradientPass> {
        GradientModel model(spec);
        SINKSCOPE_CHECK(model.load({}));
        const auto numbers = [](const at::Tensor& tensor) {
            const at::Tensor values = tensor.detach().contiguous();
            return std::vector<float>(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
        };
        const at::Tensor hidden = model.hidden(sample);
        GradientPass pass{numbers(hidden), {}};
        if (spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)])
            pass.logits = numbers(model.logits(hidden));
        return pass;
    });
}

} // namespace sinkscope
