// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/raster_view.h"

namespace sinkscope {

namespace {
constexpr int kPieceMilliseconds = 10;
} // namespace

bool RasterView::shows(const SceneState& state, const Theme& theme, double pixelRatio) const {
    return m_scene == state.scene && m_camera.sameView(state.camera) && m_ratio == pixelRatio && m_dark == theme.isDark;
}

void RasterView::paint(QPainter& painter, const SceneState& state, const Theme& theme, double pixelRatio) {
    const bool small = state.scene->size() <= kAtOnce;
    const SceneRaster::Request request{.scene = state.scene, .camera = state.camera, .theme = &theme, .pixelRatio = pixelRatio,
                                       .quality = small ? SceneRaster::Quality::Full : SceneRaster::Quality::Fast};
    if (!shows(state, theme, pixelRatio)) {
        m_shown = (small ? m_full : m_fast).draw(request);
        m_shownInFull = small;
        m_refining = false;
        m_scene = state.scene;
        m_camera = state.camera;
        m_ratio = pixelRatio;
        m_dark = theme.isDark;
    }
    if (!state.moving && !m_shownInFull && !m_refining) {
        SceneRaster::Request full = request;
        full.quality = SceneRaster::Quality::Full;
        m_full.begin(full);
        m_refining = true;
    }
    painter.drawImage(QPointF(0, 0), m_shown);
}

bool RasterView::refine() {
    if (!m_refining || !m_full.advance(QDeadlineTimer(kPieceMilliseconds)))
        return false;
    m_refining = false;
    m_shown = m_full.image();
    m_shownInFull = true;
    return true;
}

} // namespace sinkscope
