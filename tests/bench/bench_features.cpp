// SPDX-License-Identifier: Apache-2.0
// bench_features [--tokens N] [--threads N] [MODEL]: milliseconds of every feature family on the 144 heads of 12 layers of random
// causal attention, one thread; the cheap ones and all standard ones together on several; and, given a checkpoint (make_shape.py), their share of
// a forward pass of one sample of that length, which computes the statistics of every head as a capture does.
#include "core/analysis/feature_family.h"
#include "core/attention/statistics_builder.h"
#include "core/jobs/thread_team.h"
#include "core/nn/forward.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

using namespace sinkscope;

namespace {

/// Sinks, concentration, graphs, Laplacians, singular values and divergences, as far as every run is measured with them.
constexpr std::string_view kCheap[] = {"sink_rates", "sink_rules", "concentration", "attention_graph", "weighted_graph", "singular_values",
                                       "row_divergence", "head_agreement"};
constexpr int kLayers = 12, kHeads = 12, kHeadWidth = 64, kWidth = 768, kRepeats = 5;

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Everything that a family may ask for, computed beforehand.
struct Layer {
    std::vector<HeadVectors> query, key, value;
    std::vector<std::shared_ptr<const HeadAttention>> attention;
    HeadVectors hidden;
    std::shared_ptr<const LayerStatistics> statistics;
};

HeadVectors randomVectors(int tokens, int width, std::mt19937& random) {
    std::normal_distribution<float> normal(0, 1);
    HeadVectors vectors{tokens, width, std::vector<float>(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(width))};
    for (float& value : vectors.values)
        value = normal(random);
    return vectors;
}

std::vector<float> joined(const std::vector<HeadVectors>& heads) {
    std::vector<float> all;
    for (const HeadVectors& head : heads)
        all.insert(all.end(), head.values.begin(), head.values.end());
    return all;
}

Layer makeLayer(int tokens, std::mt19937& random) {
    Layer layer;
    for (int head = 0; head < kHeads; ++head) {
        layer.query.push_back(randomVectors(tokens, kHeadWidth, random));
        layer.key.push_back(randomVectors(tokens, kHeadWidth, random));
        layer.value.push_back(randomVectors(tokens, kHeadWidth, random));
        layer.attention.push_back(std::make_shared<const HeadAttention>(headAttention(
            layer.query.back().values, layer.key.back().values, tokens, kHeadWidth, {.scale = 1.5 / std::sqrt(double(kHeadWidth)), .causal = true})));
    }
    layer.hidden = randomVectors(tokens, kWidth, random);
    StatisticsBuilder builder(1, true);
    const std::vector<float> query = joined(layer.query), key = joined(layer.key), value = joined(layer.value);
    builder.begin({.sample = 0, .layer = 0, .tokens = tokens, .heads = kHeads, .keyValueHeads = kHeads, .headWidth = kHeadWidth, .query = query,
                   .key = key, .value = value});
    for (int head = 0; head < kHeads; ++head)
        for (int pass = 0; pass < 2; ++pass)
            builder.add({.sample = 0, .layer = 0, .head = head, .pass = pass, .tokens = tokens, .firstQuery = 0, .queries = tokens, .keys = tokens,
                         .stride = static_cast<std::size_t>(tokens), .weights = layer.attention[static_cast<std::size_t>(head)]->weights.data(),
                         .causal = true});
    layer.statistics = *builder.finish({.sample = 0, .layer = 0, .tokens = tokens, .width = kWidth, .hidden = layer.hidden.values});
    return layer;
}

class Bench {
public:
    explicit Bench(int tokens) {
        std::mt19937 random(1);
        for (int layer = 0; layer < kLayers; ++layer)
            m_layers.push_back(makeLayer(tokens, random));
        for (int token = 0; token < tokens; ++token) {
            m_tokens.encoding.ids.push_back(token);
            m_tokens.encoding.pieces.emplace_back("t");
            m_tokens.encoding.offsets.emplace_back(0, 0);
            m_tokens.encoding.special.push_back(token == 0 ? 1 : 0);
            m_tokens.display.emplace_back("t");
        }
    }

    /// Seconds for all heads (or layers) of one family.
    double run(const FeatureFamily& family, ThreadTeam& team) {
        std::vector<double> parameters;
        for (const ParameterSpec& parameter : family.parameters)
            parameters.push_back(parameter.standard);
        const double start = now();
        if (family.evaluateHead) {
            const auto done = team.run(kLayers * kHeads, [&](std::size_t index, int) { runHead(family, parameters, index); }, JobContext());
            if (!done)
                std::exit(1);
        } else {
            std::shared_ptr<void> state;
            for (Layer& layer : m_layers)
                runLayer(family, parameters, layer, state);
        }
        return now() - start;
    }

private:
    void runHead(const FeatureFamily& family, std::span<const double> parameters, std::size_t index) {
        const Layer& layer = m_layers[index / kHeads];
        const std::size_t head = index % kHeads;
        const HeadEvidence evidence{.tokens = m_tokens, .statistics = *layer.statistics, .parameters = m_metrics, .head = static_cast<int>(head),
                                    .attention = layer.attention[head].get(), .query = &layer.query[head], .key = &layer.key[head],
                                    .value = &layer.value[head], .hidden = &layer.hidden, .unrotatedQuery = &layer.query[head],
                                    .unrotatedKey = &layer.key[head], .layers = kLayers, .attentionOf = [&](int at) {
                                        return at < kLayers ? m_layers[static_cast<std::size_t>(at)].attention[head] : nullptr;
                                    }};
        std::vector<double> values(family.metrics.size(), std::numeric_limits<double>::quiet_NaN());
        family.evaluateHead(evidence, parameters, values);
    }
    void runLayer(const FeatureFamily& family, std::span<const double> parameters, Layer& layer, std::shared_ptr<void>& state) {
        const LayerEvidence evidence{
            .tokens = m_tokens, .statistics = *layer.statistics, .parameters = m_metrics, .first = &layer == &m_layers.front(),
            .last = &layer == &m_layers.back(), .layers = kLayers, .hidden = &layer.hidden,
            .attention = [&](int head) -> Result<std::shared_ptr<const HeadAttention>> { return layer.attention[static_cast<std::size_t>(head)]; },
            .finishedLayers = {}, .attentionOf = {},
            .vectors = [&](Space space, int head) -> Result<std::shared_ptr<const HeadVectors>> {
                const auto& heads = space == Space::Query ? layer.query : space == Space::Key ? layer.key : layer.value;
                return std::make_shared<const HeadVectors>(heads[static_cast<std::size_t>(head)]);
            },
            .state = state};
        std::vector<double> values(family.metrics.size(), std::numeric_limits<double>::quiet_NaN());
        if (const auto done = family.evaluateLayer(evidence, parameters, values); !done)
            std::printf("%s\n", describe(done.error()).c_str());
    }

