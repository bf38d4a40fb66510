// SPDX-License-Identifier: Apache-2.0
#include "gui/scene/cloud.h"
#include "views/vtk/point_pick.h"
#include "views/vtk/scene_overlay.h"
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

bool isReady(const VtkCanvas& canvas) {
    return QTest::qWaitFor([&] { return canvas.usesOpenGL() == (qgetenv("SINKSCOPE_RENDERER") == "vtk") && !canvas.isBusy(); });
}

bool showCanvas(VtkCanvas& canvas, const std::shared_ptr<PointScene>& scene) {
    canvas.resize(420, 360);
    canvas.setScene(scene, true);
    canvas.show();
    return QTest::qWaitForWindowExposed(&canvas) && isReady(canvas);
}

} // namespace

class TestCanvas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data() {
        QTest::addColumn<QByteArray>("renderer");
        QTest::newRow("vtk") << QByteArray("vtk");
        QTest::newRow("raster") << QByteArray("raster");
    }

    void init() {
        QFETCH_GLOBAL(QByteArray, renderer);
        qputenv("SINKSCOPE_RENDERER", renderer);
    }

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
        QVERIFY(isReady(*canvas));
        for (const bool floating : {true, false, true, false}) { // each time in another window, with another context
            dock->setFloating(floating);
            QVERIFY(QTest::qWaitForWindowExposed(floating ? static_cast<QWidget*>(dock) : &window));
            QVERIFY(isReady(*canvas));
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

    void everyShapeLooksTheSameToBoth() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto scene = makeCloud(24);
        scene->links.clear();
        scene->axisLabels = {}; // thin lines differ: one blends what the other samples
        for (int i = 0; i < 24; ++i)
            scene->shapes.push_back(static_cast<PointShape>(i % kPointShapes));
        scene->sizes.assign(24, 1.5F);
        QVERIFY(showCanvas(canvas, scene));
        const QImage widget = pictureOf(canvas), raster = canvas.picture();
        int strong = 0;
        for (int y = 0; y < widget.height(); ++y)
            for (int x = 0; x < widget.width(); ++x) {
                const QColor a = widget.pixelColor(x, y), b = raster.pixelColor(x, y);
                strong += qAbs(a.red() - b.red()) + qAbs(a.green() - b.green()) + qAbs(a.blue() - b.blue()) > 150;
            }
        QVERIFY2(strong < 700, qPrintable(QString::number(strong)));
    }

    void cameraGoesBackAndForth() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        QVERIFY(showCanvas(canvas, makeCloud(24)));
        QSignalSpy moved(&canvas, &VtkCanvas::cameraMoved);
        const double start = canvas.camera().azimuth();
        QTest::keyClick(&canvas, Qt::Key_Left);
        QVERIFY(isReady(canvas));
        const double once = canvas.camera().azimuth();
        QTest::keyClick(&canvas, Qt::Key_1);
        QCOMPARE(canvas.camera().azimuth(), -90.0);
        QTest::keyClick(&canvas, Qt::Key_Left, Qt::AltModifier);
        QTest::keyClick(&canvas, Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(canvas.camera().azimuth(), start);
        QTest::keyClick(&canvas, Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(canvas.camera().azimuth(), once);
        QCOMPARE(moved.count(), 5);
        QTest::keyClick(&canvas, Qt::Key_T);
        QVERIFY(canvas.isTurning());
        QVERIFY(QTest::qWaitFor([&] { return canvas.camera().azimuth() != once; }));
        QTest::keyClick(&canvas, Qt::Key_T);
        QVERIFY(!canvas.isTurning());
        QTest::keyClick(&canvas, Qt::Key_O);
        QVERIFY(canvas.camera().isOrthographic());
    }

    void rectanglesAndLassosSelect() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto scene = makeCloud(24);
        QVERIFY(showCanvas(canvas, scene));
        QSignalSpy marked(&canvas, &VtkCanvas::pointsMarked);
        const auto drag = [&](const QList<QPointF>& path, Qt::KeyboardModifiers modifiers) {
            QTest::mousePress(&canvas, Qt::LeftButton, modifiers, path.first().toPoint());
            for (const QPointF& at : path) {
                QMouseEvent move(QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::LeftButton, modifiers);
                QCoreApplication::sendEvent(&canvas, &move);
            }
            QTest::mouseRelease(&canvas, Qt::LeftButton, modifiers, path.last().toPoint());
        };
        const QVector3D before = canvas.camera().position();
        drag({{1, 1}, {418, 358}}, Qt::ControlModifier);
        QCOMPARE(marked.takeFirst().at(0).value<std::vector<int>>().size(), std::size_t(24));
        const QPointF star = canvas.camera().project(scene->points[0]).screen;
        drag({star + QPointF(-9, -9), star + QPointF(9, -9), star + QPointF(9, 9), star + QPointF(-9, 9)}, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(marked.takeFirst().at(0).value<std::vector<int>>(), std::vector<int>{0});
        canvas.setTool(VtkCanvas::Tool::Rectangle);
        drag({{1, 1}, {6, 6}}, Qt::NoModifier);
        QVERIFY(marked.takeFirst().at(0).value<std::vector<int>>().empty());
        QCOMPARE(canvas.camera().position(), before);
    }

    void keysChangeTheSet() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        QVERIFY(showCanvas(canvas, makeCloud(24)));
        QSignalSpy marked(&canvas, &VtkCanvas::pointsMarked);
        connect(&canvas, &VtkCanvas::pointsMarked, &canvas, &VtkCanvas::setMarked);
        connect(&canvas, &VtkCanvas::pointClicked, &canvas, &VtkCanvas::setSelected);
        canvas.setSelected(5);
        QTest::keyClick(&canvas, Qt::Key_Space);
        QCOMPARE(canvas.focus().marked, std::vector<int>{5});
        QTest::keyClick(&canvas, Qt::Key_PageDown, Qt::ShiftModifier);
        QCOMPARE(canvas.focus().marked, (std::vector<int>{5, 6}));
        canvas.setNeighbours({20, 2});
        QTest::keyClick(&canvas, Qt::Key_N);
        QCOMPARE(canvas.focus().marked, (std::vector<int>{2, 5, 6, 20}));
        QTest::keyClick(&canvas, Qt::Key_Space);
        QCOMPARE(canvas.focus().marked, (std::vector<int>{2, 5, 20}));
        QTest::keyClick(&canvas, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(canvas.focus().marked.size(), std::size_t(24));
        QTest::keyClick(&canvas, Qt::Key_Escape);
        QVERIFY(canvas.focus().marked.empty());
        QCOMPARE(canvas.focus().selected, 6);
        QTest::keyClick(&canvas, Qt::Key_Escape);
        QCOMPARE(canvas.focus().selected, -1);
    }

    void morphsAndCanBeInterrupted() {
        const Theme theme = Theme::light();
        VtkCanvas canvas(theme);
        const auto first = makeCloud(24, 1), second = makeCloud(24, 2), third = makeCloud(24, 3);
        QVERIFY(showCanvas(canvas, first));
        canvas.setScene(second, false, true);
        QVERIFY(canvas.isBusy());
        QCOMPARE(canvas.scene().points, second->points); // the goal
        canvas.setScene(third, false, true);
        QVERIFY(isReady(canvas));
        QCOMPARE(canvas.camera().box().low, third->box.low);
        canvas.setScene(makeCloud(30), false, true); // other points: at once
        QVERIFY(!canvas.isBusy());
        const auto half = SceneMorph::between(first->points, first->box, *second, 0.5F);
        QVERIFY((half->points[3] - (first->points[3] + second->points[3]) / 2).length() < 1e-6F);
    }
};

QTEST_MAIN(TestCanvas)
#include "tst_canvas.moc"
