// SPDX-License-Identifier: Apache-2.0
#include "core/attention/head_attention.h"

#include "core/base/assert.h"
#include "core/base/simd.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sinkscope {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

SINKSCOPE_CLONES float largest(const float* row, std::size_t count) {
    using namespace simd;
    Floats best = Floats{} + kMinusInfinity, x;
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        load(x, row + at);
        best = best > x ? best : x;
    }
    if (at < count) {
        loadPart(x, row + at, count - at, kMinusInfinity);
        best = best > x ? best : x;
    }
    float lanes[kLanes], result = kMinusInfinity;
    store(lanes, best);
    for (const float lane : lanes)
        result = lane > result ? lane : result;
    return result;
}

/// Replaces x by e = exp(x - shift); `total` becomes the sum of e, `moment` that of e (x - shift).
SINKSCOPE_CLONES void exponentials(float* row, std::size_t count, float shift, float& total, float& moment) {
    using namespace simd;
    Floats sums{}, moments{}, x, e;
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        load(x, row + at);
        x = x - shift;
        exponential(e, x);
        store(row + at, e);
        sums += e;
        moments += e == 0.0f ? Floats{} : e * x; // 0 * -infinity is 0 here
    }
    if (at < count) {
        loadPart(x, row + at, count - at, kMinusInfinity);
        x = x - shift;
        exponential(e, x);
        storePart(row + at, e, count - at);
        sums += e;
        moments += e == 0.0f ? Floats{} : e * x;
    }
    total = sum(sums);
    moment = sum(moments);
}

SINKSCOPE_CLONES void scale(float* row, std::size_t count, float factor) {
    using namespace simd;
    Floats x;
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes) {
        load(x, row + at);
        store(row + at, x * factor);
    }
    for (; at < count; ++at)
        row[at] *= factor;
}

/// x = cap * tanh(x / cap). Near 0 by the series, whose first term left out is below 2^-24 there; else by 1 - 2 / (e^2y + 1).
SINKSCOPE_CLONES void capRow(float* row, std::size_t count, float cap) {
    using namespace simd;
    Floats x, e;
    for (std::size_t at = 0; at < count; at += kLanes) {
        const bool whole = at + kLanes <= count;
        if (whole)
            load(x, row + at);
        else
            loadPart(x, row + at, count - at, 0.0f);
        const Floats y = x / cap, z = y < 0.0f ? -y : y, square = z * z;
        exponential(e, z + z);
        const Floats far = 1.0f - 2.0f / (e + 1.0f);
        const Floats near = z + z * square * (-0.333333333f + square * (0.133333333f + square * (-0.0539682540f + square * 0.0218694885f)));
        const Floats size = (z < 0.3f ? near : far) * cap;
        x = y < 0.0f ? -size : size;
        if (whole)
            store(row + at, x);
        else
            storePart(row + at, x, count - at);
    }
}

/// To the nearest bfloat16, ties to even.
float inBFloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}

/// Softmax over row[0..count) and `sink`, whose weight is returned through it.
float softmaxWithSink(float* row, std::size_t count, float& sink) {
    const float shift = std::max(largest(row, count), sink);
    float total = 0, moment = 0;
    exponentials(row, count, shift, total, moment);
    const float own = std::exp(sink - shift);
    total += own;
    moment += own * (sink - shift);
    scale(row, count, 1.0f / total);
    sink = own / total;
    return std::max(std::log(total) - moment / total, 0.0f);
}

/// Four rows of logits: out[r][j] = scale * sum over c of query[r][c] * keys[c][j], for the keys transposed and padded to whole
/// vectors, and as many rows as there are (1 to 4).
SINKSCOPE_CLONES void logitRows(const float* query, int rows, int headWidth, const float* keys, std::size_t stride, float factor,
                                float* out) {
    using namespace simd;
    Floats key;
    for (std::size_t at = 0; at < stride; at += kLanes) {
        Floats sums[4] = {};
        const float* from[4] = {};
        for (int row = 0; row < 4; ++row)
            from[row] = query + std::min(row, rows - 1) * headWidth;
        for (int c = 0; c < headWidth; ++c) {
            load(key, keys + static_cast<std::size_t>(c) * stride + at);
            for (int row = 0; row < 4; ++row)
                sums[row] += key * from[row][c];
        }
        for (int row = 0; row < rows; ++row)
            store(out + static_cast<std::size_t>(row) * stride + at, sums[row] * factor);
    }
}

} // namespace

