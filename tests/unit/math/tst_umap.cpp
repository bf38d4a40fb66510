// SPDX-License-Identifier: Apache-2.0
// Every step of UMAP against umap-learn on the same data (tests/golden/gen/make_umap.py), and properties of the whole.
#include "core/math/projection_spec.h"
#include "core/math/umap/curve_fit.h"
#include "core/math/umap/layout_optimizer.h"
#include "core/math/umap/locality_order.h"
#include "core/math/umap/spectral_layout.h"
#include "core/math/umap/transform.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

using namespace sinkscope;

namespace {

const ProjectionSpec& umapSpec() {
    for (const ProjectionSpec* spec : projections())
        if (spec->id == "umap")
            return *spec;
    qFatal("umap is not registered");
}

/// How far the k nearest of the picture intrude on neighbourhoods of the data (Venna and Kaski 2001), 1 is perfect.
double trustworthiness(std::span<const float> data, int width, std::span<const float> picture, int dimensions, int points, int k) {
    JobContext context;
    const auto original = exactNeighbours(data, points, width, points, context);
    const auto shown = exactNeighbours(picture, points, dimensions, k + 1, context);
    double penalty = 0;
    for (int i = 0; i < points; ++i) {
        std::vector<int> rank(static_cast<std::size_t>(points));
        for (int r = 0; r < points; ++r)
            rank[static_cast<std::size_t>(original->indices[static_cast<std::size_t>(i) * points + r])] = r;
        for (int n = 1; n <= k; ++n) {
            const auto neighbour = shown->indices[static_cast<std::size_t>(i) * (k + 1) + n];
            penalty += std::max(0, rank[static_cast<std::size_t>(neighbour)] - k);
        }
    }
    return 1 - penalty * 2 / (static_cast<double>(points) * k * (2 * points - 3 * k - 1));
}

std::vector<float> normalData(int points, int width, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> data;
    for (int i = 0; i < points * width; ++i)
        data.push_back(normal(random));
    return data;
}

/// [points, points] from the definitions.
std::vector<double> naiveDistances(const std::vector<float>& data, int points, int width, Dissimilarity kind) {
    const auto dot = [&](int a, int b) {
        double sum = 0;
        for (int i = 0; i < width; ++i)
            sum += static_cast<double>(data[static_cast<std::size_t>(a * width + i)]) * data[static_cast<std::size_t>(b * width + i)];
        return sum;
    };
    double largest = 0;
    for (int i = 0; i < points; ++i)
        largest = std::max(largest, dot(i, i));
    std::vector<double> distances;
    for (int a = 0; a < points; ++a)
        for (int b = 0; b < points; ++b) {
            const double norms = std::sqrt(dot(a, a) * dot(b, b));
            if (kind == Dissimilarity::Euclidean)
                distances.push_back(std::sqrt(std::max(0.0, dot(a, a) + dot(b, b) - 2 * dot(a, b))));
            else if (kind == Dissimilarity::Cosine)
                distances.push_back(norms > 0 ? 1 - dot(a, b) / norms : 1);
            else
                distances.push_back(largest - dot(a, b));
        }
    return distances;
}

LocalScales scalesOf(const NeighbourGraph& graph) {
    ThreadTeam team(1);
    return *smoothDistances(graph, team, JobContext());
}

std::optional<std::vector<double>> layoutOf(const FuzzyGraph& graph, int dimensions) {
    ThreadTeam team(2);
    return *spectralLayout(graph, dimensions, team, JobContext());
}

} // namespace

class TestUmap : public QObject {
    Q_OBJECT
    nlohmann::json m_reference;
    std::vector<float> m_data;
    int m_points = 0, m_width = 0, m_neighbours = 0;

