// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"

#include <cstddef>

namespace sinkscope {

/// The arithmetic between matrix products, on rows of float32. All of it runs on any thread and gives the same bits on every
/// thread.

/// out = (x - mean) / sqrt(variance + epsilon) * weight + bias. `out` may be `x`; `weight` (then 1) and `bias` may be null.
void layerNormRow(const float* x, const float* weight, const float* bias, double epsilon, std::size_t count, float* out);
/// out = x / sqrt(mean of squares + epsilon) * weight. `out` may be `x`; `weight` may be null.
void rmsNormRow(const float* x, const float* weight, double epsilon, std::size_t count, float* out);
/// x = activation(x + bias); `bias` may be null.
void activateRow(Activation activation, float* x, const float* bias, std::size_t count);
/// to += x + bias; `bias` may be null.
void addRow(float* to, const float* x, const float* bias, std::size_t count);
/// to = x + bias; `bias` may be null.
void copyRow(float* to, const float* x, const float* bias, std::size_t count);
/// to *= x + bias; `bias` may be null.
void multiplyRow(float* to, const float* x, const float* bias, std::size_t count);
/// x = -limit or limit where it is beyond; keeps NaN.
void clipRow(float* x, float limit, std::size_t count);
/// to += (x + bias) * factor; `bias` may be null.
void addScaledRow(float* to, const float* x, const float* bias, float factor, std::size_t count);
/// gate = g sigmoid(alpha g) (1 + u) with g the gate cut off above the limit and u the other one cut off at plus and minus the limit.
void clampedGateRow(float* gate, const float* up, float alpha, float limit, std::size_t count);
/// True when none is NaN or infinite.
bool allFinite(const float* x, std::size_t count);

} // namespace sinkscope
