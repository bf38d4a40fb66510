// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/weight_spectrum.h"
#include "core/inspect/tensor_profile.h"
#include "views/paint/plot_axes.h"

#include <memory>

namespace sinkscope {

/// Bars over a range of numbers: of a tensor's elements, or of the eigenvalues of a weight.
struct BarsContent {
    std::vector<double> edges;    ///< one more than bars
    std::vector<double> counts;
    std::vector<double> expected; ///< what a law expects in each bar; empty: none
    std::vector<double> marks;    ///< vertical lines, with `markTexts`
    std::vector<QString> markTexts;
    bool logX = false, logCounts = false;
    QString xTitle, barTitle, expectedTitle;
    int hovered = -1;
};

/// Elements, with the normal distribution of the same mean and deviation, and zero marked.
BarsContent barsOf(const TensorProfile& profile, bool logCounts);
/// Eigenvalues in bars of equal ratio, with what Marchenko and Pastur's law expects there, its edge and the Tracy-Widom edge.
BarsContent barsOf(const WeightSpectrum& spectrum, bool logCounts);

PlotAxes layoutBars(const QRectF& area, const BarsContent& content, const QFont& font);
void paintBars(QPainter& painter, const QRectF& area, const PlotAxes& axes, const BarsContent& content, const QFont& font, const Theme& theme);
/// Bar under a position; -1 outside.
int barAt(const PlotAxes& axes, const BarsContent& content, QPointF position);

} // namespace sinkscope
