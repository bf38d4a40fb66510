// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_scene.h"

#include <QMenu>

#include <functional>

namespace sinkscope {

class VtkCanvas;

/// The menus that choose looks: colour, size, shape, links, distances, frame. Thread: gui.
class LookMenu : public QObject {
    Q_OBJECT
public:
    LookMenu(const KeySpaceOptions& options, QWidget* parent);
    [[nodiscard]] const KeySpaceOptions& options() const { return m_options; }
    void setThreshold(double threshold);

    /// Only the colours.
    [[nodiscard]] QMenu* colors() const { return m_colors; }
    /// Everything else.
    void addTo(QMenu& menu);

Q_SIGNALS:
    void changed();

private:
    template <typename Choice>
    QMenu* choices(const QString& title, const std::vector<std::pair<Choice, QString>>& rows, Choice KeySpaceOptions::*field);
    QMenu* attributes(const QString& title, std::initializer_list<KeySpaceAttribute> rows, KeySpaceAttribute KeySpaceOptions::*field);

    QWidget* m_widget;
    KeySpaceOptions m_options;
    QMenu* m_colors;
};

/// Named views, back and forth, turntable, perspective, and what a drag does.
void addCameraActions(QMenu& menu, VtkCanvas& canvas);

} // namespace sinkscope