    void compareAll(const std::vector<float>& values, const char* key, double tolerance) const {
        const auto expected = m_reference.at(key).get<std::vector<double>>();
        QCOMPARE(values.size(), expected.size());
        double worst = 0;
        for (std::size_t i = 0; i < expected.size(); ++i)
            worst = std::max(worst, std::abs(values[i] - expected[i]));
        qInfo("%s: largest difference %.2g (allowed %.2g)", key, worst, tolerance);
        QVERIFY(worst <= tolerance);
    }

    [[nodiscard]] NeighbourGraph neighbours() const {
        JobContext context;
        return *exactNeighbours(m_data, m_points, m_width, m_neighbours, context);
    }

private Q_SLOTS:
    void initTestCase() {
        std::ifstream file(SINKSCOPE_SOURCE_DIR "/tests/golden/umap/reference.json");
        m_reference = nlohmann::json::parse(file);
        m_points = m_reference.at("points");
        m_width = m_reference.at("width");
        m_neighbours = m_reference.at("neighbours");
        m_data = m_reference.at("data").get<std::vector<float>>();
    }

    void neighboursAgree() {
        const NeighbourGraph graph = neighbours();
        compareAll(graph.distances, "distances", 2e-6);
        QCOMPARE(graph.indices, m_reference.at("indices").get<std::vector<std::int32_t>>());
    }

    void localScalesAgree() {
        const LocalScales scales = scalesOf(neighbours());
        compareAll(scales.rho, "rho", 2e-6);
        compareAll(scales.sigma, "sigma", 2e-5); // bisection stops at 1e-5 in the sum of memberships
    }

    void fuzzyUnionAgrees() {
        const NeighbourGraph graph = neighbours();
        const FuzzyGraph fuzzy = fuzzyUnion(graph, scalesOf(graph));
        std::vector<float> dense(static_cast<std::size_t>(m_points) * m_points, 0.0F);
        for (int i = 0; i < m_points; ++i)
            for (auto e = fuzzy.rowBegin[static_cast<std::size_t>(i)]; e < fuzzy.rowBegin[static_cast<std::size_t>(i) + 1]; ++e)
                dense[static_cast<std::size_t>(i) * m_points + fuzzy.column[static_cast<std::size_t>(e)]] =
                    fuzzy.weight[static_cast<std::size_t>(e)];
        compareAll(dense, "union", 2e-5);
    }

    void membershipCurveAgrees() {
        const double parameters[3][2] = {{1.0, 0.1}, {1.0, 0.5}, {2.0, 0.01}};
        for (std::size_t i = 0; i < 3; ++i) {
            const MembershipCurve curve = fitMembershipCurve(parameters[i][0], parameters[i][1]);
            QVERIFY(std::abs(curve.a - m_reference["curve"][i][0].get<double>()) < 1e-4);
            QVERIFY(std::abs(curve.b - m_reference["curve"][i][1].get<double>()) < 1e-4);
        }
    }

    void spectralLayoutAgrees() {
        const NeighbourGraph graph = neighbours();
        const auto layout = layoutOf(fuzzyUnion(graph, scalesOf(graph)), 3);
        QVERIFY(layout.has_value());
        compareAll(std::vector<float>(layout->begin(), layout->end()), "spectral", 1e-3);
    }

    void lanczosFindsTheSmoothestVectors() {
        // A ring of 500 points, above the size that the dense solver takes: the vectors sought vary once around it, so that neighbours
        // hardly differ, and are orthogonal to each other and to the constant.
        constexpr int kPoints = 500;
        std::vector<float> ring;
        for (int i = 0; i < kPoints; ++i) {
            ring.push_back(static_cast<float>(std::cos(2 * M_PI * i / kPoints)));
            ring.push_back(static_cast<float>(std::sin(2 * M_PI * i / kPoints)));
        }
        JobContext context;
        const auto graph = exactNeighbours(ring, kPoints, 2, 5, context);
        const auto layout = layoutOf(fuzzyUnion(*graph, scalesOf(*graph)), 2);
        QVERIFY(layout.has_value());
        double roughness[2] = {0, 0}, sum[2] = {0, 0}, product = 0;
        for (std::size_t i = 0; i < kPoints; ++i) {
            const std::size_t next = (i + 1) % kPoints;
            for (std::size_t d = 0; d < 2; ++d) {
                roughness[d] += std::pow((*layout)[i * 2 + d] - (*layout)[next * 2 + d], 2);
                sum[d] += (*layout)[i * 2 + d];
            }
            product += (*layout)[i * 2] * (*layout)[i * 2 + 1];
        }
        for (std::size_t d = 0; d < 2; ++d) {
            QVERIFY2(roughness[d] < 0.01, qPrintable(QString::number(roughness[d]))); // a random vector has 2
            QVERIFY(std::abs(sum[d]) < 0.05);
        }
        QVERIFY(std::abs(product) < 1e-3);
    }

