// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/scene_legend.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

constexpr double kLeft = 12, kBottom = 10, kBarWidth = 120, kBarHeight = 7, kGap = 7;
constexpr int kMostRows = 8;

/// Goes up from the lower left corner, block by block.
class Legend {
public:
    Legend(QPainter& painter, const PointScene& scene, const QSizeF& size, const Theme& theme)
        : m_painter(painter), m_scene(scene), m_theme(theme), m_metrics(theme.smallFont), m_bottom(size.height() - kBottom), m_room(size.height() * 0.6) {
        m_painter.setFont(theme.smallFont);
    }

    void colours() {
        if (m_scene.colorTitle.isEmpty())
            return;
        if (m_scene.colorNames.isEmpty())
            return bar();
        const PointColors colors(m_scene, m_theme);
        QStringList names = m_scene.colorNames;
        const bool missing = !m_scene.colorMissing.isEmpty();
        rows(m_scene.colorTitle, names, [&](int row, const QPointF& at) {
            paintShape(m_painter, PointShape::Disc, at, 4, QColor(colors.category(row)));
        });
        if (missing)
            note(m_scene.colorMissing);
    }

    void sizes() {
        if (m_scene.sizeTitle.isEmpty())
            return;
        const double base = m_bottom - m_metrics.descent(), middle = m_bottom - m_metrics.height() / 2;
        const double small = std::clamp(4.0 * static_cast<double>(m_scene.sizeLeast), 1.5, 9.0);
        const double large = std::clamp(4.0 * static_cast<double>(m_scene.sizeMost), 2.0, 9.0);
        double x = kLeft;
        const auto dot = [&](double radius) {
            paintShape(m_painter, PointShape::Disc, {x + radius, middle}, radius, m_theme.mutedText);
            x += 2 * radius + 5;
        };
        dot(small);
        text(x, base, m_scene.sizeLow);
        x += m_metrics.horizontalAdvance(m_scene.sizeLow) + 12;
        dot(large);
        text(x, base, m_scene.sizeHigh);
        m_bottom -= std::max(m_metrics.height(), 2 * large) + 1;
        heading(m_scene.sizeTitle);
    }

    void shapes() {
        if (m_scene.shapeTitle.isEmpty())
            return;
        rows(m_scene.shapeTitle, m_scene.shapeNames, [&](int row, const QPointF& at) {
            paintShape(m_painter, static_cast<PointShape>(row % kPointShapes), at, 5, m_theme.mutedText);
        });
    }

    [[nodiscard]] const std::vector<QRectF>& areas() const { return m_areas; }

private:
    void text(double x, double base, const QString& what) {
        m_areas.emplace_back(QPointF(0, base - m_metrics.ascent()), QPointF(x + m_metrics.horizontalAdvance(what) + 4, base + m_metrics.descent()));
        m_painter.setPen(m_theme.mutedText);
        m_painter.drawText(QPointF(x, base), what);
    }

    void heading(const QString& title) {
        QFont bold = m_theme.smallFont;
        bold.setWeight(QFont::DemiBold);
        m_painter.setFont(bold);
        text(kLeft, m_bottom - m_metrics.descent(), title);
        m_painter.setFont(m_theme.smallFont);
        m_bottom -= m_metrics.height() + kGap;
    }

    void note(const QString& what) {
        paintShape(m_painter, PointShape::Disc, {kLeft + 4, m_bottom - m_metrics.height() / 2}, 3.5, m_theme.mutedText);
        text(kLeft + 14, m_bottom - m_metrics.descent(), what);
        m_bottom -= m_metrics.height();
    }

