// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sinkscope::test {

/// Normalised mean squared error allowed against transformers in float32: sum (a - b)^2 / sum b^2. Both sides sum in other orders, which
/// leaves about 1e-13 after a few layers; a wrong formula leaves far more than 1e-6.
inline constexpr double kForwardError = 1e-10;
/// Largest relative difference of the same run on another number of threads: none, the cuts are the same.
inline constexpr double kThreadError = 0;
/// NMSE between a batch and its samples one by one: the products are cut elsewhere.
inline constexpr double kBatchError = 1e-12;

} // namespace sinkscope::test
