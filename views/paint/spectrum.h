// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/models/head_spectrum.h"
#include "views/paint/plot_axes.h"

namespace sinkscope {

/// What is drawn of a spectrum.
struct SpectrumContent {
    std::shared_ptr<const HeadSpectrum> spectrum;
    std::shared_ptr<const SpectrumBand> band; ///< null: none (yet)
    int hovered = -1, selected = -1;          ///< places in HeadSpectrum::values
};

PlotAxes layoutSpectrum(const QRectF& area, const SpectrumContent& content, const QFont& font);
void paintSpectrum(QPainter& painter, const QRectF& area, const PlotAxes& axes, const SpectrumContent& content, const QFont& font, const Theme& theme);
/// Place in the order under a position; -1 outside the plot.
int placeAt(const PlotAxes& axes, const SpectrumContent& content, QPointF position);
/// "λ₂" or "σ₁": with its number, from 1.
QString symbolOf(SpectrumKind kind, int place);

} // namespace sinkscope
