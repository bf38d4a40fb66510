// SPDX-License-Identifier: Apache-2.0
// A family that only tests know: one file, in the table of the program that is to have it and named nowhere else.
#include "core/analysis/feature_family.h"

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "mass_on_every_nth", .title = "Attention on every nth key",
     .explanation = "Mean over the queries of the weight on the keys whose number is a multiple of n. Says nothing about sinks: it is there to be found.",
     .source = "our definition", .percent = true},
};

constexpr ParameterSpec kParameters[] = {
    {.id = "step", .title = "Step between the keys", .explanation = "n: 1 counts every key, and gives 1.", .low = 1, .high = 100, .standard = 2, .integer = true},
};

void evaluate(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    double sum = 0;
    for (int query = 0; query < evidence.count(); ++query)
        for (int key = 0; key < evidence.visible(query); key += static_cast<int>(parameters[0]))
            sum += evidence.row(query)[static_cast<std::size_t>(key)];
    values[0] = sum / evidence.count();
}

} // namespace

extern const FeatureFamily every_nth;
const FeatureFamily every_nth{.id = "every_nth", .title = "Every nth key", .metrics = kMetrics, .parameters = kParameters, .evaluateHead = evaluate};

} // namespace sinkscope::registry_feature_families
