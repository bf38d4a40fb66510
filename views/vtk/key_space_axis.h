// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_data.h"

namespace sinkscope {

/// The key/value head that a step's query head uses. Thread: any.
int keyValueHeadOf(const KeySpaceStep& step);
/// Of the capture's array: the query head, or the key/value head in the key and value spaces; 0 of hidden states. Thread: any.
int vectorHeadOf(CloudSpace space, const KeySpaceStep& step);

} // namespace sinkscope
