// SPDX-License-Identifier: Apache-2.0
#include "core/nn/device_product.h"

#include "core/nn/wrapped_matrix.h"

#include <ATen/Context.h>

#include <algorithm>

namespace sinkscope {

struct DeviceProduct::State {
    at::Device device;
    std::size_t mostValues;
    at::Tensor weight{};
};

DeviceProduct::DeviceProduct(std::unique_ptr<State> state) : m_state(std::move(state)) {}
DeviceProduct::~DeviceProduct() = default;

Result<std::unique_ptr<DeviceProduct>> DeviceProduct::create(Device device) {
    if (device != Device::Cuda)
        return Error{ErrorCode::InvalidArgument, "no accelerator is called " + std::string(idOf(device)), {}};
    if (!at::hasCUDA())
        return Error{ErrorCode::Unavailable, "the libtorch that this program was built with has no CUDA, or finds no device: build with "
                                             "-DTorch_DIR=.../share/cmake/Torch of a CUDA libtorch", {}};
    at::globalContext().setAllowTF32CuBLAS(false);
    return std::unique_ptr<DeviceProduct>(new DeviceProduct(std::make_unique<State>(State{at::Device(at::kCUDA, 0), kMostValues})));
}

std::unique_ptr<DeviceProduct> DeviceProduct::onProcessor(std::size_t mostValues) {
    return std::unique_ptr<DeviceProduct>(new DeviceProduct(std::make_unique<State>(State{at::Device(at::kCPU), mostValues})));
}

std::size_t DeviceProduct::rowsAtOnce(std::size_t columns) const { return std::max<std::size_t>(1, m_state->mostValues / std::max<std::size_t>(1, columns)); }

void DeviceProduct::setWeight(const MatrixView& weight) {
    const c10::InferenceMode inference;
    m_state->weight.reset(); // before the next one takes its place
    m_state->weight = wrapped(weight).to(m_state->device);
}

void DeviceProduct::multiply(const MatrixView& input, float* out) {
    const c10::InferenceMode inference;
    const std::size_t columns = static_cast<std::size_t>(m_state->weight.size(1));
    wrapped({out, input.rows, columns, columns, 1}).copy_(at::mm(wrapped(input).to(m_state->device), m_state->weight).to(at::kFloat));
}

} // namespace sinkscope
