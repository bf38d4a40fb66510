// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sinkscope {

/// Parameters of the low-dimensional membership 1 / (1 + a d^(2b)).
struct MembershipCurve {
    double a = 1, b = 1;
};

/// Least-squares fit to the curve that is 1 up to the minimum distance and decays as exp(-(d - minimum) / spread) beyond, on 300 points in
/// [0, 3 spread] (arXiv 1802.03426, definition 11). Levenberg and Marquardt.
MembershipCurve fitMembershipCurve(double spread, double minimumDistance);

} // namespace sinkscope
