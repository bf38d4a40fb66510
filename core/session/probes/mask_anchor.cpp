// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {

extern const ProbeSpec mask_anchor;
const ProbeSpec mask_anchor{
    .id = "mask_anchor",
    .title = "the anchors hidden",
    .explanation = "No query sees the anchors, and the rest of its attention is normalised anew. A query that sees nothing else keeps itself. "
                   "The attention on the anchors is then 0 by construction where they were hidden.",
    .source = "our definition",
    .parameters = {&kAnchorHeads, 1},
    .edit = AttentionEdit::Kind::Mask,
};

} // namespace sinkscope::registry_probes
