// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/paint/heat_map.h"

#include <QWidget>

namespace sinkscope {

/// A heat map to look at: wheel zooms at the pointer, drag pans, double click shows everything, a click or the arrow keys choose a cell.
/// Thread: gui.
class HeatMapWidget : public QWidget {
    Q_OBJECT
public:
    explicit HeatMapWidget(const Theme& theme, QWidget* parent = nullptr);

    /// Keeps zoom and position when the number of tokens stays the same.
    void setContent(HeatMapContent content);
    [[nodiscard]] const HeatMapContent& content() const { return m_content; }
    void setSelected(int key, int query);
    /// The same content with another image of it.
    void setImage(std::shared_ptr<const MatrixImage> image);
    /// A set of keys, ascending.
    void setMarked(std::vector<int> keys);
    /// The layout as it is now painted, for tests.
    [[nodiscard]] HeatMapLayout currentLayout() const;

Q_SIGNALS:
    /// Cell under the pointer; -1, -1 when there is none.
    void hovered(int key, int query);
    void chosen(int key, int query);
    /// Another part, or the same in another size, is seen.
    void viewChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override { return {560, 640}; }

private:
    [[nodiscard]] std::pair<int, int> cellAt(QPointF position) const; ///< key, query
    void zoomAt(QPointF position, double factor);

    const Theme& m_theme;
    HeatMapContent m_content;
    double m_zoom = 1;
    QPointF m_origin;
    QPointF m_pressed, m_pressedOrigin;
    bool m_dragging = false;
};

} // namespace sinkscope