    template <typename Mark> void rows(const QString& title, const QStringList& names, Mark mark) {
        const int fit = std::clamp(static_cast<int>((m_room / m_metrics.height()) - 2), 2, kMostRows);
        const int shown = static_cast<int>(names.size()) > fit ? fit - 1 : static_cast<int>(names.size());
        if (shown < names.size()) {
            text(kLeft + 14, m_bottom - m_metrics.descent(), QCoreApplication::translate("SceneLegend", "and %n more", nullptr, static_cast<int>(names.size()) - shown));
            m_bottom -= m_metrics.height();
        }
        for (int row = shown - 1; row >= 0; --row) {
            mark(row, QPointF(kLeft + 4, m_bottom - m_metrics.height() / 2));
            text(kLeft + 14, m_bottom - m_metrics.descent(), m_metrics.elidedText(names[row], Qt::ElideRight, 150));
            m_bottom -= m_metrics.height();
        }
        heading(title);
    }

    void bar() {
        const double base = m_bottom - m_metrics.descent();
        text(kLeft, base, m_scene.colorLow);
        text(kLeft + kBarWidth - m_metrics.horizontalAdvance(m_scene.colorHigh), base, m_scene.colorHigh);
        const double top = m_bottom - m_metrics.height() - kBarHeight - 1;
        if (!m_scene.colorMissing.isEmpty()) {
            paintShape(m_painter, PointShape::Disc, {kLeft + kBarWidth + 16, top + kBarHeight / 2}, 3.5, m_theme.mutedText);
            text(kLeft + kBarWidth + 24, top + kBarHeight / 2 + m_metrics.ascent() / 2 - 1, m_scene.colorMissing);
        }
        const auto& table = sequentialTable("viridis");
        const QImage image(reinterpret_cast<const uchar*>(table.data()), 256, 1, 256 * 4, QImage::Format_RGB32);
        m_painter.drawImage(QRectF(kLeft, top, kBarWidth, kBarHeight), image);
        m_bottom = top - 3;
        heading(m_scene.colorTitle);
    }

    QPainter& m_painter;
    const PointScene& m_scene;
    const Theme& m_theme;
    QFontMetricsF m_metrics;
    double m_bottom, m_room;
    std::vector<QRectF> m_areas;
};

} // namespace

void paintShape(QPainter& painter, PointShape shape, const QPointF& c, double r, const QColor& color) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const auto polygon = [&](std::initializer_list<QPointF> corners) {
        QPolygonF all;
        for (const QPointF& corner : corners)
            all << c + corner * r;
        painter.drawPolygon(all);
    };
    switch (shape) {
    case PointShape::Disc: painter.drawEllipse(c, r, r); break;
    case PointShape::Square: polygon({{-0.84, -0.84}, {0.84, -0.84}, {0.84, 0.84}, {-0.84, 0.84}}); break;
    case PointShape::Triangle: polygon({{0, -1}, {0.866, 0.5}, {-0.866, 0.5}}); break;
    case PointShape::Wedge: polygon({{0, 1}, {0.866, -0.5}, {-0.866, -0.5}}); break;
    case PointShape::Diamond: polygon({{0, -1}, {1, 0}, {0, 1}, {-1, 0}}); break;
    case PointShape::Plus:
        polygon({{-0.33, -1}, {0.33, -1}, {0.33, -0.33}, {1, -0.33}, {1, 0.33}, {0.33, 0.33}, {0.33, 1}, {-0.33, 1}, {-0.33, 0.33}, {-1, 0.33}, {-1, -0.33},
                 {-0.33, -0.33}});
        break;
    }
}

void paintLegend(QPainter& painter, const PointScene& scene, const QSizeF& size, const Theme& theme) {
    Legend legend(painter, scene, size, theme);
    legend.colours();
    legend.sizes();
    legend.shapes();
}

std::vector<QRectF> legendAreas(const PointScene& scene, const QSizeF& size, const Theme& theme) {
    QImage nowhere(1, 1, QImage::Format_ARGB32_Premultiplied);
    nowhere.fill(Qt::transparent);
    QPainter painter(&nowhere);
    Legend legend(painter, scene, size, theme);
    legend.colours();
    legend.sizes();
    legend.shapes();
    return legend.areas();
}

} // namespace sinkscope
