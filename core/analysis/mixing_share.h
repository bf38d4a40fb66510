// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"

#include <Eigen/Core>

namespace sinkscope {

/// Rows of numbers as captures keep them.
using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// f(x) = v W_O of a head: what a full weight on each token would write, [tokens, width]. Thread: any. Errors: those of the evidence.
Result<RowMatrix> writtenByHead(const LayerEvidence& evidence, int head);

/// What a layer's heads write for every query, of other tokens and of its own.
struct Mixing {
    RowMatrix others, own; ///< [tokens, width]
    /// Adds a head: `attention` is [tokens, tokens], row-major.
    void add(const std::vector<float>& attention, const RowMatrix& written);
};

/// Mean over the queries (of a causal model without query 0, which has no choice) of m / (m + p) with m = |row of others| and p = |row of preserved|
/// (Kobayashi et al., EMNLP 2021); NaN where all are zero. Thread: any.
double mixingShare(const RowMatrix& others, const RowMatrix& preserved, bool causal);

} // namespace sinkscope
