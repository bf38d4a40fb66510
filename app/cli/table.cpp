// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/analysis/verdict_text.h"
#include "core/base/printable.h"
#include "core/export/sweep_export.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sinkscope::registry_cli_commands {
namespace {

constexpr std::size_t kShownCorrelations = 10;
/// What fits on a page; --metrics chooses others.
constexpr const char* kBrief[] = {"sink_rate", "received_first", "excess_received", "sink_count", "anchors_effective", "row_entropy"};

struct Options {
    std::string sweep;
    SweepTableRequest request;
    bool json = false, csv = false, latex = false, correlations = false, frames = false;
};

std::string brief(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", number);
    return text;
}

std::string valuesText(const SweepTable& table) {
    std::vector<std::vector<std::string>> rows{{"model", "variant", "group", "metric", "mean", "95 % interval", "samples"}};
    for (const SweepRow& row : table.rows) {
        const std::string& id = table.header.metrics[static_cast<std::size_t>(row.metric)].id;
        if (table.request.metrics.empty() && std::ranges::find(kBrief, id) == std::end(kBrief))
            continue;
        rows.push_back({printable(table.header.models[static_cast<std::size_t>(row.model)].title, 40),
                        printable(table.header.variants[static_cast<std::size_t>(row.variant)].id, 40), row.group.empty() ? "all" : printable(row.group, 30),
                        printable(id, 40), brief(row.estimate.value),
                        row.estimate.samples < 2 ? "-" : brief(row.estimate.low) + " to " + brief(row.estimate.high), // one sample has no interval
                        std::to_string(row.estimate.samples)});
    }
    return tableText(rows, {false, false, false, false, true, true, true});
}

std::string withInterval(const Estimate& estimate) {
    if (estimate.samples == 0)
        return "-";
    return brief(estimate.value) + (estimate.samples < 2 ? "" : " (" + brief(estimate.low) + " to " + brief(estimate.high) + ")");
}

/// A verdict a line, and below them each in words, with what it has to be read with.
std::string framesText(const SweepTable& table) {
    const auto model = [&](const SweepFrame& frame) { return printable(table.header.models[static_cast<std::size_t>(frame.model)].title, 40); };
    const auto variant = [&](const SweepFrame& frame) { return printable(table.header.variants[static_cast<std::size_t>(frame.variant)].id, 40); };
    std::vector<std::vector<std::string>> rows{{"model", "variant", "group", "frame", "excess", "anchors", "on anchors", "by chance", "samples"}};
    std::string words;
    for (const SweepFrame& frame : table.frames) {
        const FrameVerdict& verdict = frame.verdict;
        rows.push_back({model(frame), variant(frame), frame.group.empty() ? "all" : printable(frame.group, 30), verdict.kind, withInterval(verdict.excess),
                        withInterval(verdict.anchors), withInterval(verdict.sinkShare), withInterval(verdict.baseline),
                        std::to_string(verdict.excess.samples)});
        words += "\n" + model(frame) + ", " + variant(frame) + (frame.group.empty() ? "" : ", " + printable(frame.group, 30)) + "\n";
        std::vector<std::vector<std::string>> lines;
        for (const VerdictLine& line : verdictLines(verdict, frame.context))
            lines.push_back({"  " + line.name, line.text});
        words += tableText(lines, {false, false});
    }
    return "Frames, by our reconstruction of the rule:\n" + tableText(rows, {false, false, false, false, true, true, true, true, true}) + words;
}

/// The strongest of every cell and level.
std::string correlationsText(const SweepTable& table) {
    std::vector<SweepCorrelation> order = table.correlations;
    const auto cell = [](const SweepCorrelation& each) { return std::tuple(each.model, each.variant, !each.overHeads); };
    std::ranges::stable_sort(order, [&](const SweepCorrelation& a, const SweepCorrelation& b) {
        return cell(a) != cell(b) ? cell(a) < cell(b) : std::abs(a.rho) > std::abs(b.rho);
    });
    std::vector<std::vector<std::string>> rows{{"model", "variant", "over", "metric", "rho", "p", "p corrected", "n"}};
    std::size_t shown = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const SweepCorrelation& each = order[i];
        shown = i > 0 && cell(order[i - 1]) == cell(each) ? shown + 1 : 0;
        if (shown >= kShownCorrelations)
            continue;
        rows.push_back({printable(table.header.models[static_cast<std::size_t>(each.model)].title, 40),
                        printable(table.header.variants[static_cast<std::size_t>(each.variant)].id, 40), each.overHeads ? "heads" : "samples",
                        printable(table.header.metrics[static_cast<std::size_t>(each.metric)].id, 40), brief(each.rho), brief(each.p), brief(each.adjusted),
                        std::to_string(each.count)});
    }
    return tableText(rows, {false, false, false, false, true, true, true, true});
}

