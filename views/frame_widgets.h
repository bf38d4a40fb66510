// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/models/frame_reading.h"
#include "views/theme.h"

#include <QWidget>

namespace sinkscope {

/// Score of each kind as a number and a bar; the mark in the middle of a bar is the border of its kind. Thread: gui.
class ScoreBars : public QWidget {
    Q_OBJECT
public:
    explicit ScoreBars(const Theme& theme, QWidget* parent = nullptr);
    /// Empty scores: dashes.
    void setScores(std::vector<std::pair<std::string, double>> scores, const std::string& kind);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {180, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& m_theme;
    std::vector<std::pair<std::string, double>> m_scores;
    std::string m_kind;
};

/// A number on its scale: interval, mean, threshold of the rule, and what chance would give. Thread: gui.
class EvidenceScale : public QWidget {
    Q_OBJECT
public:
    EvidenceScale(const Theme& theme, FrameEvidenceRow row, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override { return {150, 18}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {56, 18}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& m_theme;
    FrameEvidenceRow m_row;
};

} // namespace sinkscope
