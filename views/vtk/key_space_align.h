// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_data.h"

namespace sinkscope {

/// Projects the cloud of `data` and, where the question asks for it, turns the picture to that of another layer, or takes it from one basis for
/// all layers. Sets projection, reference, residual, reflected and arms. Thread: any but gui. Errors: those of loadKeySpace.
Result<void> projectKeySpace(KeySpaceData& data, JobContext& context);

} // namespace sinkscope
