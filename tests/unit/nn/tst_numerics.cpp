// SPDX-License-Identifier: Apache-2.0
#include "core/nn/matrix.h"
#include "core/nn/row_kernels.h"
#include "core/model/rope_table.h"
#include "core/jobs/thread_team.h"
#include "support/verify_result.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>

using namespace sinkscope;

class TestNumerics : public QObject {
    Q_OBJECT

    static double exact(Activation activation, double x) {
        switch (activation) {
        case Activation::Gelu: return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
        case Activation::GeluTanh: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
        case Activation::Relu: return std::max(x, 0.0);
        case Activation::Silu: return x / (1 + std::exp(-x));
        }
        return 0;
    }

private Q_SLOTS:
    void activations_data() {
        QTest::addColumn<int>("activation");
        QTest::newRow("gelu") << static_cast<int>(Activation::Gelu);
        QTest::newRow("gelu tanh") << static_cast<int>(Activation::GeluTanh);
        QTest::newRow("relu") << static_cast<int>(Activation::Relu);
        QTest::newRow("silu") << static_cast<int>(Activation::Silu);
    }
    void activations() {
        QFETCH(int, activation);
        const auto kind = static_cast<Activation>(activation);
        std::vector<float> x, bias;
        for (int i = -4003; i < 4000; ++i) { // not a multiple of the vector length
            x.push_back(static_cast<float>(i) * 0.0025f);
            bias.push_back(0.5f);
        }
        auto plain = x, biased = x;
        activateRow(kind, plain.data(), nullptr, plain.size());
        activateRow(kind, biased.data(), bias.data(), biased.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            QVERIFY2(std::abs(plain[i] - exact(kind, x[i])) < 3e-7 * (1 + std::abs(double{x[i]})), qPrintable(QString::number(x[i])));
            QVERIFY(std::abs(biased[i] - exact(kind, x[i] + 0.5f)) < 3e-7 * (1 + std::abs(double{x[i]})));
        }
        std::vector<float> extreme{-1e30f, 1e30f, 0.0f, std::numeric_limits<float>::quiet_NaN()};
        activateRow(kind, extreme.data(), nullptr, extreme.size());
        QCOMPARE(std::abs(extreme[0]), 0.0f);
        QCOMPARE(extreme[1], 1e30f);
        QCOMPARE(extreme[2], 0.0f);
        QVERIFY(std::isnan(extreme[3]));
    }

    void products() {
        std::mt19937 random(3);
        std::uniform_real_distribution<float> values(-1.0f, 1.0f);
        struct Shape {
            std::size_t rows, inner, columns;
        };
        for (const Shape shape : {Shape{1, 1, 1}, Shape{1, 64, 37}, Shape{37, 64, 1}, Shape{65, 63, 130}, Shape{64, 2049, 64}})
            for (const bool leftTurned : {false, true})
                for (const bool rightTurned : {false, true})
                    for (const float factor : {1.0f, 0.125f}) {
                        // rows further apart than they are long, and something before the result that must not count
                        const std::size_t left = (leftTurned ? shape.rows : shape.inner) + 3, right = (rightTurned ? shape.inner : shape.columns) + 5;
                        const std::size_t stride = shape.columns + 7;
                        std::vector<float> a((leftTurned ? shape.inner : shape.rows) * left), b((rightTurned ? shape.columns : shape.inner) * right);
                        std::vector<float> out(shape.rows * stride, 7.0f);
                        std::ranges::generate(a, [&] { return values(random); });
                        std::ranges::generate(b, [&] { return values(random); });
                        const MatrixView x{a.data(), shape.rows, shape.inner, leftTurned ? 1 : left, leftTurned ? left : 1};
                        const MatrixView y{b.data(), shape.inner, shape.columns, rightTurned ? 1 : right, rightTurned ? right : 1};
                        multiply(x, y, factor, out.data(), stride);
                        for (std::size_t row = 0; row < shape.rows; ++row)
                            for (std::size_t column = 0; column < stride; ++column) {
                                const float result = out[row * stride + column];
                                double exact = 0;
                                for (std::size_t i = 0; column < shape.columns && i < shape.inner; ++i)
                                    exact += factor * static_cast<double>(a[row * x.rowStride + i * x.columnStride]) * b[i * y.rowStride + column * y.columnStride];
                                if (column < shape.columns)
                                    QVERIFY(std::abs(result - exact) < 2e-6 * std::sqrt(static_cast<double>(shape.inner)));
                                else if (row + 1 < shape.rows) // what lies between the rows stays
                                    QCOMPARE(result, 7.0f);
                            }
                    }
    }

    void norms() {
        for (const std::size_t count : {std::size_t{1}, std::size_t{16}, std::size_t{77}}) {
            std::mt19937 generator(3);
            std::normal_distribution<float> normal(5, 2);
            std::vector<float> x(count), weight(count), bias(count), layer(count), rms(count);
            for (auto* values : {&x, &weight, &bias})
                for (float& value : *values)
                    value = normal(generator);
            layerNormRow(x.data(), weight.data(), bias.data(), 1e-5, count, layer.data());
            rmsNormRow(x.data(), weight.data(), 1e-5, count, rms.data());
            double mean = 0, variance = 0, square = 0;
            for (const float value : x)
                mean += value / static_cast<double>(count);
            for (const float value : x) {
                variance += (value - mean) * (value - mean) / static_cast<double>(count);
                square += double{value} * value / static_cast<double>(count);
            }
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = (x[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i];
                QVERIFY(std::abs(layer[i] - expected) < 2e-5 * (1 + std::abs(expected)));
                QVERIFY(std::abs(rms[i] - x[i] / std::sqrt(square + 1e-5) * weight[i]) < 1e-5 * (1 + std::abs(rms[i])));
            }
        }
    }

