// SPDX-License-Identifier: Apache-2.0
#include "core/math/umap/moving_group.h"

namespace sinkscope {
namespace {

using namespace simd;
using Unsigned = std::uint32_t __attribute__((vector_size(64)));

/// No single step moves a coordinate further than this (before the learning rate), as in the reference implementation.
constexpr float kLargestStep = 4.0f;
/// Keeps repulsion finite between points that coincide.
constexpr float kNearlyZero = 0.001f;
constexpr float kSmallest = 1e-30f; ///< squared distance that still has a logarithm

struct Places {
    Floats x, y, z;
};

using Quad = float __attribute__((vector_size(16)));
using Half = float __attribute__((vector_size(32)));

SINKSCOPE_INLINE void join(Floats& to, const Quad& a, const Quad& b, const Quad& c, const Quad& d) {
    const Half low = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7), high = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
    to = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// Whole places are loaded and turned in registers: numbers stored one by one could not be loaded as a vector before they reach the cache.
SINKSCOPE_INLINE void gather(Places& to, const LayoutPlace* places, const std::int32_t* points) {
    Quad x[4], y[4], z[4];
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
        Quad p[4];
        for (std::size_t i = 0; i < 4; ++i)
            __builtin_memcpy(&p[i], &places[points[4 * quarter + i]], sizeof(Quad));
        const Quad xy0 = __builtin_shufflevector(p[0], p[1], 0, 4, 1, 5), xy1 = __builtin_shufflevector(p[2], p[3], 0, 4, 1, 5);
        const Quad z0 = __builtin_shufflevector(p[0], p[1], 2, 6, 3, 7), z1 = __builtin_shufflevector(p[2], p[3], 2, 6, 3, 7);
        x[quarter] = __builtin_shufflevector(xy0, xy1, 0, 1, 4, 5);
        y[quarter] = __builtin_shufflevector(xy0, xy1, 2, 3, 6, 7);
        z[quarter] = __builtin_shufflevector(z0, z1, 0, 1, 4, 5);
    }
    join(to.x, x[0], x[1], x[2], x[3]);
    join(to.y, y[0], y[1], y[2], y[3]);
    join(to.z, z[0], z[1], z[2], z[3]);
}

SINKSCOPE_INLINE void addClipped(Floats& coordinate, const Floats& step, float rate) {
    Floats move = step < kLargestStep ? step : Floats{} + kLargestStep;
    move = move > -kLargestStep ? move : Floats{} - kLargestStep;
    coordinate += move * rate;
}

/// One sample for every lane: towards the partner (d^(2b) in the numerator) or away from it, where `weight` is 1 and not 0.
template <bool kPull>
SINKSCOPE_INLINE void step(Places& here, const Places& other, const LayoutForces& forces, float rate, const Floats& weight) {
    const Floats dx = here.x - other.x, dy = here.y - other.y, dz = here.z - other.z;
    Floats squared = dx * dx + dy * dy + dz * dz;
    squared = squared > kSmallest ? squared : Floats{} + kSmallest;
    Floats power;
    logarithm2(power, squared);
    exponential(power, power * (forces.b * 0.693147181f));
    Floats force;
    if constexpr (kPull)
        force = (-2 * forces.a * forces.b) * power / (squared * (1 + forces.a * power));
    else
        force = (2 * forces.repulsion * forces.b) / ((squared + kNearlyZero) * (1 + forces.a * power));
    force *= weight;
    addClipped(here.x, force * dx, rate);
    addClipped(here.y, force * dy, rate);
    addClipped(here.z, force * dz, rate);
}

/// A hash of a counter: two rounds of multiplying and folding, with the multipliers that C. Wellons' search for 32-bit hashes of low bias
/// found ("lowbias32").
SINKSCOPE_INLINE void mix(Unsigned& x) {
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    x ^= x >> 16;
}

} // namespace

SINKSCOPE_CLONES void moveGroup(const MovingGroup& group, const LayoutForces& forces, int pushes, const LayoutPlace* before, int pushers,
                                float rate, std::uint32_t seed, LayoutPlace* now) {
    constexpr std::size_t kVectors = kGroupPoints / kLanes;
    Places here[kVectors], other[kVectors];
    Floats self[kVectors], due[kVectors]; // as floats: comparisons of integers are taken apart by some compilers
    Unsigned counter[kVectors];
    const Floats zero{}, one = zero + 1.0f;
    for (std::size_t part = 0; part < kVectors; ++part) {
        gather(here[part], before, group.points + part * kLanes);
        Bits points, samples;
        __builtin_memcpy(&points, group.points + part * kLanes, sizeof points);
        __builtin_memcpy(&samples, group.due + part * kLanes, sizeof samples);
        self[part] = __builtin_convertvector(points, Floats);
        due[part] = __builtin_convertvector(samples, Floats);
        counter[part] = reinterpret_cast<Unsigned>(points) * 0x9e3779b1U + seed; // a stream for every point and epoch
        mix(counter[part]);
    }
    const float share = static_cast<float>(pushers) * 0x1p-24f, last = static_cast<float>(pushers - 1);
    for (int sample = 0; sample < group.samples; ++sample) {
        const std::int32_t* partners = &group.partners[static_cast<std::size_t>(sample) * kGroupPoints];
        Floats active[kVectors];
        for (std::size_t part = 0; part < kVectors; ++part) {
            gather(other[part], before, partners + part * kLanes);
            active[part] = due[part] > static_cast<float>(sample) ? one : zero;
            step<true>(here[part], other[part], forces, rate, active[part]);
        }
        for (int push = 0; push < pushes; ++push)
            for (std::size_t part = 0; part < kVectors; ++part) {
                counter[part] += 0x6d2b79f5U;
                Unsigned random = counter[part];
                mix(random);
                const Bits high = reinterpret_cast<Bits>(random >> 8); // 24 bits: exactly representable
                Floats place = __builtin_convertvector(high, Floats) * share;
                place = place < last ? place : zero + last;
                const Bits chosen = __builtin_convertvector(place, Bits);
                const Floats whole = __builtin_convertvector(chosen, Floats);
                alignas(64) std::int32_t indices[kLanes];
                __builtin_memcpy(indices, &chosen, sizeof indices);
                gather(other[part], before, indices);
                const Floats weight = whole != self[part] ? active[part] : zero;
                step<false>(here[part], other[part], forces, rate, weight);
            }
    }
    alignas(64) float x[kGroupPoints], y[kGroupPoints], z[kGroupPoints];
    for (std::size_t part = 0; part < kVectors; ++part) {
        store(x + part * kLanes, here[part].x);
        store(y + part * kLanes, here[part].y);
        store(z + part * kLanes, here[part].z);
    }
    for (int lane = 0; lane < group.count; ++lane)
        now[group.points[lane]] = {x[lane], y[lane], z[lane], 0};
}

} // namespace sinkscope
