// SPDX-License-Identifier: Apache-2.0
// Opening a head of a long text (width 64) as a heat map: the overview, and a part a quarter as wide at the finest level that a screen of
// 1,000 pixels shows of it.
#include "core/attention/attention_pyramid.h"

#include <benchmark/benchmark.h>

#include <random>

using namespace sinkscope;

namespace {

constexpr int kWidth = 64;

std::vector<float> vectors(int tokens, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(tokens) * kWidth);
    for (float& value : values)
        value = normal(generator);
    return values;
}

void overview(benchmark::State& state) {
    const int tokens = static_cast<int>(state.range(0));
    const auto query = vectors(tokens, 1), key = vectors(tokens, 2);
    JobContext context;
    for (auto _ : state) {
        const auto pyramid = AttentionPyramid::build(query, key, tokens, kWidth, {.scale = 0.125}, {}, context);
        if (!pyramid || (*pyramid)->overview().rows > 1024)
            state.SkipWithError("no overview");
    }
}

void part(benchmark::State& state) {
    const int tokens = static_cast<int>(state.range(0));
    JobContext context;
    const auto pyramid = AttentionPyramid::build(vectors(tokens, 1), vectors(tokens, 2), tokens, kWidth, {.scale = 0.125}, {}, context);
    const int level = std::max(0, (*pyramid)->overview().level - 2), blocks = tokens / 4 >> level;
    for (auto _ : state) {
        const auto cells = (*pyramid)->part(level, blocks * 2, blocks, blocks, blocks, context);
        if (!cells || cells->rows != blocks)
            state.SkipWithError("no part");
    }
}

BENCHMARK(overview)->Arg(8192)->Arg(16384)->Arg(32768)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(part)->Arg(8192)->Arg(16384)->Arg(32768)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
