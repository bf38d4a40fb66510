// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/paint/barcode.h"

#include <QImage>
#include <QTest>

#include <set>

using namespace sinkscope;

/// Barcodes as they are drawn: what each bar says, and what the pointer finds.
class TestBarcode : public QObject {
    Q_OBJECT

    static std::shared_ptr<const HeadBarcode> barcodeOf(int layer, int head, Filtration filtration, bool causal = true) {
        test::FakeCaptureOptions options;
        options.causal = causal;
        test::FakeCapture capture(options);
        JobContext context;
        const auto barcode = headBarcode(capture, 0, layer, head, filtration, context);
        return barcode ? *barcode : nullptr;
    }

    static QFont font() {
        QFont font;
        font.setPixelSize(11);
        return font;
    }

private Q_SLOTS:
    /// Betti 0 falls from all tokens to one; at every step it is the number of bars alive.
    void curves_data() {
        QTest::addColumn<int>("filtration");
        for (int i = 0; i < static_cast<int>(kFiltrations.size()); ++i)
            QTest::newRow(std::string(nameOf(kFiltrations[static_cast<std::size_t>(i)])).c_str()) << i;
    }
    void curves() {
        QFETCH(int, filtration);
        const auto head = barcodeOf(1, 2, kFiltrations[static_cast<std::size_t>(filtration)]);
        QVERIFY(head);
        QCOMPARE(head->betti[0].front(), 24);
        QCOMPARE(head->betti[0].back(), 1);
        QCOMPARE(head->betti[1].back(), 0);
        QVERIFY(std::is_sorted(head->betti[0].rbegin(), head->betti[0].rend()));
        QCOMPARE(head->values.front(), 0.0);
        QCOMPARE(head->values.back(), head->largest);
    }

    /// Every component that ends is joined by an edge as long as its death.
    void edges() {
        const auto head = barcodeOf(2, 1, Filtration::Mean);
        test::FakeCapture capture;
        const auto attention = attentionOf(capture, 0, 2, 1);
        QVERIFY_RESULT(attention);
        int without = 0;
        for (int index = 0; index < static_cast<int>(head->barcode.zero.size()); ++index) {
            const auto edge = edgeOf(*head, {0, index});
            if (!edge) {
                ++without;
                continue;
            }
            const auto weight = [&](int i, int j) { return static_cast<double>((*attention)->weights[static_cast<std::size_t>(i * 24 + j)]); };
            const double mean = (weight(edge->first, edge->second) + weight(edge->second, edge->first)) / 2;
            QVERIFY(std::abs(1 - mean - head->barcode.zero[static_cast<std::size_t>(index)].death) < 1e-6);
        }
        QCOMPARE(without, 1);
        const QString text = barText(*head, {0, 0}, *capture.header().samples[0]);
        QVERIFY2(text.contains(QString::number(edgeOf(*head, {0, 0})->first)), qPrintable(text));
    }

    /// Every bar that is drawn is found where it lies, in both views and however little room there is.
    void findsWhatItDraws_data() {
        QTest::addColumn<bool>("diagram");
        QTest::addColumn<int>("height");
        for (const bool diagram : {false, true})
            for (const int height : {160, 240, 640})
                QTest::addRow("%s, %d", diagram ? "diagram" : "bars", height) << diagram << height;
    }
    void findsWhatItDraws() {
        QFETCH(bool, diagram);
        QFETCH(int, height);
        BarcodeContent content;
        content.head = barcodeOf(0, 3, Filtration::Hellinger, false);
        QVERIFY(content.head);
        QVERIFY(!content.head->barcode.one.empty());
        content.view = diagram ? BarcodeView::Diagram : BarcodeView::Bars;
        const BarcodeLayout layout = layoutBarcode(QRectF(0, 0, 480, height), content, font());
        for (const BarcodeLayout::Row& row : layout.rows) {
            QVERIFY(barAt(layout, content, QPointF(layout.main.area.center().x(), row.y)) == row.id);
            QVERIFY(row.y < layout.betti.area.top());
        }
        std::set<std::pair<int, int>> seen;
        for (auto bar = stepFrom(layout, content, 0); bar && seen.emplace(bar->dimension, bar->index).second; bar = stepFrom(layout, content, 1))
            content.selected = bar;
        const std::size_t all = content.head->barcode.zero.size() + content.head->barcode.one.size();
        QCOMPARE(seen.size() + static_cast<std::size_t>(layout.hidden[0] + layout.hidden[1]), all);
        if (diagram) {
            const Bar& bar = content.head->barcode.one.front();
            const auto found = barAt(layout, content, QPointF(layout.main.toX(bar.birth), layout.main.toY(bar.death)));
            QVERIFY(found && found->dimension == 1);
        }
    }

    void shortTexts() {
        for (const int tokens : {1, 2, 3}) {
            test::FakeCaptureOptions options{.layers = 1, .heads = 1, .keyValueHeads = 1, .samples = 1, .words = std::vector<std::string>(static_cast<std::size_t>(tokens), "x")};
            test::FakeCapture capture(options);
            JobContext context;
            BarcodeContent content;
            const auto head = headBarcode(capture, 0, 0, 0, Filtration::Mean, context);
            QVERIFY_RESULT(head);
            content.head = *head;
            QCOMPARE(static_cast<int>(content.head->barcode.zero.size()), tokens);
            QImage image(300, 200, QImage::Format_RGB32);
            image.fill(Qt::white);
            for (const BarcodeView view : {BarcodeView::Bars, BarcodeView::Diagram}) {
                content.view = view;
                QPainter painter(&image);
                paintBarcode(painter, layoutBarcode(QRectF(0, 0, 300, 200), content, font()), content, font(), Theme::light());
            }
        }
    }
};

QTEST_MAIN(TestBarcode)
#include "tst_barcode.moc"
