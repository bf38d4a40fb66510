// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/key_space_footer.h"

#include "views/eliding_widgets.h"
#include "views/vtk/key_space_scene.h"

#include <QActionGroup>
#include <QMenu>
#include <QSignalBlocker>
#include <QWidgetAction>

#include <cmath>

namespace sinkscope {

namespace {

constexpr int kWithQueries = 100; // button of keys and queries in one cloud, beside those of Space

/// Threshold of links for a slider position 0..100: 0 to 1, finer near 0, where most weights lie.
double thresholdAt(int position) { return std::pow(position / 100.0, 2); }

QSlider* addSlider(QHBoxLayout& row, const QString& text, const QString& name) {
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setAccessibleName(name);
    slider->setMinimumWidth(48);
    if (!text.isEmpty()) {
        auto* label = new QLabel(text);
        label->setBuddy(slider);
        row.addWidget(label);
    }
    row.addWidget(slider, 2);
    return slider;
}

QToolButton* makeMenuButton(QMenu* menu) {
    auto* button = new ElidingButton;
    button->setMenu(menu);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

} // namespace

CloudSpace cloudSpaceOf(Space space) {
    switch (space) {
    case Space::Query: return CloudSpace::Query;
    case Space::Key: return CloudSpace::Key;
    case Space::Value: return CloudSpace::Value;
    case Space::Hidden: return CloudSpace::Hidden;
    }
    return CloudSpace::Key;
}

KeySpaceFooter::KeySpaceFooter(CloudSetup* setup, LookMenu* looks, QWidget* parent) : QWidget(parent), m_setup(setup), m_looks(looks) {
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(10, 2, 6, 6);
    rows->setSpacing(2);
    rows->addWidget(m_strip);
    rows->addLayout(makeStepRow());
    rows->addLayout(makeLookRow());
    showChoices();
    connect(m_setup, &CloudSetup::changed, this, &KeySpaceFooter::showChoices);
    connect(m_looks, &LookMenu::changed, this, &KeySpaceFooter::showChoices);
}

void KeySpaceFooter::showChoices() {
    const ProjectionSpec* spec = findProjection(m_setup->projection());
    m_setupButton->setText(spec ? QString::fromUtf8(spec->title.data(), static_cast<qsizetype>(spec->title.size())) : QString());
    m_colorButton->setText(tr("Colour: %1").arg(KeySpaceText::attributeName(m_looks->options().color).toLower()));
    m_colorButton->setAccessibleName(m_colorButton->text());
}

QToolButton* KeySpaceFooter::makeAxisButton() {
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    m_axes = new QActionGroup(menu);
    for (const auto& [axis, text, meaning] :
         {std::tuple(KeySpaceAxis::Layers, tr("Layer"), tr("The slider goes through the layers")), std::tuple(KeySpaceAxis::Heads, tr("Head"), tr("The slider goes through the heads of the layer")),
          std::tuple(KeySpaceAxis::Runs, tr("Run"), tr("The slider goes through runs and opened captures: models, or the steps of a training"))}) {
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setToolTip(meaning);
        action->setData(static_cast<int>(axis));
        m_axes->addAction(action);
        connect(action, &QAction::triggered, this, [this, chosen = axis] {
            setAxis(chosen);
            Q_EMIT axisChosen(chosen);
        });
    }
    QToolButton* button = makeMenuButton(menu);
    button->setToolTip(tr("What the slider goes through"));
    return button;
}

void KeySpaceFooter::setAxis(KeySpaceAxis axis) {
    m_axis = axis;
    for (QAction* action : m_axes->actions())
        if (action->data().toInt() == static_cast<int>(axis)) {
            action->setChecked(true);
            m_axisButton->setText(action->text());
            m_axisButton->setAccessibleName(tr("Slider: %1").arg(action->text()));
            m_step->setAccessibleName(action->text());
        }
}

QHBoxLayout* KeySpaceFooter::makeStepRow() {
    auto* row = new QHBoxLayout;
    m_axisButton = makeAxisButton();
    row->addWidget(m_axisButton);
    m_step = addSlider(*row, QString(), QString());
    m_step->setPageStep(1);
    m_stepText = new QLabel;
    row->addWidget(m_stepText);
    m_playButton = new QToolButton;
    m_playButton->setText(QStringLiteral("▶"));
    m_playButton->setCheckable(true);
    m_playButton->setToolTip(tr("Play through what the slider goes through; pictures are aligned, so that points move"));
    m_playButton->setAccessibleName(tr("Play"));
    row->addWidget(m_playButton);
    row->addSpacing(6);
    addSpaces(*row);
    setAxis(KeySpaceAxis::Layers);
    setRunsThere(false);
    connect(m_step, &QSlider::valueChanged, this, &KeySpaceFooter::stepChosen);
    connect(m_playButton, &QToolButton::toggled, this, [this](bool playing) {
        m_playButton->setText(playing ? QStringLiteral("■") : QStringLiteral("▶"));
        Q_EMIT playToggled(playing);
    });
    return row;
}

void KeySpaceFooter::setRunsThere(bool there) {
    for (QAction* action : m_axes->actions())
        if (action->data().toInt() == static_cast<int>(KeySpaceAxis::Runs)) {
            action->setEnabled(there);
            action->setText(there ? tr("Run") : tr("Run (run again, or open several captures)"));
        }
    if (!there && m_axis == KeySpaceAxis::Runs) {
        setAxis(KeySpaceAxis::Layers);
        Q_EMIT axisChosen(m_axis);
    }
}

void KeySpaceFooter::showWork(bool working, bool extensible) {
    m_workButton->setVisible(working || extensible);
    m_workButton->setText(working ? tr("Stop") : tr("More epochs"));
    m_workButton->setToolTip(working ? tr("Stop here; the picture stays as it is") : tr("Work on the picture for 200 more epochs"));
    m_workButton->setAccessibleName(m_workButton->text());
    m_workButton->setProperty("stops", working);
}

void KeySpaceFooter::addSpaces(QHBoxLayout& row) {
    m_spaces = new QButtonGroup(this);
    const auto add = [&](int id, const QString& letter, const QString& name) {
        auto* button = new QToolButton;
        button->setText(letter);
        button->setCheckable(true);
        button->setToolTip(name);
        button->setAccessibleName(name);
        m_spaces->addButton(button, id);
        row.addWidget(button);
    };
    for (const auto& [space, letter] : {std::pair(Space::Query, QStringLiteral("Q")), std::pair(Space::Key, QStringLiteral("K")),
                                        std::pair(Space::Value, QStringLiteral("V")), std::pair(Space::Hidden, QStringLiteral("H"))})
        add(static_cast<int>(space), letter, KeySpaceText::spaceTitle(cloudSpaceOf(space)));
    add(kWithQueries, QStringLiteral("K+Q"), KeySpaceText::spaceTitle(CloudSpace::KeyQuery));
    connect(m_spaces, &QButtonGroup::idClicked, this, [this](int id) {
        const bool withQueries = id == kWithQueries;
        Q_EMIT spaceChosen(withQueries ? Space::Key : static_cast<Space>(id), withQueries);
    });
}

QHBoxLayout* KeySpaceFooter::makeLookRow() {
    auto* row = new QHBoxLayout;
    auto* menu = new QMenu(this);
    auto* action = new QWidgetAction(menu);
    action->setDefaultWidget(m_setup);
    menu->addAction(action);
    m_setupButton = makeMenuButton(menu);
    m_setupButton->setAccessibleName(tr("Projection"));
    row->addWidget(m_setupButton);
    m_colorButton = makeMenuButton(m_looks->colors());
    row->addWidget(m_colorButton);
    m_workButton = new QToolButton;
    m_workButton->setFocusPolicy(Qt::TabFocus);
    row->addWidget(m_workButton);
    connect(m_workButton, &QToolButton::clicked, this, [this] {
        if (m_workButton->property("stops").toBool())
            Q_EMIT stopRequested();
        else
            Q_EMIT moreRequested();
    });
    showWork(false, false);
    row->addStretch(1);
    QSlider* threshold = addSlider(*row, tr("Links ≥"), tr("Smallest weight that gets a link"));
    threshold->setRange(0, 100);
    m_thresholdText = new QLabel;
    m_thresholdText->setMinimumWidth(m_thresholdText->fontMetrics().horizontalAdvance(QStringLiteral("0.000")));
    row->addWidget(m_thresholdText);
    connect(threshold, &QSlider::valueChanged, this, [this](int position) {
        const double value = thresholdAt(position);
        m_thresholdText->setText(QLocale().toString(value, 'f', value < 0.1 ? 3 : 2));
        m_looks->setThreshold(value);
    });
    threshold->setValue(22); // 0.048
    return row;
}

void KeySpaceFooter::showStep(int step, int count, const QString& title, Space space, bool withQueries) {
    const QSignalBlocker quiet(m_step);
    m_step->setRange(0, std::max(0, count - 1));
    m_step->setValue(step);
    m_step->setEnabled(count > 1);
    m_step->setToolTip(title);
    m_playButton->setEnabled(count > 1);
    m_stepText->setText(tr("%1 / %2").arg(m_axis == KeySpaceAxis::Runs ? step + 1 : step).arg(count));
    m_stepText->setToolTip(title);
    m_setup->setAxis(m_axis, count);
    if (QAbstractButton* button = m_spaces->button(withQueries ? kWithQueries : static_cast<int>(space)))
        button->setChecked(true);
}

void KeySpaceFooter::setPlaying(bool playing) { m_playButton->setChecked(playing); }

} // namespace sinkscope
