// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QWidget>

#include <vector>

namespace sinkscope {

/// The tokens of a text as a row of chips; sinks in the anchor colour. The wheel scrolls, a click selects, a double click asks to edit.
/// Thread: gui.
class ChipStrip : public QWidget {
    Q_OBJECT
public:
    explicit ChipStrip(const Theme& theme, QWidget* parent = nullptr);

    struct Chip {
        QString text;
        QString tooltip;
        bool isSink = false;
    };
    void setChips(std::vector<Chip> chips);
    void setSelected(int token);
    [[nodiscard]] const std::vector<Chip>& chips() const { return m_chips; }
    [[nodiscard]] int selected() const { return m_selected; }
    [[nodiscard]] QRect chipRect(int token) const;

Q_SIGNALS:
    void chosen(int token);
    void editRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    void layoutChips();
    [[nodiscard]] int chipAt(QPoint position) const;

    const Theme& m_theme;
    std::vector<Chip> m_chips;
    std::vector<int> m_left, m_width; ///< of every chip, unscrolled
    int m_total = 0, m_scroll = 0, m_selected = -1;
};

} // namespace sinkscope
