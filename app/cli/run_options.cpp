// SPDX-License-Identifier: Apache-2.0
#include "app/cli/run_options.h"

#include "app/cli/choice_option.h"
#include "app/cli/output.h"

#include <charconv>
#include <cmath>
#include <set>

namespace sinkscope {
namespace {

constexpr int kMaxLayer = 100'000;

std::optional<int> parseNumber(std::string_view text) {
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size() || value < 0 || value > kMaxLayer)
        return std::nullopt;
    return value;
}

} // namespace

std::optional<std::uint64_t> parseBytes(std::string_view text) {
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || !(value >= 0))
        return std::nullopt;
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    if (unit.ends_with('B') || unit.ends_with('b'))
        unit.remove_suffix(1);
    double base = 1000;
    if (unit.size() == 2 && unit[1] == 'i') {
        base = 1024;
        unit.remove_suffix(1);
    }
    constexpr std::string_view kUnits = "kMGT";
    if (unit.size() > 1)
        return std::nullopt;
    if (unit.size() == 1) {
        const auto power = kUnits.find(unit[0] == 'K' ? 'k' : unit[0]);
        if (power == kUnits.npos)
            return std::nullopt;
        value *= std::pow(base, static_cast<double>(power) + 1);
    }
    return value < 1e18 ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt;
}

std::optional<std::vector<int>> parseLayers(std::string_view text) {
    std::set<int> layers;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        const std::size_t dash = part.find('-');
        const auto first = parseNumber(part.substr(0, dash));
        const auto last = dash == part.npos ? first : parseNumber(part.substr(dash + 1));
        if (!first || !last || *first > *last)
            return std::nullopt;
        for (int layer = *first; layer <= *last; ++layer)
            layers.insert(layer);
        if (comma == text.npos)
            return std::vector<int>(layers.begin(), layers.end());
        text.remove_prefix(comma + 1);
    }
}

void addComputeOptions(CLI::App& command, RunRequest& request) {
    addChoice<Device>(command, "--device", request.options.device, {{"cpu", Device::Cpu}, {"cuda", Device::Cuda}}, "where to compute");
    addChoice<ComputeType>(command, "--dtype", request.options.compute,
                           {{"f32", ComputeType::Float32}, {"bf16", ComputeType::BFloat16}}, "what the products with weights are computed in; the rest is float32");
    command.add_option("--threads", request.options.threads, "processors to use; 0: all that this process may use")
        ->check(CLI::Range(0, 4096));
    command
        .add_option_function<std::string>(
            "--max-memory", [&request](const std::string& text) { request.options.maxMemory = *parseBytes(text); },
            "refuse a run that needs more, for example 4G")
        ->check([](const std::string& text) { return parseBytes(text) ? "" : "'" + text + "' is no size"; })
        ->option_text("BYTES");
}

void addRunOptions(CLI::App& command, RunRequest& request) {
    addChoice<BosChoice>(command, "--bos", request.bos, {{"auto", BosChoice::Auto}, {"yes", BosChoice::Yes}, {"no", BosChoice::No}},
                         "beginning-of-sequence token: as the tokenizer does it, always, never");
    command
        .add_option_function<std::string>(
            "--layers", [&request](const std::string& text) { request.options.layers = *parseLayers(text); },
            "layers to capture, for example 0,3,8-11; all without this option")
        ->check([](const std::string& text) { return parseLayers(text) ? "" : "'" + text + "' is no list of layers"; })
        ->option_text("LIST");
    addComputeOptions(command, request);
}

std::string describePlan(const RunPlan& plan) {
    std::size_t tokens = 0, longest = 0;
    for (const SampleInput& input : plan.inputs) {
        tokens += input.ids.size();
        longest = std::max(longest, input.ids.size());
    }
    const std::size_t samples = plan.inputs.size();
    return std::to_string(samples) + (samples == 1 ? " sample, " : " samples, ") + grouped(tokens) + " tokens (longest " +
           grouped(longest) + "); " + std::to_string(plan.header.capturedLayers.size()) + " of " + std::to_string(plan.header.layers) +
           " layers, " + std::to_string(plan.header.heads) + " heads; memory " + plan.memory.text() + "; disk " +
           bytesText(plan.diskBytes);
}

} // namespace sinkscope
