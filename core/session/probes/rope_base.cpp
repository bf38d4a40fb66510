// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {
namespace {

constexpr ParameterSpec kParameters[] = {
    {.id = "theta", .title = "Base", .explanation = "The new base; 0: the model's own times the factor.", .low = 0, .high = 1e12, .standard = 0},
    {.id = "factor", .title = "Factor", .explanation = "Of the model's base, when no base is given.", .low = 1e-6, .high = 1e6, .standard = 4},
};

Result<void> change(const ProbeSetting& setting, Intervention& intervention) {
    const double theta = setting.value("theta");
    intervention.rope = setting.model.rope;
    intervention.rope->theta = theta > 0 ? theta : setting.model.rope.theta * setting.value("factor");
    return {};
}

} // namespace

extern const ProbeSpec rope_base;
const ProbeSpec rope_base{
    .id = "rope_base",
    .title = "another base of the rotary embedding",
    .explanation = "The frequencies become base^(-2i/d) with another base; the scaling of the model stays.",
    .source = "our definition",
    .parameters = kParameters,
    .changeRun = change,
};

} // namespace sinkscope::registry_probes
