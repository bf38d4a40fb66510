// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/curve_fit.h"

#include <Eigen/Dense>

#include <cmath>

namespace sinkscope {
namespace {

constexpr int kSamples = 300;
constexpr int kIterations = 200;

struct Linearization {
    Eigen::Matrix2d normal = Eigen::Matrix2d::Zero(); ///< J^T J
    Eigen::Vector2d gradient = Eigen::Vector2d::Zero(); ///< J^T r
    double squares = 0;
};

double targetAt(double x, double spread, double minimumDistance) {
    return x < minimumDistance ? 1.0 : std::exp(-(x - minimumDistance) / spread);
}

Linearization linearize(const MembershipCurve& curve, double spread, double minimumDistance) {
    Linearization result;
    for (int i = 0; i < kSamples; ++i) {
        const double x = 3.0 * spread * i / (kSamples - 1);
        const double power = x > 0 ? std::pow(x, 2 * curve.b) : 0.0;
        const double value = 1 / (1 + curve.a * power);
        const double residual = value - targetAt(x, spread, minimumDistance);
        const double logX = x > 0 ? std::log(x) : 0.0;
        const Eigen::Vector2d slope(-value * value * power, -value * value * curve.a * power * 2 * logX);
        result.normal += slope * slope.transpose();
        result.gradient += slope * residual;
        result.squares += residual * residual;
    }
    return result;
}

} // namespace

MembershipCurve fitMembershipCurve(double spread, double minimumDistance) {
    MembershipCurve curve;
    double damping = 1e-3;
    Linearization here = linearize(curve, spread, minimumDistance);
    for (int iteration = 0; iteration < kIterations; ++iteration) {
        Eigen::Matrix2d damped = here.normal;
        damped.diagonal() *= 1 + damping;
        const Eigen::Vector2d step = damped.ldlt().solve(-here.gradient);
        const MembershipCurve next{curve.a + step(0), curve.b + step(1)};
        const bool valid = next.a > 0 && next.b > 0;
        const Linearization there = valid ? linearize(next, spread, minimumDistance) : here;
        if (valid && there.squares < here.squares) {
            curve = next;
            here = there;
            damping /= 10;
            if (step.norm() < 1e-12)
                break;
        } else if ((damping *= 10) > 1e12) {
            break; // no direction improves: this is the minimum
        }
    }
    return curve;
}

} // namespace sinkscope
