// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/nn/compute_choice.h"
#include "core/nn/matrix.h"

#include <memory>

namespace sinkscope {

/// Matrix products on an accelerator that libtorch knows: input and weight are copied there, the product comes back as float32. Everything else of
/// a run (attention with its taps, norms, the residual stream, statistics) stays on the processor, so that it is the same code for every device.
/// Products of float32 are float32 there too (TF32 is off).
class DeviceProduct {
public:
    /// Errors: Unavailable, with the reason (a libtorch without CUDA, no device, a driver that does not answer). Thread: any but gui.
    static Result<std::unique_ptr<DeviceProduct>> create(Device device);
    /// The same way, on the processor: what tests compare with.
    static std::unique_ptr<DeviceProduct> onProcessor(std::size_t mostValues = kMostValues);
    ~DeviceProduct();

    /// Copies a weight [in, out] to the device, in place of the one before. Throws what ATen throws (out of device memory among it). Thread: one
    /// at a time.
    void setWeight(const MatrixView& weight);
    /// input [rows, in], of the weight's type, times the weight, into `out` [rows, out], contiguous. Throws and thread as setWeight.
    void multiply(const MatrixView& input, float* out);
    /// How many rows of a product with so many columns to ask for at once.
    [[nodiscard]] std::size_t rowsAtOnce(std::size_t columns) const;

    /// Values of a product that come back at once: 64 MB.
    static constexpr std::size_t kMostValues = 16U << 20U;

private:
    struct State;
    explicit DeviceProduct(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state; ///< the device and what is on it
};

} // namespace sinkscope
