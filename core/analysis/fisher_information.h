// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "core/model/parameter_groups.h"

#include <span>
#include <vector>

namespace sinkscope {

struct FisherGroup {
    ParameterGroup group;
    Estimate total;        ///< F_g = E ||gradient over the group's parameters||^2
    Estimate perParameter; ///< F_g / number of parameters of the group
    Estimate share;        ///< of the sample's sum over all groups, mean over samples: every sample counts alike. The shares sum to 1.
};

/// Fisher information by component (design note 3.9, variant "empirical parameter Fisher per group"; the definition is our
/// reconstruction, the paper names none).
struct FisherInformation {
    std::vector<FisherGroup> groups; ///< as given
    Estimate total;                  ///< of all parameters
    int samples = 0, withoutValue = 0; ///< samples given, and those of them that had no norms
    /// Null when there is no such group. Thread: any.
    [[nodiscard]] const FisherGroup* find(Component component, int layer) const;
};

/// `squaredNorms` holds, for each sample, one number per group, or none when the sample predicts nothing. Means over samples with
/// 95 % bootstrap intervals; an estimate with 0 samples has no value. Shares leave out samples whose gradient is zero. Thread: any.
FisherInformation fisherInformation(std::span<const ParameterGroup> groups, std::span<const std::vector<double>> squaredNorms);

} // namespace sinkscope
