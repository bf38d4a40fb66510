// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/vtk_surface.h"

#include <QTimer>
#include <QWidget>

namespace sinkscope {

/// Shows a PointScene and moves the camera: VTK draws the geometry, QPainter the text over it (VTK's fonts lack most scripts); where there is no
/// OpenGL, QPainter draws everything.
/// Left drag turns, middle or Shift drag moves, the wheel zooms, double click resets; arrows, +, -, R, 1, 2, 3 do the same from the keyboard,
/// Page Up and Page Down go through the points. Thread: gui.
class VtkCanvas : public QWidget {
    Q_OBJECT
public:
    /// `theme` outlives the canvas; call `themeChanged` after changing it.
    explicit VtkCanvas(const Theme& theme, QWidget* parent = nullptr);

    /// Replaces what is shown. The camera stays where the user put it, unless `reframe` or nobody has moved it yet.
    void setScene(std::shared_ptr<const PointScene> scene, bool reframe);
    [[nodiscard]] const PointScene& scene() const { return *m_state.scene; }
    void setSelected(int point);
    [[nodiscard]] const SceneFocus& focus() const { return m_state.focus; }
    void setOrthographic(bool orthographic);
    void resetView(SceneCamera::View view = SceneCamera::View::Standard);
    void themeChanged();
    [[nodiscard]] const SceneCamera& camera() const { return m_state.camera; }
    [[nodiscard]] bool usesOpenGL() const { return m_surface && m_surface->usesOpenGL(); }
    [[nodiscard]] QSize sizeHint() const override { return {420, 360}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, 140}; }

Q_SIGNALS:
    /// -1: the pointer is over no point.
    void pointHovered(int point, const QPoint& globalPosition);
    /// -1: beside every point.
    void pointClicked(int point);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void refresh();
    void sceneChanged();
    void moved();
    void hover(int point, const QPoint& global);
    bool moveCamera(int key);

    const Theme& m_theme;
    SceneState m_state;
    VtkSurface* m_surface = nullptr; ///< null where the platform has no OpenGL widgets
    QTimer m_rest;                   ///< ends the motion, so that a still picture is drawn in full
    QPointF m_press, m_last;
    bool m_dragged = false;
};

} // namespace sinkscope
