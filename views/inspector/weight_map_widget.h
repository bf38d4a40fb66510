// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/paint/weight_map.h"

#include <QWidget>

namespace sinkscope {

/// A matrix to look at, however large: wheel zooms at the pointer (with Shift columns only, with Ctrl rows only), drag pans, double click shows
/// everything, a click or the arrow keys choose an element. What it shows is read by whoever listens to `viewChanged`. Thread: gui.
class WeightMapWidget : public QWidget {
    Q_OBJECT
public:
    explicit WeightMapWidget(const Theme& theme, QWidget* parent = nullptr);

    /// Another matrix: everything is shown. Emits viewChanged.
    void setContent(WeightMapContent content);
    [[nodiscard]] const WeightMapContent& content() const { return m_content; }
    void setPicture(std::shared_ptr<const WeightPicture> picture);
    /// The same matrix in other colours; keeps zoom, place and picture.
    void setScale(const DivergingScale& scale, BlockValue value, const QString& barTitle);
    void setSelected(qint64 row, qint64 column);

    /// What has to be read to fill the widget, with a margin for panning; blocks of about a pixel. Nothing while there is no matrix.
    [[nodiscard]] std::optional<MatrixWindow> wantedWindow() const;
    [[nodiscard]] WeightMapView currentView() const;
    /// Element under a position; {-1, -1} outside.
    [[nodiscard]] std::pair<qint64, qint64> elementAt(QPointF position) const;
    void zoomAt(QPointF position, QSizeF factor);
    void showAll();

Q_SIGNALS:
    void viewChanged();
    /// -1, -1: none.
    void hovered(qint64 row, qint64 column);
    void chosen(qint64 row, qint64 column);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override { return {560, 640}; }

private:
    void choose(qint64 row, qint64 column);
    const Theme& m_theme;
    WeightMapContent m_content;
    QSizeF m_zoom{1, 1};
    QPointF m_origin;
    QPointF m_pressed, m_pressedOrigin;
    bool m_dragging = false;
};

} // namespace sinkscope
