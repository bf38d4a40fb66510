// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/model/model_spec.h"
#include "core/nn/float_buffer.h"
#include "core/nn/forward.h"
#include "core/nn/matrix.h"
#include "core/nn/run_meter.h"

#include <array>

namespace sinkscope {

/// The weights of one expert as they are computed with, as WeightCache has those of a layer: a layer's experts are never all there at once.
class ExpertCache {
public:
    ExpertCache(ThreadTeam& team, const ExpertSpec& experts, ComputeType type, RunMeter* meter)
        : m_team(team), m_experts(experts), m_type(type), m_meter(meter) {}

    /// Makes an expert's tensors available; the last one's no longer are. Errors: Cancelled. Throws std::bad_alloc.
    Result<void> load(int layer, int expert, const JobContext& context);
    /// Starts reading the tensors of the expert that comes next.
    void prefetch(int layer, int expert) const;
    /// Gives the mapped pages back to the system.
    void release();
    /// Null when the model has no such tensor. What it points to is float32 unless the tensor is a matrix and the run in bfloat16.
    [[nodiscard]] const float* vector(Role role) const { return m_data[at(role)]; }
    /// A weight as [in, out], whichever way it is stored.
    [[nodiscard]] MatrixView linear(Role role, std::size_t in, std::size_t out) const {
        const float* data = m_isBrain[at(role)] ? nullptr : vector(role);
        const auto bits = m_isBrain[at(role)] ? reinterpret_cast<const BrainFloat*>(vector(role)) : nullptr;
        return m_experts.storedByInput ? MatrixView{data, in, out, out, 1, bits, m_version} : MatrixView{data, in, out, 1, in, bits, m_version};
    }

private:
    static constexpr std::size_t at(Role role) { return static_cast<std::size_t>(role) - static_cast<std::size_t>(kFirstExpertRole); }
    Result<void> convert(Role role, const TensorInfo& tensor, const TensorInfo& scales, const JobContext& context);

    ThreadTeam& m_team;
    const ExpertSpec& m_experts;
    ComputeType m_type;
    RunMeter* m_meter;
    std::uint64_t m_version = 0; ///< MatrixView::version
    std::array<TensorInfo, ExpertSpec::kRoles> m_tensors; ///< used where they lie in the file
    std::array<bool, ExpertSpec::kRoles> m_isBrain{};
    std::array<const float*, ExpertSpec::kRoles> m_data{};
    std::array<FloatBuffer, ExpertSpec::kRoles> m_buffers;
};

} // namespace sinkscope
