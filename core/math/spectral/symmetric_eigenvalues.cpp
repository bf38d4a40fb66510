// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/symmetric_eigenvalues.h"

#include "core/math/spectral/tridiagonal.h"

#include <limits>

namespace sinkscope {

Result<std::vector<double>> symmetricEigenvalues(std::vector<double> matrix, std::size_t n, const JobContext& context) {
    SINKSCOPE_TRY(const std::optional<TridiagonalForm> form, tridiagonalForm(std::move(matrix), n, context));
    std::optional<std::vector<double>> values = form ? allEigenvalues(*form) : std::nullopt;
    return values ? std::move(*values) : std::vector<double>(n, std::numeric_limits<double>::quiet_NaN());
}

} // namespace sinkscope
