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

    /// The weight [in, out] of the products that follow. One of a known version is copied to the device once and stays there until one of
    /// another version comes. Throws what ATen throws (out of device memory among it). Thread: one at a time.
    void setWeight(const MatrixView& weight);
    /// input [rows, in], of the weight's type, times the weight: [rows, out] of that type again, contiguous, in memory that the device writes
    /// fast. It is the object's, and holds until the next product but one. Throws and thread as setWeight.
    MatrixView multiply(const MatrixView& input);
    /// How many rows of a product with so many columns to ask for at once.
    [[nodiscard]] std::size_t rowsAtOnce(std::size_t columns) const;

    /// Values of a product that come back at once: enough to keep the device and the way to it busy, few enough that one piece is used while
    /// the next is computed. Two are held: 32 MB.
    static constexpr std::size_t kMostValues = 4U << 20U;

private:
    struct State;
    explicit DeviceProduct(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state; ///< the device and what is on it
};

} // namespace sinkscope
