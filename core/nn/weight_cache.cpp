// SPDX-License-Identifier: Apache-2.0
#include "core/nn/weight_cache.h"

#include "core/nn/pass_layout.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Elements that one task converts: a few milliseconds.
constexpr std::size_t kSlice = 1 << 20;

bool isNorm(Role role) {
    switch (role) {
    case Role::AttentionNorm:
    case Role::AttentionPostNorm:
    case Role::MlpNorm:
    case Role::MlpPostNorm:
    case Role::QueryNorm:
    case Role::KeyNorm:
    case Role::EmbeddingNorm:
    case Role::FinalNorm: return true;
    default: return false;
    }
}

} // namespace

Result<void> WeightCache::convert(const TensorInfo& tensor, FloatBuffer& buffer, const JobContext& context) {
    const std::size_t count = tensor.bytes.size() / sizeOf(tensor.dtype);
    float* to = buffer.reserve(count);
    SINKSCOPE_CHECK(m_team.run((count + kSlice - 1) / kSlice,
                               [&](std::size_t slice, int) {
                                   const std::size_t first = slice * kSlice;
                                   convertToFloat(tensor, first, {to + first, std::min(kSlice, count - first)});
                               },
                               context));
    tensor.file->release(tensor.bytes);
    return {};
}

Result<void> WeightCache::load(const Tensors& tensors, Role first, Role last, const JobContext& context) {
    m_data.fill(nullptr);
    m_tensors.fill(nullptr);
    for (auto role = static_cast<std::size_t>(first); role <= static_cast<std::size_t>(last); ++role) {
        const TensorInfo* tensor = tensors[role];
        if (!tensor)
            continue;
        const bool addsOne = m_normsAddOne && isNorm(static_cast<Role>(role));
        if (isUsableInPlace(*tensor) && !addsOne) {
            m_tensors[role] = tensor;
            m_data[role] = reinterpret_cast<const float*>(tensor->bytes.data());
        } else {
            SINKSCOPE_CHECK(convert(*tensor, m_buffers[role], context));
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
