// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"
#include "core/math/spectral/attention_nulls.h"

#include <QString>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Which numbers of a head are looked at: eigenvalues of D - W of its weighted graph (mean of both directions, without loops), of
/// I - D^-1/2 W D^-1/2, or the singular values of the attention matrix itself.
enum class SpectrumKind { Laplacian, Normalized, Singular };
inline constexpr SpectrumKind kSpectrumKinds[] = {SpectrumKind::Laplacian, SpectrumKind::Normalized, SpectrumKind::Singular};
std::string_view nameOf(SpectrumKind kind); ///< "laplacian", "normalized", "singular"
std::optional<SpectrumKind> spectrumKindOf(std::string_view name);
QString titleOf(SpectrumKind kind);

/// One head's spectrum. Immutable.
struct HeadSpectrum {
    SpectrumKind kind = SpectrumKind::Laplacian;
    std::vector<double> values;         ///< eigenvalues rising, singular values falling
    std::vector<int> token;             ///< [values] with the largest share of the squared (right) vector
    std::vector<double> share;          ///< [values] that share
    /// The largest step: between values gap and gap + 1. Nothing with fewer than three values, or when all steps are zero.
    std::optional<std::size_t> gap;
};

/// Where the values of random matrices with the head's rows lie: 95 % of the draws, per place in the order. Empty: too long for it.
struct SpectrumBand {
    AttentionNull null = AttentionNull::Shuffled;
    int draws = 0;
    std::vector<double> low, high;
};

inline constexpr int kLongestHeadSpectrum = 768;
/// How many random matrices make the band of a text of this length; 0: none.
int bandDraws(int tokens);

/// Errors: those of the source; InvalidArgument (too long, not finite); Internal (no convergence); Cancelled. Thread: any but gui.
Result<std::shared_ptr<const HeadSpectrum>> headSpectrum(CaptureSource& source, int sample, int layer, int head, SpectrumKind kind, const JobContext& context);
/// The same draws for the same sample, layer and head. Thread: any but gui.
Result<std::shared_ptr<const SpectrumBand>> spectrumBand(CaptureSource& source, int sample, int layer, int head, SpectrumKind kind, AttentionNull null,
                                                         const JobContext& context);

} // namespace sinkscope
