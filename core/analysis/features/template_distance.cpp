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
    {.id = "template_comma", .title = "Distance to attention to commas",
     .explanation = "The same to the matrix that is 1 wherever a query sees a comma. No value for texts without one.",
     .source = "Kushnareva et al. (2021)"},
    {.id = "template_dot", .title = "Distance to attention to full stops",
     .explanation = "The same to the matrix that is 1 wherever a query sees a full stop. No value for texts without one.",
     .source = "Kushnareva et al. (2021)"},
};

/// Tokens that are this sign and nothing else but blanks.
std::vector<int> tokensOf(const SampleTokens& tokens, std::string_view sign) {
    std::vector<int> found;
    for (std::size_t token = 0; token < tokens.display.size(); ++token) {
        const std::string& text = tokens.display[token];
        const auto begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
        if (begin != std::string::npos && std::string_view(text).substr(begin, end - begin + 1) == sign)
            found.push_back(static_cast<int>(token));
    }
    return found;
}

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
    constexpr std::string_view kSigns[] = {",", "."};
    for (std::size_t sign = 0; sign < std::size(kSigns); ++sign)
        if (const auto keys = tokensOf(evidence.tokens, kSigns[sign]); !keys.empty())
            if (const auto distance = keyTemplateDistance(evidence.attention->weights, evidence.count(), evidence.statistics.causal, keys))
                values[4 + sign] = *distance;
}

} // namespace

extern const FeatureFamily template_distance;
const FeatureFamily template_distance{.id = "template_distance", .title = "Distance to simple patterns", .longest = 4096, .metrics = kMetrics,
                                      .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
