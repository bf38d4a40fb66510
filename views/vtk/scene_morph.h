// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/point_scene.h"

#include <QElapsedTimer>

#include <memory>

namespace sinkscope {

/// Moves points from where they are to where they belong within a third of a second. Can be interrupted at any time by another goal.
/// Thread: gui.
class SceneMorph {
public:
    /// `shown` is what is on the screen. False: there is no way between them (other points, too many), show `goal` at once.
    bool begin(const PointScene& shown, std::shared_ptr<const PointScene> goal);
    [[nodiscard]] bool isRunning() const { return m_goal != nullptr; }
    /// What to show now; the goal itself once the time is over.
    std::shared_ptr<const PointScene> now();
    void stop() { m_goal.reset(); }
    /// The points between two clouds, and their box; `share` 0..1.
    static std::shared_ptr<const PointScene> between(const std::vector<QVector3D>& from, const SceneBox& box, const PointScene& goal, float share);

    static constexpr int kMilliseconds = 300;
    static constexpr int kMost = 20000; ///< points; more would not be smooth

private:
    std::shared_ptr<const PointScene> m_goal;
    std::vector<QVector3D> m_from;
    SceneBox m_box;
    QElapsedTimer m_clock;
};

} // namespace sinkscope