std::string textOf(const SweepTable& table) {
    std::string text = framesText(table) + "\n" + valuesText(table);
    if (!table.correlations.empty())
        text += "\n" + printable(correlationText(table.request)) + ". The strongest of each:\n" + correlationsText(table);
    for (const std::string& note : table.notes)
        text += "note: " + printable(note) + "\n";
    return text;
}

Result<void> runTable(Options& options, JobContext& context) {
    SINKSCOPE_TRY(const auto sweep, SweepReader::open(options.sweep));
    if (options.latex && options.request.metrics.empty() && !options.correlations && !options.frames)
        for (const char* id : kBrief)
            if (std::ranges::find(sweep->header().metrics, id, &SweepMetric::id) != sweep->header().metrics.end())
                options.request.metrics.emplace_back(id);
    SINKSCOPE_TRY(const SweepTable table, tabulateSweep(*sweep, options.request, context));
    const SweepPart part = options.correlations ? SweepPart::Correlations : options.frames ? SweepPart::Frames : SweepPart::Values;
    return printText(options.json    ? sweepJson(table)
                     : options.csv   ? sweepCsv(table, part)
                     : options.latex ? sweepLatex(table, part)
                                     : textOf(table));
}

CommandSpec::Work declareTable(CLI::App& command) {
    auto options = std::make_shared<Options>();
    SweepTableRequest& request = options->request;
    command.add_option("sweep", options->sweep, "file of sweep or merge")->required()->type_name("FILE");
    command.add_option("--metrics", request.metrics, "only these metrics, in this order")->delimiter(',')->option_text("LIST");
    addChoice<TableGrouping>(command, "--by", request.grouping,
                             {{"none", TableGrouping::None}, {"group", TableGrouping::Group}, {"length", TableGrouping::Length}},
                             "rows also for the groups of the sample set, or for ranges of length in tokens");
    command.add_option("--reference", request.reference, "metric that the others are correlated with")->capture_default_str();
    addChoice<Correction>(command, "--correction", request.correction,
                          {{"holm", Correction::Holm}, {"bh", Correction::BenjaminiHochberg}, {"by", Correction::BenjaminiYekutieli}, {"none", Correction::None}},
                          "of the p-values of one model and variant (holm)");
    command.add_option("--permutations", request.permutations, "for the p-values")->check(CLI::Range(99, 1'000'000))->capture_default_str();
    command.add_option("--seed", request.seed, "of the permutations")->capture_default_str();
    auto* json = command.add_flag("--json", options->json, "print JSON: frames, values and correlations");
    auto* csv = command.add_flag("--csv", options->csv, "print the values as CSV")->excludes(json);
    command.add_flag("--latex", options->latex, "print the values as a LaTeX table (booktabs)")->excludes(json)->excludes(csv);
    auto* correlations = command.add_flag("--correlations", options->correlations, "with --csv or --latex: the correlations instead")->excludes(json);
    command.add_flag("--frames", options->frames, "with --csv or --latex: the kinds of frame instead")->excludes(json)->excludes(correlations);
    return [options](JobContext& context) { return runTable(*options, context); };
}

} // namespace

extern const CommandSpec table;
const CommandSpec table{"table", "Table of a sweep: kinds of frame, means with intervals, and rank correlations", false, declareTable};

} // namespace sinkscope::registry_cli_commands
