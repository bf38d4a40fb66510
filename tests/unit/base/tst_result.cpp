// SPDX-License-Identifier: Apache-2.0
#include "core/base/checked_math.h"
#include "support/verify_result.h"

#include <array>
#include <limits>
#include <memory>
#include <set>

using namespace sinkscope;

namespace {

Result<int> half(int value) {
    if (value % 2 != 0)
        return Error{ErrorCode::InvalidArgument, "odd", {}};
    return value / 2;
}

Result<int> quarter(int value) {
    SINKSCOPE_TRY(const int once, half(value));
    SINKSCOPE_TRY(const int twice, half(once));
    return twice;
}

Result<void> evenOnly(int value) {
    SINKSCOPE_CHECK(half(value));
    return {};
}

} // namespace

class TestResult : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void propagatesValuesAndErrors() {
        QCOMPARE(*quarter(12), 3);
        QVERIFY_ERROR(quarter(6), ErrorCode::InvalidArgument);
        QVERIFY_RESULT(evenOnly(2));
        QVERIFY_ERROR(evenOnly(3), ErrorCode::InvalidArgument);
    }

    void movesOutWhatCannotBeCopied() {
        Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
        const std::unique_ptr<int> owned = std::move(result).value();
        QCOMPARE(*owned, 7);
    }

    void everyCodeHasItsOwnNameAndRemedy() {
        std::set<std::string_view> names, remedies;
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
            names.insert(nameOf(static_cast<ErrorCode>(code)));
            QVERIFY(!remedyOf(static_cast<ErrorCode>(code)).empty());
        }
        QCOMPARE(names.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
    }

    void describesInOneLine() {
        const Error error{ErrorCode::ShardMissing, "shard b.safetensors of 3 is missing", "/models/a"};
        const std::string line = describe(error);
        QVERIFY(line.starts_with("/models/a: shard b.safetensors of 3 is missing (try: "));
        QVERIFY(line.find('\n') == std::string::npos);
    }

    void checkedArithmeticFindsOverflow() {
        constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
        QCOMPARE(checkedMul<std::int64_t>(kMost / 2, 2), std::optional<std::int64_t>(kMost - 1));
        QVERIFY(!checkedMul<std::int64_t>(kMost, 2));
        QVERIFY(!checkedAdd<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(), 1));
        QCOMPARE(elementCount(std::array<std::int64_t, 0>{}), std::optional<std::int64_t>(1));
        QCOMPARE(elementCount(std::array<std::int64_t, 3>{4, 0, 5}), std::optional<std::int64_t>(0));
        QVERIFY(!elementCount(std::array<std::int64_t, 2>{-1, 3}));
        QVERIFY(!elementCount(std::array<std::int64_t, 3>{1LL << 40, 1LL << 40, 2}));
    }
};

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
