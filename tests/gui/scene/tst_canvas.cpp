// SPDX-License-Identifier: Apache-2.0
#include "gui/scene/cloud.h"
#include "views/vtk/scene_overlay.h"
#include "views/vtk/scene_painter.h"
#include "views/vtk/vtk_canvas.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>

using namespace sinkscope;

namespace {

int differentPixels(const QImage& first, const QImage& second) {
    if (first.size() != second.size())
        return first.width() * first.height();
    int count = 0;
    for (int y = 0; y < first.height(); ++y)
        for (int x = 0; x < first.width(); ++x)
            count += first.pixel(x, y) != second.pixel(x, y);
    return count;
}

QImage pictureOf(VtkCanvas& canvas) { return canvas.grab().toImage().convertToFormat(QImage::Format_RGB32); }

QImage renderScene(const PointScene& scene, const SceneCamera& camera, const Theme& theme, double pixelRatio) {
    QImage image = renderGeometry(scene, camera, theme, pixelRatio);
    QPainter painter(&image);
    paintOverlay(painter, scene, camera, {}, theme);
    return image;
}

bool showCanvas(VtkCanvas& canvas, const std::shared_ptr<PointScene>& scene) {
    canvas.resize(420, 360);
    canvas.setScene(scene, true);
    canvas.show();
    return QTest::qWaitForWindowExposed(&canvas) && QTest::qWaitFor([&] { return canvas.usesOpenGL(); });
}

} // namespace

