// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/mixing_share.h"

#include <cmath>

namespace sinkscope {

Result<RowMatrix> writtenByHead(const LayerEvidence& evidence, int head) {
    const LayerStatistics& statistics = evidence.statistics;
    SINKSCOPE_TRY(const auto value, evidence.vectors(Space::Value, statistics.keyValueHeadOf(head)));
    SINKSCOPE_TRY(const auto projection, evidence.weights->outputProjection(statistics.layer, head));
    return RowMatrix(Eigen::Map<const RowMatrix>(value->values.data(), statistics.tokens, value->width) *
                     Eigen::Map<const RowMatrix>(projection->values.data(), projection->rows, projection->columns));
}

void Mixing::add(const std::vector<float>& attention, const RowMatrix& written) {
    if (own.size() == 0)
        others = own = RowMatrix::Zero(written.rows(), written.cols());
    const Eigen::Map<const RowMatrix> weights(attention.data(), written.rows(), written.rows());
    const RowMatrix diagonal = weights.diagonal().asDiagonal() * written;
    own += diagonal;
    others += weights * written - diagonal;
}

double mixingShare(const RowMatrix& others, const RowMatrix& preserved, bool causal) {
    double sum = 0;
    int count = 0;
    for (Eigen::Index query = causal ? 1 : 0; query < others.rows(); ++query) {
        const double m = others.row(query).cast<double>().norm(), p = preserved.row(query).cast<double>().norm();
        sum += m + p > 0 ? m / (m + p) : 0;
        count += m + p > 0 ? 1 : 0;
    }
    return count > 0 ? sum / count : std::nan("");
}

} // namespace sinkscope
