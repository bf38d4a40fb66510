// SPDX-License-Identifier: Apache-2.0
// Procrustes against scipy (fixture of tests/golden/gen/make_projection_quality.py) and copies whose motion is known.
#include "core/io/json_reader.h"
#include "core/math/alignment/procrustes.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <random>

using namespace sinkscope;

namespace {

std::vector<float> randomCloud(int points, int dimensions, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> cloud(static_cast<std::size_t>(points * dimensions));
    for (float& value : cloud)
        value = normal(random);
    return cloud;
}

/// Turned by `angle` around the axis (1, 2, 2)/3 by Rodrigues' formula, scaled and shifted; mirrored at x = 0 first if asked.
std::vector<float> moved(const std::vector<float>& cloud, double angle, bool mirror, double scale, double shift) {
    const double c = std::cos(angle), s = std::sin(angle), axis[3] = {1.0 / 3, 2.0 / 3, 2.0 / 3};
    std::vector<float> result(cloud.size());
    for (std::size_t i = 0; i < cloud.size(); i += 3) {
        const double p[3] = {mirror ? -cloud[i] : cloud[i], cloud[i + 1], cloud[i + 2]};
        const double along = axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2];
        for (std::size_t d = 0; d < 3; ++d) {
            const double cross = axis[(d + 1) % 3] * p[(d + 2) % 3] - axis[(d + 2) % 3] * p[(d + 1) % 3];
            result[i + d] = static_cast<float>(scale * (p[d] * c + cross * s + axis[d] * along * (1 - c)) + shift);
        }
    }
    return result;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
    return largest;
}

} // namespace

