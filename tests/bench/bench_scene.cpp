// SPDX-License-Identifier: Apache-2.0
// Prints milliseconds per frame, per pick, and memory per point of the 3D view: xvfb-run -a -s "-screen 0 1680x1050x24" bench_scene [points ...]
#include "gui/scene/panel_bench.h"
#include "views/key_space/key_space_view.h"
#include "views/vtk/point_pick.h"
#include "views/vtk/vtk_canvas.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <cstdio>
#include <random>

using namespace sinkscope;

namespace {

constexpr int kPieces = 5000; // different texts of tokens

std::shared_ptr<PointScene> cloud(int points) {
    auto scene = std::make_shared<PointScene>();
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.3F);
    std::vector<std::int32_t> pieces;
    for (int i = 0; i < points; ++i) {
        scene->points.emplace_back(normal(random), normal(random) / 2, normal(random) / 3);
        scene->scalars.push_back(std::min(1.0F, std::abs(normal(random))));
        pieces.push_back(i % kPieces);
    }
    std::vector<QString> texts;
    for (int i = 0; i < std::min(points, kPieces); ++i)
        texts.push_back(QStringLiteral("token %1").arg(i));
    scene->labels.set(std::move(texts), std::move(pieces));
    for (int i = 0; i < points; ++i) {
        scene->sizes.push_back(i % 7 == 0 ? 1.5F : 1.0F);
        scene->shapes.push_back(i % 11 == 0 ? PointShape::Diamond : PointShape::Disc);
    }
    for (std::vector<float>* all : {&scene->scalars, &scene->sizes})
        all->shrink_to_fit();
    scene->points.shrink_to_fit();
    scene->shapes.shrink_to_fit();
    scene->anchors.push_back({0, QStringLiteral("⟨bos⟩ anchor")});
    for (int i = 1; i < std::min(points, 500); ++i)
        scene->links.push_back({i, 0, 0.3F});
    scene->axisLabels = {QStringLiteral("PC1"), QStringLiteral("PC2"), QStringLiteral("PC3")};
    return scene;
}

enum class Kind { Moving, MarksOnly };

bool settled(VtkCanvas& canvas) {
    return QTest::qWaitFor([&] { return !canvas.isBusy(); }, 60000);
}

/// The quickest of several frames that are really drawn: what else the machine does meanwhile only adds to it. A key press turns the camera and
/// starts the motion.
double frameTime(VtkCanvas& canvas, int frames, Kind kind) {
    QElapsedTimer clock;
    QImage last;
    double best = 1e9;
    for (int i = 0; i < frames; ++i) {
        if (kind == Kind::MarksOnly)
            canvas.setSelected(i + 1);
        else
            QTest::keyClick(&canvas, i % 2 ? Qt::Key_Left : Qt::Key_Right);
        clock.start();
        const QImage image = canvas.grab().toImage();
        best = std::min(best, static_cast<double>(clock.nsecsElapsed()) / 1e6);
        if (image == last)
            std::printf("warning: the picture did not change\n");
        last = image;
    }
    return best;
}

