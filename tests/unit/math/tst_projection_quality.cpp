// SPDX-License-Identifier: Apache-2.0
// Numbers beside a projection against scikit-learn (fixture of tests/golden/gen/make_projection_quality.py), closed forms and properties.
#include "core/io/json_reader.h"
#include "core/math/projection.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

using namespace sinkscope;

namespace {

Result<std::optional<ProjectionQuality>> quality(const std::vector<float>& data, int width, const std::vector<float>& picture, int dimensions,
                                                 const QualityOptions& options = {}) {
    return projectionQuality(data, static_cast<int>(data.size()) / width, width, picture, dimensions, options, JobContext());
}

std::vector<float> noise(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

} // namespace

class TestProjectionQuality : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithScikitLearn() {
        const auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/quality/quality.json", ErrorCode::ConfigInvalid);
        QVERIFY_RESULT(fixture);
        QVERIFY((*fixture)["cases"].size() >= 4);
        for (const auto& wanted : (*fixture)["cases"]) {
            const auto got = quality(wanted["data"].get<std::vector<float>>(), wanted["width"], wanted["coordinates"].get<std::vector<float>>(),
                                     wanted["dimensions"], {.neighbours = wanted["neighbours"].get<int>()});
            QVERIFY_RESULT(got);
            QVERIFY(got->has_value());
            const ProjectionQuality& numbers = **got;
            QCOMPARE(numbers.neighbours, wanted["neighbours"].get<int>());
            QCOMPARE(numbers.queries, wanted["points"].get<int>());
            const auto near = [&](double value, const char* key) { return std::abs(value - wanted[key].get<double>()) < 1e-6; };
            QVERIFY(near(numbers.trustworthiness, "trustworthiness") && near(numbers.continuity, "continuity"));
            QVERIFY(near(numbers.preservation, "preservation") && near(*numbers.stress, "stress"));
        }
    }

    void samePictureAtAnotherScale() {
        const auto data = noise(300, 3);
        std::vector<float> larger(data);
        for (float& value : larger)
            value *= 37.5F;
        const auto got = quality(data, 3, larger, 3);
        QVERIFY_RESULT(got);
        QCOMPARE((*got)->trustworthiness, 1.0);
        QCOMPARE((*got)->continuity, 1.0);
        QCOMPARE((*got)->preservation, 1.0);
        QVERIFY(*(*got)->stress < 1e-6);
        QCOMPARE((*got)->neighbours, 15);
    }

    void worstPossiblePicture() { // 0 1 2 3 4 5 6 in a row, shown as 0 4 1 5 2 6 3: counted by hand for k = 1
        const std::vector<float> line{0, 1, 2.1F, 3.3F, 4.6F, 6, 7.5F}, shown{0, 2, 4, 6.5F, 1.1F, 3.1F, 5.3F};
        const auto got = quality(line, 1, shown, 1, {.neighbours = 1});
        QVERIFY_RESULT(got);
        // Nearest in the picture: 0:4 1:4 2:5 3:6 4:1 5:2 6:3; their ranks in the data: 4 4 5 6 5 4 3.
        QVERIFY(std::abs((*got)->trustworthiness - (1 - 2.0 / (7 * 1 * (14 - 3 - 1)) * (3 + 3 + 4 + 5 + 4 + 3 + 2))) < 1e-12);
        QCOMPARE((*got)->preservation, 0.0);
    }

    void sampledNumbersAreNearTheExactOnes() {
        const auto data = noise(3000 * 10, 4);
        std::vector<float> picture;
        for (std::size_t i = 0; i < 3000; ++i)
            picture.insert(picture.end(), {data[10 * i], data[10 * i + 1], data[10 * i + 2]});
        const auto exact = quality(data, 10, picture, 3), sampled = quality(data, 10, picture, 3, {.queries = 600, .seed = 1});
        QVERIFY_RESULT(exact);
        QVERIFY_RESULT(sampled);
        QCOMPARE((*exact)->queries, 3000);
        QCOMPARE((*sampled)->queries, 600);
        QVERIFY(std::abs((*exact)->trustworthiness - (*sampled)->trustworthiness) < 0.02);
        QVERIFY(std::abs((*exact)->continuity - (*sampled)->continuity) < 0.02);
        QVERIFY(std::abs(*(*exact)->stress - *(*sampled)->stress) < 0.02);
        QVERIFY((*exact)->trustworthiness != (*sampled)->trustworthiness);
        const auto single = quality(data, 10, picture, 3, {.queries = 600, .seed = 1, .threads = 1});
        const auto three = quality(data, 10, picture, 3, {.queries = 600, .seed = 1, .threads = 3});
        QCOMPARE((*single)->trustworthiness, (*three)->trustworthiness);
        QCOMPARE(*(*single)->stress, *(*three)->stress);
        const auto large = quality(noise(5000 * 2, 9), 2, noise(5000 * 2, 10), 2); // above the size that is taken whole
        QVERIFY((*large)->queries < 5000 && (*large)->queries >= 256);
    }

    void copiesAreNoFault() {
        std::vector<float> data, picture; // 1,000 copies of one point and 30 others on a line
        for (int i = 0; i < 1030; ++i) {
            const float at = i < 1000 ? 0.1F : static_cast<float>(i);
            data.insert(data.end(), {at, 0.3F, 0.7F});
            picture.insert(picture.end(), {2 * at, 1});
        }
        const auto got = quality(data, 3, picture, 2);
        QVERIFY_RESULT(got);
        QCOMPARE((*got)->trustworthiness, 1.0);
        QCOMPARE((*got)->preservation, 1.0);
        QVERIFY(*(*got)->stress < 1e-6);
    }

