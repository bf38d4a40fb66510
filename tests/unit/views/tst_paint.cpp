// SPDX-License-Identifier: Apache-2.0
#include "support/verify_result.h"
#include "views/charts/chart_style.h"
#include "views/charts/token_chart.h"
#include "views/paint/heat_map.h"
#include "views/paint/matrix_image.h"
#include "views/paint/token_axis.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <random>

using namespace sinkscope;

class TestPaint : public QObject {
    Q_OBJECT

    static constexpr float kInfinity = std::numeric_limits<float>::infinity();

    static Result<std::shared_ptr<const MatrixImage>> imageOf(const std::vector<float>& matrix, int tokens, const ScaleRequest& request) {
        JobContext context;
        return makeMatrixImage(matrix, tokens, request, context);
    }

private Q_SLOTS:
    void scalesRoundTrip_data() {
        QTest::addColumn<int>("kind");
        for (const ScaleKind kind : kScaleKinds)
            QTest::newRow(std::string(nameOf(kind)).c_str()) << static_cast<int>(kind);
    }
    void scalesRoundTrip() {
        QFETCH(int, kind);
        const ColorScale scale{static_cast<ScaleKind>(kind), 0.001, 0.8, false};
        QCOMPARE(scaleKindOf(nameOf(scale.kind)), scale.kind);
        double before = -1;
        for (int i = 0; i <= 20; ++i) {
            const double value = scale.fromUnit(i / 20.0);
            QVERIFY(std::abs(scale.toUnit(value) - i / 20.0) < 1e-9);
            QVERIFY(value > before);
            before = value;
        }
        QCOMPARE(scale.toIndex(0.0F), std::uint8_t(1));  // below the range is still visible
        QCOMPARE(scale.toIndex(0.8F), std::uint8_t(254));
        QCOMPARE(scale.toIndex(0.9F), ColorScale::kOver);
        QCOMPARE(scale.toIndex(std::nanf("")), std::uint8_t(1));
        for (const int limit : {2, 3, 4, 6}) {
            const auto ticks = scale.ticks(limit);
            QVERIFY(ticks.size() >= 2 && static_cast<int>(ticks.size()) <= limit);
            QVERIFY(ticks.front().unit < 0.01 && ticks.back().unit > 0.99);
        }
    }

    /// Without the sink's column the scale follows the rest, and the sink is marked as above it.
    void sinksExcluded() {
        // Rows: (1), (0.9, 0.1), (0.8, 0.05, 0.15)
        const std::vector<float> weights{1, 0, 0, 0.9F, 0.1F, 0, 0.8F, 0.05F, 0.15F};
        const ScaleRequest request{.kind = ScaleKind::SinksExcluded, .causal = true, .sinks = {0}};
        const auto image = imageOf(weights, 3, request);
        QVERIFY_RESULT(image);
        QVERIFY(std::abs((*image)->scale.high - 0.15) < 1e-6);
        QVERIFY((*image)->scale.hasOver);
        const QImage& cells = (*image)->levels.front();
        QCOMPARE(cells.constScanLine(2)[0], ColorScale::kOver);
        QCOMPARE(cells.constScanLine(2)[2], uchar(254));
        QCOMPARE(cells.constScanLine(0)[1], ColorScale::kMasked);
    }

    void sinksExcludedWhenAllAreSinks() {
        const ScaleRequest request{.kind = ScaleKind::SinksExcluded, .causal = false, .sinks = {0, 1}};
        const auto image = imageOf({0.5F, 0.5F, 0.5F, 0.5F}, 2, request);
        QVERIFY_RESULT(image);
        QVERIFY((*image)->scale.high > (*image)->scale.low);
    }

    void logitsFollowTheData() {
        const std::vector<float> logits{3, -kInfinity, -2, 5};
        const auto image = imageOf(logits, 2, {.kind = ScaleKind::Log, .logits = true, .causal = true});
        QVERIFY_RESULT(image);
        QCOMPARE((*image)->scale.low, -2.0);
        QCOMPARE((*image)->scale.high, 5.0);
        QCOMPARE((*image)->levels.front().constScanLine(0)[1], ColorScale::kMasked);
    }