class TestAlignment : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithScipy() {
        const auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/quality/procrustes.json", ErrorCode::ConfigInvalid);
        QVERIFY_RESULT(fixture);
        QVERIFY((*fixture)["cases"].size() >= 3);
        for (const auto& wanted : (*fixture)["cases"]) {
            const auto moving = wanted["moving"].get<std::vector<float>>(), target = wanted["target"].get<std::vector<float>>();
            const int dimensions = wanted["dimensions"];
            const auto got = procrustes(moving, target, dimensions, {.translation = false});
            QVERIFY_RESULT(got);
            for (std::size_t i = 0; i < got->rotation.size(); ++i)
                QVERIFY(std::abs(got->rotation[i] - wanted["rotation"][i].get<double>()) < 1e-6);
            QVERIFY(std::abs(*got->residual - wanted["residual"].get<double>()) < 1e-6);
            const auto scaled = procrustes(moving, target, dimensions, {.translation = false, .scaling = true});
            QVERIFY(std::abs(scaled->scale - wanted["scale"].get<double>()) < 1e-6);
            QVERIFY(*scaled->residual <= *got->residual + 1e-12);
        }
    }

    void recoversCopies_data() {
        QTest::addColumn<double>("angle");
        QTest::addColumn<bool>("mirror");
        QTest::addColumn<double>("scale");
        QTest::newRow("small turn") << 0.1 << false << 1.0;
        QTest::newRow("half turn") << std::numbers::pi << false << 1.0;
        QTest::newRow("mirrored") << 1.9 << true << 1.0;
        QTest::newRow("larger") << 0.7 << false << 3.5;
    }
    void recoversCopies() {
        QFETCH(double, angle);
        QFETCH(bool, mirror);
        QFETCH(double, scale);
        const auto target = randomCloud(40, 3, 5), copy = moved(target, angle, mirror, scale, 4.0);
        const auto got = procrustes(copy, target, 3, {.scaling = scale != 1.0});
        QVERIFY_RESULT(got);
        QVERIFY(*got->residual < 1e-6);
        QCOMPARE(got->reflected, mirror);
        QVERIFY(std::abs(got->scale * scale - 1) < 1e-6);
        QVERIFY(largestDifference(got->apply(copy), target) < 2e-6);
    }

    void withoutReflectionHandednessStays() {
        const auto target = randomCloud(40, 3, 6), copy = moved(target, 0.4, true, 1.0, 0.0);
        const auto got = procrustes(copy, target, 3, {.reflection = false});
        QVERIFY_RESULT(got);
        QVERIFY(!got->reflected && *got->residual > 0.1);
        const auto& r = got->rotation;
        const double determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
        QVERIFY(std::abs(determinant - 1) < 1e-9);
        QVERIFY(*procrustes(moved(target, 0.4, false, 1.0, 0.0), target, 3, {.reflection = false})->residual < 1e-6);
        // Of a line, either handedness is free: no reflection is then no loss.
        std::vector<float> line, turned;
        for (int i = 0; i < 6; ++i) {
            line.insert(line.end(), {static_cast<float>(i), 0, 0});
            turned.insert(turned.end(), {0, static_cast<float>(-i), 0});
        }
        QVERIFY(*procrustes(turned, line, 3, {.reflection = false})->residual < 1e-6);
    }

    void degenerateClouds() {
        const std::vector<float> same(12, 2.5F), other = randomCloud(4, 3, 1);
        const auto still = procrustes(same, other, 3, {.scaling = true}); // a single place cannot be turned
        QVERIFY_RESULT(still);
        QVERIFY(std::abs(*still->residual - 1) < 1e-9);
        const auto onto = procrustes(other, same, 3);
        QVERIFY_RESULT(onto);
        QVERIFY(!onto->residual); // relative to nothing
        QVERIFY_RESULT(procrustes(std::vector<float>{1, 2, 3}, std::vector<float>{4, 5, 6}, 3));
        const auto huge = procrustes(moved(other, 0.3, false, 1e15, 0), moved(other, 0, false, 1e15, 0), 3);
        QVERIFY_RESULT(huge);
        QVERIFY(*huge->residual < 1e-6);
    }

    void wrongArguments() {
        const auto cloud = randomCloud(4, 3, 1);
        QVERIFY_ERROR(procrustes({}, {}, 3), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(procrustes(randomCloud(5, 3, 1), cloud, 3), ErrorCode::InvalidArgument);
        auto broken = cloud;
        broken[5] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY_ERROR(procrustes(broken, cloud, 3), ErrorCode::NotFinite);
        QVERIFY_ERROR(generalizedProcrustes({}, 3), ErrorCode::InvalidArgument);
        const auto named = generalizedProcrustes(std::vector{cloud, broken}, 3);
        QVERIFY_ERROR(named, ErrorCode::NotFinite);
        QVERIFY(named.error().detail.starts_with("cloud 2"));
    }

    void copiesShareOneFrame() {
        const auto first = randomCloud(25, 3, 8);
        std::vector<std::vector<float>> clouds{first};
        for (int i = 1; i < 5; ++i)
            clouds.push_back(moved(first, 0.8 * i, i % 2 == 0, 1.0, i));
        const auto frame = generalizedProcrustes(clouds, 3);
        QVERIFY_RESULT(frame);
        QVERIFY(frame->settled);
        for (std::size_t i = 0; i < clouds.size(); ++i) {
            QVERIFY(largestDifference(frame->aligned[i], first) < 1e-5);
            QVERIFY(*frame->alignments[i].residual < 2e-6);
        }
    }

    void noiseAveragesOut() {
        const auto truth = randomCloud(60, 3, 8);
        std::vector<std::vector<float>> clouds;
        for (unsigned i = 0; i < 16; ++i) {
            auto cloud = moved(truth, 0.3 * i, false, i == 0 ? 1.0 : 0.5 + 0.1 * i, -1.0 * i);
            const auto noise = randomCloud(60, 3, 100 + i);
            for (std::size_t j = 0; j < cloud.size(); ++j)
                cloud[j] += 0.1F * noise[j];
            clouds.push_back(std::move(cloud));
        }
        const auto frame = generalizedProcrustes(clouds, 3, {.scaling = true});
        QVERIFY_RESULT(frame);
        QVERIFY(frame->settled);
        const double single = *procrustes(clouds[0], truth, 3)->residual, mean = *procrustes(frame->mean, truth, 3)->residual;
        QVERIFY2(mean < 0.6 * single, qPrintable(QString::number(mean) + QLatin1Char(' ') + QString::number(single)));
        QVERIFY(std::abs(procrustes(frame->mean, clouds[0], 3, {.scaling = true})->scale - 1) < 0.05); // nothing shrank away
    }
};

QTEST_GUILESS_MAIN(TestAlignment)
#include "tst_alignment.moc"
