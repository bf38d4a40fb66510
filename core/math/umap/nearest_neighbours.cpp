// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/nearest_neighbours.h"

#include "core/math/umap/dissimilarity_data.h"
#include "core/math/umap/pair_products.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

namespace sinkscope {
namespace {

using Candidate = std::pair<float, std::int32_t>; // dissimilarity, index: compares ties by index
constexpr std::size_t kPanel = kPanelPoints;
constexpr float kFarthest = 1e30F;  ///< limit of a point that has not yet found enough: everything is wanted
constexpr float kNowhere = 1e36F;   ///< offset of what fills up the last panel: never wanted

/// The nearest candidates of the points of one panel so far, in heaps.
class PanelHeaps {
public:
    /// Points before `firstAsking` want nothing.
    PanelHeaps(std::size_t wanted, int firstAsking) : m_wanted(wanted), m_limits(kPanel, wanted == 0 ? -kFarthest : kFarthest), m_heaps(kPanel) {
        std::fill_n(m_limits.begin(), std::min(firstAsking, kPanelPoints), -kFarthest);
    }
    [[nodiscard]] const float* limits() const { return m_limits.data(); }
    void offer(std::size_t point, float dissimilarity, std::int32_t index) {
        std::vector<Candidate>& heap = m_heaps[point];
        const Candidate candidate{dissimilarity, index};
        if (heap.size() < m_wanted) {
            heap.push_back(candidate);
            std::push_heap(heap.begin(), heap.end());
        } else if (m_wanted > 0 && candidate < heap.front()) {
            std::pop_heap(heap.begin(), heap.end());
            heap.back() = candidate;
            std::push_heap(heap.begin(), heap.end());
        }
        if (m_wanted > 0 && heap.size() == m_wanted)
            m_limits[point] = heap.front().first;
    }
    [[nodiscard]] const std::vector<Candidate>& candidates(std::size_t point) const { return m_heaps[point]; }
    void copyLimits(std::vector<float>& to) {
        const std::lock_guard lock(mutex);
        to = m_limits;
    }
    std::mutex mutex; ///< two blocks that share a panel may end at the same time

private:
    std::size_t m_wanted;
    std::vector<float> m_limits; ///< what a candidate must not exceed
    std::vector<std::vector<Candidate>> m_heaps;
};

class PairSearch {
public:
    /// Points from `firstAsking` on look among those below it; when it is 0, all look among all others.
    PairSearch(const DissimilarityData& data, int neighbours, int firstAsking)
        : m_data(data), m_panels(data.values(), data.points(), data.width()), m_neighbours(neighbours), m_firstAsking(firstAsking) {
        for (int panel = 0; panel < m_panels.count(); ++panel)
            m_heaps.push_back(std::make_unique<PanelHeaps>(static_cast<std::size_t>(neighbours - (firstAsking == 0 ? 1 : 0)),
                                                           std::max(0, firstAsking - panel * kPanelPoints)));
        m_offsets.assign(static_cast<std::size_t>(m_panels.count()) * kPanel, kNowhere);
        for (int point = 0; point < data.points(); ++point)
            m_offsets[static_cast<std::size_t>(point)] = data.offset(point);
    }

    Result<NeighbourGraph> run(ThreadTeam& team, JobContext& context) {
        const auto panels = static_cast<std::size_t>(m_panels.count());
        std::vector<Worker> workers(static_cast<std::size_t>(team.size()));
        std::vector<std::pair<int, int>> pairs; // near the diagonal first: neighbours in the order of the data tighten the limits soon
        for (int apart = 0; apart < m_panels.count(); ++apart)
            for (int left = 0; left + apart < m_panels.count(); ++left)
                if (m_firstAsking == 0 || (left * kPanelPoints < m_firstAsking && (left + apart + 1) * kPanelPoints > m_firstAsking))
                    pairs.emplace_back(left, left + apart);
        constexpr std::size_t kAtOnce = 4096; // pairs between two reports of progress
        for (std::size_t first = 0; first < pairs.size(); first += kAtOnce) {
            const std::size_t count = std::min(kAtOnce, pairs.size() - first);
            SINKSCOPE_CHECK(team.run(count, [&](std::size_t i, int worker) {
                comparePanels(pairs[first + i].first, pairs[first + i].second, workers[static_cast<std::size_t>(worker)]);
            }, context));
            context.progress(0.4 * static_cast<double>(first + count) / static_cast<double>(pairs.size()), "neighbours");
        }
        NeighbourGraph graph{m_data.points() - m_firstAsking, m_neighbours, {}, {}};
        graph.indices.resize(static_cast<std::size_t>(graph.points) * static_cast<std::size_t>(m_neighbours));
        graph.distances.resize(graph.indices.size());
        SINKSCOPE_CHECK(team.run(panels, [&](std::size_t panel, int) { writePanel(panel, graph); }, context));
        return graph;
    }

private:
    struct Worker {
        PromisingTiles tiles;
        std::vector<float> leftLimits = std::vector<float>(kPanel), rightLimits = std::vector<float>(kPanel);
    };

