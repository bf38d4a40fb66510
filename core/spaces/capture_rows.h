// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/pca/principal_components.h"
#include "core/spaces/point_cloud.h"

namespace sinkscope {

/// Principal components of everything that a request matches, also when it is more than memory holds: the vectors are read head by head, and
/// nothing of them is kept. The sample that `maxPoints` asks for, `maxBytes` and `seed` play no part. Vectors are taken as captured: errors
/// InvalidArgument for a request that changes them (beforeRotary, matchDotProducts, a scaling), else those of assembleCloud and
/// fitPrincipalComponents. Thread: any but gui.
Result<PrincipalComponents> fitCapture(CaptureSource& source, const CloudRequest& request, const PcaOptions& options, JobContext& context);

} // namespace sinkscope
