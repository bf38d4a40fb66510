// SPDX-License-Identifier: Apache-2.0
#include "core/math/alignment/joint_fit.h"

#include <algorithm>
#include <string>

namespace sinkscope {
namespace {

/// The clouds one after the other.
class JoinedClouds final : public MatrixSource {
public:
    JoinedClouds(std::span<const std::vector<float>> clouds, int width) : m_clouds(clouds), m_width(static_cast<std::size_t>(width)) {
        for (const auto& cloud : clouds)
            m_ends.push_back(rows() + static_cast<std::int64_t>(cloud.size() / m_width));
    }
    [[nodiscard]] std::int64_t rows() const override { return m_ends.empty() ? 0 : m_ends.back(); }
    [[nodiscard]] int width() const override { return static_cast<int>(m_width); }
    [[nodiscard]] Result<std::span<const float>> read(std::int64_t first, std::int64_t count, std::vector<float>& room) override {
        auto cloud = static_cast<std::size_t>(std::ranges::upper_bound(m_ends, first) - m_ends.begin());
        auto offset = static_cast<std::size_t>(first - (cloud == 0 ? 0 : m_ends[cloud - 1])) * m_width;
        auto rest = static_cast<std::size_t>(count) * m_width;
        if (rest <= m_clouds[cloud].size() - offset)
            return std::span(m_clouds[cloud]).subspan(offset, rest);
        room.clear();
        for (; rest > 0; ++cloud, offset = 0) {
            const auto part = std::span(m_clouds[cloud]).subspan(offset, std::min(rest, m_clouds[cloud].size() - offset));
            room.insert(room.end(), part.begin(), part.end());
            rest -= part.size();
        }
        return std::span<const float>(room);
    }

private:
    std::span<const std::vector<float>> m_clouds;
    std::size_t m_width;
    std::vector<std::int64_t> m_ends; ///< row after the last one of each cloud
};

std::vector<float> aboutOwnCentre(const std::vector<float>& cloud, std::size_t width) {
    std::vector<double> mean(width);
    for (std::size_t i = 0; i < cloud.size(); ++i)
        mean[i % width] += cloud[i];
    for (double& value : mean)
        value /= static_cast<double>(cloud.size() / width);
    std::vector<float> moved(cloud.size());
    for (std::size_t i = 0; i < cloud.size(); ++i)
        moved[i] = static_cast<float>(cloud[i] - mean[i % width]);
    return moved;
}

double explainedOf(const std::vector<float>& cloud, const std::vector<float>& coordinates, const PrincipalComponents& basis) {
    double shown = 0, all = 0;
    for (const float value : coordinates)
        shown += static_cast<double>(value) * value;
    for (std::size_t i = 0; i < cloud.size(); ++i)
        all += (cloud[i] - basis.mean[i % basis.mean.size()]) * (cloud[i] - basis.mean[i % basis.mean.size()]);
    return basis.varies && all > 0 ? shown / all : 0.0;
}

} // namespace

Result<JointFit> fitJointly(std::span<const std::vector<float>> clouds, int width, bool ownCentres, const PcaOptions& options,
                            const JobContext& context) {
    for (std::size_t i = 0; i < clouds.size(); ++i)
        if (width < 1 || clouds[i].empty() || clouds[i].size() % static_cast<std::size_t>(width) != 0)
            return Error{ErrorCode::InvalidArgument,
                         "cloud " + std::to_string(i + 1) + " does not hold vectors of " + std::to_string(width) + " numbers", {}};
    std::vector<std::vector<float>> centred;
    if (ownCentres)
        for (const auto& cloud : clouds)
            centred.push_back(aboutOwnCentre(cloud, static_cast<std::size_t>(width)));
    const std::span<const std::vector<float>> used = ownCentres ? std::span<const std::vector<float>>(centred) : clouds;
    JoinedClouds joined(used, std::max(width, 1));
    JointFit fit;
    SINKSCOPE_TRY(fit.basis, fitPrincipalComponents(joined, options, context));
    for (const auto& cloud : used) {
        MemoryMatrix rows(cloud, static_cast<std::int64_t>(cloud.size()) / width, width);
        SINKSCOPE_TRY(auto coordinates, coordinatesIn(fit.basis, rows, context, options.threads));
        fit.explained.push_back(explainedOf(cloud, coordinates, fit.basis));
        fit.coordinates.push_back(std::move(coordinates));
    }
    return fit;
}

} // namespace sinkscope
