// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

#include <algorithm>

namespace sinkscope {
namespace {

constexpr std::string_view kHeadChoices[] = {"sinks", "all"};

} // namespace

const ParameterSpec kAnchorHeads{
    .id = "heads",
    .title = "Heads",
    .explanation = "sinks: an anchor is edited in the heads where it is a sink; all: in every head, and then there is no control with other heads.",
    .choices = kHeadChoices,
};

const ProbeSpec* findProbe(std::string_view id) {
    const auto all = probes();
    const auto found = std::ranges::find(all, id, [](const ProbeSpec* probe) { return probe->id; });
    return found == all.end() ? nullptr : *found;
}

double ProbeSetting::value(std::string_view parameter) const {
    const auto found = std::ranges::find(probe.parameters, parameter, &ParameterSpec::id);
    SINKSCOPE_ASSERT(found != probe.parameters.end());
    return valueOf(values, probe.id, *found);
}

std::string ProbeSetting::text() const {
    SINKSCOPE_ASSERT(probe.text);
    const auto found = texts.find(std::string(probe.id) + "." + std::string(probe.text->id));
    return found == texts.end() ? std::string(probe.text->standard) : found->second;
}

} // namespace sinkscope
