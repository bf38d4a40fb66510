// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

namespace sinkscope {

/// How p-values of many tests are corrected. The order is that of the choices of `sinks.correction`.
enum class Correction { BenjaminiHochberg, BenjaminiYekutieli, Holm, None };

/// Adjusted p-values, in the order given: reject those at or below the level. All p in [0, 1]; anything else is our own bug.
/// Holm (1979) keeps the chance of any false rejection below the level, whatever the dependence. Benjamini and Hochberg (1995) keep the
/// expected share of false ones among the rejected, for independent or positively dependent tests; Benjamini and Yekutieli (2001) for
/// any dependence. Thread: any.
std::vector<double> adjusted(std::span<const double> p, Correction correction);

/// One p-value from several of the same hypothesis, by Fisher's method: -2 sum log p is chi-squared with 2n degrees of freedom when the
/// tests are independent (conservative for discrete ones). 1 for none. Thread: any.
double combinedByFisher(std::span<const double> p);
/// The same by the Cauchy combination (Liu and Xie 2020), which holds in the tail for any dependence. p = 1 counts as 1 - 1e-3, so that one
/// sample without any sign cannot outweigh all others. 1 for none. Thread: any.
double combinedByCauchy(std::span<const double> p);

} // namespace sinkscope
