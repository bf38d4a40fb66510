// SPDX-License-Identifier: Apache-2.0
#include "views/paint/token_axis.h"

#include "views/models/text_format.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// 1, 2, 5, 10, 20, ...: steps that people can count with.
int niceStep(double least) {
    for (double power = 1; power < 1e9; power *= 10)
        for (const int factor : {1, 2, 5})
            if (factor * power >= least)
                return static_cast<int>(factor * power);
    return 1 << 30;
}

struct Style {
    QFont plain, strong;
    Style(const QFont& font) : plain(font), strong(font) { strong.setWeight(QFont::DemiBold); }
    void apply(QPainter& painter, const TokenLabels& labels, int token, const Theme& theme) const {
        const bool isAnchor = labels.isAnchor(token);
        const bool isMarked = std::binary_search(labels.marked.begin(), labels.marked.end(), token);
        painter.setFont(isAnchor || isMarked || token == labels.selected ? strong : plain);
        painter.setPen(isAnchor ? theme.anchorText : isMarked ? theme.accent : theme.text);
    }
};

QString fitted(QPainter& painter, const QString& text, double length) {
    return QFontMetricsF(painter.font(), painter.device()).elidedText(text, Qt::ElideRight, length);
}

void paintRotated(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double y, double length, bool above,
                  const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const double spacing = metrics.height() * 0.72 / std::sin(kLabelAngle * M_PI / 180.0);
    const Style style(font);
    painter.save();
    for (const int token : labelledTokens(labels, placement, spacing)) {
        style.apply(painter, labels, token, theme);
        painter.save();
        painter.translate(placement.positionOf(token), y);
        painter.rotate(-kLabelAngle);
        const QString text = fitted(painter, labels.text[static_cast<std::size_t>(token)], length);
        const double width = QFontMetricsF(painter.font(), painter.device()).horizontalAdvance(text);
        painter.drawText(QPointF(above ? 0.0 : -width, metrics.ascent() * 0.36), text);
        painter.restore();
    }
    painter.restore();
}

} // namespace

bool TokenLabels::isAnchor(int token) const {
    return std::binary_search(anchors.begin(), anchors.end(), token);
}

TokenLabels tokenLabels(const SampleTokens& tokens, std::vector<int> anchors, int selected) {
    TokenLabels labels;
    labels.text.reserve(tokens.display.size());
    for (std::size_t token = 0; token < tokens.display.size(); ++token)
        labels.text.push_back(shortened(pieceLabel(tokens, static_cast<int>(token)), 24));
    labels.anchors = std::move(anchors);
    std::sort(labels.anchors.begin(), labels.anchors.end());
    labels.selected = selected;
    return labels;
}

std::vector<int> labelledTokens(const TokenLabels& labels, const AxisPlacement& placement, double spacing) {
    const int first = std::max(0, placement.firstToken);
    const int last = std::min(static_cast<int>(labels.text.size()) - 1, placement.lastToken);
    std::vector<int> chosen;
    const auto outside = [&](int token) {
        const double position = placement.positionOf(token);
        return position < placement.first || position > placement.last;
    };
    const auto crowded = [&](int token) {
        const auto next = std::lower_bound(chosen.begin(), chosen.end(), token);
        const auto close = [&](int other) { return std::abs(other - token) * placement.step < spacing * 0.999; };
        return (next != chosen.end() && close(*next)) || (next != chosen.begin() && close(*std::prev(next)));
    };
    const auto consider = [&](int token) {
        if (token >= first && token <= last && !outside(token) && !crowded(token))
            chosen.insert(std::lower_bound(chosen.begin(), chosen.end(), token), token);
    };
    consider(labels.selected);
    for (const int anchor : labels.anchors)
        consider(anchor);
    for (const int token : labels.marked)
        consider(token);
    const int step = niceStep(spacing / std::max(placement.step, 1e-9) * 0.999);
    for (long token = (first + step - 1L) / step * step; token <= last; token += step)
        consider(static_cast<int>(token));
    return chosen;
}

double longestLabel(const TokenLabels& labels, const QFont& font, const QPaintDevice* device, double limit) {
    const QFontMetricsF metrics(font, device);
    double longest = 0;
    for (const QString& text : labels.text) {
        longest = std::max(longest, metrics.horizontalAdvance(text));
        if (longest >= limit)
            return limit;
    }
    return longest * 1.04; // anchors are set in a wider weight
}

void paintLeftLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double right, double width,
                     const QFont& font, const Theme& theme) {
    const QFontMetricsF metrics(font, painter.device());
    const Style style(font);
    painter.save();
    for (const int token : labelledTokens(labels, placement, metrics.height() * 0.88)) {
        style.apply(painter, labels, token, theme);
        const double y = placement.positionOf(token);
        const QString text = fitted(painter, labels.text[static_cast<std::size_t>(token)], width);
        const double length = QFontMetricsF(painter.font(), painter.device()).horizontalAdvance(text);
        painter.drawText(QPointF(right - length, y + metrics.ascent() * 0.36), text);
    }
    painter.restore();
}

void paintTopLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double bottom, double length,
                    const QFont& font, const Theme& theme) {
    paintRotated(painter, labels, placement, bottom, length, true, font, theme);
}

void paintBottomLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double top, double length,
                       const QFont& font, const Theme& theme) {
    paintRotated(painter, labels, placement, top, length, false, font, theme);
}

} // namespace sinkscope
