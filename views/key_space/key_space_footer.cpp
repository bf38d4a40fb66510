// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/key_space_footer.h"

#include "views/vtk/key_space_scene.h"

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
    auto* label = new QLabel(text);
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setAccessibleName(name);
    slider->setMinimumWidth(48);
    label->setBuddy(slider);
    row.addWidget(label);
    row.addWidget(slider, 2);
    return slider;
}

QToolButton* makeMenuButton(QMenu* menu) {
    auto* button = new QToolButton;
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
    rows->addLayout(makeLayerRow());
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

QHBoxLayout* KeySpaceFooter::makeLayerRow() {
    auto* row = new QHBoxLayout;
    m_layer = addSlider(*row, tr("Layer"), tr("Layer"));
    m_layer->setPageStep(1);
    m_layerText = new QLabel;
    row->addWidget(m_layerText);
    m_playButton = new QToolButton;
    m_playButton->setText(QStringLiteral("▶"));
    m_playButton->setCheckable(true);
    m_playButton->setToolTip(tr("Play through the layers; pictures are aligned, so that points move"));
    m_playButton->setAccessibleName(tr("Play through the layers"));
    row->addWidget(m_playButton);
    row->addSpacing(6);
    addSpaces(*row);
    connect(m_layer, &QSlider::valueChanged, this, &KeySpaceFooter::layerChosen);
    connect(m_playButton, &QToolButton::toggled, this, [this](bool playing) {
        m_playButton->setText(playing ? QStringLiteral("■") : QStringLiteral("▶"));
        Q_EMIT playToggled(playing);
    });
    return row;
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

void KeySpaceFooter::showLayer(int layer, int layers, Space space, bool withQueries) {
    const QSignalBlocker quiet(m_layer);
    m_layer->setRange(0, std::max(0, layers - 1));
    m_layer->setValue(layer);
    m_layer->setEnabled(layers > 1);
    m_playButton->setEnabled(layers > 1);
    m_layerText->setText(tr("%1 / %2").arg(layer).arg(layers));
    m_setup->setLayers(layers);
    if (QAbstractButton* button = m_spaces->button(withQueries ? kWithQueries : static_cast<int>(space)))
        button->setChecked(true);
}

void KeySpaceFooter::setPlaying(bool playing) { m_playButton->setChecked(playing); }

} // namespace sinkscope
