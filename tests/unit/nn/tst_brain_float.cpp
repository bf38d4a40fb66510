// SPDX-License-Identifier: Apache-2.0
// bfloat16: rounding, and runs whose products are computed in it.
#include "core/nn/brain_float.h"
#include "core/nn/forward.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

float rounded(float value) {
    BrainFloat bits = 0;
    toBrainFloat(&value, 1, &bits);
    float back = 0;
    fromBrainFloat(&bits, 1, &back);
    return back;
}

RunOptions brainOn(int threads) { return {.compute = ComputeType::BFloat16, .threads = threads}; }

} // namespace

class TestBrainFloat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyBrainFloatSurvives() {
        std::vector<BrainFloat> all(65536), back(65536);
        std::vector<float> values(65536);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<BrainFloat>(i);
        fromBrainFloat(all.data(), all.size(), values.data());
        toBrainFloat(values.data(), values.size(), back.data());
        for (std::size_t i = 0; i < all.size(); ++i)
            QVERIFY2(std::isnan(values[i]) ? (back[i] | 0x40) == (all[i] | 0x40) : back[i] == all[i], std::to_string(i).c_str());
    }

    void roundsToTheNearestAndTiesToEven() {
        QCOMPARE(rounded(1.0f + 0x1p-9f), 1.0f);              // below half
        QCOMPARE(rounded(1.0f + 0x1p-8f), 1.0f);              // half: 1 is even
        QCOMPARE(rounded(1.0f + 3 * 0x1p-8f), 1.0f + 0x1p-6f); // half: up to even
        QCOMPARE(rounded(-1.0f - 0x1.01p-8f), -1.0f - 0x1p-7f);
        QCOMPARE(rounded(0x1.fffffep127f), std::numeric_limits<float>::infinity());
        QVERIFY(std::isnan(rounded(std::bit_cast<float>(0x7f800001u)))); // its set bit is cut off
        QVERIFY(std::isnan(rounded(std::bit_cast<float>(0x7fffffffu)))); // adding to it would carry
        QVERIFY(std::isnan(rounded(std::bit_cast<float>(0xffffffffu))));
        for (std::uint32_t seed = 1, i = 0; i < 10000; ++i) {
            seed = seed * 1664525u + 1013904223u;
            const float value = std::bit_cast<float>(seed & 0xbfffffffu); // below 2 in size
            if (std::fpclassify(value) == FP_NORMAL)
                QVERIFY(std::abs(rounded(value) - value) <= std::abs(value) * 0x1p-8f);
        }
    }

    void sameBitsOnAnyNumberOfThreadsAndNoRefusal() {
        if (const auto available = checkAvailable(Device::Cpu, ComputeType::BFloat16); !available) {
            const QTemporaryDir folder;
            const auto spec = TinyModel::gpt2().spec(folder);
            QVERIFY_RESULT(spec);
            RecordingConsumer consumer;
            JobContext context;
            const std::vector<SampleInput> inputs{{{1, 2, 3}, {}}};
            QVERIFY_ERROR(runModel(**spec, inputs, brainOn(1), consumer, context), ErrorCode::Unavailable);
            QSKIP(available.error().detail.c_str());
        }
        const QTemporaryDir folder;
        for (const TinyModel& model : {TinyModel::gpt2(), TinyModel::llama()}) {
            const auto spec = model.spec(folder);
            QVERIFY_RESULT(spec);
            const std::vector<SampleInput> inputs{{{1, 2, 3, 4, 5}, {}}, {{6, 7}, {}}};
            RecordingConsumer one, three, full;
            JobContext context;
            QVERIFY_RESULT(runModel(**spec, inputs, brainOn(1), one, context));
            QVERIFY_RESULT(runModel(**spec, inputs, brainOn(3), three, context));
            QVERIFY_RESULT(runModel(**spec, inputs, {}, full, context));
            QVERIFY(one.kept == three.kept);
            QVERIFY(one.kept != full.kept); // it was computed otherwise
            for (const auto& [name, values] : one.kept) {
                double error = 0, square = 0;
                for (std::size_t i = 0; i < values.size(); ++i) {
                    error += std::pow(double{values[i]} - full.kept[name][i], 2);
                    square += std::pow(double{full.kept[name][i]}, 2);
                }
                QVERIFY2(error < 2e-3 * square, name.c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestBrainFloat)
#include "tst_brain_float.moc"
