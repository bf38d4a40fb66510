// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QRgb>
#include <QString>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

struct Theme;

/// How values become colours. `SinksExcluded` is linear up to the largest value outside the sinks' columns, so that a sink does not
/// flatten everything else; what lies above is marked, never clipped in silence.
enum class ScaleKind { Linear, Log, Power, SinksExcluded };
inline constexpr ScaleKind kScaleKinds[] = {ScaleKind::Log, ScaleKind::Linear, ScaleKind::Power, ScaleKind::SinksExcluded};
/// "linear", "log", "power", "sinks_excluded": in recipes.
std::string_view nameOf(ScaleKind kind);
/// Falls back to Log.
ScaleKind scaleKindOf(std::string_view name);
/// For menus, translated.
QString titleOf(ScaleKind kind);

/// A scale with its range. Values map to 8-bit indices, which keeps images small and lets them be recoloured without recomputing.
struct ColorScale {
    static constexpr std::uint8_t kMasked = 0;  ///< not visible to the query: nothing is painted
    static constexpr std::uint8_t kOver = 255;  ///< above the range
    static constexpr double kExponent = 0.4;    ///< of Power

    ScaleKind kind = ScaleKind::Log;
    double low = 0.001, high = 1.0;
    bool hasOver = false; ///< some value lies above `high`
    bool percent = false;  ///< ticks are shown as percentages

    /// 0..1 inside the range, unclamped outside. NaN maps to 0.
    [[nodiscard]] double toUnit(double value) const;
    [[nodiscard]] double fromUnit(double unit) const;
    [[nodiscard]] std::uint8_t toIndex(float value) const;

    struct Tick {
        double unit;
        QString label;
    };
    /// From `low` to `high`, both included, at most `limit` (at least 2).
    [[nodiscard]] std::vector<Tick> ticks(int limit) const;
};

/// Lower end of the logarithmic scale for weights of a text of `tokens`: a decade or two below uniform attention.
double logFloor(int tokens);

/// 256 premultiplied colours for the indices: masked is transparent, over-range is `overRangeColor`.
std::vector<QRgb> indexColors(std::string_view map);
QRgb overRangeColor();

/// What is needed to choose a range for a [tokens, tokens] matrix.
struct ScaleRequest {
    ScaleKind kind = ScaleKind::Log;
    bool logits = false;      ///< values may be negative and -infinity where masked; never logarithmic
    bool causal = true;
    std::vector<int> sinks{}; ///< columns that SinksExcluded leaves out
};
/// Weights run from 0 to 1 (from `logFloor` when logarithmic) so that heads compare; logits and SinksExcluded follow the data, without
/// query 0 of a causal head, whose only weight is always 1.
ColorScale chooseScale(std::span<const float> matrix, int tokens, const ScaleRequest& request);
/// The same when only the extremes are known: of what counts, and of everything. Those of weights matter to SinksExcluded only.
ColorScale chooseScale(int tokens, const ScaleRequest& request, float least, float most, float mostOfAll);

} // namespace sinkscope
