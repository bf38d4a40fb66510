// SPDX-License-Identifier: Apache-2.0
#include "core/attention/pyramid_kernels.h"

#include "core/base/simd.h"

#include <algorithm>

namespace sinkscope {

using simd::Floats;
using simd::kLanes;

std::vector<float> keyPanels(const float* keys, std::size_t tokens, std::size_t headWidth) {
    const std::size_t panels = (tokens + kPanelKeys - 1) / kPanelKeys;
    std::vector<float> result(panels * kPanelKeys * headWidth);
    for (std::size_t token = 0; token < tokens; ++token) {
        float* to = result.data() + token / kPanelKeys * kPanelKeys * headWidth + token % kPanelKeys;
        for (std::size_t c = 0; c < headWidth; ++c)
            to[c * kPanelKeys] = keys[token * headWidth + c];
    }
    return result;
}

/// Four rows times one panel: eight sums that stay in registers.
SINKSCOPE_CLONES void panelLogits(const float* queries, std::size_t rows, std::size_t headWidth, const float* firstPanel, std::size_t panels,
                                  float scale, float* out, std::size_t stride) {
    static_assert(kPanelKeys == 2 * kLanes);
    for (std::size_t panel = 0; panel < panels; ++panel)
        for (std::size_t first = 0; first < rows; first += 4) {
            const std::size_t last = rows - 1;
            const float* a = queries + first * headWidth;
            const float* b = queries + std::min(first + 1, last) * headWidth;
            const float* c = queries + std::min(first + 2, last) * headWidth;
            const float* d = queries + std::min(first + 3, last) * headWidth;
            Floats a0{}, a1{}, b0{}, b1{}, c0{}, c1{}, d0{}, d1{}, low, high;
            const float* keys = firstPanel + panel * kPanelKeys * headWidth;
            for (std::size_t i = 0; i < headWidth; ++i, keys += kPanelKeys) {
                simd::load(low, keys);
                simd::load(high, keys + kLanes);
                a0 += low * a[i];
                a1 += high * a[i];
                b0 += low * b[i];
                b1 += high * b[i];
                c0 += low * c[i];
                c1 += high * c[i];
                d0 += low * d[i];
                d1 += high * d[i];
            }
            float* to = out + first * stride + panel * kPanelKeys;
            simd::store(to, a0 * scale);
            simd::store(to + kLanes, a1 * scale);
            if (first + 1 < rows) {
                simd::store(to + stride, b0 * scale);
                simd::store(to + stride + kLanes, b1 * scale);
            }
            if (first + 2 < rows) {
                simd::store(to + 2 * stride, c0 * scale);
                simd::store(to + 2 * stride + kLanes, c1 * scale);
            }
            if (first + 3 < rows) {
                simd::store(to + 3 * stride, d0 * scale);
                simd::store(to + 3 * stride + kLanes, d1 * scale);
            }
        }
}

SINKSCOPE_CLONES void rangeOf(const float* row, std::size_t count, float& least, float& most) {
    Floats low = Floats{} + row[0], high = low, x;
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        simd::load(x, row + at);
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    if (at < count) {
        simd::loadPart(x, row + at, count - at, row[0]);
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    float lows[kLanes], highs[kLanes];
    simd::store(lows, low);
    simd::store(highs, high);
    least = lows[0];
    most = highs[0];
    for (std::size_t lane = 1; lane < kLanes; ++lane) {
        least = lows[lane] < least ? lows[lane] : least;
        most = highs[lane] > most ? highs[lane] : most;
    }
}

SINKSCOPE_CLONES void raiseColumns(const float* row, std::size_t count, float* largest) {
    for (std::size_t i = 0; i < count; ++i)
        largest[i] = row[i] > largest[i] ? row[i] : largest[i];
}

SINKSCOPE_CLONES void poolColumns(const float* row, std::size_t count, float* largest, float* smallest, float* sum) {
    for (std::size_t i = 0; i < count; ++i) {
        largest[i] = row[i] > largest[i] ? row[i] : largest[i];
        smallest[i] = row[i] < smallest[i] ? row[i] : smallest[i];
        sum[i] += row[i];
    }
}

SINKSCOPE_CLONES void exponentiate(float* row, std::size_t count, float shift) {
    Floats x, e;
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        simd::load(x, row + at);
        simd::exponential(e, x - shift);
        simd::store(row + at, e);
    }
    if (at < count) {
        simd::loadPart(x, row + at, count - at, 0.0f);
        simd::exponential(e, x - shift);
        simd::storePart(row + at, e, count - at);
    }
}

} // namespace sinkscope
