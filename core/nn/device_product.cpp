// SPDX-License-Identifier: Apache-2.0
#include "core/nn/device_product.h"

#include "core/nn/wrapped_matrix.h"

#include <ATen/Context.h>

#include <algorithm>
#include <array>
#include <map>

namespace sinkscope {

namespace {

/// Products of bfloat16 are summed in float32, as on the processor: a choice that libtorch has from version 2 on.
template <typename Context> void sumInFloat32(Context& context) {
    if constexpr (requires { context.setAllowBF16ReductionCuBLAS(false); })
        context.setAllowBF16ReductionCuBLAS(false);
}

} // namespace

struct DeviceProduct::State {
    at::Device device;
    std::size_t mostValues;
    at::Tensor weight{};                      ///< of the products that follow
    std::map<const void*, at::Tensor> kept{}; ///< those of `version`, by where they came from
    std::uint64_t version = 0;
    std::array<at::Tensor, 2> products{};     ///< memory of the last two
    std::size_t next = 0;
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
    sumInFloat32(at::globalContext());
    return std::unique_ptr<DeviceProduct>(new DeviceProduct(std::make_unique<State>(State{at::Device(at::kCUDA, 0), kMostValues})));
}

std::unique_ptr<DeviceProduct> DeviceProduct::onProcessor(std::size_t mostValues) {
    return std::unique_ptr<DeviceProduct>(new DeviceProduct(std::make_unique<State>(State{at::Device(at::kCPU), mostValues})));
}

std::size_t DeviceProduct::rowsAtOnce(std::size_t columns) const { return std::max<std::size_t>(1, m_state->mostValues / std::max<std::size_t>(1, columns)); }

void DeviceProduct::setWeight(const MatrixView& weight) {
    const c10::InferenceMode inference;
    m_state->weight.reset(); // before another one takes its place
    if (weight.version == 0 || weight.version != m_state->version)
        m_state->kept.clear();
    m_state->version = weight.version;
    at::Tensor& kept = m_state->kept[weight.brain ? static_cast<const void*>(weight.brain) : weight.data];
    if (!kept.defined() || kept.size(0) != static_cast<std::int64_t>(weight.rows) || kept.size(1) != static_cast<std::int64_t>(weight.columns))
        kept = wrapped(weight).to(at::TensorOptions().device(m_state->device), false, true); // a copy on the stand-in, too
    m_state->weight = kept;
}

MatrixView DeviceProduct::multiply(const MatrixView& input) {
    const c10::InferenceMode inference;
    const at::Tensor product = at::mm(wrapped(input).to(m_state->device), m_state->weight);
    at::Tensor& room = m_state->products[m_state->next];
    m_state->next = 1 - m_state->next;
    if (!room.defined() || room.numel() < product.numel() || room.dtype() != product.dtype())
        room = at::empty({product.numel()}, product.options().device(at::kCPU).pinned_memory(m_state->device.is_cuda()));
    room.narrow(0, 0, product.numel()).view(product.sizes()).copy_(product);
    const auto rows = static_cast<std::size_t>(product.size(0)), columns = static_cast<std::size_t>(product.size(1));
    if (input.brain)
        return {nullptr, rows, columns, columns, 1, static_cast<const BrainFloat*>(room.data_ptr())};
    return {static_cast<const float*>(room.data_ptr()), rows, columns, columns, 1};
}

} // namespace sinkscope
