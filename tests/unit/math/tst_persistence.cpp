// SPDX-License-Identifier: Apache-2.0
// Barcodes against known complexes, against a reduction by the definition, and against ripser (tests/golden/gen/make_persistence.py).
#include "core/math/persistence/filtrations.h"
#include "core/math/persistence/rips.h"
#include "support/naive_persistence.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <numbers>
#include <numeric>
#include <random>
#include <stop_token>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Matrix {
    int points = 0;
    std::vector<double> values;
    explicit Matrix(int n, double value = 0) : points(n), values(static_cast<std::size_t>(n * n), value) {
        for (int i = 0; i < n; ++i)
            values[static_cast<std::size_t>(i * n + i)] = 0;
    }
    [[nodiscard]] double at(int i, int j) const { return values[static_cast<std::size_t>(i * points + j)]; }
    void set(int i, int j, double value) {
        values[static_cast<std::size_t>(i * points + j)] = values[static_cast<std::size_t>(j * points + i)] = value;
    }
};

Matrix fromPoints(const std::vector<std::pair<double, double>>& points) {
    Matrix matrix(static_cast<int>(points.size()));
    for (int i = 0; i < matrix.points; ++i)
        for (int j = i + 1; j < matrix.points; ++j) {
            const auto [x, y] = points[static_cast<std::size_t>(i)];
            const auto [u, v] = points[static_cast<std::size_t>(j)];
            matrix.set(i, j, std::hypot(x - u, y - v));
        }
    return matrix;
}

/// `levels` 0: all different almost surely; else that many different values, so that ties abound.
Matrix randomMatrix(int points, int levels, unsigned seed) {
    std::mt19937 random(seed);
    Matrix matrix(points);
    for (int i = 0; i < points; ++i)
        for (int j = i + 1; j < points; ++j)
            matrix.set(i, j, levels == 0 ? random() / 4294967296.0 : random() % static_cast<unsigned>(levels) / 4.0);
    return matrix;
}

/// Shortest paths along `edges` of length 1.
Matrix graphDistances(int points, const std::vector<std::pair<int, int>>& edges) {
    Matrix matrix(points, 1e6);
    for (const auto& [a, b] : edges)
        matrix.set(a, b, 1);
    for (int k = 0; k < points; ++k)
        for (int i = 0; i < points; ++i)
            for (int j = 0; j < points; ++j)
                if (i != j)
                    matrix.set(i, j, std::min(matrix.at(i, j), matrix.at(i, k) + matrix.at(k, j)));
    return matrix;
}

Barcode barcodeOf(const Matrix& matrix, RipsOptions options = {}) {
    auto barcode = ripsBarcode(matrix.values, matrix.points, options, JobContext());
    if (!barcode)
        qFatal("%s", describe(barcode.error()).c_str());
    return std::move(*barcode);
}

double finiteLength(const std::vector<Bar>& bars) {
    double sum = 0;
    for (const Bar& bar : bars)
        sum += bar.essential() ? 0 : bar.length();
    return sum;
}

} // namespace

