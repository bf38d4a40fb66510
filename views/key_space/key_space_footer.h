// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "views/key_space/cloud_setup.h"
#include "views/key_space/look_menu.h"
#include "views/key_space/quality_strip.h"

#include <QActionGroup>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QSlider>
#include <QToolButton>

namespace sinkscope {

/// What lies below a key space: its quality, layer and space, projection, colour and the threshold of links. Thread: gui.
class KeySpaceFooter : public QWidget {
    Q_OBJECT
public:
    /// `setup` becomes part of the footer; `looks` outlives it.
    KeySpaceFooter(CloudSetup* setup, LookMenu* looks, QWidget* parent = nullptr);

    [[nodiscard]] QualityStrip& strip() const { return *m_strip; }
    /// Where the slider stands on its axis, of `count`; `title` names the step where its number does not. `withQueries`: keys and queries in one
    /// cloud, whatever `space` says.
    void showStep(int step, int count, const QString& title, Space space, bool withQueries);
    /// Runs can be stepped through once there are several.
    void setRunsThere(bool there);
    /// The button of a picture that takes long: stops it while it is `working`, asks for more of it where that is `extensible`, else hidden.
    void showWork(bool working, bool extensible);
    void setPlaying(bool playing);
    [[nodiscard]] KeySpaceAxis axis() const { return m_axis; }
    [[nodiscard]] int step() const { return m_step->value(); }
    [[nodiscard]] bool isLastStep() const { return m_step->value() == m_step->maximum(); }
    void setStep(int step) { m_step->setValue(step); }

Q_SIGNALS:
    void stepChosen(int step);
    void axisChosen(sinkscope::KeySpaceAxis axis);
    void stopRequested();
    void moreRequested();
    void spaceChosen(sinkscope::Space space, bool withQueries);
    void playToggled(bool playing);

private:
    QHBoxLayout* makeStepRow();
    QToolButton* makeAxisButton();
    void setAxis(KeySpaceAxis axis);
    QHBoxLayout* makeLookRow();
    void addSpaces(QHBoxLayout& row);
    void showChoices();

    CloudSetup* m_setup;
    LookMenu* m_looks;
    QualityStrip* m_strip = new QualityStrip;
    QToolButton* m_setupButton = nullptr;
    QToolButton* m_colorButton = nullptr;
    QToolButton* m_playButton = nullptr;
    QToolButton* m_axisButton = nullptr;
    QToolButton* m_workButton = nullptr;
    QActionGroup* m_axes = nullptr;
    KeySpaceAxis m_axis = KeySpaceAxis::Layers;
    QSlider* m_step = nullptr;
    QLabel* m_stepText = nullptr;
    QLabel* m_thresholdText = nullptr;
    QButtonGroup* m_spaces = nullptr;
};

/// The cloud of a space that the window's selection can name.
CloudSpace cloudSpaceOf(Space space);

} // namespace sinkscope
