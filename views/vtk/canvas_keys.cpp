// SPDX-License-Identifier: Apache-2.0
// The keyboard of the 3D view.
#include "views/vtk/vtk_canvas.h"

#include <QKeyEvent>

#include <algorithm>
#include <numeric>

namespace sinkscope {

QList<std::pair<QString, QString>> VtkCanvas::keysHelp() {
    return {{tr("Arrows"), tr("turn")},
            {tr("Shift+arrows"), tr("move")},
            {tr("+ and −"), tr("zoom")},
            {tr("R"), tr("whole cloud")},
            {tr("1, 2, 3"), tr("front, side, top")},
            {tr("4"), tr("plane of the anchors")},
            {tr("O"), tr("orthographic or perspective")},
            {tr("T"), tr("turntable")},
            {tr("Alt+Left, Alt+Right"), tr("camera back and forth")},
            {tr("Page Down, Page Up"), tr("next and previous point")},
            {tr("Space"), tr("take the point into the set, or out of it")},
            {tr("Shift+Page Down or Up"), tr("extend the set")},
            {tr("N"), tr("take the nearest points into the set")},
            {tr("Ctrl+A"), tr("all points")},
            {tr("Escape"), tr("no set, then no point")}};
}

bool VtkCanvas::moveCamera(int key, Qt::KeyboardModifiers modifiers) {
    const QPointF middle(width() / 2.0, height() / 2.0);
    const bool shift = modifiers & Qt::ShiftModifier;
    SceneCamera camera = m_state.camera;
    const auto step = [&](const QPointF& direction) { shift ? camera.pan(direction * -24) : camera.orbit(-6 * direction.x(), -6 * direction.y()); };
    switch (key) {
    case Qt::Key_Left: step({-1, 0}); break;
    case Qt::Key_Right: step({1, 0}); break;
    case Qt::Key_Up: step({0, -1}); break;
    case Qt::Key_Down: step({0, 1}); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: camera.zoom(1.2, middle); break;
    case Qt::Key_Minus: camera.zoom(1 / 1.2, middle); break;
    case Qt::Key_R:
    case Qt::Key_Home: camera.reset(); break;
    case Qt::Key_1: camera.reset(SceneCamera::View::AlongSecond); break;
    case Qt::Key_2: camera.reset(SceneCamera::View::AlongFirst); break;
    case Qt::Key_3: camera.reset(SceneCamera::View::AlongThird); break;
    default: return false;
    }
    if (!m_state.moving)
        m_history.leave(m_state.camera);
    m_state.camera = camera;
    moved();
    return true;
}

bool VtkCanvas::changePoints(int key, Qt::KeyboardModifiers modifiers) {
    const int count = m_goal->size();
    if (count == 0)
        return false;
    SceneFocus& focus = m_state.focus;
    const auto with = [&](std::vector<int> more) {
        more.insert(more.end(), focus.marked.begin(), focus.marked.end());
        std::erase(more, -1);
        std::sort(more.begin(), more.end());
        more.erase(std::unique(more.begin(), more.end()), more.end());
        return more;
    };
    if (key == Qt::Key_PageDown || key == Qt::Key_PageUp) {
        const int before = focus.selected;
        const int next = key == Qt::Key_PageDown ? std::min(before + 1, count - 1) : std::max(before - 1, 0);
        Q_EMIT pointClicked(next);
        if (modifiers & Qt::ShiftModifier)
            Q_EMIT pointsMarked(with({before, next}));
    } else if (key == Qt::Key_Space && focus.selected >= 0) {
        std::vector<int> points = focus.marked;
        const auto place = std::lower_bound(points.begin(), points.end(), focus.selected);
        if (place != points.end() && *place == focus.selected)
            points.erase(place);
        else
            points.insert(place, focus.selected);
        Q_EMIT pointsMarked(points);
    } else if (key == Qt::Key_N && focus.selected >= 0 && !focus.neighbours.empty()) {
        std::vector<int> more = focus.neighbours;
        more.push_back(focus.selected);
        Q_EMIT pointsMarked(with(std::move(more)));
    } else if (key == Qt::Key_Escape && !focus.marked.empty()) {
        Q_EMIT pointsMarked({});
    } else if (key == Qt::Key_Escape && focus.selected >= 0) {
        Q_EMIT pointClicked(-1);
    } else {
        return false;
    }
    return true;
}

/// Escape ends things in here first; otherwise a shortcut of the window would take the key.
bool VtkCanvas::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool ours = (key->modifiers() == Qt::ControlModifier && key->key() == Qt::Key_A) ||
                          (key->modifiers() == Qt::AltModifier && (key->key() == Qt::Key_Left || key->key() == Qt::Key_Right)) ||
                          (key->modifiers() == Qt::NoModifier && key->key() == Qt::Key_Space);
        if (ours) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void VtkCanvas::keyPressEvent(QKeyEvent* event) {
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    if (modifiers == Qt::AltModifier && event->key() == Qt::Key_Left)
        return cameraBack();
    if (modifiers == Qt::AltModifier && event->key() == Qt::Key_Right)
        return cameraForth();
    if (modifiers == Qt::ControlModifier && event->key() == Qt::Key_A && m_goal->size() > 0) {
        std::vector<int> all(static_cast<std::size_t>(m_goal->size()));
        std::iota(all.begin(), all.end(), 0);
        Q_EMIT pointsMarked(all);
        return;
    }
    if (modifiers & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return QWidget::keyPressEvent(event);
    if (event->key() == Qt::Key_4)
        return lookAtFrame();
    if (event->key() == Qt::Key_O)
        return setOrthographic(!m_state.camera.isOrthographic());
    if (event->key() == Qt::Key_T)
        return setTurning(!isTurning());
    if (moveCamera(event->key(), modifiers) || changePoints(event->key(), modifiers))
        return event->accept();
    QWidget::keyPressEvent(event);
}

} // namespace sinkscope
