// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QChartView>

#include <functional>
#include <memory>

namespace sinkscope {

/// Shows a bare chart (chart_style.h), paints what belongs around it, and says where along the plot the pointer is. Thread: gui.
class ChartView : public QChartView {
    Q_OBJECT
public:
    /// Draws over the chart; `plot` is the plot area and (0, 0) the top left of the view.
    using Overlay = std::function<void(QPainter& painter, const QRectF& plot)>;

    explicit ChartView(const Theme& theme, QWidget* parent = nullptr);
    void show(std::unique_ptr<QChart> chart, Overlay overlay);
    [[nodiscard]] QRectF plotArea() const;

Q_SIGNALS:
    /// `place` runs from 0 at the left end of the plot to 1 at the right; -1 when the pointer is not over it.
    void hovered(double place);
    void chosen(double place);
    /// A click beside the plot, for legends.
    void pressedOutside(QPointF position);
    /// An arrow key: one step to the left (-1) or right (+1).
    void stepped(int direction);
    void resized();

protected:
    void drawBackground(QPainter* painter, const QRectF& area) override;
    void drawForeground(QPainter* painter, const QRectF& area) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] double placeOf(QPointF position) const; ///< -1 outside
    const Theme& m_theme;
    Overlay m_overlay;
};

/// Paints a chart and its overlay without a window, for figures: `area` in painter units, which are taken for pixels.
void paintChart(QPainter& painter, const QRectF& area, std::unique_ptr<QChart> chart, const ChartView::Overlay& overlay);

} // namespace sinkscope