    void comparePanels(int left, int right, Worker& worker) {
        PanelHeaps &mine = *m_heaps[static_cast<std::size_t>(left)], &theirs = *m_heaps[static_cast<std::size_t>(right)];
        mine.copyLimits(worker.leftLimits);
        theirs.copyLimits(worker.rightLimits);
        findPromising({m_panels.panel(left), &m_offsets[static_cast<std::size_t>(left) * kPanel], worker.leftLimits.data()},
                      {m_panels.panel(right), &m_offsets[static_cast<std::size_t>(right) * kPanel], worker.rightLimits.data()}, m_panels.width(),
                      m_data.factor(), worker.tiles);
        offerTiles(worker.tiles, mine, left, right, true);
        if (left != right || m_firstAsking > 0)
            offerTiles(worker.tiles, theirs, right, left, false);
    }

    /// To the points of one side (rows or columns of the tiles) those of the other.
    void offerTiles(const PromisingTiles& tiles, PanelHeaps& heaps, int ownPanel, int otherPanel, bool toRows) const {
        const std::lock_guard lock(heaps.mutex);
        for (int i = 0; i < tiles.count; ++i) {
            const std::size_t place = tiles.places[static_cast<std::size_t>(i)], perRow = kPanel / kTileColumns;
            const std::size_t firstRow = place / perRow * kTileRows, firstColumn = place % perRow * kTileColumns;
            const float* value = &tiles.values[static_cast<std::size_t>(i) * kTileRows * kTileColumns];
            for (std::size_t row = firstRow; row < firstRow + kTileRows; ++row)
                for (std::size_t column = firstColumn; column < firstColumn + kTileColumns; ++column, ++value) {
                    const std::size_t own = toRows ? row : column, other = toRows ? column : row;
                    const auto index = static_cast<std::int32_t>(static_cast<std::size_t>(otherPanel) * kPanel + other);
                    const bool isAllowed = m_firstAsking == 0 ? ownPanel != otherPanel || own != other : index < m_firstAsking;
                    if (*value <= heaps.limits()[own] && isAllowed)
                        heaps.offer(own, *value, index);
                }
        }
    }

    /// The expanded form is only good enough to choose: the chosen are measured anew.
    void writePanel(std::size_t panel, NeighbourGraph& graph) const {
        std::vector<Candidate> row;
        for (std::size_t point = 0; point < kPanel; ++point) {
            const auto self = static_cast<std::int32_t>(panel * kPanel + point);
            if (self < m_firstAsking || self >= m_data.points())
                continue;
            row.clear();
            for (const Candidate& candidate : m_heaps[panel]->candidates(point))
                row.emplace_back(m_data.between(self, candidate.second), candidate.second);
            std::ranges::sort(row);
            if (m_firstAsking == 0)
                row.insert(row.begin(), {0.0F, self});
            for (std::size_t k = 0; k < row.size(); ++k) {
                const std::size_t at = static_cast<std::size_t>(self - m_firstAsking) * static_cast<std::size_t>(graph.neighbours) + k;
                graph.distances[at] = row[k].first;
                graph.indices[at] = row[k].second;
            }
        }
    }

    const DissimilarityData& m_data;
    PackedPanels m_panels;
    int m_neighbours, m_firstAsking;
    std::vector<float> m_offsets;
    std::vector<std::unique_ptr<PanelHeaps>> m_heaps;
};

} // namespace

Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                       ThreadTeam& team, JobContext& context) {
    const DissimilarityData prepared(data, points, width, dissimilarity);
    return PairSearch(prepared, neighbours, 0).run(team, context);
}

Result<NeighbourGraph> exactNeighboursOf(std::span<const float> data, int known, int points, int width, int neighbours,
                                         Dissimilarity dissimilarity, ThreadTeam& team, JobContext& context) {
    const DissimilarityData prepared(data, points, width, dissimilarity);
    return PairSearch(prepared, neighbours, known).run(team, context);
}

Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, JobContext& context) {
    ThreadTeam alone(1);
    return exactNeighbours(data, points, width, neighbours, Dissimilarity::Euclidean, alone, context);
}

Result<NeighbourGraph> nearestNeighbours(std::span<const float> data, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                         bool reproducible, ThreadTeam& team, JobContext& context) {
    if (static_cast<double>(points) * points / 2 * width <= kMostExactProducts)
        return exactNeighbours(data, points, width, neighbours, dissimilarity, team, context);
    return approximateNeighbours(data, points, width, neighbours, dissimilarity, reproducible, team, context);
}

} // namespace sinkscope
