// SPDX-License-Identifier: Apache-2.0
// Prints milliseconds per frame of the 3D view: xvfb-run -a -s "-screen 0 1680x1050x24" bench_scene [points ...]
#include "views/vtk/vtk_canvas.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>

#include <cmath>
#include <cstdio>
#include <random>

using namespace sinkscope;

namespace {

std::shared_ptr<PointScene> cloud(int points) {
    auto scene = std::make_shared<PointScene>();
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.3F);
    for (int i = 0; i < points; ++i) {
        scene->points.emplace_back(normal(random), normal(random) / 2, normal(random) / 3);
        scene->scalars.push_back(std::min(1.0F, std::abs(normal(random))));
        scene->labels.push_back(QStringLiteral("token %1").arg(i));
    }
    scene->anchors.push_back({0, QStringLiteral("⟨bos⟩ anchor")});
    for (int i = 1; i < std::min(points, 500); ++i)
        scene->links.push_back({i, 0, 0.3F});
    scene->axisLabels = {QStringLiteral("PC1"), QStringLiteral("PC2"), QStringLiteral("PC3")};
    return scene;
}

enum class Kind { Moving, AtRest, MarksOnly };

/// Mean time of a frame that is really drawn. A key press turns the camera and starts the motion.
double frameTime(VtkCanvas& canvas, int frames, Kind kind) {
    QElapsedTimer clock;
    QImage last;
    double total = 0;
    for (int i = 0; i < frames; ++i) {
        if (kind == Kind::MarksOnly)
            canvas.setSelected(i + 1);
        else
            QTest::keyClick(&canvas, i % 2 ? Qt::Key_Left : Qt::Key_Right);
        if (kind == Kind::AtRest) {
            QTest::qWait(250); // the camera has come to rest
            canvas.themeChanged(); // draws everything anew
        }
        clock.start();
        const QImage image = canvas.grab().toImage();
        total += static_cast<double>(clock.nsecsElapsed()) / 1e6;
        if (image == last)
            std::printf("warning: the picture did not change\n");
        last = image;
    }
    return total / frames;
}

} // namespace

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    std::vector<int> counts;
    for (int i = 1; i < argc; ++i)
        counts.push_back(std::max(1, std::atoi(argv[i])));
    if (counts.empty())
        counts = {128, 2000, 10000, 100000};
    const Theme theme = Theme::light();
    std::printf("%10s %14s %14s %14s   (1000 x 650, text and copy to an image counted)\n", "points", "moving ms", "at rest ms", "hover ms");
    for (const int count : counts) {
        VtkCanvas canvas(theme);
        canvas.resize(1000, 650);
        canvas.setScene(cloud(count), true);
        canvas.show();
        if (!QTest::qWaitForWindowExposed(&canvas) || !QTest::qWaitFor([&] { return canvas.usesOpenGL(); })) {
            std::printf("no OpenGL here\n");
            return 1;
        }
        QTest::keyClick(&canvas, Qt::Key_Left);
        canvas.grab();
        const double moving = frameTime(canvas, 10, Kind::Moving);
        const double atRest = frameTime(canvas, 5, Kind::AtRest);
        std::printf("%10d %14.1f %14.1f %14.1f\n", count, moving, atRest, frameTime(canvas, 10, Kind::MarksOnly));
    }
    return 0;
}