class TestPersistence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fewPoints() {
        QVERIFY(barcodeOf(Matrix(0)).zero.empty());
        QCOMPARE(intervalsOf(barcodeOf(Matrix(1)).zero), (Intervals{{0, kInfinity}}));
        QCOMPARE(intervalsOf(barcodeOf(Matrix(2, 0.5)).zero), (Intervals{{0, 0.5}, {0, kInfinity}}));
        const Barcode three = barcodeOf(Matrix(3, 2));
        QCOMPARE(intervalsOf(three.zero), (Intervals{{0, 2}, {0, 2}, {0, kInfinity}}));
        QVERIFY(three.one.empty());
        QCOMPARE(barcodeOf(Matrix(2, 0), {.keepZeroLength = true}).zero.size(), 2U);
        QCOMPARE(barcodeOf(Matrix(2, 0)).zero.size(), 1U);
    }

    void unitSquare() {
        const Barcode square = barcodeOf(fromPoints({{0, 0}, {1, 0}, {1, 1}, {0, 1}}));
        QCOMPARE(intervalsOf(square.zero), (Intervals{{0, 1}, {0, 1}, {0, 1}, {0, kInfinity}}));
        QCOMPARE(intervalsOf(square.one), (Intervals{{1, std::sqrt(2.0)}}));
        QCOMPARE(square.one[0].creator, (std::array<std::int32_t, 2>{2, 3})); // the last side in the order of edges
        QCOMPARE(square.one[0].killer, (std::array<std::int32_t, 3>{0, 2, 3}));
        QCOMPARE(square.zero[0].killer, (std::array<std::int32_t, 3>{0, 1, -1}));
        QCOMPARE(square.zero[0].creator, (std::array<std::int32_t, 2>{1, -1}));
    }

    void regularPolygon() {
        std::vector<std::pair<double, double>> corners;
        for (int k = 0; k < 12; ++k)
            corners.emplace_back(std::cos(k * std::numbers::pi / 6), std::sin(k * std::numbers::pi / 6));
        const Barcode polygon = barcodeOf(fromPoints(corners));
        QCOMPARE(polygon.one.size(), 1U);
        QVERIFY(std::abs(polygon.one[0].birth - 2 * std::sin(std::numbers::pi / 12)) < 1e-12); // a side
        QVERIFY(std::abs(polygon.one[0].death - 2 * std::sin(std::numbers::pi / 3)) < 1e-12);  // of the triangle of every fourth corner
    }

    void equalDistances() {
        for (const int points : {4, 64, 65, 200}) {
            const Barcode barcode = barcodeOf(Matrix(points, 0.75));
            QCOMPARE(barcode.zero.size(), static_cast<std::size_t>(points));
            QCOMPARE(finiteLength(barcode.zero), 0.75 * (points - 1));
            QVERIFY(barcode.one.empty());
            const auto edges = static_cast<std::size_t>(points * (points - 1) / 2);
            QCOMPARE(barcodeOf(Matrix(points, 0.75), {.keepZeroLength = true}).one.size(), edges - static_cast<std::size_t>(points - 1));
        }
    }

    void hubFillsTheCycle() {
        std::vector<std::pair<int, int>> edges;
        for (int k = 0; k < 6; ++k)
            edges.emplace_back(k, (k + 1) % 6);
        QCOMPARE(intervalsOf(barcodeOf(graphDistances(6, edges)).one), (Intervals{{1, 2}}));
        for (int k = 0; k < 6; ++k)
            edges.emplace_back(k, 6);
        QVERIFY(barcodeOf(graphDistances(7, edges)).one.empty());
    }

    /// (n/2 - 1)^2 cycles at once, the most that n points can have.
    void completeBipartite() {
        for (const bool interleaved : {true, false}) {
            Matrix matrix(60, 2);
            for (int i = 0; i < 60; ++i)
                for (int j = 0; j < 60; ++j)
                    if (interleaved ? i % 2 != j % 2 : (i < 30) != (j < 30))
                        matrix.set(i, j, 1);
            const Barcode barcode = barcodeOf(matrix);
            QCOMPARE(barcode.one.size(), 29U * 29U);
            QCOMPARE(finiteLength(barcode.one), 29.0 * 29.0);
            const Barcode cut = barcodeOf(matrix, {.maximum = 1.5});
            QCOMPARE(cut.one.size(), 29U * 29U);
            QVERIFY(std::ranges::all_of(cut.one, &Bar::essential));
        }
    }

    void agreesWithTheDefinition() {
        int compared = 0;
        for (unsigned seed = 0; seed < 400; ++seed) {
            const int points = 1 + static_cast<int>(seed % 12), levels = static_cast<int>(seed / 12 % 4) * 2;
            const Matrix matrix = randomMatrix(points, levels, seed);
            for (const double maximum : {kInfinity, levels == 0 ? 0.5 : 0.25}) {
                const NaivePersistence naive(matrix.values, points, maximum);
                const Barcode all = barcodeOf(matrix, {.maximum = maximum, .keepZeroLength = true});
                QCOMPARE(intervalsOf(all.zero), naive.zero);
                QCOMPARE(intervalsOf(all.one), naive.one);
                const Barcode some = barcodeOf(matrix, {.maximum = maximum});
                const auto positive = [](Intervals intervals) {
                    std::erase_if(intervals, [](const auto& bar) { return bar.first == bar.second; });
                    return intervals;
                };
                QCOMPARE(intervalsOf(some.zero), positive(naive.zero));
                QCOMPARE(intervalsOf(some.one), positive(naive.one));
                compared += static_cast<int>(some.one.size());
            }
        }
        QVERIFY(compared > 500); // cycles of positive length are common in these matrices
    }

    /// Every creator and killer is used once and has the value of its bar.
    void creatorsAndKillersExplainTheBars() {
        for (unsigned seed = 0; seed < 20; ++seed) {
            const Matrix matrix = randomMatrix(40, seed % 2 == 0 ? 0 : 5, seed);
            const Barcode barcode = barcodeOf(matrix, {.keepZeroLength = true});
            std::set<std::array<std::int32_t, 2>> creators;
            std::set<std::array<std::int32_t, 3>> killers;
            for (const Bar& bar : barcode.one) {
                QCOMPARE(bar.birth, matrix.at(bar.creator[0], bar.creator[1]));
                QVERIFY(creators.insert(bar.creator).second);
                const auto [a, b, c] = bar.killer;
                QCOMPARE(bar.death, std::max({matrix.at(a, b), matrix.at(a, c), matrix.at(b, c)}));
                QCOMPARE(bar.death, matrix.at(a, b));
                std::array<std::int32_t, 3> sorted = bar.killer;
                std::ranges::sort(sorted);
                QVERIFY(killers.insert(sorted).second);
            }
            for (const Bar& bar : barcode.zero) {
                QVERIFY(creators.insert({bar.creator[0], -1}).second);
                if (bar.essential())
                    continue;
                QCOMPARE(bar.death, matrix.at(bar.killer[0], bar.killer[1]));
                QVERIFY(!creators.contains({bar.killer[0], bar.killer[1]})); // an edge joins or closes, not both
                QVERIFY(killers.insert(bar.killer).second);
            }
        }
    }

    /// Kruskal's algorithm, written here once more.
    void componentsWeighTheSpanningTree() {
        for (unsigned seed = 0; seed < 10; ++seed) {
            const Matrix matrix = randomMatrix(90, seed < 5 ? 0 : 7, seed);
            std::vector<std::tuple<double, int, int>> edges;
            for (int i = 0; i < 90; ++i)
                for (int j = i + 1; j < 90; ++j)
                    edges.emplace_back(matrix.at(i, j), i, j);
            std::ranges::sort(edges);
            std::vector<int> label(90);
            std::iota(label.begin(), label.end(), 0);
            double weight = 0;
            for (const auto& [length, i, j] : edges) {
                const int from = label[static_cast<std::size_t>(i)], to = label[static_cast<std::size_t>(j)];
                if (from == to)
                    continue;
                weight += length;
                std::ranges::replace(label, from, to);
            }
            QVERIFY(std::abs(finiteLength(barcodeOf(matrix, {.dimension = 0}).zero) - weight) < 1e-12);
        }
    }

    void relabellingChangesNothing() {
        for (unsigned seed = 0; seed < 10; ++seed) {
            const Matrix matrix = randomMatrix(70, seed < 5 ? 0 : 6, seed);
            std::vector<int> order(70);
            std::iota(order.begin(), order.end(), 0);
            std::ranges::shuffle(order, std::mt19937(seed));
            Matrix relabelled(70);
            for (int i = 0; i < 70; ++i)
                for (int j = 0; j < 70; ++j)
                    relabelled.set(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)], matrix.at(i, j));
            const Barcode first = barcodeOf(matrix), second = barcodeOf(relabelled);
            QCOMPARE(intervalsOf(first.zero), intervalsOf(second.zero));
            QCOMPARE(intervalsOf(first.one), intervalsOf(second.one));
            QVERIFY(!first.one.empty());
        }
    }

    void singlePrecisionGivesTheSame() {
        const Matrix matrix = randomMatrix(50, 9, 3); // quarters: exact in both
        const std::vector<float> single(matrix.values.begin(), matrix.values.end());
        const auto barcode = ripsBarcode(std::span<const float>(single), 50, {}, JobContext());
        QVERIFY_RESULT(barcode);
        QCOMPARE(intervalsOf(barcode->zero), intervalsOf(barcodeOf(matrix).zero));
        QCOMPARE(intervalsOf(barcode->one), intervalsOf(barcodeOf(matrix).one));
    }

    /// The weights are multiples of 2^-12, so that ripser's 32-bit numbers are exact: no tolerance.
    void agreesWithRipser() {
        std::ifstream file(SINKSCOPE_SOURCE_DIR "/tests/golden/persistence/reference.json");
        const auto reference = nlohmann::json::parse(file);
        std::size_t cycles = 0;
        for (const auto& example : reference.at("cases"))
            for (const Filtration filtration : {Filtration::Mean, Filtration::Maximum}) {
                const int tokens = example.at("tokens");
                std::vector<float> weights;
                for (const int count : example.at("weights_times_4096"))
                    weights.push_back(static_cast<float>(count) / 4096.0F);
                const auto distances = attentionDissimilarity(weights, tokens, {.filtration = filtration});
                QVERIFY_RESULT(distances);
                const auto barcode = ripsBarcode(*distances, tokens, {}, JobContext());
                QVERIFY_RESULT(barcode);
                Intervals expected[2];
                for (std::size_t dimension = 0; dimension < 2; ++dimension)
                    for (const auto& bar : example.at(std::string(nameOf(filtration))).at(dimension))
                        expected[dimension].emplace_back(bar[0], bar[1] < 0 ? kInfinity : bar[1].get<double>());
                std::ranges::sort(expected[0]);
                QCOMPARE(intervalsOf(barcode->zero), expected[0]);
                QCOMPARE(intervalsOf(barcode->one), expected[1]);
                cycles += barcode->one.size();
            }
        qInfo("%zu cycles, every birth and death equal", cycles);
        QVERIFY(cycles > 500);
    }

    void wrongInputIsRefused() {
        const auto error = [](std::vector<double> values, int points, RipsOptions options = {}) {
            return ripsBarcode(values, points, options, JobContext());
        };
        const auto changed = [](std::size_t at, double value) {
            std::vector<double> values(40 * 40, 1.0);
            for (std::size_t i = 0; i < 40; ++i)
                values[i * 41] = 0;
            values[at] = value;
            return values;
        };
        QVERIFY_ERROR(error({0, 1, 1}, 2), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(error({}, -1), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(error(changed(0, 0), 40, {.dimension = 2}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(error(changed(0, 0), 40, {.maximum = -1}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(error(changed(0, 0), 40, {.maximum = std::nan("")}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(error(changed(0, 0), 40, {.maximumBytes = 1000}), ErrorCode::MemoryExceeded);
        const double nan = std::nan("");
        const std::tuple<std::size_t, double, ErrorCode, const char*> cases[] = {
            {3 * 40 + 35, nan, ErrorCode::NotFinite, "(3, 35)"},       {35 * 40 + 3, nan, ErrorCode::NotFinite, "(35, 3)"},
            {35 * 40 + 3, kInfinity, ErrorCode::NotFinite, "(35, 3)"}, {5 * 40 + 5, nan, ErrorCode::NotFinite, "(5, 5)"},
            {5 * 40 + 5, 1, ErrorCode::InvalidArgument, "(5, 5)"},     {2 * 40 + 9, 0.5, ErrorCode::InvalidArgument, "(2, 9)"},
            {9 * 40 + 2, 0.5, ErrorCode::InvalidArgument, "(2, 9)"},   {2 * 40 + 9, -1, ErrorCode::InvalidArgument, "(2, 9)"}};
        for (const auto& [at, value, code, entry] : cases) {
            const auto result = error(changed(at, value), 40);
            QVERIFY_ERROR(result, code);
            QVERIFY2(result.error().detail.find(entry) != std::string::npos, result.error().detail.c_str());
        }
    }

    void cyclesMayNotTakeMoreMemoryThanAllowed() {
        const Matrix matrix = randomMatrix(200, 0, 1);
        QVERIFY_ERROR(ripsBarcode(matrix.values, 200, {.maximumBytes = 900'000}, JobContext()), ErrorCode::MemoryExceeded);
        QVERIFY_RESULT(ripsBarcode(matrix.values, 200, {.maximumBytes = 50'000'000}, JobContext()));
    }

    void stopsWhenCancelled() {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_ERROR(ripsBarcode(Matrix(10, 1).values, 10, {}, JobContext(stop.get_token(), {})), ErrorCode::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TestPersistence)
#include "tst_persistence.moc"
