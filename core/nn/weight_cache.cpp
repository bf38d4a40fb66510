// SPDX-License-Identifier: Apache-2.0
#include "core/nn/weight_cache.h"

#include "core/nn/pass_layout.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Elements that one task converts: a few milliseconds.
constexpr std::size_t kSlice = 1 << 20;
/// Elements that pass through float32 at once on their way to bfloat16; they stay in the cache.
constexpr std::size_t kPiece = 4096;

/// Part of a tensor as bfloat16.
void convertToBrainFloat(const TensorInfo& tensor, std::size_t first, std::size_t count, BrainFloat* to) {
    std::array<float, kPiece> piece{};
    for (std::size_t at = 0; at < count; at += kPiece) {
        const std::size_t now = std::min(kPiece, count - at);
        convertToFloat(tensor, first + at, {piece.data(), now});
        toBrainFloat(piece.data(), now, to + at);
    }
}

} // namespace

Result<void> WeightCache::convert(const TensorInfo& tensor, ComputeType type, FloatBuffer& buffer, const JobContext& context) {
    const std::size_t count = tensor.elements();
    const bool brain = type == ComputeType::BFloat16;
    float* to = buffer.reserve(brain ? floatsFor(count) : count);
    SINKSCOPE_CHECK(m_team.run((count + kSlice - 1) / kSlice,
                               [&](std::size_t slice, int) {
                                   const std::size_t first = slice * kSlice, part = std::min(kSlice, count - first);
                                   if (brain)
                                       convertToBrainFloat(tensor, first, part, reinterpret_cast<BrainFloat*>(to) + first);
                                   else
                                       convertToFloat(tensor, first, {to + first, part});
                               },
                               context));
    tensor.file->release(tensor.bytes);
    return {};
}

Result<void> WeightCache::load(const Tensors& tensors, Role first, Role last, const JobContext& context) {
    m_version = nextWeightVersion();
    m_data.fill(nullptr);
    m_tensors.fill(nullptr);
    for (auto role = static_cast<std::size_t>(first); role <= static_cast<std::size_t>(last); ++role) {
        const TensorInfo* tensor = tensors[role];
        if (!tensor)
            continue;
        if (m_meter)
            m_meter->addWeights(tensor->bytes.size());
        const bool addsOne = m_normsAddOne && isNorm(static_cast<Role>(role));
        const ComputeType type = storedType(static_cast<Role>(role), *tensor, m_type);
        m_isBrain[role] = type == ComputeType::BFloat16;
        if (isUsableInPlace(static_cast<Role>(role), *tensor, m_type) && !addsOne) {
            m_tensors[role] = tensor;
            m_data[role] = reinterpret_cast<const float*>(tensor->bytes.data());
        } else {
            SINKSCOPE_CHECK(convert(*tensor, type, m_buffers[role], context));
            m_data[role] = m_buffers[role].data();
            for (std::int64_t i = 0; addsOne && i < tensor->shape.front(); ++i)
                m_buffers[role].data()[i] += 1.0f;
        }
    }
    return {};
}

void WeightCache::release() {
    for (const TensorInfo* tensor : m_tensors)
        if (tensor)
            tensor->file->release(tensor->bytes);
    m_tensors.fill(nullptr);
    m_data.fill(nullptr);
}

void prefetch(const WeightCache::Tensors& tensors) {
    for (const TensorInfo* tensor : tensors)
        if (tensor)
            tensor->file->prefetch(tensor->bytes);
}

} // namespace sinkscope