    std::vector<Layer> m_layers;
    SampleTokens m_tokens;
    MetricParameters m_metrics;
};

/// What a capture computes, without the file.
class Statistics : public TapConsumer {
public:
    explicit Statistics() : m_builder(1, true) {}
    [[nodiscard]] int attentionPasses() const override { return 2; }
    Result<void> onVectors(const VectorsTap& tap) override { return m_builder.begin(tap), Result<void>{}; }
    void onAttention(const AttentionTap& tap) override { m_builder.add(tap); }
    Result<void> onHidden(const HiddenTap& tap) override {
        if (tap.layer < 0)
            return {};
        SINKSCOPE_TRY(const auto statistics, m_builder.finish(tap));
        return {};
    }

private:
    StatisticsBuilder m_builder;
};

/// Best of a few; the first reads the weights from the disk.
double forwardSeconds(const char* path, int tokens, int threads) {
    const auto checkpoint = openCheckpoint(path);
    const auto spec = checkpoint ? buildModelSpec(*checkpoint) : Result<std::shared_ptr<const ModelSpec>>(checkpoint.error());
    if (!spec) {
        std::fprintf(stderr, "%s\n", describe(spec.error()).c_str());
        std::exit(1);
    }
    std::vector<SampleInput> inputs(1);
    for (int token = 0; token < tokens; ++token)
        inputs[0].ids.push_back(token);
    double best = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
        Statistics consumer;
        JobContext context;
        const double start = now();
        if (!runModel(**spec, inputs, {.threads = threads}, consumer, context))
            std::exit(1);
        best = std::min(best, now() - start);
    }
    return best;
}

} // namespace

int main(int argc, char** argv) {
    selectBlasKernels(argc, argv);
    int tokens = 64, threads = usableProcessors();
    const char* model = nullptr;
    for (int at = 1; at < argc; ++at) {
        if (std::strcmp(argv[at], "--tokens") == 0 && at + 1 < argc)
            tokens = std::atoi(argv[++at]);
        else if (std::strcmp(argv[at], "--threads") == 0 && at + 1 < argc)
            threads = std::atoi(argv[++at]);
        else
            model = argv[at];
    }
    Bench bench(tokens);
    ThreadTeam one(1), several(threads);
    double sum = 0, cheapSum = 0;
    std::vector<const FeatureFamily*> measured, cheap;
    for (const FeatureFamily* family : feature_families()) {
        if ((family->needs & kNeedsWeights) != 0)
            continue;
        double best = std::numeric_limits<double>::infinity();
        for (int repeat = 0; repeat < (family->standard ? kRepeats : 1); ++repeat)
            best = std::min(best, bench.run(*family, one));
        std::printf("%-24s %10.2f ms%s\n", std::string(family->id).c_str(), best * 1e3, family->standard ? "" : "   (on request)");
        if (family->standard) {
            sum += best;
            measured.push_back(family);
        }
        if (std::ranges::find(kCheap, family->id) != std::end(kCheap)) {
            cheapSum += best;
            cheap.push_back(family);
        }
    }
    const auto together = [&](const std::vector<const FeatureFamily*>& families) {
        double best = std::numeric_limits<double>::infinity();
        for (int repeat = 0; repeat < kRepeats; ++repeat) {
            const double start = now();
            for (const FeatureFamily* family : families)
                bench.run(*family, several);
            best = std::min(best, now() - start);
        }
        return best;
    };
    const double cheapTogether = together(cheap), all = together(measured);
    std::printf("%-24s %10.2f ms on one thread, %.2f ms on %d\n", "cheap families", cheapSum * 1e3, cheapTogether * 1e3, threads);
    std::printf("%-24s %10.2f ms on one thread, %.2f ms on %d\n", "all standard families", sum * 1e3, all * 1e3, threads);
    if (model) {
        const double forward = forwardSeconds(model, tokens, threads);
        std::printf("%-24s %10.2f ms on %d threads; the cheap families take %.1f %% of it, all standard ones %.1f %%\n", "forward pass", forward * 1e3, threads,
                    cheapTogether / forward * 100, all / forward * 100);
        std::printf("%-24s %10.2f ms: a tenth of the forward pass and 20 ms\n", "room for the cheap ones", forward * 100 + 20);
    }
    return 0;
}
