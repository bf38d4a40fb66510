// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QSize>
#include <QSurfaceFormat>

#include <vtkSmartPointer.h>

class QOpenGLContext;
class vtkGenericOpenGLRenderWindow;
class vtkRenderer;

namespace sinkscope {

/// Lets VTK render into a context that Qt owns (Debian's QVTKOpenGLWidget is built for Qt 5). Create, use and destroy it only while that
/// context is current: VTK asks the driver for its functions on first use. Thread: gui.
class VtkTarget {
public:
    VtkTarget();
    ~VtkTarget();
    VtkTarget(const VtkTarget&) = delete;
    VtkTarget& operator=(const VtkTarget&) = delete;

    /// What contexts for VTK have to ask for.
    static QSurfaceFormat surfaceFormat();
    /// Whether a context is good enough for VTK (OpenGL 3.2, not ES).
    static bool isSupported(const QOpenGLContext& context);

    /// Whether the driver of the current context has no graphics processor.
    static bool rendersInSoftware();

    void attach(vtkRenderer& renderer);
    /// Renders and copies the picture into the framebuffer that is bound now. `size` in physical pixels. `moving`: a driver that renders in
    /// software then leaves edges rough, which takes it a third of the time.
    void render(const QSize& size, bool moving);
    [[nodiscard]] bool multisamples(bool moving) const { return !(moving && m_isSoftware); }
    /// Copies the last picture again.
    void repeat();

private:
    vtkSmartPointer<vtkGenericOpenGLRenderWindow> m_window;
    vtkRenderer* m_renderer = nullptr;
    void prepareState();
    void restoreState();
    /// Blending leaves no meaningful alpha, and the window below must not shine through.
    static void makeOpaque();

    bool m_isSoftware = false; ///< the driver has no graphics processor
};

} // namespace sinkscope