float softmaxRow(float* row, int visible, int length) {
    SINKSCOPE_ASSERT(visible >= 0 && visible <= length);
    const auto count = static_cast<std::size_t>(visible);
    std::fill(row + visible, row + length, 0.0f);
    const float shift = largest(row, count);
    if (shift == kMinusInfinity) { // nothing is visible: no weight at all rather than 0/0 (NaN logits also end here, and stay NaN)
        const bool broken = std::any_of(row, row + visible, [](float x) { return std::isnan(x); });
        std::fill(row, row + visible, broken ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
        return broken ? std::numeric_limits<float>::quiet_NaN() : 0.0f;
    }
    float total = 0, moment = 0;
    exponentials(row, count, shift, total, moment);
    scale(row, count, 1.0f / total);
    // -sum p log p with p = e / total and log p = (x - shift) - log total.
    const float entropy = std::log(total) - moment / total;
    return entropy < 0 ? 0.0f : entropy;
}

float softmaxRow(float* row, int first, int end, int length, const AttentionRule& rule, float* sinkWeight) {
    SINKSCOPE_ASSERT(first >= 0 && first <= end && end <= length);
    std::fill(row, row + first, 0.0f);
    if (!rule.sink)
        return softmaxRow(row + first, end - first, length - first);
    std::fill(row + end, row + length, 0.0f);
    float weight = *rule.sink;
    const float entropy = softmaxWithSink(row + first, static_cast<std::size_t>(end - first), weight);
    if (sinkWeight)
        *sinkWeight = weight;
    return std::isfinite(weight) && std::isfinite(row[end - 1]) ? entropy : std::numeric_limits<float>::quiet_NaN();
}

void capLogits(float* row, std::size_t count, double cap) { capRow(row, count, static_cast<float>(cap)); }

void shapeLogits(float* row, int query, int first, int end, const AttentionRule& rule) {
    if (rule.softCap > 0)
        capLogits(row + first, static_cast<std::size_t>(end - first), rule.softCap);
    if (rule.alibiSlope <= 0)
        return;
    const auto slope = static_cast<float>(rule.alibiSlope), factor = static_cast<float>(rule.scale);
    if (rule.alibiInBFloat16) {
        const float rounded = inBFloat16(slope), own = inBFloat16(rounded * static_cast<float>(query)); // a constant of the row
        for (int key = first; key < end; ++key)
            row[key] += (inBFloat16(rounded * static_cast<float>(key)) - own) * factor;
        return;
    }
    for (int key = first; key < end; ++key)
        row[key] += slope * static_cast<float>(key - query);
}

std::vector<double> alibiSlopes(int heads, double bias) {
    const auto power = static_cast<int>(std::bit_floor(static_cast<unsigned>(heads)));
    std::vector<double> slopes;
    for (int i = 1; i <= power; ++i)
        slopes.push_back(std::exp2(-bias * i / power));
    for (int i = 1; static_cast<int>(slopes.size()) < heads; i += 2)
        slopes.push_back(std::exp2(-bias * i / (2 * power)));
    return slopes;
}

AttentionRule HeadRules::of(AttentionRule common, int layer, int head, int heads) const {
    if (!windows.empty())
        common.window = windows[static_cast<std::size_t>(layer)];
    if (!alibiSlopes.empty())
        common.alibiSlope = alibiSlopes[static_cast<std::size_t>(head)];
    if (!sinks.empty())
        common.sink = sinks[static_cast<std::size_t>(layer) * static_cast<std::size_t>(heads) + static_cast<std::size_t>(head)];
    return common;
}

HeadAttention headAttention(std::span<const float> query, std::span<const float> key, int tokens, int headWidth,
                            const AttentionRule& rule) {
    const auto count = static_cast<std::size_t>(tokens), width = static_cast<std::size_t>(headWidth);
    SINKSCOPE_ASSERT(query.size() == count * width && key.size() == count * width);
    const std::size_t stride = (count + simd::kLanes - 1) / simd::kLanes * simd::kLanes;
    std::vector<float> transposed(width * stride), rows(4 * stride);
    for (std::size_t token = 0; token < count; ++token)
        for (std::size_t c = 0; c < width; ++c)
            transposed[c * stride + token] = key[token * width + c];
    HeadAttention result{tokens, rule.causal, std::vector<float>(count * count), std::vector<float>(count * count)};
    result.sink.resize(rule.sink ? count : 0);
    for (int first = 0; first < tokens; first += 4) {
        const int block = std::min(4, tokens - first);
        logitRows(query.data() + static_cast<std::size_t>(first) * width, block, headWidth, transposed.data(), stride,
                  static_cast<float>(rule.scale), rows.data());
        for (int row = 0; row < block; ++row) {
            const int at = first + row, begin = rule.firstVisible(at), end = rule.endVisible(at, tokens);
            float* from = rows.data() + static_cast<std::size_t>(row) * stride;
            shapeLogits(from, at, begin, end, rule);
            float* logits = result.logits.data() + static_cast<std::size_t>(at) * count;
            float* weights = result.weights.data() + static_cast<std::size_t>(at) * count;
            std::fill(logits, logits + tokens, kMinusInfinity);
            std::copy(from + begin, from + end, logits + begin);
            std::copy(from + begin, from + end, weights + begin);
            softmaxRow(weights, begin, end, tokens, rule, rule.sink ? &result.sink[static_cast<std::size_t>(at)] : nullptr);
        }
    }
    return result;
}

std::vector<float> maxPooled(std::span<const float> matrix, int rows, int columns, int size) {
    SINKSCOPE_ASSERT(matrix.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) && size > 0);
    const int outRows = std::min(rows, size), outColumns = std::min(columns, size);
    const auto cellOf = [](int at, int from, int to) { return static_cast<std::size_t>(std::int64_t{at} * to / from); };
    std::vector<float> result(static_cast<std::size_t>(outRows) * static_cast<std::size_t>(outColumns), kMinusInfinity);
    for (int row = 0; row < rows; ++row) {
        const float* from = matrix.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
        float* to = result.data() + cellOf(row, rows, outRows) * static_cast<std::size_t>(outColumns);
        for (int column = 0; column < columns; ++column) {
            float& cell = to[cellOf(column, columns, outColumns)];
            cell = std::max(cell, from[column]);
        }
    }
    return result;
}

} // namespace sinkscope