    void pictureIsAsTrustworthyAsTheReference() {
        JobContext context;
        const auto projection = umapSpec().project(m_data, m_points, m_width, {}, context);
        QVERIFY_RESULT(projection);
        const double ours = trustworthiness(m_data, m_width, (*projection)->coordinates, 3, m_points, 5);
        const double reference = m_reference.at("trustworthiness");
        qInfo("trustworthiness %.4f, umap-learn %.4f", ours, reference);
        QVERIFY(ours > reference - 0.02);
    }

    void sameSeedSamePicture() {
        JobContext context;
        const auto first = umapSpec().project(m_data, m_points, m_width, {}, context);
        const auto second = umapSpec().project(m_data, m_points, m_width, {}, context);
        QCOMPARE((*first)->coordinates, (*second)->coordinates);
        ProjectionOptions other;
        other.seed = 1;
        const auto third = umapSpec().project(m_data, m_points, m_width, other, context);
        QVERIFY((*first)->coordinates != (*third)->coordinates);
    }

    void resumingChangesNothing() {
        const NeighbourGraph graph = neighbours();
        const FuzzyGraph fuzzy = fuzzyUnion(graph, scalesOf(graph));
        const auto start = scaledLayout(*layoutOf(fuzzy, 3), m_points, 3, 42);
        LayoutOptimizer whole(fuzzy, {}, 100, start), parts(fuzzy, {}, 100, start);
        ThreadTeam team(1);
        QVERIFY(whole.run(100, team, JobContext()));
        for (const int epoch : {1, 17, 60, 100})
            QVERIFY(parts.run(epoch, team, JobContext()));
        QCOMPARE(whole.coordinates(), parts.coordinates());
    }

    void anyNumberOfThreadsGivesTheSamePicture() {
        // More points than one task moves, and a panel that is not full.
        constexpr int kPoints = 1500, kWidth = 7;
        const std::vector<float> data = normalData(kPoints, kWidth, 5);
        std::vector<std::vector<float>> pictures;
        std::vector<NeighbourGraph> graphs;
        for (const int threads : {1, 2, 5}) {
            ThreadTeam team(threads);
            JobContext context;
            graphs.push_back(*exactNeighbours(data, kPoints, kWidth, 12, Dissimilarity::Euclidean, team, context));
            const FuzzyGraph fuzzy = fuzzyUnion(graphs.back(), scalesOf(graphs.back()));
            const auto start = scaledLayout(*layoutOf(fuzzy, 2), kPoints, 2, 42);
            UmapOptions options;
            options.dimensions = 2;
            LayoutOptimizer optimizer(fuzzy, options, 30, start);
            QVERIFY(optimizer.run(30, team, context));
            pictures.push_back(optimizer.coordinates());
        }
        for (std::size_t i = 1; i < pictures.size(); ++i) {
            QCOMPARE(graphs[i].indices, graphs[0].indices);
            QCOMPARE(graphs[i].distances, graphs[0].distances);
            QCOMPARE(pictures[i], pictures[0]);
        }
    }

