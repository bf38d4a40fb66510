// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/path_judge.h"
#include "views/theme.h"

#include <QWidget>

#include <vector>

namespace sinkscope {

/// Covers the window while something is dragged over it and says what letting go will do. Never takes the mouse. Thread: gui.
class DropOverlay : public QWidget {
    Q_OBJECT
public:
    DropOverlay(const Theme& theme, QWidget* parent);

    void showFor(const std::vector<PathJudgement>& paths);
    /// What is said, for tests and for accessibility.
    [[nodiscard]] const QStringList& lines() const { return m_lines; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& m_theme;
    QStringList m_lines;
};

} // namespace sinkscope
