// SPDX-License-Identifier: Apache-2.0
#include "core/math/clusters/k_means.h"

#include "core/base/assert.h"
#include "core/jobs/thread_team.h"
#include "core/math/spectral/seeded_random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace sinkscope {
namespace {

/// Rows that one task looks at. Sums are taken slice by slice, so that they do not depend on the threads.
constexpr std::size_t kSlice = 2048;

double squaredDistance(const float* row, const double* centre, std::size_t width) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) {
        const double step = static_cast<double>(row[k]) - centre[k];
        sum += step * step;
    }
    return sum;
}

class Lloyd {
public:
    Lloyd(std::span<const float> data, int points, int width, const KMeansOptions& options, const JobContext& context)
        : m_data(data), m_points(static_cast<std::size_t>(points)), m_width(static_cast<std::size_t>(width)), m_options(options), m_context(context),
          m_team(options.threads > 0 ? options.threads : usableProcessors()), m_of(m_points, 0),
          m_nearest(m_points, std::numeric_limits<double>::infinity()), m_slices((m_points + kSlice - 1) / kSlice) {}

    Result<Clusters> run() {
        SINKSCOPE_CHECK(chooseCentres());
        Clusters result;
        while (result.rounds < m_options.rounds && !result.settled) {
            SINKSCOPE_TRY(const std::size_t changed, assign());
            result.settled = changed == 0 && result.rounds > 0;
            moveCentres();
            ++result.rounds;
        }
        SINKSCOPE_TRY([[maybe_unused]] const std::size_t last, assign());
        finish(result);
        return result;
    }

private:
    [[nodiscard]] const float* row(std::size_t point) const { return m_data.data() + point * m_width; }
    [[nodiscard]] std::size_t count() const { return m_centres.size() / m_width; }
    void addCentre(std::size_t point) { m_centres.insert(m_centres.end(), row(point), row(point) + m_width); }

    template <typename Work> Result<void> overSlices(const Work& work) {
        return m_team.run(m_slices, [&](std::size_t slice, int) { work(slice, slice * kSlice, std::min(m_points, (slice + 1) * kSlice)); }, m_context);
    }

    Result<void> chooseCentres() {
        SeededRandom random({m_options.seed});
        addCentre(random.below(m_points));
        while (count() < static_cast<std::size_t>(m_options.clusters)) {
            const double* newest = m_centres.data() + m_centres.size() - m_width;
            SINKSCOPE_CHECK(overSlices([&](std::size_t, std::size_t first, std::size_t last) {
                for (std::size_t i = first; i < last; ++i)
                    m_nearest[i] = std::min(m_nearest[i], squaredDistance(row(i), newest, m_width));
            }));
            const double total = std::accumulate(m_nearest.begin(), m_nearest.end(), 0.0);
            if (!(total > 0))
                return {}; // every row is a centre already
            double left = random.uniform() * total;
            std::size_t chosen = m_points;
            for (std::size_t i = 0; i < m_points && (chosen == m_points || left > 0); ++i)
                if (m_nearest[i] > 0) { // rounding must not end at a row that is a centre
                    chosen = i;
                    left -= m_nearest[i];
                }
            addCentre(chosen);
        }
        return {};
    }

    /// How many rows changed their cluster.
    Result<std::size_t> assign() {
        std::vector<std::size_t> changed(m_slices, 0);
        SINKSCOPE_CHECK(overSlices([&](std::size_t slice, std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) {
                double best = std::numeric_limits<double>::infinity();
                std::int32_t nearest = 0;
                for (std::size_t c = 0; c < count(); ++c)
                    if (const double distance = squaredDistance(row(i), m_centres.data() + c * m_width, m_width); distance < best) {
                        best = distance;
                        nearest = static_cast<std::int32_t>(c);
                    }
                changed[slice] += m_of[i] != nearest;
                m_of[i] = nearest;
                m_nearest[i] = best;
            }
        }));
        return std::accumulate(changed.begin(), changed.end(), std::size_t{0});
    }

    /// To the means of their rows; one that has none stays.
    void moveCentres() {
        std::vector<double> sums(m_centres.size(), 0);
        std::vector<std::int64_t> members(count(), 0);
        for (std::size_t i = 0; i < m_points; ++i) {
            const auto cluster = static_cast<std::size_t>(m_of[i]);
            ++members[cluster];
            for (std::size_t k = 0; k < m_width; ++k)
                sums[cluster * m_width + k] += static_cast<double>(row(i)[k]);
        }
        for (std::size_t c = 0; c < count(); ++c)
            for (std::size_t k = 0; members[c] > 0 && k < m_width; ++k)
                m_centres[c * m_width + k] = sums[c * m_width + k] / static_cast<double>(members[c]);
    }

    void finish(Clusters& result) {
        std::vector<std::int64_t> members(count(), 0);
        std::vector<std::size_t> first(count(), m_points), order(count());
        for (std::size_t i = 0; i < m_points; ++i) {
            const auto cluster = static_cast<std::size_t>(m_of[i]);
            ++members[cluster];
            first[cluster] = std::min(first[cluster], i);
        }
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return members[a] != members[b] ? members[a] > members[b] : first[a] < first[b]; });
        std::vector<std::int32_t> place(count());
        for (std::size_t i = 0; i < order.size(); ++i) {
            place[order[i]] = static_cast<std::int32_t>(i);
            if (members[order[i]] > 0)
                result.sizes.push_back(members[order[i]]);
        }
        for (const std::int32_t cluster : m_of)
            result.of.push_back(place[static_cast<std::size_t>(cluster)]);
        result.explained = explained();
    }

    [[nodiscard]] double explained() const {
        std::vector<double> mean(m_width, 0);
        for (std::size_t i = 0; i < m_points; ++i)
            for (std::size_t k = 0; k < m_width; ++k)
                mean[k] += static_cast<double>(row(i)[k]);
        for (double& value : mean)
            value /= static_cast<double>(m_points);
        double total = 0;
        for (std::size_t i = 0; i < m_points; ++i)
            total += squaredDistance(row(i), mean.data(), m_width);
        const double within = std::accumulate(m_nearest.begin(), m_nearest.end(), 0.0);
        return total > 0 ? std::clamp(1 - within / total, 0.0, 1.0) : 0;
    }

    std::span<const float> m_data;
    std::size_t m_points, m_width;
    const KMeansOptions& m_options;
    const JobContext& m_context;
    ThreadTeam m_team;
    std::vector<std::int32_t> m_of;
    std::vector<double> m_nearest; ///< [points] squared distance to the nearest centre
    std::vector<double> m_centres; ///< [clusters, width]
    std::size_t m_slices;
};

} // namespace

Result<Clusters> kMeans(std::span<const float> data, int points, int width, const KMeansOptions& options, const JobContext& context) {
    if (points < 1 || width < 1 || options.clusters < 1)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.clusters) + " clusters of " + std::to_string(points) + " points", {}};
    SINKSCOPE_ASSERT(data.size() == static_cast<std::size_t>(points) * static_cast<std::size_t>(width));
    if (!std::ranges::all_of(data, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the vectors to group contain NaN or infinity", {}};
    return Lloyd(data, points, width, options, context).run();
}

} // namespace sinkscope
