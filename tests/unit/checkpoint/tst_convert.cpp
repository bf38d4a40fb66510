// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/tensor_statistics.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;

Q_DECLARE_METATYPE(sinkscope::DType)

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A tensor over bytes that start at an odd address.
struct Unaligned {
    Unaligned(DType type, const std::string& bytes) : storage("x" + bytes) {
        const auto content = std::as_bytes(std::span(storage)).subspan(1);
        tensor.dtype = type;
        tensor.bytes = content;
        tensor.shape = {static_cast<std::int64_t>(content.size() / sizeOf(type))};
    }
    [[nodiscard]] std::vector<float> floats() const {
        std::vector<float> values(tensor.bytes.size() / sizeOf(tensor.dtype));
        convertToFloat(tensor, values);
        return values;
    }
    std::string storage;
    TensorInfo tensor;
};

/// A half decoded by its definition, in double.
double halfByDefinition(unsigned bits) {
    const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
    const int exponent = static_cast<int>(bits >> 10U & 31U);
    const double fraction = static_cast<double>(bits & 1023U) / 1024;
    if (exponent == 31)
        return fraction == 0 ? sign * static_cast<double>(kInfinity) : static_cast<double>(kNan);
    return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

bool same(float a, float b) { return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

} // namespace

class TestConvert : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesAndSizesAgree() {
        for (int i = 0; i <= static_cast<int>(DType::C64); ++i) {
            const auto type = static_cast<DType>(i);
            QCOMPARE(dtypeFromName(nameOf(type)), std::optional(type));
            QVERIFY(sizeOf(type) * 8 == bitsOf(type) || !hasValues(type));
            QVERIFY(sizeOf(type) == 1 || sizeOf(type) == 2 || sizeOf(type) == 4 || sizeOf(type) == 8);
        }
        for (int i = static_cast<int>(DType::C64) + 1; i <= static_cast<int>(DType::Unknown); ++i)
            QVERIFY(!dtypeFromName(nameOf(static_cast<DType>(i)))); // no type of safetensors
        QVERIFY(!dtypeFromName("F3"));
        QVERIFY(!dtypeFromName(""));
    }

    void convertsEveryType_data() {
        QTest::addColumn<DType>("type");
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<std::vector<float>>("expected");
        const auto row = [](DType type, const std::string& bytes, const std::vector<float>& expected) {
            QTest::newRow(std::string(nameOf(type)).c_str()) << type << bytes << expected;
        };
        using Bytes = std::vector<std::uint8_t>;
        row(DType::F64, tensorBytes<double>({1.5, -1e300, 0.1, HUGE_VAL}), {1.5F, -kInfinity, 0.1F, kInfinity});
        row(DType::F32, tensorBytes<float>({1.5F, -0.0F, kNan}), {1.5F, -0.0F, kNan});
        row(DType::F16, tensorBytes<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x8000}),
            {1, -2, 0x1p-24F, 65504, kInfinity, -kInfinity, kNan, -0.0F});
        row(DType::BF16, tensorBytes<std::uint16_t>({0x3F80, 0xC000, 0x7F80, 0x7FC0, 0x0001}),
            {1, -2, kInfinity, kNan, std::bit_cast<float>(0x00010000U)});
        row(DType::F8E4M3, tensorBytes<std::uint8_t>(Bytes{0x38, 0xB8, 0x7E, 0x7F, 0xFF, 0x01, 0x08, 0x80}),
            {1, -1, 448, kNan, kNan, 0x1p-9F, 0x1p-6F, -0.0F});
        row(DType::F8E5M2, tensorBytes<std::uint8_t>(Bytes{0x3C, 0xC0, 0x7B, 0x7C, 0xFC, 0x7D, 0x01}),
            {1, -2, 57344, kInfinity, -kInfinity, kNan, 0x1p-16F});
        row(DType::F8E4M3Fnuz, tensorBytes<std::uint8_t>(Bytes{0x40, 0xC0, 0x7F, 0x80, 0x01, 0x00}),
            {1, -1, 240, kNan, 0x1p-10F, 0});
        row(DType::F8E5M2Fnuz, tensorBytes<std::uint8_t>(Bytes{0x40, 0xC0, 0x7F, 0x80, 0x01, 0x00}),
            {1, -1, 57344, kNan, 0x1p-17F, 0});
        row(DType::F8E8M0, tensorBytes<std::uint8_t>(Bytes{127, 128, 0, 254, 255}), {1, 2, 0x1p-127F, 0x1p127F, kNan});
        row(DType::I64, tensorBytes<std::int64_t>({-1, 1LL << 40}), {-1, 0x1p40F});
        row(DType::I32, tensorBytes<std::int32_t>({-1, 1 << 30}), {-1, 0x1p30F});
        row(DType::I16, tensorBytes<std::int16_t>({-1, 32767}), {-1, 32767});
        row(DType::I8, tensorBytes<std::int8_t>({-128, 127}), {-128, 127});
        row(DType::U64, tensorBytes<std::uint64_t>({~0ULL, 1}), {0x1p64F, 1});
        row(DType::U32, tensorBytes<std::uint32_t>({~0U, 1}), {0x1p32F, 1});
        row(DType::U16, tensorBytes<std::uint16_t>({65535, 1}), {65535, 1});
        row(DType::U8, tensorBytes<std::uint8_t>(Bytes{255, 1}), {255, 1});
        row(DType::Bool, tensorBytes<std::uint8_t>(Bytes{0, 1, 7}), {0, 1, 1});
    }

    void convertsEveryType() {
        QFETCH(DType, type);
        QFETCH(std::string, bytes);
        QFETCH(std::vector<float>, expected);
        const auto values = Unaligned(type, bytes).floats();
        QCOMPARE(values.size(), expected.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            QVERIFY2(same(values[i], expected[i]), std::to_string(i).c_str());
    }

    void convertsEveryHalfAndBrainFloat() {
        std::vector<std::uint16_t> patterns(65536);
        for (unsigned i = 0; i < patterns.size(); ++i)
            patterns[i] = static_cast<std::uint16_t>(i);
        const auto halves = Unaligned(DType::F16, tensorBytes(patterns)).floats();
        const auto brains = Unaligned(DType::BF16, tensorBytes(patterns)).floats();
        const Unaligned source(DType::F16, tensorBytes(patterns));
        for (unsigned i = 0; i < patterns.size(); ++i) {
            QVERIFY2(same(halves[i], static_cast<float>(halfByDefinition(i))), std::to_string(i).c_str());
            QVERIFY2(std::bit_cast<std::uint32_t>(brains[i]) == i << 16U, std::to_string(i).c_str());
            float alone = 0; // too short for the wide kernels: what processors without them compute
            convertToFloat(source.tensor, i, std::span(&alone, 1));
            QVERIFY2(same(alone, halves[i]), std::to_string(i).c_str());
        }
    }

    void convertsAnyPartOfATensor() {
        std::vector<std::uint16_t> patterns(100);
        for (unsigned i = 0; i < patterns.size(); ++i)
            patterns[i] = static_cast<std::uint16_t>(0x3C00 + i * 7);
        for (const DType type : {DType::F16, DType::BF16, DType::U16}) {
            const Unaligned whole(type, tensorBytes(patterns));
            const auto all = whole.floats();
            for (std::size_t first = 0; first < 20; ++first)
                for (std::size_t count = 0; count < 40; ++count) {
                    std::vector<float> part(count + 1, -7.0F);
                    convertToFloat(whole.tensor, first, std::span(part).first(count));
                    QVERIFY(std::equal(part.begin(), part.end() - 1, all.begin() + static_cast<std::ptrdiff_t>(first)));
                    QCOMPARE(part.back(), -7.0F); // nothing beyond the end
                }
        }
    }

    void statisticsOfASmallTensor() {
        const Unaligned data(DType::F32, tensorBytes<float>({1, -2, 0, kNan, kInfinity, 4, -0.0F, -kInfinity}));
        JobContext context;
        const auto statistics = tensorStatistics(data.tensor, context);
        QVERIFY_RESULT(statistics);
        QCOMPARE(statistics->count, std::uint64_t(8));
        QCOMPARE(statistics->finite(), std::uint64_t(5));
        QCOMPARE(statistics->zeros, std::uint64_t(2));
        QCOMPARE(statistics->nans, std::uint64_t(1));
        QCOMPARE(statistics->infinities, std::uint64_t(2));
        QCOMPARE(statistics->minimum, -2.0);
        QCOMPARE(statistics->maximum, 4.0);
        QVERIFY(std::abs(statistics->mean - 0.6) < 1e-12);
        QVERIFY(std::abs(statistics->deviation - std::sqrt(21.0 / 5 - 0.36)) < 1e-12);
        QVERIFY(std::abs(statistics->norm - std::sqrt(21.0)) < 1e-12);
    }

    /// Far from zero, and longer than a piece: the sum of squares alone would lose every digit of the deviation.
    void statisticsKeepTheirDigits() {
        std::vector<double> values(200'003);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = 1e9 + static_cast<double>(i % 5);
        double mean = 0;
        for (const double value : values)
            mean += (value - 1e9) / static_cast<double>(values.size());
        double squares = 0;
        for (const double value : values)
            squares += (value - 1e9 - mean) * (value - 1e9 - mean);
        const Unaligned data(DType::F64, tensorBytes(values));
        JobContext context;
        const auto statistics = tensorStatistics(data.tensor, context);
        QVERIFY_RESULT(statistics);
        QVERIFY(std::abs(statistics->mean - 1e9 - mean) < 1e-5);
        QVERIFY(std::abs(statistics->deviation - std::sqrt(squares / static_cast<double>(values.size()))) < 1e-6);
        QCOMPARE(statistics->minimum, 1e9);
        QCOMPARE(statistics->maximum, 1e9 + 4);
    }

    void statisticsOfNothing() {
        JobContext context;
        const auto empty = tensorStatistics(Unaligned(DType::F32, "").tensor, context);
        QVERIFY_RESULT(empty);
        QCOMPARE(empty->finite(), std::uint64_t(0));
        const auto nan = tensorStatistics(Unaligned(DType::F32, tensorBytes<float>({kNan})).tensor, context);
        QVERIFY_RESULT(nan);
        QCOMPARE(nan->finite(), std::uint64_t(0));
        QCOMPARE(nan->nans, std::uint64_t(1));
    }

    void statisticsRefuseTypesWithoutValues() {
        JobContext context;
        for (const DType type : {DType::F4, DType::F6E2M3, DType::F6E3M2, DType::C64}) {
            const auto refused = tensorStatistics(Unaligned(type, std::string(24, '\1')).tensor, context);
            QVERIFY_ERROR(refused, ErrorCode::FormatUnsupported);
            QVERIFY(refused.error().detail.find(nameOf(type)) != std::string::npos);
        }
    }

    void statisticsCanBeCancelled() {
        std::stop_source source;
        source.request_stop();
        JobContext context(source.get_token(), nullptr);
        QVERIFY_ERROR(tensorStatistics(Unaligned(DType::U8, "abc").tensor, context), ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestConvert)
#include "tst_convert.moc"
