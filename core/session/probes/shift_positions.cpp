// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {
namespace {

constexpr ParameterSpec kParameters[] = {
    {.id = "shift", .title = "Shift", .explanation = "Added to every position.", .low = 1, .high = kMaxPosition, .standard = 100, .integer = true},
};

Result<void> change(const ProbeSetting& setting, Intervention& intervention) {
    intervention.positionShift = static_cast<int>(setting.value("shift"));
    return {};
}

} // namespace

extern const ProbeSpec shift_positions;
const ProbeSpec shift_positions{
    .id = "shift_positions",
    .title = "all positions shifted",
    .explanation = "Token i stands at position i + c. Rotary attention depends on distances alone and must not change; learned absolute positions "
                   "are others then. What is left of a sink at the first token does not come from the name of its position.",
    .source = "offset invariance of rotary embeddings: Su et al., RoFormer, 2021",
    .parameters = kParameters,
    .changeRun = change,
};

} // namespace sinkscope::registry_probes
