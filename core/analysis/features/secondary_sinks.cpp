// SPDX-License-Identifier: Apache-2.0
// Tokens that come to point the way the first token's hidden state does, for some layers (design note 4.12). The window of layers and the
// meaning of "number of layers" are our reading of a rule that is described in words only.
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <algorithm>
#include <cmath>

namespace sinkscope::registry_feature_families {
namespace {

constexpr std::string_view kSource = "our reading of Secondary Attention Sinks, 2025 (arXiv 2512.22213)";

constexpr MetricSpec kMetrics[] = {
    {.id = "secondary_candidates", .title = "Tokens aligned with the first sink",
     .explanation = "Other tokens whose hidden state after the layer has a |cosine| above the parameter with that of the first sink: the one of the "
                    "first tokens with the largest mean norm over the layers so far.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_norm_step", .title = "Growth of the first sink's norm",
     .explanation = "Norm of the first sink's hidden state after this layer minus that after the captured layer before. The window of layers "
                    "begins at its largest value and ends before its most negative one after that.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_sinks", .title = "Secondary sinks",
     .explanation = "Tokens aligned with the first sink in more layers of the window than the shortest lifetime and in fewer than the model's "
                    "layers minus the margin. In the last captured layer, for the whole sample; no value when the model has too few layers for the "
                    "two bounds.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_primary", .title = "Further primary sinks",
     .explanation = "Tokens other than the first sink that are aligned with it in at least the model's layers minus the margin, within the "
                    "window. In the last captured layer.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_noise", .title = "Tokens aligned only briefly",
     .explanation = "Tokens aligned with the first sink within the window, but in no more layers than the shortest lifetime. In the last captured "
                    "layer.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_start", .title = "First layer of secondary sinks",
     .explanation = "Mean over the secondary sinks of the first layer of the window in which they are aligned. In the last captured layer; no value "
                    "when there is none.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_lifetime", .title = "Lifetime of secondary sinks",
     .explanation = "Mean over the secondary sinks of the number of layers of the window in which they are aligned. In the last captured layer.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_window_first", .title = "First layer of the window",
     .explanation = "Layer after which the norm of the first sink has grown most. In the last captured layer.", .source = kSource, .low = 1,
     .high = 0},
    {.id = "secondary_window_last", .title = "Last layer of the window",
     .explanation = "Layer before the largest later drop of the first sink's norm; the last one when it does not drop. In the last captured layer.",
     .source = kSource, .low = 1, .high = 0},
    {.id = "secondary_reference", .title = "Position of the first sink",
     .explanation = "Which of the first tokens has the largest mean norm over all captured layers, from 0. In the last captured layer.",
     .source = kSource, .low = 1, .high = 0},
};

constexpr ParameterSpec kParameters[] = {
    {.id = "cosine", .title = "Cosine", .explanation = "|cosine| with the first sink's hidden state that an aligned token exceeds.", .low = 0, .high = 1,
     .standard = 0.9},
    {.id = "first", .title = "First tokens", .explanation = "How many tokens at the beginning may be the first sink; 3 for chat templates.", .low = 1,
     .high = 8, .standard = 2, .integer = true},
    {.id = "margin", .title = "Margin", .explanation = "Aligned in at least (layers - margin) layers: primary.", .low = 0, .high = 1000, .standard = 15,
     .integer = true},
    {.id = "shortest", .title = "Shortest lifetime", .explanation = "Aligned in at most so many layers: noise.", .low = 0, .high = 1000, .standard = 4,
     .integer = true},
};

/// One captured layer of the sample, for every token that may turn out to be the first sink.
struct Row {
    int layer = 0;
    std::vector<double> norms;               ///< [first]
    std::vector<std::vector<char>> aligned;  ///< [first][tokens]
};
using Trace = std::vector<Row>;

double product(const HeadVectors& hidden, std::size_t a, std::size_t b) {
    const auto width = static_cast<std::size_t>(hidden.width);
    const float *x = hidden.values.data() + a * width, *y = hidden.values.data() + b * width;
    double sum = 0;
    for (std::size_t j = 0; j < width; ++j)
        sum += static_cast<double>(x[j]) * y[j];
    return sum;
}

Row rowOf(const HeadVectors& hidden, int layer, std::size_t first, double cosine) {
    Row row{layer, {}, {}};
    const auto tokens = static_cast<std::size_t>(hidden.tokens);
    std::vector<double> norms(tokens);
    for (std::size_t token = 0; token < tokens; ++token)
        norms[token] = std::sqrt(product(hidden, token, token));
    for (std::size_t reference = 0; reference < std::min(first, tokens); ++reference) {
        std::vector<char> aligned(tokens, 0);
        for (std::size_t token = 0; token < tokens; ++token)
            aligned[token] = token != reference && std::abs(product(hidden, token, reference)) > cosine * norms[token] * norms[reference] ? 1 : 0;
        row.norms.push_back(norms[reference]);
        row.aligned.push_back(std::move(aligned));
    }
    return row;
}

/// The candidate with the largest mean norm; all rows count alike, so the sum will do.
std::size_t referenceOf(const Trace& trace) {
    std::vector<double> sums(trace.front().norms.size(), 0.0);
    for (const Row& row : trace)
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += row.norms[i];
    return static_cast<std::size_t>(std::ranges::max_element(sums) - sums.begin());
}

struct Window {
    std::size_t first = 0, last = 0; ///< rows of the trace, both included
};

Window windowOf(const Trace& trace, std::size_t reference) {
    const auto step = [&](std::size_t i) { return trace[i].norms[reference] - trace[i - 1].norms[reference]; };
    Window window{1, trace.size() - 1};
    for (std::size_t i = 2; i < trace.size(); ++i)
        window.first = step(i) > step(window.first) ? i : window.first;
    double deepest = 0;
    for (std::size_t i = window.first + 1; i < trace.size(); ++i)
        if (step(i) < deepest) {
            deepest = step(i);
            window.last = i - 1;
        }
    return window;
}

void summarize(const Trace& trace, std::size_t reference, double longest, double shortest, std::span<double> values) {
    const Window window = windowOf(trace, reference);
    values[7] = trace[window.first].layer;
    values[8] = trace[window.last].layer;
    values[9] = static_cast<double>(reference);
    if (longest <= shortest + 1)
        return; // no number of layers lies between the two bounds
    double secondary = 0, primary = 0, noise = 0, starts = 0, lifetimes = 0;
    for (std::size_t token = 0; token < trace[0].aligned[reference].size(); ++token) {
        int layers = 0, start = 0;
        for (std::size_t i = window.first; i <= window.last; ++i)
            if (trace[i].aligned[reference][token] != 0 && layers++ == 0)
                start = trace[i].layer;
        primary += layers >= longest ? 1 : 0;
        noise += layers > 0 && layers <= shortest ? 1 : 0;
        if (layers <= shortest || layers >= longest)
            continue;
        ++secondary;
        starts += start;
        lifetimes += layers;
    }
    values[2] = secondary;
    values[3] = primary;
    values[4] = noise;
    if (secondary > 0) {
        values[5] = starts / secondary;
        values[6] = lifetimes / secondary;
    }
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const HeadVectors& hidden = *evidence.hidden;
    if (hidden.tokens < kShortestSample)
        return {};
    if (!evidence.state)
        evidence.state = std::make_shared<Trace>();
    Trace& trace = *std::static_pointer_cast<Trace>(evidence.state);
    Row row = rowOf(hidden, evidence.statistics.layer, static_cast<std::size_t>(parameters[1]), parameters[0]);
    if (!std::ranges::all_of(row.norms, [](double norm) { return std::isfinite(norm); }))
        return {};
    trace.push_back(std::move(row));
    const std::size_t reference = referenceOf(trace);
    values[0] = static_cast<double>(std::ranges::count(trace.back().aligned[reference], 1));
    if (trace.size() < 2)
        return {};
    values[1] = trace.back().norms[reference] - trace[trace.size() - 2].norms[reference];
    if (evidence.last)
        summarize(trace, reference, evidence.layers - parameters[2], parameters[3], values);
    return {};
}

} // namespace

extern const FeatureFamily secondary_sinks;
const FeatureFamily secondary_sinks{.id = "secondary_sinks", .title = "Secondary sinks", .needs = kNeedsHidden, .longest = 1 << 14,
                                    .metrics = kMetrics, .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
