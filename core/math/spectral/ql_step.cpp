// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/ql_step.h"

#include "core/base/simd.h"

#include <bit>
#include <cmath>

namespace sinkscope {
namespace {

// With c, s the squared cosines and sines of its rotations, a step without square roots with shift x is (Parlett, 8.15), from the last row up,
//     r = p + e[i], c = p / r, s = e[i] / r, gamma[i] = c (d[i] - x) - s gamma[i+1], p = gamma[i]^2 / c, e'[i+1] = s[i+1] r, d'[i+1] = gamma[i+1] + d[i] - gamma[i],
// each row waiting for the division of the one before. Putting in what gamma and p are made of leaves two recurrences without any division,
//     D[i] = (d[i] - x) D[i+1] - e[i] D[i+2]   (determinants of the trailing blocks of T - x)
//     N[i] = D[i]^2 + e[i-1] N[i+1]            (positive)
// and gamma[i] = D[i] D[i+1] / N[i+1], r[i] = N[i+1] / N[i+2], s[i] = e[i] / r[i], p[i] = D[i]^2 / N[i+1], which need nothing of each other.

using Eight = double __attribute__((vector_size(64)));
constexpr std::ptrdiff_t kEight = 8;

SINKSCOPE_INLINE void load(Eight& to, const double* from) { std::memcpy(&to, from, sizeof to); }
SINKSCOPE_INLINE void store(double* to, const Eight& from) { std::memcpy(to, &from, sizeof from); }

struct Block {
    double *d, *e;                       ///< diagonal and squares, which the step replaces
    double *determinant, *norm;          ///< D and N of eight rows at a time
    double *gamma, *sine, *ratio;        ///< s and r
    std::ptrdiff_t first = 0, last = 0;
    double shift = 0;
};

/// A power of two near 1 / sqrt(x), for positive x.
SINKSCOPE_INLINE double inverseRoot(double x) {
    const std::uint64_t exponent = std::bit_cast<std::uint64_t>(x) >> 52;
    return std::bit_cast<double>((1023 + 511 - exponent / 2) << 52);
}

/// gamma, s and r of all rows but the last. A row changes N by a factor between the square of the rounding and 5, so that eight rows stay in the range of double
/// when they start near 1.
SINKSCOPE_INLINE void findRotations(const Block& block) {
    double *determinant = block.determinant, *norm = block.norm;
    const double *d = block.d, *e = block.e;
    const std::ptrdiff_t first = block.first, last = block.last;
    const double shift = block.shift;
    double squares[kEight];
    double one = d[last] - shift, two = 1, normTwo = 1, normOne = one * one + e[last - 1]; // of rows i + 1 and i + 2
    for (std::ptrdiff_t top = last - 1; top >= first; top -= kEight) {
        const std::ptrdiff_t low = top - kEight + 1, end = low > first ? low : first;
        const double scale = inverseRoot(normOne), square = scale * scale;
        determinant[top + 1] = one *= scale;
        two *= scale;
        norm[top + 1] = normOne *= square;
        norm[top + 2] = normTwo *= square;
        for (std::ptrdiff_t i = top; i >= end; --i) {
            const double next = (d[i] - shift) * one - e[i] * two;
            two = one;
            one = next;
            determinant[i] = next;
            squares[i - low] = next * next; // through memory: each row then waits for one fused operation only
        }
        for (std::ptrdiff_t i = top; i >= end; --i) {
            normTwo = normOne;
            normOne = e[i - 1] * normTwo + squares[i - low];
            norm[i] = normOne;
        }
        Eight here, after, normHere, normAfter, square8;
        load(here, determinant + low);
        load(after, determinant + low + 1);
        load(normHere, norm + low + 1);
        load(normAfter, norm + low + 2);
        load(square8, e + low);
        const Eight inverse = 1.0 / normHere;
        store(block.gamma + low, here * after * inverse);
        store(block.sine + low, square8 * normAfter * inverse);
        store(block.ratio + low, normHere / normAfter);
    }
}

/// The matrix after the step, but for its first row. Leaves disorder in seven rows before the block, and in the last number of `e`.
SINKSCOPE_INLINE void applyRotations(const Block& block) {
    for (std::ptrdiff_t low = block.last - kEight;; low -= kEight) { // downwards: row i + 1 needs what row i was
        Eight d, gamma, gammaAfter, sine, ratio;
        load(d, block.d + low);
        load(gamma, block.gamma + low);
        load(gammaAfter, block.gamma + low + 1);
        load(sine, block.sine + low + 1);
        load(ratio, block.ratio + low);
        store(block.d + low + 1, gammaAfter + (d - gamma));
        store(block.e + low + 1, sine * ratio);
        if (low <= block.first)
            return;
    }
}

SINKSCOPE_CLONES void takeStep(Block& block) {
    double *d = block.d, *e = block.e;
    const std::ptrdiff_t first = block.first;
    const double half = (d[first + 1] - d[first]) / 2;
    block.shift = d[first] - e[first] / (half + std::copysign(std::sqrt(half * half + e[first]), half)); // the eigenvalue of the first block of two near d[first]
    block.gamma[block.last] = d[block.last] - block.shift;
    findRotations(block);
    Eight before, squaresBefore;
    load(before, d + first - kEight + 1);
    load(squaresBefore, e + first - kEight + 1);
    const double end = e[block.last];
    applyRotations(block);
    e[block.last] = end;
    store(d + first - kEight + 1, before);
    store(e + first - kEight + 1, squaresBefore);
    const double determinant = block.determinant[first];
    e[first] = block.sine[first] * (determinant * determinant / block.norm[first + 1]);
    d[first] = block.shift + block.gamma[first];
}

} // namespace

void QlMatrix::step(std::size_t first, std::size_t last) {
    Block block{.d = diagonal(), .e = squares(), .determinant = row(2), .norm = row(3), .gamma = row(4), .sine = row(5), .ratio = row(6),
                .first = static_cast<std::ptrdiff_t>(first), .last = static_cast<std::ptrdiff_t>(last)};
    takeStep(block);
}

} // namespace sinkscope
