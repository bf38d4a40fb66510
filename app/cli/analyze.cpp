// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/feature_options.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "app/cli/sink_report.h"
#include "app/cli/text_source.h"
#include "core/analysis/analysis.h"
#include "core/base/printable.h"
#include "core/export/exporter_spec.h"
#include "core/session/model_weights.h"
#include "core/session/weight_fingerprint.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace sinkscope::registry_cli_commands {
namespace {

constexpr std::size_t kShownSinks = 12;

struct Options {
    std::string path;
    std::string model; ///< of the capture, for families that need weights
    TextSource texts;
    RunRequest request;
    AnalysisRequest analysis;
    FeatureOptions features;
    bool json = false, csv = false;
};

/// What the chosen families need to be kept of a run.
unsigned needsOf(const AnalysisRequest& request) {
    unsigned needs = 0;
    for (const FeatureFamily* family : feature_families())
        if (request.families ? std::ranges::find(*request.families, family->id) != request.families->end() : family->standard)
            needs |= family->needs;
    return needs;
}

/// Runs a model into a capture that is gone when the program ends, with what the analysis needs.
Result<std::shared_ptr<CaptureSource>> runForAnalysis(Options& options, JobContext& context) {
    SINKSCOPE_CHECK(readTexts(options.texts, options.request));
    SINKSCOPE_TRY(const auto model, loadModel(options.path));
    const unsigned needs = needsOf(options.analysis);
    // The verdict reads matrices of attention, which are recomputed from the vectors.
    options.request.keep = {.vectors = true, .hidden = (needs & kNeedsHidden) != 0};
    std::error_code failure;
    options.request.output = std::filesystem::temp_directory_path(failure) / ("sinkscope-" + std::to_string(getpid()) + ".h5");
    SINKSCOPE_TRY(const RunPlan plan, planCapture(*model, options.request));
    options.analysis.weights = weightsOf(model->spec);
    const auto removeName = [](const std::shared_ptr<CaptureStore>& store) {
        std::error_code ignored;
        std::filesystem::remove(store->path(), ignored); // the open file lives on without its name
    };
    SINKSCOPE_TRY(auto store, runCapture(*model, options.request, plan, context, removeName, {}));
    return std::shared_ptr<CaptureSource>(std::move(store));
}

Result<std::shared_ptr<CaptureSource>> sourceOf(Options& options, JobContext& context) {
    if (!CaptureStore::looksLikeCapture(options.path) && (options.texts.given() || std::filesystem::path(options.path).extension() != ".h5"))
        return options.texts.given() ? runForAnalysis(options, context)
                                     : Error{ErrorCode::InvalidArgument,
                                             "is no capture; to analyse a model, give --text, --file or --samples", options.path};
    if (options.texts.given())
        return Error{ErrorCode::InvalidArgument, "is a capture: it has its texts already", options.path};
    SINKSCOPE_TRY(auto store, CaptureStore::open(options.path));
    if (!options.model.empty()) {
        SINKSCOPE_TRY(const auto model, loadModel(options.model));
        // Weights of another model would give numbers that belong to neither, or do not fit the vectors at all.
        if (!store->header().weightFingerprint.empty() && weightFingerprint(*model->checkpoint) != store->header().weightFingerprint)
            return Error{ErrorCode::InvalidArgument, "is not the model that made " + options.path + ": its weights are others", options.model};
        options.analysis.weights = model->spec ? weightsOf(model->spec) : nullptr;
    }
    return std::shared_ptr<CaptureSource>(std::move(store));
}

std::string percentText(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

std::string textOf(const MetricSpec& metric, double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return metric.percent ? percentText(value) : text;
}

/// Mean over the heads of a layer; empty when no head has a value.
std::string layerMean(const AnalysisResult& result, int layer, const MetricSpec& metric) {
    double sum = 0;
    int heads = 0;
    for (const HeadResult& head : result.heads)
        if (const auto found = head.metrics.find(metric.id); head.layer == layer && found != head.metrics.end()) {
            sum += found->second.value;
            ++heads;
        }
    return heads > 0 ? textOf(metric, sum / heads) : "";
}

std::string layerTable(const AnalysisResult& result, const CaptureHeader& header) {
    constexpr const char* kColumns[] = {"sink_rate", "received_first", "sink_rate_baseline", "sink_count", "sink_mass", "row_entropy"};
    std::vector<std::vector<std::string>> rows{{"layer"}};
    for (const char* id : kColumns)
        rows[0].emplace_back(id);
    rows[0].emplace_back("frame");
    for (const int layer : header.capturedLayers) {
        rows.push_back({std::to_string(layer)});
        for (const char* id : kColumns)
            rows.back().push_back(layerMean(result, layer, *findMetric(id)));
        const auto own = std::ranges::find(result.layers, layer, &LayerResult::layer);
        rows.back().push_back(own == result.layers.end() ? "" : own->verdict.kind + ", " + own->verdict.reason);
    }
    std::vector<bool> right(rows[0].size(), true);
    right.back() = false;
    return tableText(rows, right);
}

std::string sinkTable(const AnalysisResult& result) {
    std::vector<const SinkToken*> order;
    for (const SinkToken& sink : result.sinks)
        order.push_back(&sink);
    std::ranges::stable_sort(order, [](const SinkToken* a, const SinkToken* b) { return a->headShare > b->headShare; });
    std::vector<std::vector<std::string>> rows{{"sample", "token", "piece", "heads", "received", "|k|", "|v|"}};
    for (std::size_t i = 0; i < std::min(order.size(), kShownSinks); ++i) {
        const SinkToken& sink = *order[i];
        const auto ratio = [](double value) {
            char text[32];
            std::snprintf(text, sizeof text, "%.2f", value);
            return std::string(text);
        };
        rows.push_back({std::to_string(sink.sample), std::to_string(sink.token), printable(sink.piece, 24), percentText(sink.headShare),
                        percentText(sink.received), ratio(sink.keyNormRatio), ratio(sink.valueNormRatio)});
    }
    std::string text = tableText(rows, {true, true, false, true, true, true, true});
    if (order.size() > kShownSinks)
        text += "and " + std::to_string(order.size() - kShownSinks) + " more (--json lists them)\n";
    return text;
}

/// A line for each group of samples; empty without groups.
std::string groupTable(const AnalysisResult& result) {
    constexpr const char* kColumns[] = {"sink_rate", "sink_rate_baseline", "received_first", "sink_mass"};
    if (result.groups.empty())
        return {};
    std::vector<std::vector<std::string>> rows{{"group", "samples", "tokens", "frame", "excess", "anchors"}};
    for (const char* id : kColumns)
        rows[0].emplace_back(id);
    const auto interval = [](const Estimate& estimate, auto text) {
        if (estimate.samples == 0)
            return std::string("-");
        return text(estimate.value) + (estimate.samples < 2 ? "" : " (" + text(estimate.low) + " to " + text(estimate.high) + ")");
    };
    for (const GroupResult& group : result.groups) {
        const FrameContext& context = group.context;
        rows.push_back({printable(group.group, 30), std::to_string(context.samples),
                        std::to_string(context.fewestTokens) + " to " + std::to_string(context.mostTokens), group.verdict.kind,
                        interval(group.verdict.excess, percentText), interval(group.verdict.anchors, [](double value) {
                            char text[32];
                            std::snprintf(text, sizeof text, "%.2f", value);
                            return std::string(text);
                        })});
        for (const char* id : kColumns) {
            const auto found = group.model.find(id);
            rows.back().push_back(found == group.model.end() ? "-" : interval(found->second, percentText));
        }
    }
    std::vector<bool> right(rows[0].size(), true);
    right[0] = right[3] = false;
    return tableText(rows, right);
}

std::string report(const AnalysisResult& result, const CaptureHeader& header) {
    std::string text = printable(header.title) + " (" + printable(header.architecture) + "): " + textOf(result.context) + "\n";
    text += "frame: " + result.verdict.kind + " (by our reconstruction of the rule, from " + result.verdict.evidence + "). " + result.verdict.reason + "\n\n";
    text += layerTable(result, header);
    if (const std::string groups = groupTable(result); !groups.empty())
        text += "\n" + groups;
    for (const std::string& note : result.notes)
        text += "note: " + printable(note) + "\n";
    if (!result.sinks.empty())
        text += "\n" + sinkTable(result);
    if (const std::string tests = sinkTestReport(result); !tests.empty())
        text += "\n" + tests;
    return text;
}

Result<void> runAnalyze(Options& options, JobContext& context) {
    SINKSCOPE_CHECK(readFeatures(options.features, options.analysis));
    SINKSCOPE_TRY(const auto source, sourceOf(options, context));
    SINKSCOPE_TRY(const auto result, analyzeCapture(*source, options.analysis, context));
    if (!options.json && !options.csv)
        return printText(report(*result, source->header()));
    const std::string_view wanted = options.json ? "json" : "csv";
    const auto exporter = std::ranges::find(exporters(), wanted, [](const ExporterSpec* spec) { return spec->id; });
    SINKSCOPE_ASSERT(exporter != exporters().end());
    return printText((*exporter)->write(*result, source->header()));
}

CommandSpec::Work declareAnalyze(CLI::App& command) {
    auto options = std::make_shared<Options>();
    MetricParameters& parameters = options->analysis.metrics;
    command.add_option("path", options->path, "capture, or a model with --text, --file or --samples")->required();
    command.add_option("--model", options->model, "the model that made the capture, for families that need its weights");
    addTextOptions(command, options->texts, false);
    addRunOptions(command, options->request);
    const auto share = CLI::Range(0.0, 1.0);
    command.add_option("--sink-threshold", parameters.sinkThreshold, "epsilon of the sink rate")->check(share)->capture_default_str();
    command.add_option("--hit-frequency", parameters.hitFrequency, "gamma of the detector: share of the queries that must hit a sink")
        ->check(share)->capture_default_str();
    command.add_option("--visible-share", parameters.visibleShare, "a candidate is seen by this share of the queries")
        ->check(share)->capture_default_str();
    command.add_option("--minimum-queries", parameters.minimumQueries, "and by at least this many")
        ->check(CLI::Range(1, 1'000'000))->capture_default_str();
    command.add_option("--minimum-excess", parameters.minimumExcess, "a sink receives this many times what uniform attention gives")
        ->check(CLI::Range(0.0, 1000.0))->capture_default_str();
    command.add_option("--anchor-share", parameters.anchorHeadShare, "an anchor of the frame is a sink in this share of the heads")
        ->check(share)->capture_default_str();
    addFeatureOptions(command, options->features);
    addChoice<TableGrouping>(command, "--by", options->analysis.grouping,
                             {{"none", TableGrouping::None}, {"group", TableGrouping::Group}, {"length", TableGrouping::Length}},
                             "rows also for the groups of the sample set, or for ranges of length in tokens");
    auto* json = command.add_flag("--json", options->json, "print JSON");
    command.add_flag("--csv", options->csv, "print a table of heads as CSV")->excludes(json);
    return [options](JobContext& context) { return runAnalyze(*options, context); };
}

} // namespace

extern const CommandSpec analyze;
const CommandSpec analyze{"analyze", "Find sinks, measure them and name the kind of frame", true, declareAnalyze};

} // namespace sinkscope::registry_cli_commands
