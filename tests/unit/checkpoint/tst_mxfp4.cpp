// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/mxfp4.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace sinkscope;

class TestMxfp4 : public QObject {
    Q_OBJECT

    /// A number of 4 bits by its definition: sign, two bits of exponent with a bias of 1, one of fraction; subnormal below 1.
    static double byDefinition(unsigned bits) {
        const double sign = (bits & 8U) != 0 ? -1 : 1, fraction = (bits & 1U) / 2.0;
        const int exponent = static_cast<int>(bits >> 1U & 3U);
        return sign * (exponent == 0 ? fraction : std::ldexp(1 + fraction, exponent - 1));
    }
    static std::span<const std::byte> bytesOf(const std::vector<unsigned char>& bytes) { return std::as_bytes(std::span(bytes)); }

private Q_SLOTS:
    void everyByteAndScale() {
        std::vector<unsigned char> blocks(256), scales(16);
        std::iota(blocks.begin(), blocks.end(), static_cast<unsigned char>(0)); // every pair once
        for (const int base : {0, 112, 127, 237}) {
            for (std::size_t block = 0; block < scales.size(); ++block)
                scales[block] = static_cast<unsigned char>(base + static_cast<int>(block) % 15);
            std::vector<float> values(512);
            dequantizeMxfp4(bytesOf(blocks), bytesOf(scales), 0, values);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const unsigned bits = i % 2 == 0 ? blocks[i / 2] & 15U : blocks[i / 2] >> 4U;
                const double expected = std::ldexp(byDefinition(bits), scales[i / 32] - 127);
                QVERIFY(double{values[i]} == expected); // subnormal results included
                QCOMPARE(std::signbit(values[i]), (bits & 8U) != 0);
            }
        }
    }

    void partsAreThoseOfTheWhole() {
        std::vector<unsigned char> blocks(16 * 5), scales{120, 127, 130, 126, 127};
        std::iota(blocks.begin(), blocks.end(), static_cast<unsigned char>(100));
        std::vector<float> whole(160), part(64);
        dequantizeMxfp4(bytesOf(blocks), bytesOf(scales), 0, whole);
        dequantizeMxfp4(bytesOf(blocks), bytesOf(scales), 64, part);
        QCOMPARE(part, std::vector<float>(whole.begin() + 64, whole.begin() + 128));
    }

    void theLargestScaleIsInfinite() {
        const std::vector<unsigned char> blocks(16, 0x20), scales{255}; // 0 and 1, times 2^128
        std::vector<float> values(32);
        dequantizeMxfp4(bytesOf(blocks), bytesOf(scales), 0, values);
        QVERIFY(std::isnan(values[0]));
        QCOMPARE(values[1], std::numeric_limits<float>::infinity());
    }
};

QTEST_GUILESS_MAIN(TestMxfp4)
#include "tst_mxfp4.moc"
