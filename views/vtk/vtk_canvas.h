// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/camera_history.h"
#include "views/vtk/raster_view.h"
#include "views/vtk/scene_morph.h"
#include "views/vtk/vtk_surface.h"

#include <QTimer>
#include <QWidget>

namespace sinkscope {

/// Shows a PointScene and moves the camera: VTK or the processor draws the geometry (geometry_backend.h), QPainter the text over it (VTK's fonts
/// lack most scripts).
/// Left drag turns, middle or Shift drag moves, the wheel zooms, double click resets; Ctrl drag draws a rectangle around points, Ctrl and
/// Shift a lasso. Everything has a key: see `keysHelp`. Thread: gui.
class VtkCanvas : public QWidget {
    Q_OBJECT
public:
    enum class Tool { Turn, Rectangle, Lasso }; ///< what a left drag does

    /// `theme` outlives the canvas; call `themeChanged` after changing it.
    explicit VtkCanvas(const Theme& theme, QWidget* parent = nullptr);

    /// Replaces what is shown. The camera stays where the user put it, unless `reframe` or nobody has moved it yet. `morph`: points move to
    /// their new places where that is possible.
    void setScene(std::shared_ptr<const PointScene> scene, bool reframe, bool morph = false);
    /// The scene that was set last, also while points still move to it.
    [[nodiscard]] const PointScene& scene() const { return *m_goal; }
    void setSelected(int point);
    /// The selected set, ascending.
    void setMarked(std::vector<int> points);
    void setNeighbours(std::vector<int> points);
    [[nodiscard]] const SceneFocus& focus() const { return m_state.focus; }
    void setOrthographic(bool orthographic);
    void setTool(Tool tool);
    void themeChanged();

    void resetView(SceneCamera::View view = SceneCamera::View::Standard);
    /// Looks straight at the plane of the anchors' frame.
    void lookAtFrame();
    void setTurning(bool turning);
    [[nodiscard]] bool isTurning() const { return m_turntable.isActive(); }
    void cameraBack();
    void cameraForth();
    /// Takes over the direction and distance of another view's camera.
    void follow(const SceneCamera& camera);
    [[nodiscard]] const SceneCamera& camera() const { return m_state.camera; }

    /// The picture as it is on the screen, in full quality.
    [[nodiscard]] QImage picture();
    [[nodiscard]] bool usesOpenGL() const { return m_surface && m_surface->usesOpenGL(); }
    /// A finer picture is still being made, or points are on their way.
    [[nodiscard]] bool isBusy() const { return m_raster.isRefining() || m_morph.isRunning() || m_state.moving; }
    /// Memory of the geometry beside the scene's own, the most there was so far.
    [[nodiscard]] std::size_t geometryBytes() const { return m_surface ? m_surface->geometryBytes() : m_raster.mostBytes(); }
    /// So long after the last motion the camera counts as resting.
    static constexpr int restMilliseconds() { return 160; }
    [[nodiscard]] QSize sizeHint() const override { return {420, 360}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, 140}; }
    /// Pairs of keys and what they do, for help.
    static QList<std::pair<QString, QString>> keysHelp();

Q_SIGNALS:
    /// -1: the pointer is over no point.
    void pointHovered(int point, const QPoint& globalPosition);
    /// -1: beside every point.
    void pointClicked(int point);
    /// The user chose a set.
    void pointsMarked(const std::vector<int>& points);
    /// The user moved the camera.
    void cameraMoved();
    void turningChanged(bool turning);
    void orthographicChanged(bool orthographic);

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
    bool event(QEvent* event) override;

private:
    void refresh();
    void sceneChanged();
    void moved();
    void jumped();
    void adopt(std::shared_ptr<const PointScene> scene, bool reframe);
    void morphStep();
    void hover(int point, const QPoint& global);
    void drawOutline(const QPointF& to);
    void finishOutline(bool add);
    bool moveCamera(int key, Qt::KeyboardModifiers modifiers);
    bool changePoints(int key, Qt::KeyboardModifiers modifiers);

    const Theme& m_theme;
    SceneState m_state;
    std::shared_ptr<const PointScene> m_goal;
    VtkSurface* m_surface = nullptr; ///< null where the processor draws
    RasterView m_raster;
    SceneMorph m_morph;
    CameraHistory m_history;
    QTimer m_rest;      ///< ends the motion, so that a still picture is drawn in full
    QTimer m_refine;    ///< draws it, a piece at a time
    QTimer m_morphStep;
    QTimer m_turntable;
    Tool m_tool = Tool::Turn, m_dragTool = Tool::Turn;
    QPointF m_press, m_last;
    bool m_dragged = false;
};

} // namespace sinkscope
