// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {

extern const ProbeSpec zero_value;
const ProbeSpec zero_value{
    .id = "zero_value",
    .title = "the values of the anchors set to zero",
    .explanation = "The anchors keep their attention but contribute nothing to the output of the head: what a sink without content would do.",
    .source = "our definition; sinks with small values: Gu et al., ICLR 2025",
    .parameters = {&kAnchorHeads, 1},
    .edit = AttentionEdit::Kind::ZeroValue,
};

} // namespace sinkscope::registry_probes
