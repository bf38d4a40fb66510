// SPDX-License-Identifier: Apache-2.0
#include "core/nn/run_meter.h"

#include <cstdio>

namespace sinkscope {

double RunMeter::productRate() const {
    const auto nanoseconds = static_cast<double>(m_productNanoseconds);
    return nanoseconds > 0 ? productOperations() / nanoseconds * 1e9 : 0;
}

std::string RunMeter::text(double seconds) const {
    const double bytes = static_cast<double>(weightBytes()), operations = productOperations() + attentionOperations();
    if (seconds <= 0)
        return {};
    char text[160];
    std::snprintf(text, sizeof text, "weights %.*f GB at %.2f GB/s, %.*f GFLOP/s (%.0f in products with weights)", bytes < 1e9 ? 3 : 1, bytes * 1e-9,
                  bytes / seconds * 1e-9, operations < 1e10 * seconds ? 1 : 0, operations / seconds * 1e-9, productRate() * 1e-9);
    return text;
}

} // namespace sinkscope
