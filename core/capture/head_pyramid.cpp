// SPDX-License-Identifier: Apache-2.0
#include "core/capture/head_pyramid.h"

#include <utility>

namespace sinkscope {

Result<HeadPair> queryAndKeyOf(CaptureSource& source, int sample, int layer, int head) {
    const CaptureHeader& header = source.header();
    if (head < 0 || head >= header.heads)
        return Error{ErrorCode::InvalidArgument, "head " + std::to_string(head) + " of " + std::to_string(header.heads), {}};
    const int group = head / (header.heads / header.keyValueHeads); // heads of one group share their keys
    HeadPair pair;
    SINKSCOPE_TRY(pair.query, source.vectors(sample, layer, Space::Query, head));
    SINKSCOPE_TRY(pair.key, source.vectors(sample, layer, Space::Key, group));
    return pair;
}

Result<std::shared_ptr<const AttentionPyramid>> attentionPyramidOf(CaptureSource& source, int sample, int layer, int head, JobContext& context) {
    SINKSCOPE_TRY(HeadPair pair, queryAndKeyOf(source, sample, layer, head));
    return AttentionPyramid::build(std::move(pair.query.values), std::move(pair.key.values), pair.query.tokens, pair.query.width,
                                   source.header().ruleOf(layer, head), {}, context);
}

} // namespace sinkscope
