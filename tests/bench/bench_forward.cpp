// SPDX-License-Identifier: Apache-2.0
// bench_forward FOLDER [--samples N] [--tokens T] [--spread S] [--threads N] [--dtype f32|bf16] [--device cpu|cuda] [--logits]: runs random tokens through a checkpoint with the statistics
// of every head, as a capture does, and prints one line of JSON. compare_forward.py sets it beside transformers.
#include "core/attention/statistics_builder.h"
#include "core/jobs/thread_team.h"
#include "core/nn/forward.h"
#include "core/nn/matrix.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <random>
#include <string>

using namespace sinkscope;

namespace {

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// What a capture computes, without the file.
class Statistics : public TapConsumer {
public:
    Statistics(int samples, bool causal, bool logits) : m_builder(samples, causal), m_logits(logits) {}
    double received = 0; ///< mean over layers and heads of what key 0 receives, so that nothing is computed in vain
    int heads = 0;
    [[nodiscard]] int attentionPasses() const override { return 2; }
    [[nodiscard]] bool wantsLogits() const override { return m_logits; }
    Result<void> onVectors(const VectorsTap& tap) override { return m_builder.begin(tap), Result<void>{}; }
    void onAttention(const AttentionTap& tap) override { m_builder.add(tap); }
    Result<void> onHidden(const HiddenTap& tap) override {
        if (tap.layer < 0)
            return {};
        SINKSCOPE_TRY(const auto statistics, m_builder.finish(tap));
        for (int head = 0; head < statistics->heads; ++head)
            received += statistics->received(head, 0);
        heads += statistics->heads;
        return {};
    }

private:
    StatisticsBuilder m_builder;
    bool m_logits;
};

/// The rate of the products alone, with the cuts of a forward pass: what the run below could reach at most.
double productRate(int threads, ComputeType type, std::size_t inner, std::size_t columns) {
    constexpr std::size_t kRows = 512;
    const SingleThreadedBlas blas;
    computeOnOneThread();
    ThreadTeam team(threads, computeOnOneThread);
    const auto count = static_cast<std::size_t>(threads);
    std::vector<float> a(count * kRows * inner, 0.5f), b(inner * columns, 0.25f), c(count * kRows * columns);
    double best = 0;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const std::size_t tasks = count * 8;
        const double start = now();
        const auto done = team.run(tasks, [&](std::size_t, int worker) {
            const auto w = static_cast<std::size_t>(worker);
            if (type == ComputeType::BFloat16)
                multiplyBrain({nullptr, kRows, inner, inner, 1, reinterpret_cast<const BrainFloat*>(a.data() + w * kRows * inner)},
                              {nullptr, inner, columns, columns, 1, reinterpret_cast<const BrainFloat*>(b.data())},
                              reinterpret_cast<BrainFloat*>(c.data() + w * kRows * columns));
            else
                multiply({a.data() + w * kRows * inner, kRows, inner, inner, 1}, {b.data(), inner, columns, columns, 1}, 1.0f,
                         c.data() + w * kRows * columns, columns);
        }, JobContext());
        if (done)
            best = std::max(best, 2.0 * static_cast<double>(tasks * kRows * inner * columns) / (now() - start) * 1e-9);
    }
    return best;
}

/// Processor time of all threads so far, in seconds: on a machine that is busy with other things it says more than the wall.
double processorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// "VmHWM" of /proc/self/status in MB: the largest resident size so far.
double peakMegabytes() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word)
        if (word == "VmHWM:" && status >> word)
            return std::stod(word) * 1024 / 1e6;
    return 0;
}

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", describe(error).c_str());
    return 1;
}

} // namespace

int main(int argc, char** argv) {
    selectBlasKernels(argc, argv);
    int samples = 64, tokens = 128, spread = 0;
    RunOptions options;
    bool logits = false;
    for (int at = 2; at < argc; ++at) {
        const auto number = [&](const char* name, int& value) {
            if (std::strcmp(argv[at], name) == 0 && at + 1 < argc)
                value = std::atoi(argv[++at]);
        };
        number("--samples", samples);
        number("--tokens", tokens);
        number("--spread", spread);
        number("--threads", options.threads);
        if (std::strcmp(argv[at], "--dtype") == 0 && at + 1 < argc)
            options.compute = std::strcmp(argv[++at], "bf16") == 0 ? ComputeType::BFloat16 : ComputeType::Float32;
        if (std::strcmp(argv[at], "--device") == 0 && at + 1 < argc)
            options.device = std::strcmp(argv[++at], "cuda") == 0 ? Device::Cuda : Device::Cpu;
        logits = logits || std::strcmp(argv[at], "--logits") == 0;
    }
    const auto checkpoint = openCheckpoint(argc > 1 ? argv[1] : ".");
    if (!checkpoint)
        return fail(checkpoint.error());
    const auto spec = buildModelSpec(*checkpoint);
    if (!spec)
        return fail(spec.error());
    std::mt19937 generator(1);
    std::vector<SampleInput> inputs(static_cast<std::size_t>(samples));
    for (std::size_t sample = 0; sample < inputs.size(); ++sample) { // --spread: lengths from tokens - S to tokens + S, as many in all
        SampleInput& input = inputs[sample];
        const int step = samples > 1 ? static_cast<int>(sample) * 2 * spread / (samples - 1) - spread : 0;
        for (int token = 0; token < tokens + step; ++token)
            input.ids.push_back(static_cast<std::int32_t>(generator() % static_cast<unsigned>((*spec)->vocabulary)));
    }
    Statistics consumer(samples, (*spec)->arch->mask == Mask::Causal, logits);
    options.meter = std::make_shared<RunMeter>();
    JobContext context;
    const double before = peakMegabytes(), used = processorSeconds(), start = now();
    const auto result = runModel(**spec, inputs, options, consumer, context);
    const double seconds = now() - start, cpu = processorSeconds() - used, peak = peakMegabytes();
    if (!result)
        return fail(result.error());
    const int threads = options.threads > 0 ? options.threads : usableProcessors();
    const RunMeter& meter = *options.meter;
    const double rate = (meter.productOperations() + meter.attentionOperations()) / seconds * 1e-9;
    std::printf("{\"seconds\": %.3f, \"cpu_seconds\": %.3f, \"peak_mb\": %.0f, \"before_mb\": %.0f, \"planned_mb\": %.0f, \"gflops\": %.1f, \"linear_gflops\": %.1f, \"gb_per_second\": %.2f, \"product_gflops\": %.1f, "
                "\"threads\": %d, \"received_0\": %.6f, \"compute\": \"%s\"}\n",
                seconds, cpu, peak, before, static_cast<double>(planRun(**spec, inputs, options, consumer).total()) / 1e6, rate,
                meter.productRate() * 1e-9, static_cast<double>(meter.weightBytes()) / seconds * 1e-9,
                productRate(threads, options.compute, static_cast<std::size_t>((*spec)->width), 512), threads, consumer.received / consumer.heads, computeDescription().c_str());
    return 0;
}
