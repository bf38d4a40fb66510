// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/model/model_spec.h"
#include "core/nn/float_buffer.h"
#include "core/nn/matrix.h"

#include <array>

namespace sinkscope {

/// The weights of one layer (or of the language-model head) as float32: where they lie in the file when they can be used there,
/// else converted into buffers that the next layer reuses.
class WeightCache {
public:
    using Tensors = std::array<const TensorInfo*, kRoleCount>;
    /// `normsAddOne`: norm weights are given as 1 + what is stored.
    explicit WeightCache(ThreadTeam& team, bool normsAddOne = false) : m_team(team), m_normsAddOne(normsAddOne) {}

    /// Makes the tensors of the roles first..last available; the earlier ones no longer are. Errors: Cancelled. Throws std::bad_alloc.
    Result<void> load(const Tensors& tensors, Role first, Role last, const JobContext& context);
    /// Gives the mapped pages back to the system.
    void release();
    /// Null when the model has no such tensor.
    [[nodiscard]] const float* vector(Role role) const { return m_data[static_cast<std::size_t>(role)]; }
    /// A linear layer's weight as [in, out], whichever way it is stored.
    [[nodiscard]] MatrixView linear(Role role, std::size_t in, std::size_t out, bool storedTransposed) const {
        return storedTransposed ? MatrixView{vector(role), in, out, out, 1} : MatrixView{vector(role), in, out, 1, in};
    }

private:
    Result<void> convert(const TensorInfo& tensor, FloatBuffer& buffer, const JobContext& context);

    ThreadTeam& m_team;
    bool m_normsAddOne;
    Tensors m_tensors{};
    std::array<const float*, kRoleCount> m_data{};
    std::array<FloatBuffer, kRoleCount> m_buffers;
};

/// Starts reading tensors that will be needed next.
void prefetch(const WeightCache::Tensors& tensors);

} // namespace sinkscope
