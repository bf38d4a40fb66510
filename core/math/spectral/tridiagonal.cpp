// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/tridiagonal.h"

#include "core/base/simd.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace sinkscope {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// For rows 0..count-1 of the lower triangle: subtracts what the last reflection left to subtract (v w' + w v'), and multiplies the result,
/// taken as symmetric, with `next`. Doing both in one pass halves the memory traffic, which is what large matrices wait for.
SINKSCOPE_CLONES void updateAndMultiply(double* matrix, std::size_t stride, std::size_t count, const double* v, const double* w,
                                        const double* next, double* product) {
    for (std::size_t r = 0; r < count; ++r) {
        double* row = matrix + r * stride;
        const double vr = v[r], wr = w[r], nextR = next[r];
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::size_t c = 0; c < r; ++c) {
            const double x = row[c] - vr * w[c] - wr * v[c];
            row[c] = x;
            sum += x * next[c];
            product[c] += nextR * x;
        }
        row[r] -= 2 * vr * wr;
        product[r] = sum + row[r] * nextR;
    }
}

/// A reflection that leaves of `x` only its last entry, `alpha`: I - v v' / h. h = 0 when there is nothing to do.
struct Reflection {
    double alpha = 0, h = 0;
};

Reflection reflect(std::span<const double> x, double* v) {
    std::ranges::copy(x, v);
    double others = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i)
        others += x[i] * x[i];
    const double last = x.back();
    if (others == 0.0)
        return {last, 0};
    const double norm = std::sqrt(others + last * last), alpha = last > 0 ? -norm : norm;
    v[x.size() - 1] = last - alpha;
    return {alpha, norm * norm - last * alpha};
}

/// Eliminates rows from the last upwards, so that every row is contiguous and what remains is a leading block. A row that is done keeps its
/// reflection.
Result<void> reduce(TridiagonalForm& form, const JobContext& context) {
    const std::size_t n = form.size();
    std::vector<double>& matrix = form.reflections;
    std::vector<double> v(n, 0.0), w(n, 0.0), next(n, 0.0), product(n, 0.0);
    for (std::size_t i = n - 1; i > 0; --i) {
        SINKSCOPE_CHECK(context.checkpoint());
        double* row = matrix.data() + i * n;
        for (std::size_t c = 0; c < i; ++c)
            row[c] -= v[i] * w[c] + w[i] * v[c];
        row[i] -= 2 * v[i] * w[i];
        const Reflection reflection = reflect(std::span(row, i), next.data());
        form.diagonal[i] = row[i];
        form.below[i - 1] = reflection.alpha;
        form.sizes[i] = reflection.h;
        if (reflection.h == 0.0)
            std::fill(next.begin(), next.end(), 0.0);
        updateAndMultiply(matrix.data(), n, i, v.data(), w.data(), next.data(), product.data());
        double along = 0;
        for (std::size_t c = 0; c < i; ++c)
            along += next[c] * product[c];
        const double inverse = reflection.h > 0 ? 1 / reflection.h : 0, share = along * inverse * inverse / 2;
        for (std::size_t c = 0; c < i; ++c) {
            row[c] = v[c] = next[c];
            w[c] = product[c] * inverse - share * next[c];
        }
    }
    form.diagonal[0] = matrix[0] - 2 * v[0] * w[0];
    return {};
}

/// Bound of the magnitude of every eigenvalue (Gershgorin).
double boundOf(const TridiagonalForm& form) {
    double bound = 0;
    for (std::size_t i = 0; i < form.size(); ++i)
        bound = std::max(bound, std::abs(form.diagonal[i]) + (i > 0 ? std::abs(form.below[i - 1]) : 0) +
                                    (i + 1 < form.size() ? std::abs(form.below[i]) : 0));
    return bound;
}

/// One QL step on the unreduced block first..last; d: diagonal, e: squares of what is below it.
void qlStep(double* d, double* e, std::size_t first, std::size_t last) {
    const double root = std::sqrt(e[first]), half = (d[first + 1] - d[first]) / (2 * root);
    const double shift = d[first] - root / (half + std::copysign(std::sqrt(half * half + 1), half));
    double cosine = 1, sine = 0, gamma = d[last] - shift, p = gamma * gamma;
    for (std::size_t i = last; i-- > first;) {
        const double square = e[i], r = p + square, before = cosine, gammaBefore = gamma;
        if (i + 1 != last)
            e[i + 1] = sine * r;
        cosine = p / r;
        sine = square / r;
        gamma = cosine * (d[i] - shift) - sine * gammaBefore;
        d[i + 1] = gammaBefore + (d[i] - gamma);
        // gamma^2 / cosine, with r / p so that it need not wait for the cosine
        p = cosine > 1e-290 ? gamma * gamma * (r / p) : before * square;
    }
    e[first] = sine * p;
    d[first] = shift + gamma;
}

/// The two eigenvalues of a block of two, into its diagonal.
void solvePair(double& a, double& b, double square) {
    const double middle = (a + b) / 2, half = (a - b) / 2, radius = std::sqrt(half * half + square);
    a = middle - radius;
    b = middle + radius;
}

using Doubles = double __attribute__((vector_size(64)));
using Counts = std::int64_t __attribute__((vector_size(64)));
constexpr std::size_t kPoints = 8;

/// How many eigenvalues of T lie below each of eight points. `squares` [n]: the squares of `below`, after a 0.
SINKSCOPE_CLONES void countBelow(const double* diagonal, const double* squares, std::size_t n, double tiny, const double* points,
                                 std::int64_t* counts) {
    Doubles x, q = Doubles{} + 1.0;
    std::memcpy(&x, points, sizeof x);
    Counts count{};
    for (std::size_t i = 0; i < n; ++i) {
        q = (diagonal[i] - x) - squares[i] / q;
        const Doubles magnitude = q < 0.0 ? -q : q;
        q = magnitude < tiny ? Doubles{} - tiny : q;
        count -= q < 0.0;
    }
    std::memcpy(counts, &count, sizeof count);
}

} // namespace

