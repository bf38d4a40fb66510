// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/pca/principal_components.h"

namespace sinkscope {

/// Several clouds of one width in one basis.
struct JointFit {
    PrincipalComponents basis;
    std::vector<std::vector<float>> coordinates; ///< [points, components] per cloud
    /// Share of a cloud's own sum of squares about the basis' centre (its own, with ownCentres) that the basis shows. 0 for one without any.
    std::vector<double> explained;
};

/// One basis of principal components over all points of all clouds, so that a slider from cloud to cloud moves points in one picture. With
/// `ownCentres` every cloud is moved to its own mean first: otherwise the way from cloud to cloud may take all axes. Points need not
/// correspond. Errors: InvalidArgument (no clouds, sizes that do not fit the width), NotFinite, Cancelled. Thread: any but gui.
Result<JointFit> fitJointly(std::span<const std::vector<float>> clouds, int width, bool ownCentres, const PcaOptions& options,
                            const JobContext& context);

} // namespace sinkscope
