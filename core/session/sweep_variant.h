// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/capture_run.h"
#include "core/session/probe_spec.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// A way to run every sample of a sweep, as typed: "intact" (as the tokenizer and the model are), "bos=yes", "bos=no", or a probe that does
/// not need to know the anchors, with its parameters: "rope_scaling:kind=ntk,factor=8".
struct VariantChoice {
    std::string id;
    std::string title; ///< for people
    BosChoice bos = BosChoice::Auto;
    const ProbeSpec* probe = nullptr;
    ParameterValues values{};                                 ///< of the probe
    std::map<std::string, std::string, std::less<>> texts{}; ///< likewise
};
/// Errors: InvalidArgument, naming what can be chosen. Thread: any.
Result<VariantChoice> parseVariant(std::string_view text);
/// Ids of the probes that can be variants.
std::vector<std::string> variantProbes();

/// What a variant means for one model.
struct VariantChange {
    std::string inapplicable; ///< why the model cannot be run that way; empty: it can
    std::string positions;    ///< of the changed model, as ModelSpec::positionsText
    std::shared_ptr<const Intervention> intervention; ///< null: none
};
VariantChange changeOf(const VariantChoice& choice, const LoadedModel& model);

/// Applies a probe that changes tokens to one sample. Errors: those of the probe; Unavailable when the sample has nothing to change.
Result<SampleTokens> changedTokens(const VariantChoice& choice, const LoadedModel& model, const SampleTokens& sample);

} // namespace sinkscope
