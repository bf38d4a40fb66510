// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"
#include "views/theme.h"

#include <QPainter>
#include <QString>

#include <functional>
#include <vector>

namespace sinkscope {

/// Texts of the tokens along an axis, and which of them are anchors.
struct TokenLabels {
    std::vector<QString> text;
    std::vector<int> anchors;  ///< ascending; always labelled, strongly and in the anchor colour
    int selected = -1;         ///< labelled too
    std::vector<int> marked{}; ///< the selected set, ascending; labelled after the anchors, strongly
    [[nodiscard]] bool isAnchor(int token) const;
};
TokenLabels tokenLabels(const SampleTokens& tokens, std::vector<int> anchors = {}, int selected = -1);

/// Where labels go along an axis.
struct AxisPlacement {
    double first = 0, last = 0;                  ///< ends of the axis in painter units; labels centred outside are left out
    std::function<double(int)> positionOf;       ///< centre of a token
    int firstToken = 0, lastToken = 0;           ///< range to label, inclusive
    double step = 1;                             ///< distance of two tokens
};

/// Which tokens get a label so that none comes closer than `spacing` to its neighbour: every n-th, anchors and the selected one
/// before all others. Ascending.
std::vector<int> labelledTokens(const TokenLabels& labels, const AxisPlacement& placement, double spacing);

/// Length of the longest label, at most `limit`.
double longestLabel(const TokenLabels& labels, const QFont& font, const QPaintDevice* device, double limit);

/// Labels to the left of `right`, one below the other, at most `width` wide.
void paintLeftLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double right, double width,
                     const QFont& font, const Theme& theme);

inline constexpr double kLabelAngle = 58.0; ///< degrees of the labels above or below an axis
/// Labels that start above `bottom` and rise to the right; `length` along the text.
void paintTopLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double bottom, double length,
                    const QFont& font, const Theme& theme);
/// Labels that end below `top`, rising to the right.
void paintBottomLabels(QPainter& painter, const TokenLabels& labels, const AxisPlacement& placement, double top, double length,
                       const QFont& font, const Theme& theme);

} // namespace sinkscope
