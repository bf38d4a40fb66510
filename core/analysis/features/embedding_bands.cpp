// SPDX-License-Identifier: Apache-2.0
// Where the residual stream lies in the spectrum of the token embeddings (spectral filters of Cancedda, 2024; design note 4.6).
#include "core/analysis/spectral_bands.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "embedding_dark_first", .title = "Dark band of the embedding, first token",
     .explanation = "Share of |h|^2 of the first token in the right singular directions of the token embeddings with the smallest singular values, in which words hardly "
                    "differ: what lies there was put there by the layers. Equal to that of the unembedding where the two are tied.",
     .source = "Cancedda, ACL 2024; the number of bands is a parameter because we could not see the paper's", .percent = true},
    {.id = "embedding_dark_rest", .title = "Dark band of the embedding, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the dark band of the token embeddings; directions chosen at random would hold 1/bands.",
     .source = "Cancedda, ACL 2024", .percent = true},
    {.id = "embedding_bright_first", .title = "Bright band of the embedding, first token",
     .explanation = "Share of |h|^2 of the first token in the band with the largest singular values of the token embeddings.", .source = "Cancedda, ACL 2024",
     .percent = true},
    {.id = "embedding_bright_rest", .title = "Bright band of the embedding, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the band with the largest singular values of the token embeddings.",
     .source = "Cancedda, ACL 2024", .percent = true},
};

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    static SpectralBasis basis;
    return evaluateBands(evidence, evidence.weights->embedding(), basis, false, parameters, values);
}

} // namespace

extern const FeatureFamily embedding_bands;
const FeatureFamily embedding_bands{.id = "embedding_bands", .title = "Spectral bands of the embedding", .needs = kNeedsHidden | kNeedsWeights,
                                      .standard = false, .longest = 1 << 16, .metrics = kMetrics, .parameters = kBandParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
