// SPDX-License-Identifier: Apache-2.0
#include "views/paint/color_scale.h"

#include "views/models/text_format.h"
#include "views/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

std::string_view nameOf(ScaleKind kind) {
    switch (kind) {
    case ScaleKind::Linear: return "linear";
    case ScaleKind::Log: return "log";
    case ScaleKind::Power: return "power";
    case ScaleKind::SinksExcluded: return "sinks_excluded";
    }
    return "log";
}

ScaleKind scaleKindOf(std::string_view name) {
    for (const ScaleKind kind : kScaleKinds)
        if (nameOf(kind) == name)
            return kind;
    return ScaleKind::Log;
}

QString titleOf(ScaleKind kind) {
    switch (kind) {
    case ScaleKind::Linear: return QCoreApplication::translate("Views", "Linear");
    case ScaleKind::Log: return QCoreApplication::translate("Views", "Log");
    case ScaleKind::Power: return QCoreApplication::translate("Views", "Power 0.4");
    case ScaleKind::SinksExcluded: return QCoreApplication::translate("Views", "Sinks excluded");
    }
    return {};
}

double ColorScale::toUnit(double value) const {
    if (std::isnan(value) || high <= low)
        return 0.0;
    if (kind == ScaleKind::Log)
        return value <= low ? 0.0 : std::log(value / low) / std::log(high / low);
    const double linear = (value - low) / (high - low);
    return kind == ScaleKind::Power && linear > 0.0 ? std::pow(linear, kExponent) : linear;
}

double ColorScale::fromUnit(double unit) const {
    if (kind == ScaleKind::Log)
        return low * std::pow(high / low, unit);
    return low + (high - low) * (kind == ScaleKind::Power && unit > 0.0 ? std::pow(unit, 1.0 / kExponent) : unit);
}

std::uint8_t ColorScale::toIndex(float value) const {
    if (value > high * (high > 0 ? 1.0 + 1e-6 : 1.0 - 1e-6)) // rounding must not push the largest value out of range
        return kOver;
    const double unit = std::clamp(toUnit(value), 0.0, 1.0);
    return static_cast<std::uint8_t>(1 + static_cast<int>(std::lround(unit * 253.0)));
}

std::vector<ColorScale::Tick> ColorScale::ticks(int limit) const {
    std::vector<Tick> result;
    const auto text = [&](double value) {
        return percent ? QString::number(100 * value, 'f', high - low < 0.1 ? 1 : 0) + QStringLiteral("\u202f%") : numberText(value);
    };
    const auto add = [&](double value) { result.push_back({std::clamp(toUnit(value), 0.0, 1.0), text(value)}); };
    if (high <= low)
        return {{0.0, text(low)}};
    if (kind == ScaleKind::Log) {
        const int decades = std::max(1, static_cast<int>(std::lround(std::log10(high / low))));
        const int step = std::max(1, (decades + limit - 2) / std::max(1, limit - 1));
        for (int decade = 0; decade < decades; decade += step)
            add(low * std::pow(10.0, decade));
        add(high);
        return result;
    }
    if (kind == ScaleKind::Power) {
        for (const double share : {0.0, 0.01, 0.1, 0.3, 1.0})
            if (limit >= 5 || share == 0.0 || share == 1.0 || (limit >= 3 && share == 0.1))
                add(low + share * (high - low));
        return result;
    }
    const int intervals = limit >= 5 ? 4 : limit >= 3 ? 2 : 1;
    for (int i = 0; i <= intervals; ++i)
        add(low + (high - low) * i / intervals);
    return result;
}

double logFloor(int tokens) {
    return std::pow(10.0, std::floor(std::log10(0.1 / std::max(1, tokens))));
}

QRgb overRangeColor() {
    return qRgb(0xf2, 0x6b, 0x4e);
}

std::vector<QRgb> indexColors(std::string_view map) {
    const std::vector<QRgb>& table = sequentialTable(map);
    std::vector<QRgb> colors(256);
    colors[ColorScale::kMasked] = qRgba(0, 0, 0, 0);
    for (std::size_t i = 1; i < 255; ++i)
        colors[i] = table[(i - 1) * 255 / 253];
    colors[ColorScale::kOver] = overRangeColor();
    return colors;
}

ColorScale chooseScale(int tokens, const ScaleRequest& request, float least, float most, float mostOfAll) {
    ColorScale scale;
    scale.kind = request.logits && request.kind != ScaleKind::SinksExcluded ? ScaleKind::Linear : request.kind;
    scale.low = scale.kind == ScaleKind::Log ? logFloor(tokens) : 0.0;
    scale.high = 1.0;
    if (!request.logits && scale.kind != ScaleKind::SinksExcluded)
        return scale;
    if (most < least) // every column is a sink, or nothing is finite
        return {ScaleKind::Linear, 0.0, 1.0, false};
    scale.low = request.logits ? least : 0.0;
    scale.high = std::max<double>(most, scale.low + 1e-6);
    scale.hasOver = mostOfAll > most;
    return scale;
}

ColorScale chooseScale(std::span<const float> matrix, int tokens, const ScaleRequest& request) {
    float least = std::numeric_limits<float>::infinity(), most = -least, mostOfAll = -least;
    if (!request.logits && request.kind != ScaleKind::SinksExcluded)
        return chooseScale(tokens, request, least, most, mostOfAll);

    std::vector<bool> isSink(static_cast<std::size_t>(std::max(tokens, 0)), false);
    for (const int sink : request.sinks)
        if (request.kind == ScaleKind::SinksExcluded && sink >= 0 && sink < tokens)
            isSink[static_cast<std::size_t>(sink)] = true;
    for (int query = request.causal && tokens > 1 ? 1 : 0; query < tokens; ++query) {
        const auto row = matrix.subspan(static_cast<std::size_t>(query) * static_cast<std::size_t>(tokens), static_cast<std::size_t>(tokens));
        for (std::size_t key = 0; key < (request.causal ? static_cast<std::size_t>(query) + 1 : row.size()); ++key) {
            if (!std::isfinite(row[key]))
                continue;
            mostOfAll = std::max(mostOfAll, row[key]);
            if (isSink[key])
                continue;
            least = std::min(least, row[key]);
            most = std::max(most, row[key]);
        }
    }
    return chooseScale(tokens, request, least, most, mostOfAll);
}

} // namespace sinkscope
