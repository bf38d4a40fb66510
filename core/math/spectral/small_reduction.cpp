// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/small_reduction.h"

#include "core/base/simd.h"

#include <cmath>
#include <memory>
#include <vector>

namespace sinkscope {
namespace {

using Eight = double __attribute__((vector_size(64)));
using Lanes = std::int64_t __attribute__((vector_size(64)));
constexpr std::size_t kEight = 8;
constexpr Lanes kLane = {0, 1, 2, 3, 4, 5, 6, 7};

/// By reference: by value their calling convention would depend on the instruction set.
SINKSCOPE_INLINE void load(Eight& to, const double* from) { std::memcpy(&to, from, sizeof to); }
SINKSCOPE_INLINE void store(double* to, const Eight& from) { std::memcpy(to, &from, sizeof from); }
/// Lanes whose number from `first` on is at least `count` become 0.
SINKSCOPE_INLINE void keepBelow(Eight& x, std::size_t first, std::size_t count) {
    x = kLane < static_cast<std::int64_t>(count) - static_cast<std::int64_t>(first) ? x : Eight{};
}
SINKSCOPE_INLINE double sumOf(const Eight& x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

/// `Width` times eight columns, from number c on, of the first `rows` rows: subtracts what the last reflection left to subtract, v w' + w v', and sums the
/// rows times `next` into `product`. The sums stay in registers.
template <std::size_t Width>
SINKSCOPE_INLINE void updateColumns(double* matrix, std::size_t stride, std::size_t rows, std::size_t c, const double* v, const double* w, const double* next,
                                    double* product) {
    Eight vc[Width], wc[Width], sums[Width] = {}, x;
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Width; ++k) {
        load(vc[k], v + c + k * kEight);
        load(wc[k], w + c + k * kEight);
    }
    double* row = matrix + c;
    for (std::size_t r = 0; r < rows; ++r, row += stride) {
        const double vr = v[r], wr = w[r], nextR = next[r];
#pragma GCC unroll 4
        for (std::size_t k = 0; k < Width; ++k) {
            load(x, row + k * kEight);
            x = x - vr * wc[k] - wr * vc[k];
            store(row + k * kEight, x);
            sums[k] += nextR * x;
        }
    }
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Width; ++k)
        store(product + c + k * kEight, sums[k]);
}

/// Eliminates rows from the last upwards, like the reduction of large matrices. `matrix` [n, stride] is the whole symmetric matrix, `stride` a multiple of eight.
/// `vectors` [4, stride] starts as zeros.
SINKSCOPE_CLONES void reduceRows(double* matrix, std::size_t n, std::size_t stride, double* vectors, double* reflections, double* diagonal, double* below,
                                 double* sizes) {
    double *v = vectors, *w = v + stride, *next = w + stride, *product = next + stride;
    for (std::size_t i = n - 1; i > 0; --i) {
        const double* row = matrix + i * stride;
        const double vi = v[i], wi = w[i];
        Eight x, y, z, sum{};
        for (std::size_t c = 0; c < i; c += kEight) {
            load(x, row + c);
            load(y, v + c);
            load(z, w + c);
            x -= vi * z + wi * y;
            keepBelow(x, c, i);
            store(next + c, x);
            keepBelow(x, c, i - 1);
            sum += x * x;
        }
        const double others = sumOf(sum), last = next[i - 1];
        double alpha = last, h = 0;
        if (others == 0.0) {
            for (std::size_t c = 0; c < i; ++c)
                next[c] = 0;
        } else {
            const double norm = std::sqrt(others + last * last);
            alpha = last > 0 ? -norm : norm;
            h = norm * norm - last * alpha;
            next[i - 1] = last - alpha;
        }
        diagonal[i] = row[i] - 2 * vi * wi;
        below[i - 1] = alpha;
        sizes[i] = h;
        std::size_t column = 0;
        for (; column + 2 * kEight < i; column += 3 * kEight)
            updateColumns<3>(matrix, stride, i, column, v, w, next, product);
        if (column + kEight < i)
            updateColumns<2>(matrix, stride, i, column, v, w, next, product);
        else if (column < i)
            updateColumns<1>(matrix, stride, i, column, v, w, next, product);
        const double inverse = h > 0 ? 1 / h : 0;
        sum = Eight{};
        for (std::size_t c = 0; c < i; c += kEight) {
            load(x, next + c);
            load(y, product + c);
            sum += x * y;
        }
        const double share = sumOf(sum) * inverse * inverse / 2;
        for (std::size_t c = 0; c < i; c += kEight) {
            load(x, next + c);
            load(y, product + c);
            y = y * inverse - share * x;
            keepBelow(y, c, i);
            store(v + c, x);
            store(w + c, y);
        }
        std::memcpy(reflections + i * n, next, i * sizeof(double));
    }
    diagonal[0] = matrix[0] - 2 * v[0] * w[0];
}

} // namespace

void reduceSmall(TridiagonalForm& form) {
    const std::size_t n = form.size(), stride = (n + kEight - 1) / kEight * kEight;
    std::vector<double> memory((n + 4) * stride + kEight, 0.0);
    void* start = memory.data();
    std::size_t room = memory.size() * sizeof(double);
    // What straddles two lines of the cache takes twice as long.
    auto* matrix = static_cast<double*>(std::align(sizeof(Eight), (n + 4) * stride * sizeof(double), start, room));
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c <= r; ++c)
            matrix[r * stride + c] = matrix[c * stride + r] = form.reflections[r * n + c] * form.scale;
    reduceRows(matrix, n, stride, matrix + n * stride, form.reflections.data(), form.diagonal.data(), form.below.data(), form.sizes.data());
}

} // namespace sinkscope
