// SPDX-License-Identifier: Apache-2.0
#include "gui/scene/cloud.h"
#include "views/vtk/label_layout.h"
#include "views/vtk/point_pick.h"
#include "views/vtk/scene_overlay.h"
#include "views/vtk/scene_raster.h"

#include <QTest>

using namespace sinkscope;

namespace {
SceneCamera framed(const SceneBox& box, QSizeF viewport = {420, 360}) {
    SceneCamera camera;
    camera.setViewport(viewport);
    camera.frame(box);
    return camera;
}
} // namespace

class TestCamera : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void framesTheBox_data() {
        QTest::addColumn<QSizeF>("viewport");
        QTest::addColumn<QVector3D>("half");
        QTest::addColumn<bool>("orthographic");
        for (const bool orthographic : {false, true}) {
            QTest::addRow("cube %d", orthographic) << QSizeF(400, 400) << QVector3D(1, 1, 1) << orthographic;
            QTest::addRow("flat in a wide view %d", orthographic) << QSizeF(900, 300) << QVector3D(1, 0.3F, 0) << orthographic;
            QTest::addRow("tall view %d", orthographic) << QSizeF(200, 700) << QVector3D(1, 0.1F, 0.4F) << orthographic;
            QTest::addRow("a point %d", orthographic) << QSizeF(300, 300) << QVector3D(0, 0, 0) << orthographic;
        }
    }
    void framesTheBox() {
        QFETCH(QSizeF, viewport);
        QFETCH(QVector3D, half);
        QFETCH(bool, orthographic);
        SceneCamera camera;
        camera.setOrthographic(orthographic);
        camera.setViewport(viewport);
        for (const auto view : {SceneCamera::View::Standard, SceneCamera::View::AlongFirst, SceneCamera::View::AlongSecond,
                                SceneCamera::View::AlongThird}) {
            camera.frame({QVector3D(3, 2, 1) - half, QVector3D(3, 2, 1) + half});
            camera.reset(view);
            for (int i = 0; i < 8; ++i) {
                const auto at = camera.project(camera.box().corner(i));
                QVERIFY(at.inFront);
                QVERIFY2(QRectF(QPointF(0, 0), viewport).contains(at.screen), qPrintable(QStringLiteral("%1 %2").arg(at.screen.x()).arg(at.screen.y())));
            }
        }
    }

    void namedViewsShowTheirAxes() {
        SceneCamera camera = framed({});
        camera.reset(SceneCamera::View::AlongSecond); // the first axis to the right, the third up
        const QPointF origin = camera.project({0, 0, 0}).screen;
        QVERIFY(camera.project({1, 0, 0}).screen.x() > origin.x() + 50);
        QVERIFY(camera.project({0, 0, 1}).screen.y() < origin.y() - 50);
        camera.reset(SceneCamera::View::AlongThird); // from above: the first to the right, the second up
        QVERIFY(camera.project({1, 0, 0}).screen.x() > origin.x() + 50);
        QVERIFY(camera.project({0, 1, 0}).screen.y() < origin.y() - 50);
        QVERIFY(camera.project({0, 0, 1}).depth < camera.project({0, 0, -1}).depth);
    }

    void zoomKeepsWhatIsUnderTheCursor() {
        SceneCamera camera = framed({});
        const QVector3D point = camera.focalPoint() + camera.right() * 0.4F + camera.up() * 0.3F; // in the focal plane
        const QPointF before = camera.project(point).screen;
        camera.zoom(1.8, before);
        const QPointF after = camera.project(point).screen;
        QVERIFY((after - before).manhattanLength() < 0.01);
        QVERIFY(camera.wasMoved());
    }

    void panFollowsTheHand() {
        SceneCamera camera = framed({});
        const QPointF before = camera.project(camera.focalPoint()).screen;
        const QVector3D point = camera.focalPoint();
        camera.pan({30, -12});
        QVERIFY((camera.project(point).screen - before - QPointF(30, -12)).manhattanLength() < 0.01);
    }

    void userCameraSurvivesResize() {
        SceneCamera camera = framed({});
        camera.orbit(30, 10);
        const QVector3D position = camera.position();
        camera.setViewport({800, 500});
        QCOMPARE(camera.position(), position);
        camera.reset();
        QVERIFY(!camera.wasMoved());
    }

    void orbitIsDefinedAtThePoles() {
        SceneCamera camera = framed({});
        camera.orbit(0, 500);
        QVERIFY(qAbs(camera.up().length() - 1) < 1e-5F);
        QVERIFY(qAbs(QVector3D::dotProduct(camera.up(), camera.forward())) < 1e-5F);
    }

    void picksWhatIsDrawn() {
        const auto scene = makeCloud(24);
        const SceneCamera camera = framed(scene->box);
        int exact = 0;
        for (int i = 0; i < scene->size(); ++i) {
            const auto at = camera.project(scene->points[static_cast<std::size_t>(i)]);
            const int hit = pickPoint(*scene, camera, at.screen);
            QVERIFY(hit >= 0);
            exact += hit == i;
            // Another point may lie over this one, but then it is nearer or an anchor.
            QVERIFY(hit == i || hit == 0 || camera.project(scene->points[static_cast<std::size_t>(hit)]).depth <= at.depth);
        }
        QVERIFY(exact >= 18);
        QCOMPARE(pickPoint(*scene, camera, {-50, -50}), -1);
        QCOMPARE(pickPoint(PointScene{}, camera, {10, 10}), -1);
    }

    void nearerPointWins() {
        PointScene scene;
        SceneCamera camera = framed({});
        camera.reset(SceneCamera::View::AlongSecond);
        scene.points = {camera.focalPoint() + camera.forward() * 0.5F, camera.focalPoint() - camera.forward() * 0.5F};
        scene.scalars = {0, 0};
        QCOMPARE(pickPoint(scene, camera, {210, 180}), 1);
        scene.anchors = {{0, QStringLiteral("far")}}; // a star is painted over everything
        QCOMPARE(pickPoint(scene, camera, {210, 180}), 0);
    }

    void labelsDoNotOverlap() {
        const auto scene = makeCloud(400);
        const SceneCamera camera = framed(scene->box, {900, 700});
        const Theme theme = Theme::light();
        const auto labels = placeLabels(*scene, camera, {17, -1}, theme, 80);
        QVERIFY(labels.size() > 20);
        bool hasAnchor = false, hasSelection = false;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            hasAnchor |= labels[i].point == 0;
            hasSelection |= labels[i].point == 17;
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY(labels[i].emphasized || labels[j].emphasized || !labels[i].rect.intersects(labels[j].rect));
        }
        QVERIFY(hasAnchor);
        QVERIFY(hasSelection);
    }

    void importantLabelsComeFirst() {
        auto scene = makeCloud(400);
        std::vector<float> importance(400, 0.0F);
        importance[333] = 1;
        importance[12] = std::numeric_limits<float>::quiet_NaN();
        scene->labelOrder = labelOrderOf(importance);
        QCOMPARE(scene->labelOrder.back(), 12);
        const SceneCamera camera = framed(scene->box, {900, 700});
        const auto labels = placeLabels(*scene, camera, {}, Theme::light(), 1);
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const PlacedLabel& label) { return label.point == 333; }));
    }

    void paintsWithoutOpenGL() {
        const auto scene = makeCloud(24);
        const SceneCamera camera = framed(scene->box);
        const Theme theme = Theme::light();
        QImage image = SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme, .pixelRatio = 2});
        QPainter painter(&image);
        paintMarks(painter, {.scene = scene, .camera = camera}, theme);
        painter.end();
        QCOMPARE(image.size(), QSize(840, 720));
        const QPointF star = camera.project(scene->points[0]).screen * 2;
        QCOMPARE(image.pixelColor(star.toPoint()), theme.anchor);
        const QPointF dot = camera.project(scene->points[7]).screen * 2;
        QVERIFY(image.pixelColor(dot.toPoint()) != theme.panel);
    }
};

QTEST_MAIN(TestCamera)
#include "tst_camera.moc"
