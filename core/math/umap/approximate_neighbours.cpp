// SPDX-License-Identifier: Apache-2.0
#include "core/base/simd.h"
#include "core/math/umap/dissimilarity_data.h"
#include "core/math/umap/locality_order.h"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif
#include <hnswlib/hnswlib.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <algorithm>
#include <cmath>
#include <exception>

namespace sinkscope {
namespace {

constexpr std::size_t kLinks = 16;         ///< M of the paper: a compromise that its authors recommend for this many dimensions
constexpr std::size_t kConstruction = 100; ///< candidates that are kept while the graph is built
constexpr std::size_t kSlice = 256;        ///< points that one task inserts or asks for

/// Squared Euclidean distance, vectorised for the processor that it runs on (the library would choose when it is compiled).
SINKSCOPE_CLONES float squaredDistance(const void* left, const void* right, const void* parameter) {
    const auto* x = static_cast<const float*>(left);
    const auto* y = static_cast<const float*>(right);
    const std::size_t width = *static_cast<const std::size_t*>(parameter);
    simd::Floats sums{}, a, b;
    std::size_t at = 0;
    for (; at + simd::kLanes <= width; at += simd::kLanes) {
        simd::load(a, x + at);
        simd::load(b, y + at);
        sums += (a - b) * (a - b);
    }
    if (at < width) {
        simd::loadPart(a, x + at, width - at, 0.0F);
        simd::loadPart(b, y + at, width - at, 0.0F);
        sums += (a - b) * (a - b);
    }
    float total = 0;
    for (std::size_t lane = 0; lane < simd::kLanes; ++lane)
        total += sums[lane];
    return total;
}

class VectorSpace : public hnswlib::SpaceInterface<float> {
public:
    explicit VectorSpace(std::size_t width) : m_width(width) {}
    size_t get_data_size() override { return m_width * sizeof(float); }
    hnswlib::DISTFUNC<float> get_dist_func() override { return squaredDistance; }
    void* get_dist_func_param() override { return &m_width; }

private:
    std::size_t m_width;
};

/// Vectors whose Euclidean order is the wanted order. Inner products become distances by one more component, sqrt(largest - |x|^2), on the side
/// that is searched, and 0 on the side that asks (Bachrach et al., RecSys 2014).
std::vector<float> searchable(const DissimilarityData& data, Dissimilarity kind, bool asks) {
    if (kind != Dissimilarity::InnerProduct)
        return {data.values().begin(), data.values().end()};
    std::vector<float> result;
    for (int point = 0; point < data.points(); ++point) {
        double squared = 0;
        for (int i = 0; i < data.width(); ++i) {
            result.push_back(data.row(point)[i]);
            squared += static_cast<double>(data.row(point)[i]) * data.row(point)[i];
        }
        result.push_back(asks ? 0.0F : static_cast<float>(std::sqrt(std::max(0.0, 2.0 * data.offset(point) - squared))));
    }
    return result;
}

using Index = hnswlib::HierarchicalNSW<float>;

Result<void> forSlices(ThreadTeam& team, int points, JobContext& context, double from, double to, const char* what,
                       const std::function<void(std::size_t)>& work) {
    const auto count = static_cast<std::size_t>(points);
    constexpr std::size_t kAtOnce = 64 * kSlice; // points between two reports
    for (std::size_t first = 0; first < count; first += kAtOnce) {
        const std::size_t last = std::min(count, first + kAtOnce);
        SINKSCOPE_CHECK(team.run((last - first + kSlice - 1) / kSlice, [&](std::size_t slice, int) {
            const std::size_t begin = first + slice * kSlice;
            for (std::size_t point = begin; point < std::min(last, begin + kSlice); ++point)
                work(point);
        }, context));
        context.progress(from + (to - from) * static_cast<double>(last) / static_cast<double>(count), what);
    }
    return {};
}

void writeRow(const Index& index, const DissimilarityData& data, const float* question, int self, NeighbourGraph& graph) {
    const auto wanted = static_cast<std::size_t>(graph.neighbours);
    auto found = index.searchKnn(question, std::min(wanted + 1, static_cast<std::size_t>(graph.points)));
    std::vector<std::pair<float, std::int32_t>> row;
    for (; !found.empty(); found.pop())
        if (const auto other = static_cast<std::int32_t>(found.top().second); other != self)
            row.emplace_back(data.between(self, other), other);
    std::ranges::sort(row);
    row.insert(row.begin(), {0.0F, self});
    row.resize(wanted, row.back()); // the search hardly ever finds too few; the farthest then counts twice
    for (std::size_t k = 0; k < wanted; ++k) {
        graph.distances[static_cast<std::size_t>(self) * wanted + k] = row[k].first;
        graph.indices[static_cast<std::size_t>(self) * wanted + k] = row[k].second;
    }
}

} // namespace

Result<NeighbourGraph> approximateNeighbours(std::span<const float> values, int points, int width, int neighbours, Dissimilarity dissimilarity,
                                             bool reproducible, ThreadTeam& team, JobContext& context) {
    const DissimilarityData data(values, points, width, dissimilarity);
    const std::vector<float> stored = searchable(data, dissimilarity, false);
    const bool asymmetric = dissimilarity == Dissimilarity::InnerProduct;
    const std::vector<float> questions = asymmetric ? searchable(data, dissimilarity, true) : std::vector<float>();
    const std::size_t stride = stored.size() / static_cast<std::size_t>(points);
    try {
        VectorSpace space(stride);
        Index index(&space, static_cast<std::size_t>(points), kLinks, kConstruction);
        const std::vector<std::int32_t> order = localityOrder(stored, points, stride);
        const auto add = [&](std::size_t place) {
            const auto point = static_cast<std::size_t>(order[place]);
            index.addPoint(&stored[point * stride], point);
        };
        add(0); // the first one sets the entry point, which nobody may do at the same time
        ThreadTeam alone(1);
        SINKSCOPE_CHECK(forSlices(reproducible ? alone : team, points - 1, context, 0, 0.3, "index of neighbours", [&](std::size_t place) {
            add(place + 1);
        }));
        index.setEf(std::max<std::size_t>(2 * static_cast<std::size_t>(neighbours), 48));
        NeighbourGraph graph{points, neighbours, {}, {}};
        graph.indices.resize(static_cast<std::size_t>(points) * static_cast<std::size_t>(neighbours));
        graph.distances.resize(graph.indices.size());
        SINKSCOPE_CHECK(forSlices(team, points, context, 0.3, 0.4, "neighbours", [&](std::size_t place) {
            const auto point = static_cast<std::size_t>(order[place]);
            writeRow(index, data, &(asymmetric ? questions : stored)[point * stride], static_cast<int>(point), graph);
        }));
        return graph;
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "the index of " + std::to_string(points) + " neighbours", {}};
    } catch (const std::exception& problem) { // the library throws when a list of links is not what it should be
        return Error{ErrorCode::Internal, std::string("hnswlib: ") + problem.what(), {}};
    }
}

} // namespace sinkscope
