// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/sweep_run.h"
#include "core/session/sweep_variant.h"

namespace sinkscope {

/// A sweep that is ready to run.
struct SweepPlan {
    std::vector<std::shared_ptr<const LoadedModel>> models;
    std::vector<VariantChoice> variants;
    std::vector<VariantChange> changes;      ///< [model, variant]
    std::vector<const MetricSpec*> metrics;  ///< in the order of the header
    SweepHeader header;
    KeepOptions keep;                        ///< what the chosen families need
};
/// Opens the models and divides the units. Errors: those of runSweep that come before the first run.
Result<SweepPlan> planSweep(const SweepRequest& request);

/// One sample as a variant of a model reads it; an error when the model cannot take it.
Result<SampleTokens> tokensOf(const SweepPlan& plan, const Sample& sample, std::size_t model, std::size_t variant);

} // namespace sinkscope
