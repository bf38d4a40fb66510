// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/capture_rows.h"

#include "core/spaces/cloud_units.h"

#include <algorithm>
#include <limits>

namespace sinkscope {
namespace {

/// The vectors of a plan's units one after the other, read when they are asked for.
class CaptureRows final : public MatrixSource {
public:
    CaptureRows(CaptureSource& source, CloudPlan plan) : m_source(source), m_plan(std::move(plan)) {
        for (const CloudUnit& unit : m_plan.units)
            m_ends.push_back(rows() + unit.tokens);
    }
    [[nodiscard]] std::int64_t rows() const override { return m_ends.empty() ? 0 : m_ends.back(); }
    [[nodiscard]] int width() const override { return m_plan.width; }
    [[nodiscard]] Result<std::span<const float>> read(std::int64_t first, std::int64_t count, std::vector<float>& room) override {
        room.clear();
        auto unit = static_cast<std::size_t>(std::ranges::upper_bound(m_ends, first) - m_ends.begin());
        for (std::int64_t row = first; row < first + count; ++unit) {
            const CloudUnit& from = m_plan.units[unit];
            SINKSCOPE_TRY(const HeadVectors vectors, m_source.vectors(from.sample, from.layer, spaceOf(from.part.kind), std::max(from.part.head, 0)));
            if (vectors.tokens != from.tokens || vectors.width != m_plan.width)
                return Error{ErrorCode::CaptureInvalid, "layer " + std::to_string(from.layer) + ", sample " + std::to_string(from.sample) +
                                                            ": vectors and tokens differ in number", {}};
            const std::int64_t skipped = row - (m_ends[unit] - from.tokens), taken = std::min(m_ends[unit], first + count) - row;
            const auto part = std::span(vectors.values).subspan(static_cast<std::size_t>(skipped * m_plan.width),
                                                                static_cast<std::size_t>(taken * m_plan.width));
            room.insert(room.end(), part.begin(), part.end());
            row += taken;
        }
        return std::span<const float>(room);
    }

private:
    CaptureSource& m_source;
    CloudPlan m_plan;
    std::vector<std::int64_t> m_ends; ///< row after the last one of each unit
};

} // namespace

Result<PrincipalComponents> fitCapture(CaptureSource& source, const CloudRequest& request, const PcaOptions& options, JobContext& context) {
    if (request.beforeRotary || request.matchDotProducts || request.scaling != CloudScaling::None)
        return Error{ErrorCode::InvalidArgument, "components of the whole capture are those of its vectors as they are, not rotated or scaled", {}};
    CloudRequest all = request;
    all.maxPoints = 0;
    all.maxBytes = std::numeric_limits<std::uint64_t>::max();
    SINKSCOPE_TRY(CloudPlan plan, planCloud(source, all, context));
    CaptureRows rows(source, std::move(plan));
    return fitPrincipalComponents(rows, options, context);
}

} // namespace sinkscope
