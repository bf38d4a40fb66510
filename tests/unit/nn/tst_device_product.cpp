// SPDX-License-Identifier: Apache-2.0
// Products on a device, with the processor in its place: pieces, tiles and types; what is said where there is no device.
#include "core/math/spectral/seeded_random.h"
#include "core/nn/compute_choice.h"
#include "core/nn/linear.h"
#include "support/verify_result.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace sinkscope;

namespace {

std::vector<float> normal(std::size_t count, std::uint64_t seed) {
    SeededRandom random({seed});
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(static_cast<float>(random.normal()));
    return values;
}

} // namespace

class TestDeviceProduct : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameAsOnTheProcessor_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::addColumn<bool>("transposed");
        QTest::addColumn<bool>("brain");
        QTest::addColumn<int>("most"); // 0: on the graphics processor, where there is one
        QTest::newRow("one piece") << 40 << 96 << false << false << (1 << 20);
        QTest::newRow("rows in pieces, tiles in rows") << 1300 << 96 << true << false << 96 * 700;
        QTest::newRow("row by row") << 7 << 96 << true << false << 1;
        QTest::newRow("bfloat16") << 600 << 64 << true << true << 64 * 550;
        QTest::newRow("CUDA, one piece") << 40 << 96 << false << false << 0;
        QTest::newRow("CUDA, several pieces") << 1300 << 16384 << true << false << 0;
        QTest::newRow("CUDA, bfloat16") << 1300 << 16384 << true << true << 0;
    }
    void sameAsOnTheProcessor() {
        QFETCH(int, rows);
        QFETCH(int, columns);
        QFETCH(bool, transposed);
        QFETCH(bool, brain);
        QFETCH(int, most);
        constexpr std::size_t kInner = 48, kGranule = 16;
        const auto r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
        const auto input = normal(r * kInner, 1), weight = normal(kInner * c, 2);
        std::vector<BrainFloat> bits(weight.size());
        toBrainFloat(weight.data(), weight.size(), bits.data());
        MatrixView matrix = transposed ? MatrixView{weight.data(), kInner, c, 1, kInner} : MatrixView{weight.data(), kInner, c, c, 1};
        if (brain)
            matrix = {nullptr, kInner, c, 1, kInner, bits.data()};
        ThreadTeam team(2);
        const JobContext context;
        RunMeter meter;
        const auto product = [&](std::unique_ptr<DeviceProduct> device) {
            std::vector<float> out(r * c, 99);
            LinearRunner runner(team, context, meter, std::move(device));
            const auto done = runner.run({input.data(), r, kInner, kInner, 1}, matrix, kGranule, [&](const Tile& tile) {
                if (tile.column % kGranule != 0)
                    qFatal("a tile begins at column %zu", tile.column);
                for (std::size_t i = 0; i < tile.rows; ++i)
                    std::copy_n(tile.at(i), tile.columns, out.begin() + static_cast<std::ptrdiff_t>((tile.row + i) * c + tile.column));
            });
            return done ? out : std::vector<float>{};
        };
        auto device = most > 0 ? Result(DeviceProduct::onProcessor(static_cast<std::size_t>(most))) : DeviceProduct::create(Device::Cuda);
        if (!device)
            QSKIP("there is no such device here");
        const auto expected = product({}), found = product(std::move(*device));
        QCOMPARE(found.size(), r * c);
        for (std::size_t i = 0; i < found.size(); ++i)
            QVERIFY(std::abs(found[i] - expected[i]) <= (brain ? 0.05F : 1e-4F) * (1 + std::abs(expected[i])));
    }

    void weightsOfOneVersionAreCopiedOnce() {
        const std::vector<float> input{1, 2};
        std::vector<float> memory{1, 0, 0, 1};
        const auto device = DeviceProduct::onProcessor();
        const auto firstOf = [&](std::uint64_t version) {
            device->setWeight(MatrixView{.data = memory.data(), .rows = 2, .columns = 1, .rowStride = 2, .version = version});
            return device->multiply({input.data(), 1, 2, 2, 1}).data[0];
        };
        const std::uint64_t first = nextWeightVersion(), second = nextWeightVersion();
        QCOMPARE(firstOf(first), 1.0F);
        memory = {10, 0, 10, 0}; // the next layer, where the last one was
        QCOMPARE(firstOf(first), 1.0F); // what is there already is not read again
        QCOMPARE(firstOf(second), 30.0F);
        QCOMPARE(firstOf(0), 30.0F); // not known: always copied
        memory = {20, 0, 20, 0};
        QCOMPARE(firstOf(0), 60.0F);
    }

    void saysWhyThereIsNoDevice() {
        if (checkAvailable(Device::Cuda, ComputeType::Float32) && DeviceProduct::create(Device::Cuda))
            QSKIP("there is one");
        const auto driver = checkAvailable(Device::Cuda, ComputeType::Float32);
        if (!driver)
            QVERIFY(driver.error().code == ErrorCode::Unavailable && driver.error().detail.find("NVIDIA") != std::string::npos);
        const auto device = DeviceProduct::create(Device::Cuda);
        QVERIFY_ERROR(device, ErrorCode::Unavailable);
        QVERIFY(device.error().detail.find("CUDA") != std::string::npos);
        QVERIFY_ERROR(DeviceProduct::create(Device::Cpu), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestDeviceProduct)
#include "tst_device_product.moc"
