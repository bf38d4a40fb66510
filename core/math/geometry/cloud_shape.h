// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

namespace sinkscope {

/// How many directions a set of vectors fills. Not centred: the direction of the mean counts.
struct CloudShape {
    double effectiveRank = 0;      ///< exp(entropy of the squared singular values as shares): 1 for parallel vectors, n for n orthogonal ones of one length
    double anisotropy = 0;         ///< share of the largest squared singular value
    double participationRatio = 0; ///< (sum of s^2)^2 / sum of s^4
};

/// `vectors` is [rows, width], row-major. All zero when every vector is zero. Exact, through the Gram matrix of the smaller side in double
/// precision. Thread: any.
CloudShape cloudShape(std::span<const float> vectors, int rows, int width);
/// The same from the sums of products of all columns, [width, width].
CloudShape cloudShapeOfProducts(std::span<const double> products, int width);

} // namespace sinkscope
