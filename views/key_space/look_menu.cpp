// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/look_menu.h"

#include "views/vtk/vtk_canvas.h"

#include <QActionGroup>

namespace sinkscope {

using Attribute = KeySpaceAttribute;

LookMenu::LookMenu(const KeySpaceOptions& options, QWidget* parent)
    : QObject(parent), m_widget(parent), m_options(options),
      m_colors(attributes(QString(), {Attribute::Received, Attribute::Position, Attribute::Norm, Attribute::Layer, Attribute::TokenClass, Attribute::Sample,
                                      Attribute::Head, Attribute::Kind, Attribute::Cluster}, &KeySpaceOptions::color)) {}

void LookMenu::setThreshold(double threshold) {
    m_options.threshold = threshold;
    Q_EMIT changed();
}

template <typename Choice>
QMenu* LookMenu::choices(const QString& title, const std::vector<std::pair<Choice, QString>>& rows, Choice KeySpaceOptions::*field) {
    auto* menu = new QMenu(title, m_widget);
    auto* group = new QActionGroup(menu);
    for (const auto& [choice, text] : rows) {
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(m_options.*field == choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, field, value = choice] {
            m_options.*field = value;
            Q_EMIT changed();
        });
    }
    return menu;
}

QMenu* LookMenu::attributes(const QString& title, std::initializer_list<Attribute> rows, Attribute KeySpaceOptions::*field) {
    std::vector<std::pair<Attribute, QString>> named;
    for (const Attribute attribute : rows)
        named.emplace_back(attribute, KeySpaceText::attributeName(attribute));
    return choices<Attribute>(title, named, field);
}

void LookMenu::addTo(QMenu& menu) {
    using Links = KeySpaceOptions::Links;
    using Distances = KeySpaceOptions::Distances;
    menu.addMenu(attributes(tr("Size"), {Attribute::None, Attribute::Received, Attribute::Norm, Attribute::Position}, &KeySpaceOptions::size));
    menu.addMenu(attributes(tr("Shape"), {Attribute::None, Attribute::TokenClass, Attribute::Kind, Attribute::Head, Attribute::Sample, Attribute::Cluster}, &KeySpaceOptions::shape));
    menu.addMenu(choices<Links>(tr("Links"), {{Links::Automatic, tr("Of the selected query, else to anchors")},
                                              {Links::Anchors, tr("To anchors")},
                                              {Links::Query, tr("Of the selected query")},
                                              {Links::None, tr("None")}}, &KeySpaceOptions::links));
    menu.addMenu(choices<Distances>(tr("Distances"), {{Distances::Automatic, tr("Logarithmic if one point dwarfs the rest")},
                                                      {Distances::True, tr("True")},
                                                      {Distances::Logarithmic, tr("Logarithmic")}}, &KeySpaceOptions::distances));
    QAction* frame = menu.addAction(tr("Frame of the anchors"));
    frame->setCheckable(true);
    frame->setChecked(m_options.frame);
    frame->setToolTip(tr("Arms from the centroid to the anchors, with the angles between them in the original space"));
    connect(frame, &QAction::toggled, this, [this](bool shown) {
        m_options.frame = shown;
        Q_EMIT changed();
    });
}

void addCameraActions(QMenu& menu, VtkCanvas& canvas) {
    using View = SceneCamera::View;
    QMenu* camera = menu.addMenu(VtkCanvas::tr("Camera"));
    for (const auto& [text, direction] : {std::pair(VtkCanvas::tr("Whole cloud\tR"), View::Standard), std::pair(VtkCanvas::tr("Front\t1"), View::AlongSecond),
                                          std::pair(VtkCanvas::tr("Side\t2"), View::AlongFirst), std::pair(VtkCanvas::tr("Top\t3"), View::AlongThird)})
        QObject::connect(camera->addAction(text), &QAction::triggered, &canvas, [&canvas, chosen = direction] { canvas.resetView(chosen); });
    QObject::connect(camera->addAction(VtkCanvas::tr("Plane of the anchors\t4")), &QAction::triggered, &canvas, &VtkCanvas::lookAtFrame);
    camera->addSeparator();
    QObject::connect(camera->addAction(VtkCanvas::tr("Back\tAlt+Left")), &QAction::triggered, &canvas, &VtkCanvas::cameraBack);
    QObject::connect(camera->addAction(VtkCanvas::tr("Forth\tAlt+Right")), &QAction::triggered, &canvas, &VtkCanvas::cameraForth);
    camera->addSeparator();
    QAction* flat = camera->addAction(VtkCanvas::tr("Orthographic\tO"));
    flat->setCheckable(true);
    QObject::connect(flat, &QAction::toggled, &canvas, &VtkCanvas::setOrthographic);
    QObject::connect(&canvas, &VtkCanvas::orthographicChanged, flat, &QAction::setChecked);
    QAction* turn = camera->addAction(VtkCanvas::tr("Turntable\tT"));
    turn->setCheckable(true);
    QObject::connect(turn, &QAction::toggled, &canvas, &VtkCanvas::setTurning);
    QObject::connect(&canvas, &VtkCanvas::turningChanged, turn, &QAction::setChecked);

    QMenu* drag = menu.addMenu(VtkCanvas::tr("Drag to"));
    auto* group = new QActionGroup(drag);
    using Tool = VtkCanvas::Tool;
    for (const auto& [text, tool] : {std::pair(VtkCanvas::tr("Turn"), Tool::Turn), std::pair(VtkCanvas::tr("Select in a rectangle\tCtrl+drag"), Tool::Rectangle),
                                     std::pair(VtkCanvas::tr("Select in a lasso\tCtrl+Shift+drag"), Tool::Lasso)}) {
        QAction* action = drag->addAction(text);
        action->setCheckable(true);
        action->setChecked(tool == Tool::Turn);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, &canvas, [&canvas, chosen = tool] { canvas.setTool(chosen); });
    }
}

} // namespace sinkscope