    void degenerateClouds() {
        for (int points = 0; points < 3; ++points)
            QVERIFY(!quality(noise(static_cast<std::size_t>(points * 2), 1), 2, noise(static_cast<std::size_t>(points * 2), 2), 2)->has_value());
        const auto three = quality(noise(6, 1), 2, noise(6, 2), 2);
        QVERIFY_RESULT(three);
        QCOMPARE((*three)->neighbours, 1);
        const auto constant = quality(std::vector<float>(40, 3.0F), 4, std::vector<float>(20, 0.0F), 2);
        QVERIFY_RESULT(constant);
        QVERIFY(!(*constant)->stress);
        QCOMPARE((*constant)->trustworthiness, 1.0);
        const auto collapsed = quality(noise(40, 4), 4, std::vector<float>(20, 0.0F), 2);
        QCOMPARE(*(*collapsed)->stress, 1.0);
        auto huge = noise(60, 5);
        for (float& value : huge)
            value *= 1e30F; // squares would overflow
        const auto far = quality(huge, 3, huge, 3);
        QVERIFY_RESULT(far);
        QCOMPARE((*far)->trustworthiness, 1.0);
        QVERIFY(*(*far)->stress < 1e-6);
    }

    void wrongArguments() {
        auto data = noise(30, 1);
        const auto picture = noise(20, 2);
        data[7] = std::numeric_limits<float>::infinity();
        QVERIFY_ERROR(quality(data, 3, picture, 2), ErrorCode::NotFinite);
        auto broken = picture;
        broken[3] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY_ERROR(quality(noise(30, 1), 3, broken, 2), ErrorCode::NotFinite);
        std::stop_source stop;
        stop.request_stop();
        const JobContext cancelled(stop.get_token(), {});
        QVERIFY_ERROR(projectionQuality(noise(30, 1), 10, 3, picture, 2, {}, cancelled), ErrorCode::Cancelled);
    }

    void keysOfTheNumbers() {
        std::map<std::string, double> numbers;
        addTo(numbers, {.neighbours = 3, .queries = 9, .trustworthiness = 0.5, .continuity = 0.25, .preservation = 0.75, .stress = 0.125});
        QCOMPARE(numbers, (std::map<std::string, double>{{"trustworthiness", 0.5}, {"continuity", 0.25}, {"neighbourhood_preservation", 0.75},
                                                         {"stress", 0.125}, {"quality_neighbours", 3}, {"quality_queries", 9}}));
    }

    void besideEveryProjection() {
        JobContext context;
        const auto data = noise(40 * 6, 3);
        for (const ProjectionSpec* spec : projections()) {
            QCOMPARE(findProjection(spec->id), spec);
            const auto got = projectAndJudge(*spec, data, 40, 6, {}, {}, 1000, context);
            QVERIFY_RESULT(got);
            for (const char* key : {"trustworthiness", "continuity", "neighbourhood_preservation", "stress"})
                QVERIFY2((*got)->quality.contains(key) && (*got)->quality.at(key) > 0 && (*got)->quality.at(key) < 1, key);
            QCOMPARE((*got)->quality.at("quality_queries"), 40.0);
            QCOMPARE((*got)->quality.at("points"), 40.0);
            QCOMPARE((*got)->quality.at("captured_points"), 1000.0);
        }
        const ProjectionSpec& pca = *findProjection("pca");
        const auto pair = projectAndJudge(pca, std::vector<float>{1, 2, 3, 4}, 2, 2, {}, {}, 0, context);
        QVERIFY_RESULT(pair); // two points have no neighbourhoods
        QVERIFY(!(*pair)->quality.contains("trustworthiness"));
        QCOMPARE((*pair)->quality.at("captured_points"), 2.0);
        QVERIFY(findProjection("none") == nullptr);
    }

    void parameters() {
        JobContext context;
        ParameterValues values;
        QVERIFY_RESULT(parseProjectionParameter("pca.solver=randomized", values));
        QCOMPARE(values, (ParameterValues{{"pca.solver", 2.0}}));
        const auto data = noise(400 * 6, 3);
        const auto exact = projectAndJudge(*findProjection("pca"), data, 400, 6, {}, {}, 0, context);
        const auto random = projectAndJudge(*findProjection("pca"), data, 400, 6, {.parameters = values}, {}, 0, context);
        QVERIFY_RESULT(random);
        QVERIFY((*exact)->coordinates != (*random)->coordinates); // another way, equal to rounding
        QVERIFY(std::abs((*exact)->coordinates[0] - (*random)->coordinates[0]) < 1e-3F);
        for (const char* wrong : {"pca", "pca.solver", "none.solver=auto", "pca.none=1", "pca.solver=fast", "solver=pca.exact"})
            QVERIFY_ERROR(parseProjectionParameter(wrong, values), ErrorCode::InvalidArgument);
        for (const auto& wrong : {ParameterValues{{"pca.solver", 3.0}}, ParameterValues{{"pca.none", 0.0}}})
            QVERIFY_ERROR(projectAndJudge(*findProjection("pca"), data, 400, 6, {.parameters = wrong}, {}, 0, context), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestProjectionQuality)
#include "tst_projection_quality.moc"
