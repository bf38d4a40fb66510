// SPDX-License-Identifier: Apache-2.0
// Weights to float32, elements per second and thread, from memory that is in cache and from memory that is not.
#include "core/checkpoint/tensor_statistics.h"

#include <benchmark/benchmark.h>

namespace {

using namespace sinkscope;

struct Source {
    Source(DType type, std::size_t count) : storage(count / blockOf(type).elements * blockOf(type).bytes + 1, std::byte{0x3C}) {
        tensor.dtype = type;
        tensor.shape = {static_cast<std::int64_t>(count)};
        tensor.bytes = std::span(storage).subspan(1); // unaligned, as tensors in a file may be
    }
    std::vector<std::byte> storage;
    TensorInfo tensor;
};

void convert(benchmark::State& state, DType type) {
    const auto count = static_cast<std::size_t>(state.range(0));
    const Source source(type, count);
    std::vector<float> out(count);
    for (auto step : state) {
        convertToFloat(source.tensor, out);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    if (!isQuantized(type) && out.front() != out.back())
        state.SkipWithError("equal elements came out different");
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void statistics(benchmark::State& state, DType type) {
    const Source source(type, static_cast<std::size_t>(state.range(0)));
    JobContext context;
    for (auto step : state) {
        const auto result = tensorStatistics(source.tensor, context);
        if (!result || result->minimum != result->maximum)
            state.SkipWithError("equal elements have no spread");
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

} // namespace

BENCHMARK_CAPTURE(convert, F16, DType::F16)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, BF16, DType::BF16)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, F8_E4M3, DType::F8E4M3)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, F32, DType::F32)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q8_0, DType::Q8_0)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q4_0, DType::Q4_0)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q5_0, DType::Q5_0)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q2_K, DType::Q2_K)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q3_K, DType::Q3_K)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q4_K, DType::Q4_K)->Arg(1 << 14)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q5_K, DType::Q5_K)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, Q6_K, DType::Q6_K)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, IQ4_NL, DType::IQ4_NL)->Arg(1 << 24);
BENCHMARK_CAPTURE(convert, IQ4_XS, DType::IQ4_XS)->Arg(1 << 24);
BENCHMARK_CAPTURE(statistics, F32, DType::F32)->Arg(1 << 24);
BENCHMARK_CAPTURE(statistics, BF16, DType::BF16)->Arg(1 << 24);
BENCHMARK_MAIN();
