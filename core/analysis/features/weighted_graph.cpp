// SPDX-License-Identifier: Apache-2.0
// Eigenvalues of the weighted graph of a head (design note 3.4; the eigenvalue share of 4.9; the alignment C10 of 3.3).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"
#include "core/math/graph/laplacian.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "weighted_fiedler", .title = "Weighted Fiedler value",
     .explanation = "Second smallest eigenvalue of D - W. Warning: with the mean of both directions it is exactly 1/2 for a perfect sink, for uniform "
                    "causal attention and for two anchors alike, and cannot tell them apart; use the normalised or the thresholded value.",
     .source = "Fiedler (1973)", .low = 0, .high = 0.5},
    {.id = "normalized_fiedler", .title = "Normalised Fiedler value",
     .explanation = "Second smallest eigenvalue of I - D^-1/2 W D^-1/2. 1 for a perfect sink, 0.84 for uniform causal attention at T = 16 and less for "
                    "longer texts, near 0 for a chain of previous tokens. Whether loops count changes it: see the parameter.",
     .source = "Chung (1997)", .low = 0, .high = 1},
    {.id = "fiedler_ratio", .title = "Weighted Fiedler value over the largest",
     .explanation = "Second smallest over largest eigenvalue of D - W: 1/T for a perfect sink, 1 when all pairs are joined alike.", .source = "our definition"},
    {.id = "laplacian_upper_share", .title = "Upper half of the Laplacian spectrum",
     .explanation = "Sum of the eigenvalues of D - W from the middle (index T/2) up over the sum of all. 1/2 or more; near 1/2 when all are alike.",
     .source = "after Noel's per-head form", .low = 0.5, .high = 1, .percent = true},
    {.id = "principal_hub_weight", .title = "Largest entry of the principal eigenvector, squared",
     .explanation = "u_j squared, u the unit eigenvector of the largest eigenvalue of W without loops and j its largest entry: 1/2 for the hub of a star, "
                    "1/T when all tokens are alike. No value when that eigenvalue is not single.",
     .source = "our reconstruction", .low = 0, .high = 0.5},
    {.id = "principal_is_sink", .title = "Principal eigenvector points at the strongest token",
     .explanation = "1 when the largest entry of the principal eigenvector of W belongs to the token that receives most attention, 0 when not: a share over "
                    "samples. By chance 1/T.",
     .source = "our reconstruction", .percent = true},
    {.id = "principal_is_first", .title = "Principal eigenvector points at the first token",
     .explanation = "1 when the largest entry of the principal eigenvector of W belongs to the first token, 0 when not: a share over samples. By chance 1/T.",
     .source = "our reconstruction", .percent = true},
};

constexpr std::string_view kHow[] = {"mean", "max"};
constexpr std::string_view kLoops[] = {"excluded", "included"};
constexpr ParameterSpec kParameters[] = {
    {.id = "symmetrization", .title = "Edge weight", .explanation = "From the weight i gives j and the one j gives i: their mean or the larger.", .choices = kHow},
    {.id = "loops", .title = "Loops", .explanation = "Whether the attention of a token to itself counts in the normalised Laplacian.", .choices = kLoops},
};

/// Entries this close to the largest count as equal, and the lowest index wins: two anchors that are the same up to rounding.
constexpr double kTie = 1e-9;
/// A relative gap below this leaves the principal eigenvector undetermined.
constexpr double kSingle = 1e-7;

void evaluatePrincipal(const HeadEvidence& evidence, const SymmetricWeights& weights, std::span<double> values) {
    const auto mode = leadingMode(weights);
    if (!mode || mode->value - mode->next <= kSingle * mode->value)
        return;
    const double largest = std::abs(*std::ranges::max_element(mode->vector, {}, [](double x) { return std::abs(x); }));
    const auto hub = std::ranges::find_if(mode->vector, [&](double x) { return std::abs(x) >= largest * (1 - kTie); });
    const auto index = static_cast<int>(hub - mode->vector.begin());
    values[0] = largest * largest;
    if (const auto strongest = strongestToken(evidence.statistics, evidence.head, evidence.parameters))
        values[1] = *strongest == index ? 1 : 0;
    values[2] = index == 0 ? 1 : 0;
}

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto weights = symmetrized(evidence.attention->weights, evidence.count(), parameters[0] > 0 ? Symmetrization::Max : Symmetrization::Mean);
    if (!weights)
        return;
    if (const auto spectrum = laplacianSpectrum(*weights)) {
        const double all = std::accumulate(spectrum->begin(), spectrum->end(), 0.0);
        values[0] = (*spectrum)[1];
        if (spectrum->back() > 0) {
            values[2] = (*spectrum)[1] / spectrum->back();
            values[3] = std::accumulate(spectrum->begin() + weights->nodes / 2, spectrum->end(), 0.0) / all;
        }
    }
    if (const auto normalized = normalizedFiedler(*weights, parameters[1] > 0))
        values[1] = *normalized;
    evaluatePrincipal(evidence, *weights, values.subspan(4));
}

} // namespace

extern const FeatureFamily weighted_graph;
const FeatureFamily weighted_graph{.id = "weighted_graph", .title = "Weighted attention graph", .longest = 512, .metrics = kMetrics,
                                   .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
