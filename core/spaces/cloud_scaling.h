// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/spaces/point_cloud.h"

namespace sinkscope {

/// Moves and scales the queries and keys of every layer and key/value head, after Yeh et al., AttentionViz (2023): with m_k and m_q the mean
/// key and query, k' = (k - m_k) / c and q' = c (q - m_q), c = sqrt(mean |k - m_k| / mean |q - m_q|), so that both have the same mean length and
/// |q' - k'|^2 = |q'|^2 + |k'|^2 - 2 (q - m_q).(k - m_k) falls where the dot product grows. Moving the keys changes no attention (it adds
/// the same number to a whole row); moving the queries takes the number m_q.(k - m_k) from every key's logits, which the picture then lacks.
/// m_q is of each query head. Groups without both kinds, or whose queries or keys are all the same, are only moved. Adds a note. Thread: any.
void matchDotProducts(PointCloud& cloud);

/// Applies a CloudScaling and says so in the notes. Thread: any.
void scaleCloud(PointCloud& cloud, CloudScaling scaling);

} // namespace sinkscope
