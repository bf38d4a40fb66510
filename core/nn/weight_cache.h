// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/model/model_spec.h"
#include "core/nn/compute_choice.h"
#include "core/nn/float_buffer.h"
#include "core/nn/matrix.h"
#include "core/nn/run_meter.h"

#include <array>

namespace sinkscope {

/// The weights of one layer (or of the language-model head) as they are computed with: vectors in float32, matrices in the type of the
/// run. Where they lie in the file when they can be used there, else converted into buffers that the next layer reuses.
class WeightCache {
public:
    using Tensors = std::array<const TensorInfo*, kRoleCount>;
    /// `normsAddOne`: norm weights are given as 1 + what is stored.
    explicit WeightCache(ThreadTeam& team, bool normsAddOne = false, ComputeType type = ComputeType::Float32, RunMeter* meter = nullptr)
        : m_team(team), m_normsAddOne(normsAddOne), m_type(type), m_meter(meter) {}

    /// Makes the tensors of the roles first..last available; the earlier ones no longer are. Errors: Cancelled. Throws std::bad_alloc.
    Result<void> load(const Tensors& tensors, Role first, Role last, const JobContext& context);
    /// Gives the mapped pages back to the system.
    void release();
    /// Null when the model has no such tensor. What it points to is float32 unless the tensor is a matrix and the run in bfloat16.
    [[nodiscard]] const float* vector(Role role) const { return m_data[static_cast<std::size_t>(role)]; }
    /// A linear layer's weight as [in, out], whichever way it is stored.
    [[nodiscard]] MatrixView linear(Role role, std::size_t in, std::size_t out, bool storedTransposed) const {
        const bool brain = m_isBrain[static_cast<std::size_t>(role)];
        const float* data = brain ? nullptr : vector(role);
        const auto bits = brain ? reinterpret_cast<const BrainFloat*>(vector(role)) : nullptr;
        return storedTransposed ? MatrixView{data, in, out, out, 1, bits, m_version} : MatrixView{data, in, out, 1, in, bits, m_version};
    }

private:
    Result<void> convert(const TensorInfo& tensor, ComputeType type, FloatBuffer& buffer, const JobContext& context);

    ThreadTeam& m_team;
    bool m_normsAddOne;
    ComputeType m_type;
    RunMeter* m_meter;
    std::uint64_t m_version = 0; ///< MatrixView::version
    Tensors m_tensors{};
    std::array<const float*, kRoleCount> m_data{};
    std::array<bool, kRoleCount> m_isBrain{};
    std::array<FloatBuffer, kRoleCount> m_buffers;
};

/// Starts reading tensors that will be needed next.
void prefetch(const WeightCache::Tensors& tensors);

} // namespace sinkscope
