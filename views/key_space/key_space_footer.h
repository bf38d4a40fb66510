// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "views/key_space/cloud_setup.h"
#include "views/key_space/look_menu.h"
#include "views/key_space/quality_strip.h"

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
    /// `withQueries`: keys and queries in one cloud, whatever `space` says.
    void showLayer(int layer, int layers, Space space, bool withQueries);
    void setPlaying(bool playing);
    [[nodiscard]] int layer() const { return m_layer->value(); }
    [[nodiscard]] bool isLastLayer() const { return m_layer->value() == m_layer->maximum(); }
    void setLayer(int layer) { m_layer->setValue(layer); }

Q_SIGNALS:
    void layerChosen(int layer);
    void spaceChosen(sinkscope::Space space, bool withQueries);
    void playToggled(bool playing);

private:
    QHBoxLayout* makeLayerRow();
    QHBoxLayout* makeLookRow();
    void addSpaces(QHBoxLayout& row);
    void showChoices();

    CloudSetup* m_setup;
    LookMenu* m_looks;
    QualityStrip* m_strip = new QualityStrip;
    QToolButton* m_setupButton = nullptr;
    QToolButton* m_colorButton = nullptr;
    QToolButton* m_playButton = nullptr;
    QSlider* m_layer = nullptr;
    QLabel* m_layerText = nullptr;
    QLabel* m_thresholdText = nullptr;
    QButtonGroup* m_spaces = nullptr;
};

/// The cloud of a space that the window's selection can name.
CloudSpace cloudSpaceOf(Space space);

} // namespace sinkscope