    void findsWhatIsNotFinite() {
        for (const std::size_t count : {std::size_t{1}, std::size_t{16}, std::size_t{37}})
            for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
                for (std::size_t place = 0; place < count; place += 12) {
                    std::vector<float> x(count, std::numeric_limits<float>::max());
                    QVERIFY(allFinite(x.data(), count));
                    x[place] = bad;
                    QVERIFY(!allFinite(x.data(), count));
                }
    }

    /// Rotation by position x frequency: dot products depend on the distance alone, and position 0 changes nothing.
    void ropeDependsOnTheDistance() {
        RopeParameters rope;
        rope.rotaryWidth = 8;
        const RopeTable table(rope, 64);
        const auto dot = [&](int i, int j) {
            std::vector<float> query{1, -2, 0.5f, 3, 0.25f, 1, -1, 2, 7}, key{2, 1, 1, -1, 0.5f, -2, 1, 1, 5};
            table.rotate(query.data(), i);
            table.rotate(key.data(), j);
            if (query[8] != 7 || key[8] != 5)
                return std::nan(""); // what lies beyond the rotary part must stay
            double sum = 0;
            for (int c = 0; c < 8; ++c)
                sum += double{query[c]} * key[c];
            return sum;
        };
        QVERIFY(std::abs(dot(0, 0) - (2 - 2 + 0.5 - 3 + 0.125 - 2 - 1 + 2)) < 1e-6);
        QVERIFY(std::abs(dot(9, 4) - dot(60, 55)) < 1e-4);
        QVERIFY(std::abs(dot(9, 4) - dot(9, 5)) > 1e-2);
    }

    void ropeScalings() {
        RopeParameters rope;
        rope.rotaryWidth = 8;
        rope.originalPositions = 32;
        rope.factor = 4;
        const auto plain = ropeFrequencies(rope, 100);
        for (int i = 0; i < 4; ++i)
            QVERIFY(std::abs(plain[i] - std::pow(10000.0, -i / 4.0)) < 1e-6 * plain[i]);
        rope.scaling = RopeParameters::Scaling::Linear;
        const auto linear = ropeFrequencies(rope, 100);
        for (int i = 0; i < 4; ++i)
            QCOMPARE(linear[i], plain[i] / 4);
        rope.scaling = RopeParameters::Scaling::Dynamic;
        QCOMPARE(ropeFrequencies(rope, 32), plain);
        const auto dynamic = ropeFrequencies(rope, 64); // base x (4 * 64/32 - 3)^(8/6)
        for (int i = 0; i < 4; ++i)
            QVERIFY(std::abs(dynamic[i] - std::pow(10000.0 * std::pow(5.0, 8.0 / 6), -i / 4.0)) < 1e-5 * dynamic[i]);
        rope.scaling = RopeParameters::Scaling::Llama3;
        const auto llama3 = ropeFrequencies(rope, 100); // wavelengths 6.3, 63, 628, 6283 against bounds 8 and 32
        QCOMPARE(llama3[0], plain[0]);
        for (int i = 1; i < 4; ++i)
            QCOMPARE(llama3[i], plain[i] / 4);
        rope.originalPositions = 128; // now 63 lies between 32 and 128: blended
        const double blend = (128 * 0.1 / (2 * std::numbers::pi) - 1) / 3;
        QVERIFY(std::abs(ropeFrequencies(rope, 100)[1] - ((1 - blend) * 0.1 / 4 + blend * 0.1)) < 1e-6);
    }

    void teamsDoEveryTaskOnce() {
        ThreadTeam team(3);
        QCOMPARE(team.size(), 3);
        const JobContext context;
        for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
            std::vector<std::atomic<int>> done(count);
            std::atomic<bool> goodWorker{true};
            QVERIFY_RESULT(team.run(count, [&](std::size_t index, int worker) {
                ++done[index];
                if (worker < 0 || worker >= 3)
                    goodWorker = false;
            }, context));
            QVERIFY(goodWorker);
            for (const auto& times : done)
                QCOMPARE(times.load(), 1);
        }
    }
    void teamsStop() {
        ThreadTeam team(2);
        std::stop_source stop;
        const JobContext context(stop.get_token(), {});
        std::atomic<int> ran{0};
        QVERIFY_ERROR(team.run(1000, [&](std::size_t, int) {
            if (++ran == 5)
                stop.request_stop();
        }, context), ErrorCode::Cancelled);
        QVERIFY(ran < 10);
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, static_cast<void>(team.run(1000, [](std::size_t index, int) {
            if (index == 7)
                throw std::runtime_error("broken");
        }, JobContext())));
        QVERIFY_RESULT(team.run(3, [](std::size_t, int) {}, JobContext())); // still usable
    }
};

QTEST_GUILESS_MAIN(TestNumerics)
#include "tst_numerics.moc"
