// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/parameter_spec.h"
#include "core/capture/capture.h"
#include "core/nn/intervention.h"

#include <map>
#include <optional>
#include <span>
#include <string>

namespace sinkscope {

struct ProbeSpec;

/// A choice that is text, not a number.
struct ProbeText {
    std::string_view id, title, explanation, standard;
};

/// What a probe sees of the model and of what its user chose.
struct ProbeSetting {
    const ModelSpec& model;
    const Tokenizer& tokenizer;
    const ProbeSpec& probe;
    const ParameterValues& values;                                ///< by "<probe>.<parameter>"
    const std::map<std::string, std::string, std::less<>>& texts; ///< likewise
    [[nodiscard]] double value(std::string_view parameter) const;
    [[nodiscard]] std::string text() const; ///< of ProbeSpec::text
};

/// A sample whose tokens a probe may change.
struct ProbedTokens {
    SampleTokens tokens;
    int removed = 0; ///< tokens taken away in front: token i was token i + removed
};

/// One way to change a run without touching the model's file. Registered in core/CMakeLists.txt (list `probes`); exactly one of
/// `changeRun`, `changeTokens`, `changeEmbedding` and `edit` is set. It then appears in `sinkscope-cli probe`.
struct ProbeSpec {
    std::string_view id;          ///< "shift_positions"
    std::string_view title;       ///< what is done, for sentences that begin with "With": "all positions shifted"
    std::string_view explanation;
    std::string_view source;      ///< paper or "our definition"
    std::span<const ParameterSpec> parameters{};
    const ProbeText* text = nullptr;
    /// Changes positions or rotary embedding of the whole run. Errors: InvalidArgument when this model has nothing to change.
    Result<void> (*changeRun)(const ProbeSetting& setting, Intervention& intervention) = nullptr;
    /// Changes the tokens of one sample; false when this sample has nothing to change.
    Result<bool> (*changeTokens)(const ProbeSetting& setting, ProbedTokens& sample) = nullptr;
    /// Changes what a token of one sample brings into the model (`sample` of the edit is set later); false when this sample has nothing to change.
    bool (*changeEmbedding)(const ProbeSetting& setting, const SampleTokens& sample, EmbeddingEdit& edit) = nullptr;
    /// Edits attention at the anchors. Such a probe has controls: other positions, other heads.
    std::optional<AttentionEdit::Kind> edit{};
};
std::span<const ProbeSpec* const> probes();
/// Null when there is none of that id.
const ProbeSpec* findProbe(std::string_view id);

/// Where the anchors are edited: index into the choices of `kAnchorHeads`.
enum class AnchorHeads { Sinks, All };
/// The parameter that every probe with `edit` has.
extern const ParameterSpec kAnchorHeads;

} // namespace sinkscope