/// The whole picture in full quality, in one go (the window draws it a piece at a time).
double fullTime(VtkCanvas& canvas) {
    QElapsedTimer clock;
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        clock.start();
        if (canvas.usesOpenGL()) {
            canvas.themeChanged(); // draws everything anew
            canvas.grab();
        } else {
            if (canvas.picture().isNull())
                return 0;
        }
        best = std::min(best, static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return best;
}

/// Mean of exact picks all over the view, hits and misses.
double pickTime(const PointScene& scene, const SceneCamera& camera) {
    QElapsedTimer clock;
    clock.start();
    int hits = 0;
    constexpr int kPicks = 50;
    for (int i = 0; i < kPicks; ++i)
        hits += pickPoint(scene, camera, {20.0 + 19 * i, 100.0 + (i * 37) % 450}) >= 0;
    if (hits == 0)
        std::printf("warning: nothing was hit\n");
    return static_cast<double>(clock.nsecsElapsed()) / 1e6 / kPicks;
}

void measure(const Theme& theme, int count, const char* renderer) {
    qputenv("SINKSCOPE_RENDERER", renderer);
    VtkCanvas canvas(theme);
    canvas.resize(1000, 650);
    const auto scene = cloud(count);
    canvas.setScene(scene, true);
    canvas.show();
    if (!QTest::qWaitForWindowExposed(&canvas) || !settled(canvas))
        return;
    QTest::keyClick(&canvas, Qt::Key_Left);
    canvas.grab();
    settled(canvas);
    const double bytes = static_cast<double>(scene->bytes() + canvas.geometryBytes()) / count;
    const double moving = frameTime(canvas, 10, Kind::Moving);
    settled(canvas);
    const double atRest = fullTime(canvas);
    const double marks = frameTime(canvas, 10, Kind::MarksOnly), pick = pickTime(*scene, canvas.camera());
    std::printf("%8s %9d %12.1f %14.1f %10.1f %9.2f %12.1f\n", renderer, count, moving, atRest, marks, pick, bytes);
    std::fflush(stdout);
}

/// From the selection of a head to its principal components on the screen, as the panel does it: mean and worst, and the pace at which a
/// selection that moves on 60 times a second is followed.
void measureHeads(int tokens) {
    qputenv("SINKSCOPE_RENDERER", "raster");
    test::Bench bench;
    bench.panel->resize(1000, 650);
    bench.open({.words = test::sentence(tokens), .layers = 12, .heads = 12, .keyValueHeads = 12, .width = 64, .finishedLayers = 12});
    auto* view = bench.panel->findChild<KeySpaceView*>();
    if (!bench.shows(tokens))
        return;
    int pictures = 0;
    QObject::connect(view, &KeySpaceView::arrived, view, [&] { ++pictures; });
    QElapsedTimer clock;
    double total = 0, worst = 0;
    constexpr int kHeads = 40;
    for (int i = 1; i <= kHeads; ++i) {
        const int before = pictures;
        clock.start();
        bench.selection.setHead(LayerId(i % 12), HeadId(i % 12));
        while (pictures == before)
            QCoreApplication::processEvents();
        bench.canvas().grab();
        const double time = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        total += time;
        worst = std::max(worst, time);
    }
    std::printf("%d tokens, width 64: first picture after selecting a head: mean %.1f ms, worst %.1f ms\n", tokens, total / kHeads, worst);
    pictures = 0;
    int asked = 0;
    QTimer pace;
    pace.setTimerType(Qt::PreciseTimer);
    QObject::connect(&pace, &QTimer::timeout, view, [&] {
        ++asked;
        bench.selection.setHead(LayerId(asked / 12 % 12), HeadId(asked % 12));
    });
    clock.start();
    pace.start(1000 / 60);
    while (asked < 120)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    pace.stop();
    const double seconds = static_cast<double>(clock.elapsed()) / 1000;
    QTest::qWait(200);
    std::printf("%d selections in %.2f s (%.0f a second): %d pictures shown, the last head %s\n", asked, seconds, asked / seconds, pictures,
                view->data()->question.head == bench.selection.head().value ? "among them" : "MISSING");
}

} // namespace

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    std::vector<int> counts;
    for (int i = 1; i < argc; ++i)
        counts.push_back(std::max(1, std::atoi(argv[i])));
    if (counts.empty())
        counts = {128, 2000, 10000, 100000, 1000000};
    const Theme theme = Theme::light();
    std::printf("1000 x 650; text and the copy to an image counted; the best of several frames\n");
    std::printf("%8s %9s %12s %14s %10s %9s %12s\n", "renderer", "points", "moving ms", "full picture", "hover ms", "pick ms", "bytes/point");
    for (const char* renderer : {"raster", "vtk"})
        for (const int count : counts)
            measure(theme, count, renderer);
    measureHeads(128);
    return 0;
}
