// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/leading_singular_values.h"
#include "core/inspect/matrix_pyramid.h"
#include "core/inspect/tensor_profile.h"
#include "core/math/spectral/block_lanczos.h"
#include "core/math/spectral/singular_spectrum.h"
#include "support/memory_tensor.h"
#include "support/verify_result.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

/// What a block must hold, element by element.
struct Naive {
    double least = 1e300, most = -1e300, sum = 0;
    int finite = 0, broken = 0;
};
Naive naiveBlock(const std::vector<float>& values, std::size_t rows, std::size_t columns, std::size_t row, std::size_t column, std::size_t height, std::size_t width) {
    Naive block;
    for (std::size_t r = row; r < std::min(rows, row + height); ++r)
        for (std::size_t c = column; c < std::min(columns, column + width); ++c) {
            const float value = values[r * columns + c];
            if (!std::isfinite(value)) {
                ++block.broken;
                continue;
            }
            ++block.finite;
            block.least = std::min(block.least, static_cast<double>(value));
            block.most = std::max(block.most, static_cast<double>(value));
            block.sum += static_cast<double>(value);
        }
    return block;
}

void compare(const MatrixBlocks& blocks, std::size_t at, const Naive& expected) {
    QCOMPARE(blocks.broken[at], expected.broken > 0 ? 1 : 0);
    if (expected.finite == 0) {
        QVERIFY(std::isnan(blocks.mean[at]));
        return;
    }
    QCOMPARE(static_cast<double>(blocks.minimum[at]), expected.least);
    QCOMPARE(static_cast<double>(blocks.maximum[at]), expected.most);
    QVERIFY(std::abs(static_cast<double>(blocks.mean[at]) - expected.sum / expected.finite) < 2e-6);
}

} // namespace