class TestCanvas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void drawsPointsInTheirColours() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        auto scene = makeCloud(24);
        scene->links.clear();
        QVERIFY(showCanvas(canvas, scene));
        const QImage image = pictureOf(canvas);
        QCOMPARE(image.size(), QSize(420, 360));
        QCOMPARE(image.pixelColor(2, 2), theme.panel);
        int shown = 0;
        for (int i = 1; i < scene->size(); ++i) {
            const QPoint at = canvas.camera().project(scene->points[static_cast<std::size_t>(i)]).screen.toPoint();
            if (pickPoint(*scene, canvas.camera(), at) != i)
                continue; // hidden behind another
            const QColor wanted = sequentialColor("viridis", static_cast<double>(scene->scalars[static_cast<std::size_t>(i)]));
            const QColor found = image.pixelColor(at);
            shown += qAbs(found.red() - wanted.red()) < 40 && qAbs(found.green() - wanted.green()) < 40 && qAbs(found.blue() - wanted.blue()) < 40;
        }
        QVERIFY2(shown >= 15, qPrintable(QString::number(shown)));
    }

    void pictureFollowsDataThemeAndCamera() {
        Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        QVERIFY(showCanvas(canvas, makeCloud(24, 1)));
        const QImage first = pictureOf(canvas);
        canvas.setScene(makeCloud(24, 2), true);
        const QImage second = pictureOf(canvas);
        QVERIFY(differentPixels(first, second) > 500);
        theme = Theme::dark();
        canvas.themeChanged();
        const QImage dark = pictureOf(canvas);
        QCOMPARE(dark.pixelColor(2, 2), theme.panel);
        QTest::keyClick(&canvas, Qt::Key_Left);
        const QImage turned = pictureOf(canvas);
        QVERIFY(differentPixels(dark, turned) > 500);
        QTest::keyClick(&canvas, Qt::Key_R);
        canvas.setOrthographic(true);
        QVERIFY(differentPixels(dark, pictureOf(canvas)) > 500);
        canvas.setScene(std::make_shared<PointScene>(), true);
        const QImage empty = pictureOf(canvas);
        QCOMPARE(empty.pixelColor(210, 180), theme.panel);
    }

    void mouseTurnsMovesAndZooms() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        QVERIFY(showCanvas(canvas, makeCloud(24)));
        QSignalSpy clicked(&canvas, &VtkCanvas::pointClicked);
        const QVector3D start = canvas.camera().position(), focal = canvas.camera().focalPoint();
        QTest::mousePress(&canvas, Qt::LeftButton, {}, {200, 180});
        QTest::mouseMove(&canvas, {240, 200});
        QMouseEvent drag(QEvent::MouseMove, QPointF(240, 200), canvas.mapToGlobal(QPointF(240, 200)), Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(&canvas, &drag);
        QTest::mouseRelease(&canvas, Qt::LeftButton, {}, {240, 200});
        QVERIFY(canvas.camera().position() != start);
        QCOMPARE(canvas.camera().focalPoint(), focal);
        QCOMPARE(clicked.count(), 0); // a drag is no click
        QTest::mousePress(&canvas, Qt::MiddleButton, {}, {200, 180});
        QMouseEvent pan(QEvent::MouseMove, QPointF(230, 180), canvas.mapToGlobal(QPointF(230, 180)), Qt::NoButton, Qt::MiddleButton, {});
        QCoreApplication::sendEvent(&canvas, &pan);
        QTest::mouseRelease(&canvas, Qt::MiddleButton, {}, {230, 180});
        QVERIFY(canvas.camera().focalPoint() != focal);
        const double distance = canvas.camera().distance();
        QWheelEvent wheel(QPointF(210, 180), canvas.mapToGlobal(QPointF(210, 180)), {}, QPoint(0, 240), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&canvas, &wheel);
        QVERIFY(canvas.camera().distance() < distance);
        QTest::keyClick(&canvas, Qt::Key_R);
        QVERIFY(!canvas.camera().wasMoved());
    }

    void clickAndKeysPick() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto scene = makeCloud(24);
        QVERIFY(showCanvas(canvas, scene));
        QSignalSpy clicked(&canvas, &VtkCanvas::pointClicked);
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.camera().project(scene->points[0]).screen.toPoint());
        QCOMPARE(clicked.takeFirst().at(0).toInt(), 0);
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, {3, 3});
        QCOMPARE(clicked.takeFirst().at(0).toInt(), -1);
        canvas.setSelected(4);
        QTest::keyClick(&canvas, Qt::Key_PageDown);
        QCOMPARE(clicked.takeFirst().at(0).toInt(), 5);
        canvas.setSelected(23);
        QTest::keyClick(&canvas, Qt::Key_PageDown);
        QCOMPARE(clicked.takeFirst().at(0).toInt(), 23);
    }

    void selectionIsMarked() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto scene = makeCloud(24);
        QVERIFY(showCanvas(canvas, scene));
        const QImage plain = pictureOf(canvas);
        canvas.setSelected(5);
        QVERIFY(differentPixels(plain, pictureOf(canvas)) > 40);
        canvas.setSelected(99);
        QCOMPARE(canvas.focus().selected, -1);
        QCOMPARE(differentPixels(plain, pictureOf(canvas)), 0);
    }

    void survivesDocking() {
        const Theme theme = Theme::light();
        QMainWindow window;
        auto* dock = new QDockWidget(&window);
        auto* canvas = new VtkCanvas(theme, dock);
        canvas->setScene(makeCloud(24), true);
        dock->setWidget(canvas);
        window.addDockWidget(Qt::RightDockWidgetArea, dock);
        window.resize(600, 400);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QVERIFY(QTest::qWaitFor([&] { return canvas->usesOpenGL(); }));
        for (const bool floating : {true, false, true, false}) { // each time in another window, with another context
            dock->setFloating(floating);
            QVERIFY(QTest::qWaitForWindowExposed(floating ? static_cast<QWidget*>(dock) : &window));
            QVERIFY(QTest::qWaitFor([&] { return canvas->usesOpenGL(); }));
            const QImage image = pictureOf(*canvas);
            const QPoint star = canvas->camera().project(canvas->scene().points[0]).screen.toPoint();
            QCOMPARE(image.pixelColor(star), theme.anchor);
        }
    }

    void manyComeAndGo() {
        const Theme theme = Theme::light();
        const auto scene = makeCloud(24);
        for (int i = 0; i < 100; ++i) {
            VtkCanvas canvas(theme);
            canvas.resize(200, 160);
            canvas.setScene(scene, true);
            if (i % 4 == 0)
                continue; // never shown
            canvas.show();
            if (i % 2 == 0)
                continue; // never painted
            QVERIFY(!pictureOf(canvas).isNull());
        }
    }

    void offscreenPictureLooksLikeTheWidget() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto scene = makeCloud(24);
        QVERIFY(showCanvas(canvas, scene));
        const QImage large = renderScene(*scene, canvas.camera(), theme, 2);
        QCOMPARE(large.size(), QSize(840, 720));
        QVERIFY(differentPixels(pictureOf(canvas), renderScene(*scene, canvas.camera(), theme, 1)) < 420 * 360 / 100);
    }
};

QTEST_MAIN(TestCanvas)
#include "tst_canvas.moc"
