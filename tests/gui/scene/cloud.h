// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <cmath>
#include <memory>
#include <random>

namespace sinkscope {

/// A reproducible cloud with an anchor at one end, shaped like the keys of a head with a sink.
inline std::shared_ptr<PointScene> makeCloud(int points, unsigned seed = 1) {
    auto scene = std::make_shared<PointScene>();
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> unit(0, 1);
    const QStringList words = QStringLiteral("⟨bos⟩ The force on a charge is the field times its charge , and the work done along a closed "
                                             "loop is zero .").split(u' ');
    for (int i = 0; i < points; ++i) {
        scene->points.emplace_back(i == 0 ? -0.95F : unit(random), 0.4F * (unit(random) - 0.5F), 0.5F * (unit(random) - 0.5F));
        scene->scalars.push_back(unit(random));
        scene->labels.push_back(words[i % words.size()]);
        if (i > 0)
            scene->links.push_back({i, 0, unit(random)});
    }
    scene->anchors.push_back({0, QStringLiteral("⟨bos⟩ anchor")});
    scene->box = {{-1, -0.25F, -0.3F}, {1, 0.25F, 0.3F}};
    scene->axisLabels = {QStringLiteral("PC1 61 %"), QStringLiteral("PC2 12 %"), QStringLiteral("PC3 8 %")};
    scene->colorTitle = QStringLiteral("Received attention");
    scene->colorLow = QStringLiteral("0");
    scene->colorHigh = QStringLiteral("0.09");
    return scene;
}

} // namespace sinkscope
