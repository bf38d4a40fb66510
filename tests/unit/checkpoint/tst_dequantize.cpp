// SPDX-License-Identifier: Apache-2.0
// Block types against the gguf Python package, bit for bit (tests/golden/gen/make_gguf.py).
#include "core/checkpoint/dequantize.h"
#include "core/checkpoint/tensor_statistics.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <cmath>
#include <cstring>
#include <fstream>

using namespace sinkscope;

class TestDequantize : public QObject {
    Q_OBJECT

    static std::string contentOf(const std::string& file) {
        std::ifstream stream(SINKSCOPE_SOURCE_DIR "/tests/golden/gguf/blocks/" + file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static std::vector<DType> readTypes() {
        std::vector<DType> types;
        for (int i = 0; i <= static_cast<int>(DType::Unknown); ++i)
            if (const auto type = static_cast<DType>(i); isQuantized(type) && hasValues(type))
                types.push_back(type);
        return types;
    }
    static bool sameBits(std::span<const float> a, std::span<const float> b) {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
    }

private Q_SLOTS:
    void agreesBitForBit_data() {
        QTest::addColumn<int>("number");
        for (const DType type : readTypes())
            QTest::newRow(std::string(nameOf(type)).c_str()) << static_cast<int>(type);
    }
    void agreesBitForBit() {
        QFETCH(int, number);
        const auto type = static_cast<DType>(number);
        const std::string stored = "x" + contentOf(std::string(nameOf(type)) + ".blocks"), values = contentOf(std::string(nameOf(type)) + ".values");
        const BlockSize block = blockOf(type);
        std::vector<float> expected(values.size() / 4);
        std::memcpy(expected.data(), values.data(), values.size());
        TensorInfo tensor{"t", type, {static_cast<std::int64_t>(expected.size())}, std::as_bytes(std::span(stored)).subspan(1), nullptr};
        QVERIFY(expected.size() >= 5 * block.elements);
        QCOMPARE(tensor.elements(), std::uint64_t(expected.size()));
        std::vector<float> found(expected.size());
        convertToFloat(tensor, found);
        QVERIFY(sameBits(found, expected));
        std::ranges::fill(found, -7.0F);
        dequantizePortably(type, tensor.bytes.data(), found.data(), found.size() / block.elements);
        QVERIFY(sameBits(found, expected));
        for (const std::size_t first : {std::size_t{0}, std::size_t{1}, block.elements - 1, block.elements, block.elements + 5})
            for (const std::size_t count : {std::size_t{0}, std::size_t{1}, block.elements - 1, block.elements, 2 * block.elements + 3}) {
                std::vector<float> part(count + 1, -7.0F);
                convertToFloat(tensor, first, std::span(part).first(count));
                QVERIFY(sameBits(std::span(part).first(count), std::span(expected).subspan(first, count)));
                QCOMPARE(part.back(), -7.0F);
            }
    }

    void statisticsOfAQuantizedTensor() {
        const std::string stored = contentOf("Q4_K.blocks");
        const TensorInfo tensor{"t", DType::Q4_K, {5, 256}, std::as_bytes(std::span(stored)), nullptr};
        std::vector<float> values(tensor.elements());
        convertToFloat(tensor, values);
        double squares = 0;
        for (const float value : values)
            squares += double{value} * double{value};
        JobContext context;
        const auto statistics = tensorStatistics(tensor, context);
        QVERIFY_RESULT(statistics);
        QCOMPARE(statistics->count, std::uint64_t(1280));
        QVERIFY(std::abs(statistics->norm / std::sqrt(squares) - 1) < 1e-12);
    }

    void typesThatAreOnlyListed() {
        const std::string stored(66, '\1');
        const TensorInfo tensor{"t", DType::IQ2_XXS, {256}, std::as_bytes(std::span(stored)), nullptr};
        QVERIFY(!hasValues(tensor.dtype) && isQuantized(tensor.dtype) && !isFloating(tensor.dtype));
        std::vector<float> values(256);
        convertToFloat(tensor, values);
        QVERIFY(std::ranges::all_of(values, [](float value) { return std::isnan(value); }));
        JobContext context;
        QVERIFY_ERROR(tensorStatistics(tensor, context), ErrorCode::FormatUnsupported);
        const TensorInfo unknown{"t", DType::Unknown, {3, 5}, std::as_bytes(std::span(stored)), nullptr};
        QCOMPARE(unknown.elements(), std::uint64_t(15));
        QVERIFY(!hasValues(unknown.dtype));
    }
};

QTEST_GUILESS_MAIN(TestDequantize)
#include "tst_dequantize.moc"