    /// However far out, the largest cell of a block is what shows.
    void halvingKeepsMaxima() {
        constexpr int kTokens = 301;
        std::vector<float> weights(kTokens * kTokens, 0.001F);
        weights[200 * kTokens + 37] = 1.0F;
        const auto image = imageOf(weights, kTokens, {.kind = ScaleKind::Linear, .causal = false});
        QVERIFY_RESULT(image);
        for (std::size_t level = 0; level < (*image)->levels.size(); ++level) {
            const QImage& cells = (*image)->levels[level];
            QCOMPARE(cells.constScanLine(200 >> level)[37 >> level], uchar(254));
            int strong = 0;
            for (int y = 0; y < cells.height(); ++y)
                for (int x = 0; x < cells.width(); ++x)
                    strong += cells.constScanLine(y)[x] > 100;
            QCOMPARE(strong, 1);
        }
        QVERIFY((*image)->levels.back().width() <= 64);
    }

    /// The image of a long text is that of the full matrix where both have a level, and a patch is its finest.
    void longTextsArePooled_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("logits");
        for (const ScaleKind kind : kScaleKinds)
            for (const bool logits : {false, true})
                if (!logits || kind != ScaleKind::SinksExcluded) // what is pooled with a sink's logits is left out as well
                    QTest::newRow((std::string(nameOf(kind)) + (logits ? " logits" : "")).c_str()) << static_cast<int>(kind) << logits;
    }
    void longTextsArePooled() {
        QFETCH(int, kind);
        QFETCH(bool, logits);
        constexpr int kTokens = 300, kWidth = 8;
        std::mt19937 generator(7);
        std::normal_distribution<float> normal(0, 1.5F);
        std::vector<float> query(kTokens * kWidth), key(kTokens * kWidth);
        for (auto* values : {&query, &key})
            std::ranges::generate(*values, [&] { return normal(generator); });
        const AttentionRule rule{.scale = 0.35};
        const HeatMapRequest request{.logits = logits, .scale = static_cast<ScaleKind>(kind), .sinks = {2, 17}};
        JobContext context;
        const auto full = heatMapImage(headAttention(query, key, kTokens, kWidth, rule), request, context);
        const auto pyramid = AttentionPyramid::build(query, key, kTokens, kWidth, rule, {.threads = 2, .side = 80}, context);
        QVERIFY_RESULT(full);
        QVERIFY_RESULT(pyramid);
        const auto pooled = heatMapImage(**pyramid, request, context);
        QVERIFY_RESULT(pooled);
        QCOMPARE((*pooled)->firstLevel, 2);
        QCOMPARE((*pooled)->scale.hasOver, (*full)->scale.hasOver);
        const MatrixPart part{.level = 0, .blocks = QRect(40, 90, 100, 60)};
        const auto patched = patchedImage(**pooled, **pyramid, logits, part, context);
        QVERIFY_RESULT(patched);
        QCOMPARE((*patched)->patch.blocks.size(), part.blocks.size());
        const auto same = [](const QImage& a, const QImage& b) {
            bool equal = a.size() == b.size();
            for (int y = 0; equal && y < a.height(); ++y)
                for (int x = 0; x < a.width(); ++x) // the two sum in other orders: a value at the edge of an index may fall on either side
                    equal = equal && std::abs(a.constScanLine(y)[x] - b.constScanLine(y)[x]) <= 1;
            return equal;
        };
        for (std::size_t level = 2; level < std::min((*full)->levels.size(), (*pooled)->levels.size() + 2); ++level)
            QVERIFY(same((*full)->levels[level], (*pooled)->levels[level - 2]));
        QVERIFY(same((*full)->levels[0].copy(part.blocks), (*patched)->patch.blocks));
    }

    void makingAnImageCanBeCancelled() {
        std::stop_source stop;
        stop.request_stop();
        JobContext context(stop.get_token(), {});
        QVERIFY_ERROR(makeMatrixImage(std::vector<float>(4, 0.5F), 2, {}, context), ErrorCode::Cancelled);
    }

    /// A cell is painted where the layout says, in the colour of its value, at every zoom. (Its centre may hold a number.)
    void cellsLieWhereTheLayoutSays() {
        constexpr int kTokens = 16;
        std::vector<float> weights(kTokens * kTokens, 0.0F);
        weights[9 * kTokens + 4] = 1.0F;
        HeatMapContent content;
        const auto image = imageOf(weights, kTokens, {.kind = ScaleKind::Linear, .causal = false});
        QVERIFY_RESULT(image);
        content.image = *image;
        content.keys.text = content.queries.text = std::vector<QString>(kTokens, QStringLiteral("w"));
        const Theme theme = Theme::light();
        measureLabels(content, theme.smallFont);
        for (const double zoom : {1.0, 2.0, 4.0})
            for (const bool vectors : {false, true}) {
                content.asVectors = vectors;
                QImage canvas(500, 560, QImage::Format_RGB32);
                canvas.fill(Qt::white);
                QPainter painter(&canvas);
                const HeatMapLayout layout = layoutHeatMap(QRectF(canvas.rect()), content, theme.smallFont, &canvas, zoom, QPointF(2, 7));
                paintHeatMap(painter, content, layout, theme.smallFont, theme, 1.0);
                painter.end();
                // Cells have gaps between them and numbers in them: most of the middle has the colour.
                const auto share = [&](int key, int query, const QColor& color) {
                    int hits = 0;
                    for (int i = 1; i < 10; ++i)
                        for (int k = 1; k < 10; ++k)
                            hits += QColor(canvas.pixel(QPointF(layout.view.xOf(key + i / 10.0), layout.view.yOf(query + k / 10.0)).toPoint())) == color;
                    return hits / 81.0;
                };
                QVERIFY(share(4, 9, sequentialColor("viridis", 1)) > 0.5);
                QVERIFY(share(5, 9, sequentialColor("viridis", 0)) > 0.5);
                QVERIFY(share(4, 8, sequentialColor("viridis", 0)) > 0.5);
            }
    }

    void labelsKeepTheirDistance() {
        TokenLabels labels;
        labels.text.assign(1000, QStringLiteral("x"));
        labels.anchors = {0, 501};
        labels.selected = 502;
        AxisPlacement placement;
        placement.positionOf = [](int token) { return token * 0.5; };
        placement.step = 0.5;
        placement.last = 500;
        placement.lastToken = 999;
        const auto chosen = labelledTokens(labels, placement, 12);
        QVERIFY(chosen.size() > 10 && chosen.size() <= 42);
        QVERIFY(std::ranges::find(chosen, 0) != chosen.end());
        QVERIFY(std::ranges::find(chosen, 502) != chosen.end());
        QVERIFY(std::ranges::find(chosen, 501) == chosen.end()); // would overlap the selected one
        for (std::size_t i = 1; i < chosen.size(); ++i)
            QVERIFY((chosen[i] - chosen[i - 1]) * 0.5 >= 11.9);
        placement.firstToken = 5;
        placement.lastToken = 4;
        QVERIFY(labelledTokens(labels, placement, 12).empty());
        labels.text.clear();
        QVERIFY(labelledTokens(labels, placement, 12).empty());
    }

    void uniformAttention() {
        LayerStatistics causal, bidirectional;
        causal.tokens = bidirectional.tokens = 4;
        bidirectional.causal = false;
        QVERIFY(std::abs(uniformReceived(causal, 0) - (1 + 0.5 + 1 / 3.0 + 0.25) / 4) < 1e-12); // harmonic number over T
        QVERIFY(std::abs(uniformReceived(causal, 3) - 0.25) < 1e-12);
        QVERIFY(std::abs(uniformReceived(bidirectional, 1) - 0.25) < 1e-12);
    }

    void ticksAreNumbersThatPeopleCountIn_data() {
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::newRow("unit") << 0.0 << 1.0;
        QTest::newRow("small") << 0.0 << 0.0037;
        QTest::newRow("large") << 0.0 << 48'211.0;
        QTest::newRow("negative") << -3.2 << 5.1;
        QTest::newRow("nothing") << 2.0 << 2.0;
    }
    void ticksAreNumbersThatPeopleCountIn() {
        QFETCH(double, low);
        QFETCH(double, high);
        const ValueTicks ticks = niceTicks(low, high, 5);
        QVERIFY(ticks.low <= low + 1e-12 && ticks.high >= high - 1e-12);
        QVERIFY(ticks.values.size() >= 2 && ticks.values.size() <= 7);
        const double step = ticks.values[1] - ticks.values[0];
        const double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-9));
        QVERIFY2(std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 || std::abs(mantissa - 2.5) < 1e-6 || std::abs(mantissa - 5) < 1e-6,
                 qPrintable(QString::number(mantissa)));
    }
};

QTEST_MAIN(TestPaint)
#include "tst_paint.moc"