Result<std::optional<TridiagonalForm>> tridiagonalForm(std::vector<double> matrix, std::size_t n, const JobContext& context) {
    SINKSCOPE_ASSERT(matrix.size() == n * n);
    double largest = 0, check = 0; // check: NaN as soon as anything is not finite
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t c = 0; c <= r; ++c) {
            largest = std::max(largest, std::abs(matrix[r * n + c]));
            check += matrix[r * n + c] * 0.0;
        }
    if (check != 0.0 || !std::isfinite(largest))
        return std::optional<TridiagonalForm>();
    TridiagonalForm form{.diagonal = std::vector<double>(n), .below = std::vector<double>(n > 0 ? n - 1 : 0), .reflections = std::move(matrix),
                         .sizes = std::vector<double>(n, 0.0), .scale = 1};
    if (largest == 0.0 || n == 0)
        return std::optional(std::move(form));
    form.scale = std::exp2(std::min(-std::floor(std::log2(largest)), 1000.0));
    for (double& entry : form.reflections)
        entry *= form.scale;
    SINKSCOPE_CHECK(reduce(form, context));
    return std::optional(std::move(form));
}

std::optional<std::vector<double>> allEigenvalues(const TridiagonalForm& form) {
    const std::size_t n = form.size();
    std::vector<double> d = form.diagonal, e(n, 0.0);
    const double bound = boundOf(form), negligible = kEpsilon * kEpsilon * bound * bound;
    for (std::size_t i = 0; i + 1 < n; ++i)
        e[i] = form.below[i] * form.below[i];
    std::size_t steps = 0;
    for (std::size_t first = 0; first < n;) {
        std::size_t last = first; // of the block that `first` is tied to
        while (last + 1 < n && e[last] > negligible)
            ++last;
        if (last == first) {
            ++first;
        } else if (last == first + 1) {
            solvePair(d[first], d[last], e[first]);
            e[first] = 0;
        } else {
            qlStep(d.data(), e.data(), first, last);
            if (++steps > 30 * n)
                return std::nullopt;
        }
    }
    for (double& value : d)
        value /= form.scale;
    std::ranges::sort(d);
    return d;
}

double eigenvalueAt(const TridiagonalForm& form, std::size_t rank) {
    const std::size_t n = form.size();
    SINKSCOPE_ASSERT(rank < n);
    std::vector<double> squares(n, 0.0);
    for (std::size_t i = 1; i < n; ++i)
        squares[i] = form.below[i - 1] * form.below[i - 1];
    const double bound = boundOf(form) * (1 + 4 * kEpsilon) + std::numeric_limits<double>::min();
    const double tiny = kEpsilon * kEpsilon * bound;
    double low = -bound, high = bound; // at most `rank` values below low, more below high
    while (high - low > 2 * kEpsilon * bound) {
        double points[kPoints];
        std::int64_t counts[kPoints];
        for (std::size_t i = 0; i < kPoints; ++i)
            points[i] = low + (high - low) * (static_cast<double>(i + 1) / (kPoints + 1));
        countBelow(form.diagonal.data(), squares.data(), n, tiny, points, counts);
        std::size_t above = 0;
        while (above < kPoints && counts[above] <= static_cast<std::int64_t>(rank))
            ++above;
        const double newLow = above > 0 ? points[above - 1] : low, newHigh = above < kPoints ? points[above] : high;
        if (newLow == low && newHigh == high)
            break;
        low = newLow;
        high = newHigh;
    }
    return (low + (high - low) / 2) / form.scale;
}

std::optional<std::vector<double>> leadingVector(const TridiagonalForm& form, double value) {
    const std::size_t n = form.size();
    // shift - T is positive definite, so that no pivots are needed; each step shrinks the other modes by (distance of the shift) / gap.
    const double shift = value * form.scale + 1e-11 * boundOf(form);
    std::vector<double> x(n), pivot(n);
    for (std::size_t i = 0; i < n; ++i) {
        pivot[i] = shift - form.diagonal[i] - (i > 0 ? form.below[i - 1] * form.below[i - 1] / pivot[i - 1] : 0);
        if (!(pivot[i] > 0))
            return std::nullopt;
        x[i] = 1 + 0.5 * std::sin(static_cast<double>(i)); // anything that no mode is orthogonal to by symmetry
    }
    const auto normalize = [&x] {
        const double norm = std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
        for (double& entry : x)
            entry /= norm;
    };
    for (int step = 0; step < 4; ++step) {
        for (std::size_t i = 1; i < n; ++i)
            x[i] += form.below[i - 1] / pivot[i - 1] * x[i - 1];
        for (std::size_t i = n; i-- > 0;)
            x[i] = (x[i] + (i + 1 < n ? form.below[i] * x[i + 1] : 0)) / pivot[i];
        normalize();
    }
    for (std::size_t i = 1; i < n; ++i) {
        if (form.sizes[i] == 0.0)
            continue;
        const double* v = form.reflections.data() + i * n;
        const double share = std::inner_product(v, v + i, x.begin(), 0.0) / form.sizes[i];
        for (std::size_t c = 0; c < i; ++c)
            x[c] -= share * v[c];
    }
    if (std::accumulate(x.begin(), x.end(), 0.0) < 0)
        std::ranges::transform(x, x.begin(), std::negate());
    normalize();
    return x;
}

} // namespace sinkscope
