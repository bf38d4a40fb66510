// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/strip_product.h"

#include "core/base/simd.h"

#include <cstring>

namespace sinkscope::strip {
namespace {

using Doubles = double __attribute__((vector_size(64)));
constexpr std::size_t kLanes = 8;
static_assert(kLanczosBlock == 2 * kLanes, "a row of a block is two vectors");

SINKSCOPE_INLINE void load(Doubles& to, const double* from) { std::memcpy(&to, from, sizeof to); }
SINKSCOPE_INLINE void store(double* to, const Doubles& from) { std::memcpy(to, &from, sizeof from); }

} // namespace

/// Four rows at a time, so that a row of x is loaded once for them.
SINKSCOPE_CLONES void times(const double* a, std::size_t rows, std::size_t columns, const double* x, double* y) {
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const double *a0 = a + r * columns, *a1 = a0 + columns, *a2 = a1 + columns, *a3 = a2 + columns;
        Doubles s[8] = {};
        for (std::size_t c = 0; c < columns; ++c) {
            Doubles v, w;
            load(v, x + c * kLanczosBlock);
            load(w, x + c * kLanczosBlock + kLanes);
            s[0] += a0[c] * v;
            s[1] += a0[c] * w;
            s[2] += a1[c] * v;
            s[3] += a1[c] * w;
            s[4] += a2[c] * v;
            s[5] += a2[c] * w;
            s[6] += a3[c] * v;
            s[7] += a3[c] * w;
        }
        for (std::size_t k = 0; k < 8; ++k)
            store(y + r * kLanczosBlock + k * kLanes, s[k]);
    }
    for (; r < rows; ++r) {
        Doubles s{}, t{};
        for (std::size_t c = 0; c < columns; ++c) {
            Doubles v, w;
            load(v, x + c * kLanczosBlock);
            load(w, x + c * kLanczosBlock + kLanes);
            s += a[r * columns + c] * v;
            t += a[r * columns + c] * w;
        }
        store(y + r * kLanczosBlock, s);
        store(y + r * kLanczosBlock + kLanes, t);
    }
}

SINKSCOPE_CLONES void addTransposedTimes(const double* a, std::size_t rows, std::size_t columns, const double* y, double* z) {
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const double *a0 = a + r * columns, *a1 = a0 + columns, *a2 = a1 + columns, *a3 = a2 + columns;
        Doubles y0[4], y1[4];
        for (std::size_t k = 0; k < 4; ++k) {
            load(y0[k], y + (r + k) * kLanczosBlock);
            load(y1[k], y + (r + k) * kLanczosBlock + kLanes);
        }
        for (std::size_t c = 0; c < columns; ++c) {
            Doubles s, t;
            load(s, z + c * kLanczosBlock);
            load(t, z + c * kLanczosBlock + kLanes);
            s += (a0[c] * y0[0] + a1[c] * y0[1]) + (a2[c] * y0[2] + a3[c] * y0[3]);
            t += (a0[c] * y1[0] + a1[c] * y1[1]) + (a2[c] * y1[2] + a3[c] * y1[3]);
            store(z + c * kLanczosBlock, s);
            store(z + c * kLanczosBlock + kLanes, t);
        }
    }
    for (; r < rows; ++r) {
        Doubles v, w;
        load(v, y + r * kLanczosBlock);
        load(w, y + r * kLanczosBlock + kLanes);
        for (std::size_t c = 0; c < columns; ++c) {
            Doubles s, t;
            load(s, z + c * kLanczosBlock);
            load(t, z + c * kLanczosBlock + kLanes);
            s += a[r * columns + c] * v;
            t += a[r * columns + c] * w;
            store(z + c * kLanczosBlock, s);
            store(z + c * kLanczosBlock + kLanes, t);
        }
    }
}

} // namespace sinkscope::strip
