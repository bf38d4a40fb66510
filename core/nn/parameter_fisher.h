// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/parameter_groups.h"
#include "core/nn/forward.h"

namespace sinkscope {

/// What y is in log p(y | x).
enum class FisherLabels {
    Data,  ///< what the text says: the "empirical Fisher"
    Model, ///< drawn from the model's own prediction, one draw a position: the true Fisher information by Monte Carlo
};
/// Whose gradient is squared.
enum class FisherPer {
    Sequence, ///< of the sum of log p over the positions: one backward pass a sample
    Token,    ///< of log p of each position, squares then summed over the positions: one backward pass a token
};

struct FisherOptions {
    FisherLabels labels = FisherLabels::Data;
    FisherPer per = FisherPer::Sequence;
    std::uint64_t seed = 1;      ///< of the drawn labels
    int threads = 0;             ///< 0: every processor this process may use. The numbers do not depend on it.
    std::uint64_t maxMemory = 0; ///< bytes; 0: no limit. Fewer samples at once are tried first, then the run is refused.
};

/// "data", "model"; "sequence", "token": for files and options. Thread: any.
std::string_view idOf(FisherLabels labels);
std::string_view idOf(FisherPer per);
/// What y and x are for a model of this kind, in a sentence, for whoever reads the numbers. Thread: any.
std::string explain(FisherLabels labels, FisherPer per, Mask mask);

/// What a run will hold in memory, in bytes.
struct FisherPlan {
    int workers = 1;               ///< samples under way at once
    std::uint64_t parameters = 0;  ///< the weights as float32
    std::uint64_t gradients = 0;   ///< one number per parameter and worker
    std::uint64_t activations = 0; ///< what the backward pass needs of the longest sample, per worker; an estimate
    [[nodiscard]] std::uint64_t total() const { return parameters + gradients + activations; }
    [[nodiscard]] std::string text() const;
};
/// With as many workers as threads, samples and `maxMemory` allow, at least one. Thread: any.
FisherPlan planParameterFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options);

/// One sample's part. A decoder's sample of one token predicts nothing: `terms` is 0 and there are no norms.
struct SampleFisher {
    int terms = 0;                    ///< positions that have a y
    double logLikelihood = 0;         ///< sum over them of log p(y | x), natural logarithm
    std::vector<double> squaredNorms; ///< [groups], squared Euclidean norm of the gradient (see FisherPer)
};

struct ParameterFisher {
    FisherOptions options;
    std::string explanation; ///< see explain()
    ParameterTable table;
    FisherPlan plan;
    std::vector<SampleFisher> samples;
};

/// Squared gradient norms of the log-likelihood over the parameters of each group, for each sample: the mean over samples estimates
/// the trace of the group's block of the Fisher information. Decoders predict the next token (sample of T tokens: T - 1 terms, with both
/// kinds of labels, so that the two can be compared); encoders predict, with the masked-language-model head, the token at each position
/// itself, which is not masked (T terms). With labels drawn from the model the terms are independent given the text, so that both kinds
/// of FisherPer estimate the same number, the trace of the Gauss-Newton matrix; with labels from data they differ.
/// Computed in float32, each sample on one thread; cancel takes effect between samples (and between tokens).
/// Thread: the torch strand. Errors: those of runModel for samples; Unavailable when the checkpoint has no language-model head;
/// MemoryExceeded, OutOfMemory, NotFinite, Cancelled.
Result<ParameterFisher> parameterFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options,
                                        JobContext& context);

} // namespace sinkscope
