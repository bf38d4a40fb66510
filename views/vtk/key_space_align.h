// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_data.h"

namespace sinkscope {

/// Projects the cloud of `data` and, where the question asks for it, turns the picture to another one along the axis, or takes it from one
/// basis for all of them. Sets projection, reference, residual, reflected and arms. `preview` may be empty; it is not called for pictures
/// that are turned afterwards. Thread: any but gui. Errors: those of loadKeySpace.
Result<void> projectKeySpace(KeySpaceData& data, const std::function<void(std::shared_ptr<const Projection>)>& preview, JobContext& context);

} // namespace sinkscope
