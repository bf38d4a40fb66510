// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/paint/value_space.h"

#include <QTest>

#include <cmath>

using namespace sinkscope;

/// What the value space says of tokens, against identities that hold for every head.
class TestValueSpace : public QObject {
    Q_OBJECT

    static std::shared_ptr<const ValueSpace> spaceOf(test::FakeCapture& capture, int layer, int head) {
        JobContext context;
        const auto statistics = capture.statistics(0, layer);
        const auto space = statistics ? valueSpaceOf(capture, 0, head, *statistics, MetricParameters{}, context) : Result<std::shared_ptr<const ValueSpace>>(statistics.error());
        return space ? *space : nullptr;
    }

private Q_SLOTS:
    /// Per query both the weights and the influences sum to 1, hence so do their means, each weighted by the queries that see the token.
    void influenceSumsToOne() {
        for (const bool causal : {true, false}) {
            test::FakeCaptureOptions options;
            options.causal = causal;
            test::FakeCapture capture(options);
            const auto space = spaceOf(capture, 2, 1);
            QVERIFY(space);
            const int n = space->tokens, queries = causal ? n - 1 : n;
            double attention = 0, influence = 0;
            for (int token = 0; token < n; ++token) {
                const int seen = causal ? n - std::max(token, 1) : n;
                attention += seen * space->attention[static_cast<std::size_t>(token)] / queries;
                influence += seen * space->influence[static_cast<std::size_t>(token)] / queries;
            }
            QVERIFY(std::abs(attention - 1) < 1e-5);
            QVERIFY(std::abs(influence - 1) < 1e-5);
        }
    }

    /// The numbers of the head are those of the analysis, and agree with the row of its reference.
    void agreesWithTheFamily() {
        test::FakeCapture capture;
        const auto space = spaceOf(capture, 3, 1);
        QVERIFY(space);
        const auto number = [&](std::string_view id) {
            for (const ValueSpace::Number& one : space->numbers)
                if (one.metric->id == id)
                    return one.value;
            return std::nan("");
        };
        QVERIFY(std::abs(number("directional_influence") - space->influence[0]) < 1e-5);
        QVERIFY(std::abs(number("value_mean_cosine") - space->row(TokenQuantity::MeanCosine)[0]) < 1e-5);
        QVERIFY(std::abs(number("value_output_cosine") - space->row(TokenQuantity::OutputCosine)[0]) < 1e-5);
        QVERIFY(space->influence[0] < space->attention[0]); // looked at, hardly read: its value is small
    }

    void shortTexts() {
        for (const int tokens : {1, 2}) {
            test::FakeCapture capture({.layers = 1, .heads = 1, .keyValueHeads = 1, .samples = 1, .words = std::vector<std::string>(static_cast<std::size_t>(tokens), "x")});
            const auto space = spaceOf(capture, 0, 0);
            QVERIFY(space);
            QVERIFY(space->numbers.empty());
            if (tokens == 1)
                QVERIFY(std::isnan(space->attention[0]) && std::isnan(space->row(TokenQuantity::MeanCosine)[0]));
        }
    }

    void stops() {
        std::stop_source stop;
        stop.request_stop();
        test::FakeCapture capture;
        const auto statistics = capture.statistics(0, 0);
        QVERIFY_RESULT(statistics);
        QVERIFY_ERROR(valueSpaceOf(capture, 0, 0, *statistics, MetricParameters{}, JobContext(stop.get_token(), {})), ErrorCode::Cancelled);
    }

    /// The pointer finds every token in every row, and every point, in both layouts.
    void pointerFindsTokens_data() {
        QTest::addColumn<QSizeF>("size");
        QTest::newRow("tall") << QSizeF(480, 640);
        QTest::newRow("broad") << QSizeF(1100, 360);
    }
    void pointerFindsTokens() {
        QFETCH(QSizeF, size);
        test::FakeCapture capture;
        ValueSpaceContent content;
        content.space = spaceOf(capture, 3, 1);
        content.labels = tokenLabels(*capture.header().samples[0], {0});
        const QRectF area(QPointF(0, 0), size);
        const ValueSpaceLayout layout = layoutValueSpace(area, content, QFont());
        QCOMPARE(layout.rows.size(), std::size_t{6});
        for (const auto& row : layout.rows)
            for (int token = 0; token < 24; ++token)
                QCOMPARE(tokenAt(layout, content, QPointF(row.axes.toX(token), row.axes.area.center().y())), token);
        const auto at = [&](const PlotAxes& axes, double x, double y) { return QPointF(axes.toX(x), axes.toY(y)); };
        QCOMPARE(tokenAt(layout, content, at(layout.norm, content.space->row(TokenQuantity::Received)[0], content.space->row(TokenQuantity::ValueNorm)[0])), 0);
        QCOMPARE(tokenAt(layout, content, at(layout.influence, content.space->attention[0], content.space->influence[0])), 0);
        QCOMPARE(layout.numbers.size(), content.space->numbers.size());
        for (std::size_t i = 0; i < layout.numbers.size(); ++i) {
            QVERIFY(area.contains(layout.numbers[i]));
            QCOMPARE(numberAt(layout, layout.numbers[i].center()), static_cast<int>(i));
        }
    }
};

QTEST_MAIN(TestValueSpace)
#include "tst_value_space.moc"
