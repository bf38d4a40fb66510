// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"
#include "views/vtk/scene_state.h"

#include <QImage>
#include <QOpenGLWidget>

#include <memory>

namespace sinkscope {

/// The OpenGL part of a VtkCanvas: VTK draws the geometry, QPainter the rest. Knows no events. Thread: gui.
class VtkSurface : public QOpenGLWidget {
public:
    /// Both outlive the surface.
    VtkSurface(const SceneState& state, const Theme& theme, QWidget* parent);
    ~VtkSurface() override;

    /// The scene's content or the theme has changed.
    void sceneChanged();
    /// False before the first paint, and when the driver offers no OpenGL 3.2: then everything is painted in software.
    [[nodiscard]] bool usesOpenGL() const { return m_gl != nullptr; }
    /// Memory of the geometry beside the scene's own.
    [[nodiscard]] std::size_t geometryBytes() const;
    /// Whether the platform can have such a widget at all.
    static bool isAvailable();

protected:
    void initializeGL() override;
    void paintGL() override;

private:
    struct Gl;
    void releaseGl();
    void drawGeometry(const QSize& physical);

    const SceneState& m_state;
    const Theme& m_theme;
    std::unique_ptr<Gl> m_gl;
    QImage m_overlay;
    bool m_dirty = true;
    QSize m_drawnSize; ///< of the picture that VTK still holds, with its camera
    SceneCamera m_drawnCamera;
    bool m_drawnMoving = false;
};

} // namespace sinkscope
