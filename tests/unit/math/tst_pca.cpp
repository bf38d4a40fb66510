// SPDX-License-Identifier: Apache-2.0
// Principal components against scikit-learn (fixture of tests/golden/gen/make_pca.py), closed forms and properties.
#include "core/io/json_reader.h"
#include "core/math/projection_spec.h"
#include "support/verify_result.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

using namespace sinkscope;

namespace {

const ProjectionSpec& pca() { return **std::ranges::find(projections(), "pca", [](const ProjectionSpec* spec) { return spec->id; }); }

Result<std::shared_ptr<const Projection>> project(const std::vector<float>& data, int points, int width, ProjectionOptions options = {}) {
    JobContext context;
    return pca().project(data, points, width, options, context);
}

std::vector<float> randomData(int points, int width, unsigned seed, double decay = 0.9) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    std::vector<float> data;
    for (int point = 0; point < points; ++point)
        for (int column = 0; column < width; ++column)
            data.push_back(static_cast<float>(normal(random) * std::pow(decay, column)));
    return data;
}

double distance(const Projection& projection, int a, int b) {
    double sum = 0;
    for (int d = 0; d < projection.dimensions; ++d) {
        const auto at = [&](int point) { return static_cast<double>(projection.coordinates[static_cast<std::size_t>(point * projection.dimensions + d)]); };
        sum += (at(a) - at(b)) * (at(a) - at(b));
    }
    return std::sqrt(sum);
}

} // namespace

class TestPca : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithScikitLearn();
    void pointsOnALine();
    void flatDataKeepsItsDistances();
    void largeDataUsesTheSameAnswer();
    void signDoesNotDependOnTheOrderOfPoints();
    void notCentred();
    void noVariance();
    void wrongArguments();
    void cancel();
};

void TestPca::agreesWithScikitLearn() {
    const auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/pca/pca.json", ErrorCode::ConfigInvalid);
    QVERIFY_RESULT(fixture);
    QVERIFY((*fixture)["cases"].size() >= 4);
    for (const auto& wanted : (*fixture)["cases"]) {
        const int points = wanted["points"], width = wanted["width"];
        const auto got = project(wanted["data"].get<std::vector<float>>(), points, width);
        QVERIFY_RESULT(got);
        const std::size_t components = wanted["explained"].size();
        double largest = 0;
        for (const auto& value : wanted["coordinates"])
            largest = std::max(largest, std::abs(value.get<double>()));
        for (std::size_t point = 0; point < static_cast<std::size_t>(points); ++point)
            for (std::size_t d = 0; d < components; ++d) {
                if (wanted["explained"][d].get<double>() < 1e-12)
                    continue; // no direction at all
                const double a = (*got)->coordinates[point * 3 + d], b = wanted["coordinates"][point * components + d];
                QVERIFY2(std::abs(a - b) < 2e-6 * largest, wanted["name"].get<std::string>().c_str());
            }
        for (std::size_t d = 0; d < components; ++d)
            QVERIFY(std::abs((*got)->quality.at("explained_variance_" + std::to_string(d + 1)) - wanted["explained"][d].get<double>()) < 1e-8);
    }
}

void TestPca::pointsOnALine() {
    std::vector<float> data;
    for (int i = 0; i < 5; ++i) // along (3, 4) / 5, one unit apart
        data.insert(data.end(), {7 + 0.6F * static_cast<float>(i), -2 + 0.8F * static_cast<float>(i), 1});
    const auto got = project(data, 5, 3);
    QVERIFY_RESULT(got);
    for (int i = 0; i < 5; ++i) {
        QVERIFY(std::abs((*got)->coordinates[static_cast<std::size_t>(3 * i)] - (static_cast<float>(i) - 2)) < 1e-5F);
        QVERIFY(std::abs((*got)->coordinates[static_cast<std::size_t>(3 * i + 1)]) < 1e-5F);
    }
    QCOMPARE((*got)->axisLabels, (std::vector<std::string>{"PC1 100 %", "PC2 0 %", "PC3 0 %"}));
    QVERIFY(std::abs((*got)->quality.at("total_variance") - 2.5) < 1e-5);
}

void TestPca::flatDataKeepsItsDistances() {
    const auto plane = randomData(20, 2, 3, 1.0);
    std::vector<float> data; // the plane spanned by (1,1,1,1)/2 and (1,-1,1,-1)/2
    for (std::size_t i = 0; i < 20; ++i) {
        const float a = plane[2 * i] / 2, b = plane[2 * i + 1] / 2;
        data.insert(data.end(), {a + b, a - b, a + b, a - b});
    }
    const auto got = project(data, 20, 4, {.dimensions = 2});
    QVERIFY_RESULT(got);
    for (int a = 0; a < 20; ++a)
        for (int b = 0; b < a; ++b) {
            const double dx = plane[2 * static_cast<std::size_t>(a)] - plane[2 * static_cast<std::size_t>(b)];
            const double dy = plane[2 * static_cast<std::size_t>(a) + 1] - plane[2 * static_cast<std::size_t>(b) + 1];
            QVERIFY(std::abs(distance(**got, a, b) - std::hypot(dx, dy)) < 1e-5);
        }
    QVERIFY(std::abs((*got)->quality.at("explained_variance_1") + (*got)->quality.at("explained_variance_2") - 1) < 1e-9);
}

