// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {
namespace {

using Scaling = RopeParameters::Scaling;

constexpr std::string_view kKinds[] = {"none", "linear", "ntk", "dynamic", "yarn"};
constexpr Scaling kScalings[] = {Scaling::None, Scaling::Linear, Scaling::NtkAware, Scaling::Dynamic, Scaling::Yarn};
constexpr ParameterSpec kParameters[] = {
    {.id = "kind", .title = "Kind", .explanation = "How the frequencies are changed.", .standard = 1, .choices = kKinds},
    {.id = "factor", .title = "Factor", .explanation = "By which the context is stretched.", .low = 1, .high = 1e6, .standard = 4},
    {.id = "original_length", .title = "Trained length", .explanation = "For dynamic and yarn; 0: the length that the model is described with.",
     .low = 0, .high = kMaxPosition, .standard = 0, .integer = true},
};

Result<void> change(const ProbeSetting& setting, Intervention& intervention) {
    const ModelSpec& model = setting.model;
    RopeParameters rope = model.rope;
    rope.scaling = kScalings[static_cast<std::size_t>(setting.value("kind"))];
    rope.factor = rope.scaling == Scaling::None ? 1.0 : setting.value("factor");
    const int given = static_cast<int>(setting.value("original_length"));
    const int described = model.rope.originalPositions > 0 ? model.rope.originalPositions : model.positions;
    rope.originalPositions = given > 0 ? given : described;
    intervention.rope = rope;
    return {};
}

} // namespace

extern const ProbeSpec rope_scaling;
const ProbeSpec rope_scaling{
    .id = "rope_scaling",
    .title = "another scaling of the rotary embedding",
    .explanation = "Frequencies as in models that were stretched to longer texts: linear (all divided by the factor), NTK-aware (the base times "
                   "factor^(d/(d-2))), dynamic (NTK-aware once a text is longer than the trained length) or yarn (between both, with larger logits).",
    .source = "Chen et al., Position Interpolation, 2023; bloc97, NTK-aware scaling, 2023; Peng et al., YaRN, ICLR 2024",
    .parameters = kParameters,
    .changeRun = change,
};

} // namespace sinkscope::registry_probes
