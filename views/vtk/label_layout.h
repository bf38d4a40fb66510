// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/point_scene.h"

#include <QRectF>

#include <vector>

namespace sinkscope {

/// A label that found room.
struct PlacedLabel {
    int point = -1;          ///< -1: the label of an axis; kTag: of an arm or an angle
    QRectF rect;             ///< logical pixels
    QString text;            ///< shortened to fit
    bool emphasized = false; ///< an anchor, the selection or what the pointer is over: shown whatever it covers
};

inline constexpr int kTag = -2;

/// Chooses which labels to show and where: first those of axes, arms and angles and the emphasized ones, then by falling priority as long as they cover no
/// other label and no point. At most `limit` of the last kind. Deterministic. Thread: gui (font metrics).
std::vector<PlacedLabel> placeLabels(const PointScene& scene, const SceneCamera& camera, const SceneFocus& focus, const Theme& theme,
                                     int limit);

/// The font of emphasized labels.
QFont emphasizedFont(const Theme& theme);
/// Radius at which a point of a scene is drawn: that of the star for an anchor. Logical pixels.
double drawnRadius(const PointScene& scene, int point);

} // namespace sinkscope