class TestMatrices : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void histogramCountsEveryNumber() {
        const MemoryTensor data({2, 5}, {-1, -0.5F, 0, 0.5F, 1, 1, kNan, -kInfinity, 0.49F, -0.51F});
        JobContext context;
        const auto profile = tensorProfile(data.tensor, 4, context);
        QVERIFY_RESULT(profile);
        QCOMPARE(profile->histogram.low, -1.0);
        QCOMPARE(profile->histogram.high, 1.0);
        QCOMPARE(profile->histogram.counts, (std::vector<std::uint64_t>{2, 1, 2, 3})); // an inner edge counts to the right
        QCOMPARE(profile->histogram.edge(1), -0.5);
        QCOMPARE(profile->statistics.finite(), std::uint64_t(8));
    }

    void histogramOfOddTensors() {
        JobContext context;
        const MemoryTensor same({3}, {2, 2, 2}), none({1}, {kNan}), empty({0}, {});
        QCOMPARE(tensorProfile(same.tensor, 8, context)->histogram.counts, (std::vector<std::uint64_t>{3}));
        QVERIFY(tensorProfile(none.tensor, 8, context)->histogram.counts.empty());
        QVERIFY(tensorProfile(empty.tensor, 8, context)->histogram.counts.empty());
        constexpr double kMost = std::numeric_limits<double>::max();
        const MemoryTensor wide(DType::F64, {3}, tensorBytes(std::vector<double>{-kMost, 0, kMost}));
        QCOMPARE(tensorProfile(wide.tensor, 3, context)->histogram.counts, (std::vector<std::uint64_t>{1, 1, 1}));
    }

    /// Many pieces, and a sum that must come out whole.
    void histogramOfManyPieces() {
        constexpr std::size_t kCount = 300'001;
        const MemoryTensor data({static_cast<std::int64_t>(kCount)}, normalFloats(kCount, 3));
        JobContext context;
        const auto profile = tensorProfile(data.tensor, 64, context);
        QVERIFY_RESULT(profile);
        QCOMPARE(std::accumulate(profile->histogram.counts.begin(), profile->histogram.counts.end(), std::uint64_t(0)), std::uint64_t(kCount));
        QVERIFY(std::abs(profile->statistics.deviation - 1) < 0.01);
    }

    void singularValuesAgreeWithTheGramMatrix_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::newRow("small, exact") << 40 << 30;
        QTest::newRow("tall") << 1500 << 450;
        QTest::newRow("wide") << 420 << 1600;
    }
    void singularValuesAgreeWithTheGramMatrix() {
        QFETCH(int, rows);
        QFETCH(int, columns);
        const auto height = static_cast<std::size_t>(rows), width = static_cast<std::size_t>(columns);
        std::vector<float> values = normalFloats(height * width, 5);
        for (std::size_t r = 0; r < height; ++r) // two directions that stand out, as in trained weights
            for (std::size_t c = 0; c < width; ++c)
                values[r * width + c] += 0.4F * std::sin(static_cast<float>(r)) + (r % 3 == 0 && c % 5 == 0 ? 0.7F : 0.0F);
        const MemoryTensor data({rows, columns}, values);
        JobContext context;
        const auto exact = squaredSingularValues(values, height, width);
        const auto one = leadingSingularValues(data.tensor, 8, context, 1), three = leadingSingularValues(data.tensor, 8, context, 3);
        QVERIFY_RESULT(exact);
        QVERIFY_RESULT(one);
        QVERIFY_RESULT(three);
        QCOMPARE(one->values.size(), std::size_t(8));
        QCOMPARE(one->isExact, rows == 40);
        QCOMPARE(one->values, three->values); // whatever the number of threads
        for (std::size_t i = 0; i < 8; ++i) {
            const double sigma = std::sqrt((*exact)[i]);
            QVERIFY2(std::abs(one->values[i] - sigma) <= one->bounds[i] + 1e-9 * std::sqrt(exact->front()), qPrintable(QString::number(i)));
            QVERIFY(one->bounds[i] <= 1e-4 * std::sqrt(exact->front()));
        }
    }

    void singularValuesOfLowRankAndOfNothing() {
        JobContext context;
        std::vector<float> values(600 * 500);
        for (std::size_t r = 0; r < 600; ++r)
            for (std::size_t c = 0; c < 500; ++c)
                values[r * 500 + c] = static_cast<float>(r % 2 == 0 ? 3 : 0); // rank one, norm 3 sqrt(300 500)
        const MemoryTensor low({600, 500}, values), zero({600, 500}, std::vector<float>(600 * 500, 0.0F)), vector({4}, {1, 2, 3, 4});
        const auto singular = leadingSingularValues(low.tensor, 3, context);
        QVERIFY_RESULT(singular);
        QVERIFY(std::abs(singular->values[0] / (3 * std::sqrt(150000.0)) - 1) < 1e-6);
        QVERIFY(singular->values.size() < 2 || singular->values[1] < 1e-6 * singular->values[0]);
        const auto nothing = leadingSingularValues(zero.tensor, 3, context);
        QVERIFY_RESULT(nothing);
        QCOMPARE(nothing->values.front(), 0.0);
        QVERIFY_ERROR(leadingSingularValues(vector.tensor, 3, context), ErrorCode::InvalidArgument);
        values[77] = kNan;
        const MemoryTensor broken({600, 500}, values);
        QVERIFY_ERROR(leadingSingularValues(broken.tensor, 3, context), ErrorCode::NotFinite);
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped(stop.get_token(), {});
        QVERIFY_ERROR(leadingSingularValues(low.tensor, 3, stopped), ErrorCode::Cancelled);
    }

    /// A diagonal matrix whose values are known, with a cluster at the top.
    void lanczosFindsKnownEigenvalues() {
        constexpr std::size_t kSide = 700;
        std::vector<double> diagonal(kSide);
        for (std::size_t i = 0; i < kSide; ++i)
            diagonal[i] = i < 5 ? 100 : 50.0 / static_cast<double>(i);
        const auto product = [&](std::span<const double> x, std::span<double> y) -> Result<void> {
            for (std::size_t i = 0; i < kSide; ++i)
                for (std::size_t k = 0; k < kLanczosBlock; ++k)
                    y[i * kLanczosBlock + k] = diagonal[i] * x[i * kLanczosBlock + k];
            return {};
        };
        const auto found = leadingEigenvalues(kSide, product, {.wanted = 8, .tolerance = 1e-9}, {});
        QVERIFY_RESULT(found);
        std::ranges::sort(diagonal, std::greater<>());
        for (std::size_t i = 0; i < 8; ++i)
            QVERIFY(std::abs(found->values[i] - diagonal[i]) < 1e-6);
        QVERIFY(found->products < 24);
    }

    void pyramidOfASmallMatrixIsExact() {
        std::vector<float> values = normalFloats(300 * 131, 7);
        values[5] = kNan;
        values[131 * 20 + 64] = kInfinity;
        const MemoryTensor data({300, 131}, values);
        JobContext context;
        const auto pyramid = buildMatrixPyramid(data.tensor, context);
        QVERIFY_RESULT(pyramid);
        QCOMPARE((*pyramid)->block, std::size_t(1));
        QCOMPARE((*pyramid)->broken, std::uint64_t(2));
        QVERIFY(std::max((*pyramid)->levels.back().rows, (*pyramid)->levels.back().columns) <= 64);
        std::size_t side = 1;
        for (const MatrixBlocks& level : (*pyramid)->levels) {
            for (std::size_t r = 0; r < level.rows; ++r)
                for (std::size_t c = 0; c < level.columns; ++c)
                    compare(level, r * level.columns + c, naiveBlock(values, 300, 131, r * side, c * side, side, side));
            side *= 2;
        }
        const Naive all = naiveBlock(values, 300, 131, 0, 0, 300, 131);
        QCOMPARE((*pyramid)->minimum, all.least);
        QCOMPARE((*pyramid)->maximum, all.most);
        QVERIFY(std::abs((*pyramid)->mean - all.sum / all.finite) < 1e-6);
        QVERIFY(std::abs((*pyramid)->deviation - 1) < 0.02);
    }

    /// Large enough that level 0 has blocks: from afar out of the pyramid, from near out of the tensor, always the same as element by element.
    void windowsOfALargeMatrix() {
        constexpr std::size_t kRows = 1801, kColumns = 1500;
        const std::vector<float> values = normalFloats(kRows * kColumns, 9);
        const MemoryTensor data({static_cast<std::int64_t>(kRows), static_cast<std::int64_t>(kColumns)}, values);
        JobContext context;
        const auto pyramid = buildMatrixPyramid(data.tensor, context, 2);
        QVERIFY_RESULT(pyramid);
        QCOMPARE((*pyramid)->block, std::size_t(2));
        const MatrixWindow windows[] = {{0, 0, kRows, kColumns, 16, 8}, {5, 3, 40, 33, 1, 1}, {1790, 1401, 11, 99, 4, 1}, {101, 7, 900, 1000, 8, 32}, {3, 3, 5, 5, 2, 2}};
        for (const MatrixWindow& window : windows) {
            const auto blocks = readMatrixWindow(data.tensor, **pyramid, window, context);
            QVERIFY_RESULT(blocks);
            const std::size_t firstRow = window.row / window.blockRows, firstColumn = window.column / window.blockColumns;
            QCOMPARE(blocks->rows, (window.row + window.rows - 1) / window.blockRows - firstRow + 1);
            for (std::size_t r = 0; r < blocks->rows; ++r)
                for (std::size_t c = 0; c < blocks->columns; ++c) {
                    // Blocks at the right edge of a window that is read from the tensor end with the window.
                    const std::size_t column = (firstColumn + c) * window.blockColumns;
                    const bool isPart = column + window.blockColumns > window.column + window.columns && window.column + window.columns < kColumns;
                    if (!isPart)
                        compare(*blocks, r * blocks->columns + c,
                                naiveBlock(values, kRows, kColumns, (firstRow + r) * window.blockRows, column, window.blockRows, window.blockColumns));
                }
        }
    }

    void shapesThatAreNoMatrix() {
        JobContext context;
        const MemoryTensor vector({5}, {1, 2, 3, 4, 5}), scalar({}, std::vector<float>{7}), cube({2, 2, 3}, std::vector<float>(12, 1.0F)), empty({0, 3}, std::vector<float>{});
        QCOMPARE(matrixShape(vector.tensor), (std::pair<std::size_t, std::size_t>(1, 5)));
        QCOMPARE(matrixShape(scalar.tensor), (std::pair<std::size_t, std::size_t>(1, 1)));
        QCOMPARE(matrixShape(cube.tensor), (std::pair<std::size_t, std::size_t>(4, 3)));
        QVERIFY_RESULT(buildMatrixPyramid(scalar.tensor, context));
        QVERIFY_ERROR(buildMatrixPyramid(empty.tensor, context), ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestMatrices)
#include "tst_matrices.moc"
