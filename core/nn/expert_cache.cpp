// SPDX-License-Identifier: Apache-2.0
#include "core/nn/expert_cache.h"

#include "core/checkpoint/mxfp4.h"
#include "core/nn/pass_layout.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Elements that one task converts: a few milliseconds, and whole blocks.
constexpr std::size_t kSlice = 1 << 20;
/// Elements that pass through float32 at once on their way to bfloat16; they stay in the cache.
constexpr std::size_t kPiece = 4096;
static_assert(kSlice % kPiece == 0 && kPiece % kMxfp4Values == 0);

/// The role of the scales of a weight; the weight itself when it has none.
Role scalesOf(Role role) {
    switch (role) {
    case Role::ExpertGateUpWeight: return Role::ExpertGateUpScales;
    case Role::ExpertDownWeight: return Role::ExpertDownScales;
    default: return role;
    }
}

bool isScales(Role role) { return role == Role::ExpertGateUpScales || role == Role::ExpertDownScales; }

template <typename Use> void forEachRole(const Use& use) {
    for (auto role = static_cast<std::size_t>(kFirstExpertRole); role <= static_cast<std::size_t>(kLastLayerRole); ++role)
        if (!isScales(static_cast<Role>(role)))
            use(static_cast<Role>(role));
}

} // namespace

Result<void> ExpertCache::convert(Role role, const TensorInfo& tensor, const TensorInfo& scales, const JobContext& context) {
    const bool blocks = !scales.bytes.empty(), brain = m_isBrain[at(role)];
    const std::size_t count = blocks ? 2 * tensor.bytes.size() : tensor.elements();
    float* to = m_buffers[at(role)].reserve(brain ? floatsFor(count) : count);
    m_data[at(role)] = to;
    const auto fill = [&](std::size_t first, std::span<float> out) {
        blocks ? dequantizeMxfp4(tensor.bytes, scales.bytes, first, out) : convertToFloat(tensor, first, out);
    };
    SINKSCOPE_CHECK(m_team.run((count + kSlice - 1) / kSlice, [&](std::size_t slice, int) {
        const std::size_t begin = slice * kSlice, end = std::min(begin + kSlice, count);
        if (!brain)
            return fill(begin, {to + begin, end - begin});
        std::array<float, kPiece> piece{};
        for (std::size_t first = begin; first < end; first += kPiece) {
            const std::size_t now = std::min(kPiece, end - first);
            fill(first, {piece.data(), now});
            toBrainFloat(piece.data(), now, reinterpret_cast<BrainFloat*>(to) + first);
        }
    }, context));
    tensor.file->release(tensor.bytes);
    if (blocks)
        scales.file->release(scales.bytes);
    return {};
}

Result<void> ExpertCache::load(int layer, int expert, const JobContext& context) {
    m_version = nextWeightVersion();
    m_data.fill(nullptr);
    Result<void> result;
    forEachRole([&](Role role) {
        if (!result || m_experts.tensorsOf(layer, role).empty())
            return;
        TensorInfo tensor = m_experts.part(layer, role, expert);
        const TensorInfo scales = scalesOf(role) == role ? TensorInfo{} : m_experts.part(layer, scalesOf(role), expert);
        m_meter->addWeights(tensor.bytes.size() + scales.bytes.size());
        m_isBrain[at(role)] = storedType(role, tensor, m_type) == ComputeType::BFloat16;
        if (isUsableInPlace(role, tensor, m_type)) {
            m_data[at(role)] = reinterpret_cast<const float*>(tensor.bytes.data());
            m_tensors[at(role)] = std::move(tensor);
        } else
            result = convert(role, tensor, scales, context);
    });
    return result;
}

void ExpertCache::prefetch(int layer, int expert) const {
    forEachRole([&](Role role) {
        for (const Role part : {role, scalesOf(role)})
            if (const TensorInfo tensor = m_experts.part(layer, part, expert); tensor.file)
                tensor.file->prefetch(tensor.bytes);
    });
}

void ExpertCache::release() {
    for (TensorInfo& tensor : m_tensors)
        if (tensor.file) {
            tensor.file->release(tensor.bytes);
            tensor = {};
        }
    m_data.fill(nullptr);
}

} // namespace sinkscope
