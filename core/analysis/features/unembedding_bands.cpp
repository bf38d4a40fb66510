// SPDX-License-Identifier: Apache-2.0
// Where the residual stream lies in the spectrum of the unembedding (spectral filters of Cancedda, 2024; design note 4.6).
#include "core/analysis/spectral_bands.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "dark_energy_first", .title = "Dark band, first token",
     .explanation = "Share of |h|^2 of the first token in the dark band: the right singular directions of the unembedding with the smallest singular values, which "
                    "hardly reach the logits. Sinks are said to keep their signal there.",
     .source = "Cancedda, ACL 2024; the number of bands is a parameter because we could not see the paper's", .percent = true},
    {.id = "dark_energy_rest", .title = "Dark band, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the dark band. The baseline for the first token; directions chosen at random would "
                    "hold 1/bands.",
     .source = "Cancedda, ACL 2024", .percent = true},
    {.id = "bright_energy_first", .title = "Bright band, first token",
     .explanation = "Share of |h|^2 of the first token in the band with the largest singular values of the unembedding.", .source = "Cancedda, ACL 2024", .percent = true},
    {.id = "bright_energy_rest", .title = "Bright band, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the band with the largest singular values of the unembedding.",
     .source = "Cancedda, ACL 2024", .percent = true},
};

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    static SpectralBasis basis;
    return evaluateBands(evidence, evidence.weights->unembedding(), basis, true, parameters, values);
}

} // namespace

extern const FeatureFamily unembedding_bands;
const FeatureFamily unembedding_bands{.id = "unembedding_bands", .title = "Spectral bands of the unembedding", .needs = kNeedsHidden | kNeedsWeights,
                                      .standard = false, .longest = 1 << 16, .metrics = kMetrics, .parameters = kBandParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
