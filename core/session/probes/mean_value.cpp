// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_spec.h"

namespace sinkscope::registry_probes {

extern const ProbeSpec mean_value;
const ProbeSpec mean_value{
    .id = "mean_value",
    .title = "the values of the anchors set to the mean",
    .explanation = "The anchors keep their attention and contribute the mean value of the sample in that head: what is special about their content is gone, "
                   "the size of what they contribute is not.",
    .source = "our definition; mean ablation",
    .parameters = {&kAnchorHeads, 1},
    .edit = AttentionEdit::Kind::MeanValue,
};

} // namespace sinkscope::registry_probes
