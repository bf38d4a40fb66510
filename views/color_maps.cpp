// SPDX-License-Identifier: Apache-2.0
#include "views/theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace sinkscope {
namespace {

struct Stop {
    int red, green, blue;
};

// Evenly spaced points of viridis (van der Walt and Smith) and cividis (Nunez, Anderton and Renslow 2018). Between them a
// Catmull-Rom spline runs, which stays within a few units of the published tables.
constexpr auto kViridis = std::to_array<Stop>({{68, 1, 84}, {72, 36, 117}, {65, 68, 135}, {53, 95, 141}, {42, 120, 142},
    {33, 145, 140}, {34, 168, 132}, {68, 191, 112}, {122, 209, 81}, {189, 223, 38}, {253, 231, 37}});
constexpr auto kCividis = std::to_array<Stop>({{0, 34, 78}, {18, 53, 112}, {59, 73, 108}, {87, 93, 109}, {112, 113, 115},
    {138, 134, 120}, {165, 156, 116}, {195, 179, 105}, {225, 204, 85}, {254, 232, 56}});

double spline(double before, double first, double second, double after, double t) {
    return 0.5 * (2.0 * first + (second - before) * t + (2.0 * before - 5.0 * first + 4.0 * second - after) * t * t +
                  (3.0 * first - before - 3.0 * second + after) * t * t * t);
}

std::vector<QRgb> makeTable(std::span<const Stop> stops) {
    const int last = static_cast<int>(stops.size()) - 1;
    std::vector<QRgb> table(256);
    for (int i = 0; i < 256; ++i) {
        const double position = i / 255.0 * last;
        const int k = std::min(static_cast<int>(position), last - 1);
        const auto at = [&](int index) { return stops[static_cast<std::size_t>(std::clamp(index, 0, last))]; };
        const auto channel = [&](int Stop::* member) {
            const double value = spline(at(k - 1).*member, at(k).*member, at(k + 1).*member, at(k + 2).*member, position - k);
            return std::clamp(static_cast<int>(std::lround(value)), 0, 255);
        };
        table[static_cast<std::size_t>(i)] = qRgb(channel(&Stop::red), channel(&Stop::green), channel(&Stop::blue));
    }
    return table;
}

} // namespace

const std::vector<QRgb>& sequentialTable(std::string_view map) {
    static const std::vector<QRgb> viridis = makeTable(kViridis);
    static const std::vector<QRgb> cividis = makeTable(kCividis);
    return map == "cividis" ? cividis : viridis;
}

QColor sequentialColor(std::string_view map, double t) {
    const double clamped = t > 0.0 ? std::min(t, 1.0) : 0.0; // also maps NaN to 0
    return QColor::fromRgb(sequentialTable(map)[static_cast<std::size_t>(std::lround(clamped * 255.0))]);
}

} // namespace sinkscope