void TestPca::largeDataUsesTheSameAnswer() {
    // Beyond 384 on the smaller side only the leading components are sought. Adding columns of zeros changes nothing but the route.
    const auto narrow = randomData(500, 30, 8);
    std::vector<float> wide(500 * 450, 0.0F);
    for (std::size_t i = 0; i < 500; ++i)
        std::copy_n(narrow.begin() + static_cast<std::ptrdiff_t>(30 * i), 30, wide.begin() + static_cast<std::ptrdiff_t>(450 * i));
    const auto a = project(narrow, 500, 30), b = project(wide, 500, 450);
    QVERIFY_RESULT(a);
    QVERIFY_RESULT(b);
    for (std::size_t i = 0; i < (*a)->coordinates.size(); ++i)
        QVERIFY(std::abs((*a)->coordinates[i] - (*b)->coordinates[i]) < 1e-5F);
    const auto again = project(wide, 500, 450);
    QCOMPARE((*again)->coordinates, (*b)->coordinates);
    // Wider than tall, and no direction better than another: the hardest case for an iteration.
    const auto isotropic = randomData(400, 900, 2, 1.0);
    const auto c = project(isotropic, 400, 900);
    QVERIFY_RESULT(c);
    QVERIFY((*c)->quality.at("explained_variance_1") >= (*c)->quality.at("explained_variance_2"));
    QVERIFY((*c)->quality.at("explained_variance_1") < 0.02);
}

void TestPca::signDoesNotDependOnTheOrderOfPoints() {
    const auto data = randomData(25, 7, 12);
    std::vector<float> reversed;
    for (int i = 24; i >= 0; --i)
        reversed.insert(reversed.end(), data.begin() + 7 * i, data.begin() + 7 * (i + 1));
    const auto a = project(data, 25, 7), b = project(reversed, 25, 7);
    QVERIFY_RESULT(a);
    QVERIFY_RESULT(b);
    for (int i = 0; i < 25; ++i)
        for (int d = 0; d < 3; ++d)
            QVERIFY(std::abs((*a)->coordinates[static_cast<std::size_t>(3 * i + d)] -
                             (*b)->coordinates[static_cast<std::size_t>(3 * (24 - i) + d)]) < 1e-5F);
}

void TestPca::notCentred() {
    const auto got = project({3, 0, 0, 4}, 2, 2, {.dimensions = 2, .centred = false});
    QVERIFY_RESULT(got);
    const std::vector<float> wanted{0, 3, 4, 0}; // the axes are (0,1) and (1,0)
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(std::abs((*got)->coordinates[i] - wanted[i]) < 1e-6F);
    QVERIFY(std::abs((*got)->quality.at("explained_variance_1") - 16.0 / 25) < 1e-9);
}

void TestPca::noVariance() {
    const auto got = project(std::vector<float>(40, 0.1F), 10, 4);
    QVERIFY_RESULT(got);
    QVERIFY(std::ranges::all_of((*got)->coordinates, [](float value) { return value == 0; }));
    QCOMPARE((*got)->axisLabels[0], std::string("PC1 (no variance)"));
    QCOMPARE((*got)->quality.at("total_variance"), 0.0);
    QVERIFY_RESULT(project({1, 2, 3}, 3, 1)); // fewer components than dimensions
}

void TestPca::wrongArguments() {
    QVERIFY_ERROR(project({1, 2}, 1, 2), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(project({}, 0, 2), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(project({1, 2, 3, 4}, 2, 2, {.dimensions = 4}), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(project({1, std::numeric_limits<float>::quiet_NaN(), 3, 4}, 2, 2), ErrorCode::NotFinite);
    QVERIFY_ERROR(project({1, std::numeric_limits<float>::infinity(), 3, 4}, 2, 2), ErrorCode::NotFinite);
}

void TestPca::cancel() {
    std::stop_source stop;
    JobContext context(stop.get_token(), {});
    stop.request_stop();
    QVERIFY_ERROR(pca().project(std::vector<float>{1, 2, 3, 4}, 2, 2, {}, context), ErrorCode::Cancelled);
}

QTEST_GUILESS_MAIN(TestPca)
#include "tst_pca.moc"
