// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/tridiagonal.h"

#include "core/base/simd.h"
#include "core/math/spectral/ql_step.h"
#include "core/math/spectral/small_reduction.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

namespace sinkscope {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

using Four = double __attribute__((vector_size(32)));
using Eight = double __attribute__((vector_size(64)));
using Lanes = std::int64_t __attribute__((vector_size(32)));
constexpr std::size_t kTogether = 4; ///< numbers of a `Four`, and rows of a block

/// By reference: by value its calling convention would depend on the instruction set.
template <typename Vector> SINKSCOPE_INLINE void load(Vector& to, const double* from) { std::memcpy(&to, from, sizeof to); }

/// Some columns, from number c on, of `Rows` rows from number `first` on: of `updateAndMultiply`.
template <std::size_t Rows, typename Vector>
SINKSCOPE_INLINE void updateColumns(double* block, std::size_t stride, std::size_t first, std::size_t c, const double* v, const double* w, const double* next,
                                    double* product, Vector* sums) {
    Vector vc, wc, nextC, productC, x;
    load(vc, v + c);
    load(wc, w + c);
    load(nextC, next + c);
    load(productC, product + c);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Rows; ++k) {
        load(x, block + k * stride + c);
        x = x - v[first + k] * wc - w[first + k] * vc;
        std::memcpy(block + k * stride + c, &x, sizeof x);
        sums[k] += x * nextC;
        productC += next[first + k] * x;
    }
    std::memcpy(product + c, &productC, sizeof productC);
}

/// `Rows` rows from number `first` on, a multiple of 4. They share what they read of v, w, `next` and `product`. In the square on the diagonal all numbers are
/// computed, and those above it count as 0.
template <std::size_t Rows>
SINKSCOPE_INLINE void updateBlock(double* matrix, std::size_t stride, std::size_t first, const double* v, const double* w, const double* next, double* product) {
    constexpr Lanes kLane = {0, 1, 2, 3};
    double* block = matrix + first * stride;
    Eight wide[Rows] = {};
    Four sums[Rows];
    std::size_t c = 0;
    for (; c + 2 * kTogether <= first; c += 2 * kTogether)
        updateColumns<Rows>(block, stride, first, c, v, w, next, product, wide);
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Rows; ++k) {
        Four halves[2];
        std::memcpy(halves, &wide[k], sizeof halves);
        sums[k] = halves[0] + halves[1];
    }
    if (c < first)
        updateColumns<Rows>(block, stride, first, c, v, w, next, product, sums);
    Four vc, wc, nextC, x;
    load(vc, v + first);
    load(wc, w + first);
    load(nextC, next + first);
    Four below{}; // what lower rows of the square give to the columns
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Rows; ++k) {
        load(x, block + k * stride + first);
        x = x - v[first + k] * wc - w[first + k] * vc;
        std::memcpy(block + k * stride + first, &x, sizeof x);
        const auto row = static_cast<std::int64_t>(k);
        sums[k] += (kLane <= row ? x : Four{}) * nextC;
        below += (kLane < row ? x : Four{}) * next[first + k];
    }
#pragma GCC unroll 4
    for (std::size_t k = 0; k < Rows; ++k)
        below[k] += (sums[k][0] + sums[k][1]) + (sums[k][2] + sums[k][3]);
    std::memcpy(product + first, &below, Rows * sizeof(double)); // in one piece, as the next block reads it
}

/// For rows 0..count-1 of the lower triangle: subtracts what the last reflection left to subtract (v w' + w v'), and multiplies the result,
/// taken as symmetric, with `next`. Doing both in one pass halves the memory traffic, which is what large matrices wait for. Above the diagonal, in squares of
/// four, the matrix is left in disorder. Vectors have room for a whole number of fours.
SINKSCOPE_CLONES void updateAndMultiply(double* matrix, std::size_t stride, std::size_t count, const double* v, const double* w,
                                        const double* next, double* product) {
    std::size_t first = 0;
    for (; first + kTogether <= count; first += kTogether)
        updateBlock<kTogether>(matrix, stride, first, v, w, next, product);
    const std::size_t rest = count - first;
    if (rest == 1)
        updateBlock<1>(matrix, stride, first, v, w, next, product);
    else if (rest == 2)
        updateBlock<2>(matrix, stride, first, v, w, next, product);
    else if (rest == 3)
        updateBlock<3>(matrix, stride, first, v, w, next, product);
}