    void everyDissimilarityAgreesWithItsDefinition() {
        constexpr int kPoints = 300, kWidth = 9, kNeighbours = 8;
        std::vector<float> data = normalData(kPoints, kWidth, 6);
        for (int i = 0; i < kWidth; ++i)
            data[static_cast<std::size_t>(5 * kWidth + i)] = 0; // has no direction
        ThreadTeam team(2);
        JobContext context;
        for (const Dissimilarity kind : {Dissimilarity::Euclidean, Dissimilarity::Cosine, Dissimilarity::InnerProduct}) {
            const auto graph = exactNeighbours(data, kPoints, kWidth, kNeighbours, kind, team, context);
            QVERIFY_RESULT(graph);
            const auto naive = naiveDistances(data, kPoints, kWidth, kind);
            for (int i = 0; i < kPoints; ++i) {
                std::vector<double> row(naive.begin() + i * kPoints, naive.begin() + (i + 1) * kPoints);
                row.erase(row.begin() + i);
                std::ranges::sort(row);
                QCOMPARE(graph->indices[static_cast<std::size_t>(i * kNeighbours)], i);
                for (int k = 1; k < kNeighbours; ++k)
                    QVERIFY(std::abs(graph->distances[static_cast<std::size_t>(i * kNeighbours + k)] - row[static_cast<std::size_t>(k - 1)]) < 1e-4);
            }
        }
    }

    void hugeAndTinyVectorsAreSearched() {
        for (const float unit : {1e-18F, 1.0F, 1e18F}) {
            std::vector<float> data = normalData(80, 3, 7);
            for (float& value : data)
                value *= unit;
            JobContext context;
            const auto graph = exactNeighbours(data, 80, 3, 6, context);
            const auto plain = exactNeighbours(normalData(80, 3, 7), 80, 3, 6, context);
            QCOMPARE(graph->indices, plain->indices);
        }
    }

    void approximateSearchFindsNearlyAll() {
        constexpr int kPoints = 3000, kWidth = 16, kNeighbours = 15;
        const std::vector<float> data = normalData(kPoints, kWidth, 8);
        ThreadTeam team(2);
        JobContext context;
        for (const Dissimilarity kind : {Dissimilarity::Euclidean, Dissimilarity::Cosine, Dissimilarity::InnerProduct}) {
            const auto exact = exactNeighbours(data, kPoints, kWidth, kNeighbours, kind, team, context);
            const auto found = approximateNeighbours(data, kPoints, kWidth, kNeighbours, kind, true, team, context);
            const auto again = approximateNeighbours(data, kPoints, kWidth, kNeighbours, kind, true, team, context);
            QVERIFY_RESULT(found);
            QCOMPARE(found->indices, again->indices);
            int hits = 0;
            for (int i = 0; i < kPoints; ++i) {
                const auto begin = static_cast<std::ptrdiff_t>(i) * kNeighbours;
                for (int k = 0; k < kNeighbours; ++k)
                    hits += std::ranges::count(exact->indices.begin() + begin, exact->indices.begin() + begin + kNeighbours,
                                               found->indices[static_cast<std::size_t>(begin + k)]) > 0;
            }
            const double recall = static_cast<double>(hits) / (kPoints * kNeighbours);
            qInfo("%s: recall %.3f", kDissimilarityNames[static_cast<std::size_t>(kind)].data(), recall);
            QVERIFY(recall > 0.9);
        }
    }

