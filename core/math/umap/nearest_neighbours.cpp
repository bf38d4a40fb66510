// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/nearest_neighbours.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>

namespace sinkscope {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Candidate = std::pair<float, std::int32_t>; // squared distance, index: compares ties by index

/// Rows of the distance matrix that are held at once; large enough for the product to run at full speed.
constexpr int kBlockRows = 256;

Matrix centred(std::span<const float> data, int points, int width) {
    const Eigen::Map<const Matrix> raw(data.data(), points, width);
    const Eigen::RowVectorXd mean = raw.cast<double>().colwise().mean();
    return (raw.cast<double>().rowwise() - mean).cast<float>();
}

/// The `count` smallest of a row of squared distances; `self` is always first, whatever rounding says.
void selectNearest(const float* squared, int points, int self, int count, std::vector<Candidate>& heap) {
    heap.clear();
    for (std::int32_t j = 0; j < points; ++j) {
        if (j == self)
            continue;
        const Candidate candidate{squared[j], j};
        if (static_cast<int>(heap.size()) < count - 1) {
            heap.push_back(candidate);
            std::push_heap(heap.begin(), heap.end());
        } else if (!heap.empty() && candidate < heap.front()) {
            std::pop_heap(heap.begin(), heap.end());
            heap.back() = candidate;
            std::push_heap(heap.begin(), heap.end());
        }
    }
    std::sort_heap(heap.begin(), heap.end());
}

/// The exact distance of a chosen pair: the expanded form above is only good enough to choose.
float distanceBetween(const Matrix& data, int a, int b) { return (data.row(a) - data.row(b)).norm(); }

} // namespace

Result<NeighbourGraph> exactNeighbours(std::span<const float> data, int points, int width, int neighbours, JobContext& context) {
    const Matrix x = centred(data, points, width);
    const Eigen::VectorXf squaredNorms = x.rowwise().squaredNorm();
    NeighbourGraph graph{points, neighbours, {}, {}};
    graph.indices.resize(static_cast<std::size_t>(points) * neighbours);
    graph.distances.resize(graph.indices.size());

    Matrix block;
    std::vector<Candidate> heap;
    std::vector<std::pair<float, std::int32_t>> row;
    for (int first = 0; first < points; first += kBlockRows) {
        SINKSCOPE_CHECK(context.checkpoint());
        const int rows = std::min(kBlockRows, points - first);
        block.noalias() = -2.0F * x.middleRows(first, rows) * x.transpose();
        block.rowwise() += squaredNorms.transpose();
        for (int r = 0; r < rows; ++r) {
            const int self = first + r;
            selectNearest(block.row(r).data(), points, self, neighbours, heap);
            row.assign({{0.0F, self}});
            for (const Candidate& candidate : heap)
                row.emplace_back(distanceBetween(x, self, candidate.second), candidate.second);
            std::sort(row.begin() + 1, row.end());
            for (int k = 0; k < neighbours; ++k) {
                const auto at = static_cast<std::size_t>(self) * neighbours + k;
                graph.distances[at] = row[static_cast<std::size_t>(k)].first;
                graph.indices[at] = row[static_cast<std::size_t>(k)].second;
            }
        }
        context.progress(0.3 * (first + rows) / points, "neighbours");
    }
    return graph;
}

} // namespace sinkscope
