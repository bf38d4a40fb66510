// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QWidget>

#include <functional>

class QPainter;

namespace sinkscope {

/// A widget that a function paints, and that says what the pointer and the keys do on it. Thread: gui.
class PaintedView : public QWidget {
    Q_OBJECT
public:
    using Paint = std::function<void(QPainter& painter, const QRectF& area)>;
    /// True when the key meant something.
    using OnKey = std::function<bool(int key)>;

    explicit PaintedView(const Theme& theme, QWidget* parent = nullptr);
    void setPaint(Paint paint);
    void setOnKey(OnKey onKey) { m_onKey = std::move(onKey); }
    void setHint(QSize hint);
    [[nodiscard]] QSize sizeHint() const override { return m_hint; }

Q_SIGNALS:
    void hovered(QPointF position);
    void left();
    /// A click: pressed and released without a drag between.
    void clicked(QPointF position);
    /// The left button is down and moves; `from` is where it went down. The first comes with the press itself.
    void dragged(QPointF from, QPointF position);
    void doubleClicked();
    /// The wheel, as a factor.
    void zoomed(QPointF position, double factor);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    const Theme& m_theme;
    Paint m_paint;
    OnKey m_onKey;
    QSize m_hint{400, 300};
    QPointF m_pressed;
    bool m_dragging = false;
};

} // namespace sinkscope
