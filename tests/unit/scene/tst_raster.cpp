// SPDX-License-Identifier: Apache-2.0
#include "gui/scene/cloud.h"
#include "views/vtk/point_pick.h"
#include "views/vtk/scene_raster.h"

#include <QTest>

using namespace sinkscope;

namespace {

SceneCamera fromTheSide(const SceneBox& box = {}) {
    SceneCamera camera;
    camera.setViewport({300, 200});
    camera.frame(box);
    camera.reset(SceneCamera::View::AlongSecond);
    return camera;
}

/// Two points behind each other, the far one first or last.
std::shared_ptr<PointScene> pair(const SceneCamera& camera, bool farFirst) {
    auto scene = std::make_shared<PointScene>();
    const QVector3D away = camera.forward() * 0.5F;
    scene->points = {away, -away};
    scene->scalars = {0, 1};
    if (!farFirst) {
        std::swap(scene->points[0], scene->points[1]);
        std::swap(scene->scalars[0], scene->scalars[1]);
    }
    return scene;
}

int inked(const QImage& image, QRgb ground) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            count += image.pixel(x, y) != ground;
    return count;
}

} // namespace

class TestRaster : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void nearPointsHideFarOnes() {
        const Theme theme = Theme::light();
        const SceneCamera camera = fromTheSide();
        for (const bool farFirst : {true, false})
            for (const auto quality : {SceneRaster::Quality::Full, SceneRaster::Quality::Fast}) {
                const QImage image = SceneRaster().draw({.scene = pair(camera, farFirst), .camera = camera, .theme = &theme, .quality = quality});
                const QPoint middle = camera.project({0, 0, 0}).screen.toPoint();
                const QColor found = image.pixelColor(middle), yellow = sequentialColor("viridis", 1);
                QVERIFY2(std::abs(found.red() - yellow.red()) < 70 && found.red() > 150, qPrintable(found.name()));
            }
    }

    void pointsHideLinksBehindThem() {
        const Theme theme = Theme::light();
        const SceneCamera camera = fromTheSide();
        auto scene = std::make_shared<PointScene>();
        const QVector3D side = camera.right() * 0.8F, away = camera.forward() * 0.4F;
        const auto middleOf = [&](const QVector3D& middle) {
            scene->points = {side, -side, middle};
            scene->scalars = {0, 0, 0};
            scene->sizes = {1, 1, 2};
            scene->links = {{0, 1, 1.0F}};
            return SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme}).pixelColor(camera.project({0, 0, 0}).screen.toPoint());
        };
        const QColor before = middleOf(-away), behind = middleOf(away);
        QVERIFY(before.red() < 110);  // the point's dark violet
        QVERIFY(behind.red() > before.red() + 60); // the link's orange over it
    }

    void everyShapeHasItsOwnPixels() {
        const Theme theme = Theme::light();
        const SceneCamera camera = fromTheSide();
        std::vector<QImage> images;
        for (int shape = 0; shape < kPointShapes; ++shape) {
            auto scene = std::make_shared<PointScene>();
            scene->points = {{0, 0, 0}};
            scene->scalars = {0.5F};
            scene->shapes = {static_cast<PointShape>(shape)};
            scene->sizes = {3};
            images.push_back(SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme, .pixelRatio = 2, .pointsOnly = true}));
            QVERIFY(inked(images.back(), theme.panel.rgb()) > 300);
            for (int other = 0; other < shape; ++other)
                QVERIFY(images.back() != images[static_cast<std::size_t>(other)]);
        }
    }

    void hazeGrowsWithDistance() {
        const Theme theme = Theme::dark();
        const SceneCamera camera = fromTheSide();
        const auto brightness = [&](float depth) {
            auto scene = std::make_shared<PointScene>();
            scene->points = {camera.forward() * depth};
            scene->scalars = {1};
            return SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme}).pixelColor(camera.project(scene->points[0]).screen.toPoint()).lightness();
        };
        QVERIFY(brightness(-1) > brightness(0.4F));
        QVERIFY(brightness(0.4F) > brightness(1.2F));
    }

    void groundCanBeTransparent() {
        const Theme theme = Theme::light();
        const auto scene = makeCloud(24);
        const SceneCamera camera = fromTheSide(scene->box);
        const QImage image = SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme, .transparent = true});
        QCOMPARE(qAlpha(image.pixel(1, 1)), 0);
        QCOMPARE(qAlpha(image.pixel(camera.project(scene->points[5]).screen.toPoint())), 255);
        const QImage opaque = SceneRaster().draw({.scene = scene, .camera = camera, .theme = &theme});
        QCOMPARE(opaque.pixelColor(1, 1), theme.panel);
    }

    void piecesGiveTheSamePicture() {
        const Theme theme = Theme::light();
        const auto scene = makeCloud(60000);
        scene->links.clear();
        const SceneRaster::Request request{.scene = scene, .camera = fromTheSide(scene->box), .theme = &theme};
        SceneRaster whole, pieces;
        const QImage image = whole.draw(request);
        pieces.begin(request);
        int steps = 0;
        while (!pieces.advance(QDeadlineTimer(1)))
            ++steps;
        QVERIFY(steps >= 0);
        QCOMPARE(pieces.image(), image);
        QCOMPARE(whole.draw(request), image);
    }

    void memoryStaysSmall() {
        const auto scene = makeCloud(60000);
        scene->links.clear();
        std::vector<QString> texts{QStringLiteral("a"), QStringLiteral("b")};
        std::vector<std::int32_t> index(60000, 1);
        scene->labels.set(std::move(texts), std::move(index));
        scene->points.shrink_to_fit();
        scene->scalars.shrink_to_fit();
        QVERIFY(scene->bytes() / 60000 <= 24);
        const Theme theme = Theme::light();
        SceneRaster raster;
        raster.draw({.scene = scene, .camera = fromTheSide(scene->box), .theme = &theme});
        QVERIFY((scene->bytes() + raster.mostBytes()) / 60000 < 64);
    }

    void picksAgreeWithASlowSearch() {
        for (const bool orthographic : {false, true}) {
            const auto scene = makeCloud(3000, 7);
            for (int i = 0; i < 3000; ++i)
                scene->sizes.push_back(0.5F + static_cast<float>(i % 5) / 2);
            SceneCamera camera = fromTheSide(scene->box);
            camera.setOrthographic(orthographic);
            camera.orbit(17, 9);
            for (int at = 0; at < 200; ++at) {
                const QPointF position(at * 1.5, 60 + (at * 31) % 90);
                int hit = -1, near = -1;
                double depth = 1e18, gap = 6;
                for (int i = 0; i < scene->size(); ++i) {
                    const auto p = camera.project(scene->points[static_cast<std::size_t>(i)]);
                    const bool star = i == 0;
                    const double radius = star ? kAnchorRadius
                                               : pointRadius(3000) * static_cast<double>(scene->sizeOf(i)) * camera.projector().magnification(p.depth);
                    const double d = std::hypot(p.screen.x() - position.x(), p.screen.y() - position.y()) - radius;
                    if (d <= 0 && p.depth - (star ? 1e6 : 0) < depth)
                        hit = i, depth = p.depth - (star ? 1e6 : 0);
                    else if (d > 0 && d < gap)
                        near = i, gap = d;
                }
                QCOMPARE(pickPoint(*scene, camera, position), hit >= 0 ? hit : near);
            }
        }
    }

    void outlinesHoldWhatTheySurround() {
        const auto scene = makeCloud(500, 3);
        const SceneCamera camera = fromTheSide(scene->box);
        const QPolygonF triangle({QPointF(100, 60), QPointF(260, 100), QPointF(120, 150)});
        std::vector<int> wanted;
        for (int i = 0; i < scene->size(); ++i)
            if (triangle.containsPoint(camera.project(scene->points[static_cast<std::size_t>(i)]).screen, Qt::OddEvenFill))
                wanted.push_back(i);
        QVERIFY(wanted.size() > 5 && wanted.size() < 490);
        QCOMPARE(pointsWithin(*scene, camera, triangle), wanted);
        QVERIFY(pointsWithin(*scene, camera, {}).empty());
    }
};

QTEST_MAIN(TestRaster)
#include "tst_raster.moc"
