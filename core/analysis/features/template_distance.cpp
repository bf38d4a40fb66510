// SPDX-License-Identifier: Apache-2.0
// How far a head is from simple patterns (design note 4.8).
#include "core/math/graph/template_distance.h"

#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "template_self", .title = "Distance to attention to oneself",
     .explanation = "Frobenius norm of A minus the identity over the root of the sum of both squared norms: 0 when every token looks at itself only, 1 when "
                    "none does.",
     .source = "Kushnareva et al. (2021)"},
    {.id = "template_beginning", .title = "Distance to attention to the first token",
     .explanation = "The same to the pattern in which every query looks at the first token only: 0 for a perfect sink there.",
     .source = "Kushnareva et al. (2021)"},
    {.id = "template_previous", .title = "Distance to attention to the previous token",
     .explanation = "The same to the pattern in which every query looks at the token before it, and the first at itself.",
     .source = "Kushnareva et al. (2021)"},
    {.id = "template_next", .title = "Distance to attention to the next token",
     .explanation = "The same to the pattern in which every query looks at the token after it, and the last at itself. No value under a causal mask.",
     .source = "Kushnareva et al. (2021)"},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters, std::span<double> values) {
    if (evidence.count() < kShortestSample)
        return;
    const auto distances = templateDistances(evidence.attention->weights, evidence.count(), evidence.statistics.causal);
    if (!distances)
        return;
    values[0] = distances->self;
    values[1] = distances->beginning;
    values[2] = distances->previous;
    values[3] = distances->next.value_or(std::nan(""));
}

} // namespace

extern const FeatureFamily template_distance;
const FeatureFamily template_distance{.id = "template_distance", .title = "Distance to simple patterns", .longest = 4096, .metrics = kMetrics,
                                      .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