/// Row i: what the last reflection left to subtract, a copy for the next one, and the sum of the squares of all but the last of its i numbers.
SINKSCOPE_CLONES double prepareRow(double* row, std::size_t i, const double* v, const double* w, double* next) {
    const double vi = v[i], wi = w[i];
    double others = 0;
#pragma omp simd
    for (std::size_t c = 0; c < i; ++c)
        next[c] = row[c] = row[c] - (vi * w[c] + wi * v[c]);
#pragma omp simd reduction(+ : others)
    for (std::size_t c = 0; c < i - 1; ++c)
        others += next[c] * next[c];
    return others;
}

/// The reflection of row i is kept in the row, and what it leaves to subtract in v and w.
SINKSCOPE_CLONES void finishRow(double* row, std::size_t i, double inverse, const double* next, const double* product, double* v, double* w) {
    double along = 0;
#pragma omp simd reduction(+ : along)
    for (std::size_t c = 0; c < i; ++c)
        along += next[c] * product[c];
    const double share = along * inverse * inverse / 2;
#pragma omp simd
    for (std::size_t c = 0; c < i; ++c) {
        row[c] = v[c] = next[c];
        w[c] = product[c] * inverse - share * next[c];
    }
}

/// Eliminates rows from the last upwards, so that every row is contiguous and what remains is a leading block. A row that is done keeps its
/// reflection: I - v v' / h leaves of it only its last number, alpha; h = 0 when there is nothing to do.
Result<void> reduce(TridiagonalForm& form, const JobContext& context) {
    const std::size_t n = form.size();
    std::vector<double>& matrix = form.reflections;
    const std::size_t room = n + kTogether;
    std::vector<double> v(room, 0.0), w(room, 0.0), next(room, 0.0), product(room, 0.0);
    matrix.resize(n * n + kTogether); // the last square may begin in the last rows
    for (std::size_t i = n - 1; i > 0; --i) {
        SINKSCOPE_CHECK(context.checkpoint());
        double* row = matrix.data() + i * n;
        const double others = prepareRow(row, i, v.data(), w.data(), next.data()), last = next[i - 1];
        row[i] -= 2 * v[i] * w[i];
        double alpha = last, h = 0;
        if (others == 0.0) {
            std::fill(next.begin(), next.end(), 0.0);
        } else {
            const double norm = std::sqrt(others + last * last);
            alpha = last > 0 ? -norm : norm;
            h = norm * norm - last * alpha;
            next[i - 1] = last - alpha;
        }
        form.diagonal[i] = row[i];
        form.below[i - 1] = alpha;
        form.sizes[i] = h;
        updateAndMultiply(matrix.data(), n, i, v.data(), w.data(), next.data(), product.data());
        finishRow(row, i, h > 0 ? 1 / h : 0, next.data(), product.data(), v.data(), w.data());
    }
    form.diagonal[0] = matrix[0] - 2 * v[0] * w[0];
    matrix.resize(n * n);
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

/// What brings a bound to 1/2..1.
double inversePowerOf(double bound) { return std::exp2(-std::ceil(std::log2(bound))); }

/// The two eigenvalues of a block of two, into its diagonal.
void solvePair(double& a, double& b, double square) {
    const double middle = (a + b) / 2, half = (a - b) / 2, radius = std::sqrt(half * half + square);
    a = middle - radius;
    b = middle + radius;
}

using Doubles = double __attribute__((vector_size(64)));
using Counts = std::int64_t __attribute__((vector_size(64)));
constexpr std::size_t kPoints = 16;

/// The highest power of two in each number that is not 0, turned over.
SINKSCOPE_INLINE void inversePower(Doubles& result, const Doubles& x) {
    constexpr std::int64_t kExponent = 0x7ff0000000000000, kTwoBiases = 0x7fe0000000000000;
    result = reinterpret_cast<Doubles>(kTwoBiases - (reinterpret_cast<Counts>(x) & kExponent));
}

/// How many eigenvalues of T lie below each of sixteen points: changes of sign of the determinants of its leading blocks less the point, whose recurrence needs no
/// division. `squares` [n]: the squares of `below`, after a 0. A determinant is never below `tiny` times the one before, so that eight of them keep to the range of
/// double.
SINKSCOPE_CLONES void countBelow(const double* diagonal, const double* squares, std::size_t n, double tiny, const double* points,
                                 std::int64_t* counts) {
    constexpr std::int64_t kMagnitude = 0x7fffffffffffffff;
    Doubles x[2], before[2] = {}, one[2] = {Doubles{} + 1.0, Doubles{} + 1.0};
    std::memcpy(x, points, sizeof x);
    Counts count[2] = {};
    for (std::size_t first = 0; first < n; first += 8) {
        for (int half = 0; half < 2; ++half) {
            Doubles scale;
            inversePower(scale, one[half]);
            one[half] *= scale;
            before[half] *= scale;
        }
        for (std::size_t i = first; i < n && i < first + 8; ++i)
            for (int half = 0; half < 2; ++half) {
                const Doubles last = one[half], floor = last * -tiny;
                Doubles next = (diagonal[i] - x[half]) * last - squares[i] * before[half];
                const Doubles magnitude = reinterpret_cast<Doubles>(reinterpret_cast<Counts>(next) & kMagnitude);
                const Doubles smallest = reinterpret_cast<Doubles>(reinterpret_cast<Counts>(floor) & kMagnitude);
                next = magnitude < smallest ? floor : next;
                count[half] -= (reinterpret_cast<Counts>(next) ^ reinterpret_cast<Counts>(last)) < 0;
                before[half] = last;
                one[half] = next;
            }
    }
    std::memcpy(counts, count, sizeof count);
}

/// Where an eigenvalue of a rank lies: at most `rank` values below low, more below high.
struct Bracket {
    std::size_t rank = 0;
    double low = 0, high = 0;
    bool isDone = false;
};

/// Narrows a bracket by counts at points that divide it evenly.
void narrow(Bracket& bracket, std::span<const double> points, const std::int64_t* counts) {
    std::size_t above = 0;
    while (above < points.size() && counts[above] <= static_cast<std::int64_t>(bracket.rank))
        ++above;
    const double low = above > 0 ? points[above - 1] : bracket.low, high = above < points.size() ? points[above] : bracket.high;
    bracket.isDone = low == bracket.low && high == bracket.high;
    bracket.low = low;
    bracket.high = high;
}

/// One bracket with all points, or two with half of them each.
void multisect(const TridiagonalForm& form, std::span<Bracket> brackets) {
    const std::size_t n = form.size(), each = kPoints / brackets.size();
    const double whole = boundOf(form) * (1 + 4 * kEpsilon) + std::numeric_limits<double>::min(), scale = inversePowerOf(whole), bound = whole * scale;
    std::vector<double> diagonal(n), squares(n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        diagonal[i] = form.diagonal[i] * scale;
    for (std::size_t i = 1; i < n; ++i)
        squares[i] = form.below[i - 1] * scale * (form.below[i - 1] * scale);
    for (Bracket& bracket : brackets) {
        bracket.low = -bound;
        bracket.high = bound;
    }
    const auto isOpen = [&](const Bracket& bracket) { return !bracket.isDone && bracket.high - bracket.low > 2 * kEpsilon * bound; };
    while (std::ranges::any_of(brackets, isOpen)) {
        double points[kPoints];
        std::int64_t counts[kPoints];
        for (std::size_t i = 0; i < kPoints; ++i) {
            const Bracket& bracket = brackets[i / each];
            points[i] = bracket.low + (bracket.high - bracket.low) * (static_cast<double>(i % each + 1) / static_cast<double>(each + 1));
        }
        countBelow(diagonal.data(), squares.data(), n, kEpsilon * kEpsilon * bound, points, counts);
        for (std::size_t i = 0; i < brackets.size(); ++i)
            if (isOpen(brackets[i]))
                narrow(brackets[i], std::span(points).subspan(i * each, each), counts + i * each);
    }
    for (Bracket& bracket : brackets) {
        bracket.low /= scale;
        bracket.high /= scale;
    }
}

double middleOf(const Bracket& bracket) { return bracket.low + (bracket.high - bracket.low) / 2; }

} // namespace

Result<std::optional<TridiagonalForm>> tridiagonalForm(std::vector<double> matrix, std::size_t n, const JobContext& context) {
    SINKSCOPE_ASSERT(matrix.size() == n * n);
    double largest = 0, check = 0; // check: NaN as soon as anything is not finite
    for (std::size_t r = 0; r < n; ++r) {
        const double* row = &matrix[r * n];
#pragma omp simd reduction(max : largest) reduction(+ : check)
        for (std::size_t c = 0; c <= r; ++c) {
            largest = std::max(largest, std::abs(row[c]));
            check += row[c] * 0.0;
        }
    }
    if (check != 0.0 || !std::isfinite(largest))
        return std::optional<TridiagonalForm>();
    TridiagonalForm form{.diagonal = std::vector<double>(n), .below = std::vector<double>(n > 0 ? n - 1 : 0), .reflections = std::move(matrix),
                         .sizes = std::vector<double>(n, 0.0), .scale = 1};
    if (largest == 0.0 || n == 0)
        return std::optional(std::move(form));
    form.scale = std::exp2(std::min(-std::floor(std::log2(largest)), 1000.0));
    if (n <= kLargestSmallReduction) {
        SINKSCOPE_CHECK(context.checkpoint());
        reduceSmall(form);
        return std::optional(std::move(form));
    }
    for (double& entry : form.reflections)
        entry *= form.scale;
    SINKSCOPE_CHECK(reduce(form, context));
    return std::optional(std::move(form));
}

std::optional<std::vector<double>> allEigenvalues(const TridiagonalForm& form) {
    const std::size_t n = form.size();
    QlMatrix matrix(n);
    double *d = matrix.diagonal(), *e = matrix.squares();
    const double bound = boundOf(form), scale = bound > 0 ? inversePowerOf(bound) : 1, negligible = kEpsilon * kEpsilon * (bound * scale) * (bound * scale);
    for (std::size_t i = 0; i < n; ++i)
        d[i] = form.diagonal[i] * scale;
    for (std::size_t i = 0; i + 1 < n; ++i)
        e[i] = form.below[i] * scale * (form.below[i] * scale);
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
            matrix.step(first, last);
            if (++steps > 30 * n)
                return std::nullopt;
        }
    }
    std::vector<double> values(d, d + n);
    for (double& value : values)
        value /= form.scale * scale;
    std::ranges::sort(values);
    return values;
}

double eigenvalueAt(const TridiagonalForm& form, std::size_t rank) {
    SINKSCOPE_ASSERT(rank < form.size());
    Bracket bracket{.rank = rank};
    multisect(form, std::span(&bracket, 1));
    return middleOf(bracket) / form.scale;
}

std::pair<double, double> eigenvaluesAt(const TridiagonalForm& form, std::size_t first, std::size_t second) {
    SINKSCOPE_ASSERT(first < form.size() && second < form.size());
    Bracket brackets[] = {{.rank = first}, {.rank = second}};
    multisect(form, brackets);
    return {middleOf(brackets[0]) / form.scale, middleOf(brackets[1]) / form.scale};
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