    void orderKeepsNeighboursTogether() {
        constexpr int kPoints = 5000, kWidth = 18; // not a multiple of a vector's lanes
        std::vector<float> data = normalData(kPoints, kWidth, 8);
        for (int i = 0; i < kPoints / 4; ++i) // duplicates, more than a leaf holds
            std::copy_n(data.begin(), kWidth, data.begin() + static_cast<std::ptrdiff_t>(i) * kWidth);
        const std::vector<std::int32_t> order = localityOrder(data, kPoints, kWidth);
        QCOMPARE(order, localityOrder(data, kPoints, kWidth));
        const auto meanStep = [&](std::span<const std::int32_t> path) {
            double sum = 0;
            for (std::size_t i = 1; i < path.size(); ++i)
                for (std::size_t d = 0; d < kWidth; ++d)
                    sum += std::pow(data[static_cast<std::size_t>(path[i]) * kWidth + d] - data[static_cast<std::size_t>(path[i - 1]) * kWidth + d], 2);
            return sum / static_cast<double>(path.size() - 1);
        };
        std::vector<std::int32_t> sorted = order;
        std::ranges::sort(sorted);
        for (int i = 0; i < kPoints; ++i)
            QCOMPARE(sorted[static_cast<std::size_t>(i)], i);
        std::ranges::shuffle(sorted, std::mt19937(1));
        QVERIFY(meanStep(order) < 0.8 * meanStep(sorted));
    }

    void newPointsLandBesideTheirLikes() {
        constexpr int kPoints = 400, kWidth = 6;
        std::vector<float> data = normalData(kPoints, kWidth, 9);
        for (int i = 0; i < kPoints / 2; ++i)
            data[static_cast<std::size_t>(i * kWidth)] += 8; // two groups
        JobContext context;
        const auto projection = umapSpec().project(data, kPoints, kWidth, {}, context);
        QVERIFY_RESULT(projection);
        std::vector<float> fresh(data.begin(), data.begin() + 20 * kWidth);
        for (float& value : fresh)
            value += 0.01F;
        ThreadTeam team(2);
        const UmapLayout layout{kPoints, kWidth, data, (*projection)->coordinates, {}};
        const auto placed = placeNewPoints(layout, fresh, 20, team, context);
        QVERIFY_RESULT(placed);
        double extent = 0;
        for (const float value : (*projection)->coordinates)
            extent = std::max(extent, static_cast<double>(std::abs(value)));
        for (std::size_t i = 0; i < 20; ++i) {
            double squared = 0;
            for (std::size_t d = 0; d < 3; ++d)
                squared += std::pow((*placed)[i * 3 + d] - (*projection)->coordinates[i * 3 + d], 2);
            QVERIFY2(std::sqrt(squared) < 0.2 * extent, qPrintable(QString::number(std::sqrt(squared))));
        }
        QVERIFY_ERROR(placeNewPoints(layout, std::vector<float>(7), 1, team, context), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(placeNewPoints(layout, std::vector<float>(6, std::nanf("")), 1, team, context), ErrorCode::NotFinite);
    }

    void disconnectedDataStartsFromPrincipalComponents() {
        std::vector<float> data;
        std::mt19937 random(3);
        std::normal_distribution<float> noise;
        for (int i = 0; i < 60; ++i)
            for (int d = 0; d < 4; ++d)
                data.push_back(noise(random) + (i < 30 ? 0.0F : 1000.0F));
        JobContext context;
        const auto projection = umapSpec().project(data, 60, 4, {}, context);
        QVERIFY_RESULT(projection);
        QCOMPARE((*projection)->quality.at("components"), 2.0);
        QCOMPARE((*projection)->quality.at("spectral_start"), 0.0);
    }

    void badInputGivesAMessageOrASoundPicture() {
        JobContext context;
        QVERIFY_ERROR(umapSpec().project(std::vector<float>(6, 1.0F), 2, 3, {}, context), ErrorCode::InvalidArgument);
        std::vector<float> holed(40, 0.5F);
        holed[7] = std::nanf("");
        QVERIFY_ERROR(umapSpec().project(holed, 10, 4, {}, context), ErrorCode::NotFinite);
        const auto constant = umapSpec().project(std::vector<float>(80, 2.0F), 20, 4, {}, context); // all points alike
        QVERIFY_RESULT(constant);
        QVERIFY(std::ranges::all_of((*constant)->coordinates, [](float value) { return std::isfinite(value); }));
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped(stop.get_token(), {});
        QVERIFY_ERROR(umapSpec().project(m_data, m_points, m_width, {}, stopped), ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestUmap)
#include "tst_umap.moc"
