// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/scene_raster.h"
#include "views/vtk/scene_state.h"

#include <QPainter>

namespace sinkscope {

/// The geometry of a view, drawn on the processor and kept: small clouds in full each time, large ones quickly while the camera moves and in
/// full, a piece at a time, once it rests. Thread: gui.
class RasterView {
public:
    /// Paints the newest picture there is for a state, drawing it first when need be.
    void paint(QPainter& painter, const SceneState& state, const Theme& theme, double pixelRatio);
    /// A better picture is being made: call `refine` until it says so.
    [[nodiscard]] bool isRefining() const { return m_refining; }
    /// Works for some milliseconds; true when the better picture has come.
    bool refine();
    void forget() { m_scene.reset(); }
    /// Working memory, the most there was so far.
    [[nodiscard]] std::size_t mostBytes() const { return std::max(m_fast.mostBytes(), m_full.mostBytes()); }

    /// Up to here every picture is drawn in full.
    static constexpr int kAtOnce = 20000;

private:
    [[nodiscard]] bool shows(const SceneState& state, const Theme& theme, double pixelRatio) const;

    SceneRaster m_fast, m_full;
    QImage m_shown;
    bool m_shownInFull = false, m_refining = false;
    std::shared_ptr<const PointScene> m_scene; ///< of the picture that is shown, with the rest of what decided it
    SceneCamera m_camera;
    double m_ratio = 0;
    bool m_dark = false;
};

} // namespace sinkscope
