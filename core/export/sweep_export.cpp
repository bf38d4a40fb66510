// SPDX-License-Identifier: Apache-2.0
#include "core/export/sweep_export.h"

#include "core/analysis/verdict_text.h"
#include "core/export/frame_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace sinkscope {
namespace {

/// So many significant digits, whatever the locale.
std::string digits(double number, int count) {
    char text[40];
    const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::general, count);
    return {text, end.ptr};
}

std::string inFull(double number) { return digits(number, 9); } // the file has single precision

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == text.npos)
        return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

/// Value, low and high; empty where nothing was measured.
std::string inFull(const Estimate& estimate) {
    return estimate.samples == 0 ? ",," : inFull(estimate.value) + "," + inFull(estimate.low) + "," + inFull(estimate.high);
}

const char* levelOf(const SweepCorrelation& correlation) { return correlation.overHeads ? "heads" : "samples"; }

const char* nameOf(Correction correction) {
    switch (correction) {
    case Correction::BenjaminiHochberg:
        return "Benjamini-Hochberg";
    case Correction::BenjaminiYekutieli:
        return "Benjamini-Yekutieli";
    case Correction::Holm:
        return "Holm";
    default:
        return "none";
    }
}

/// Where a row belongs.
struct Names {
    const SweepHeader& header;
    template <typename Row> const std::string& model(const Row& row) const { return header.models[static_cast<std::size_t>(row.model)].title; }
    template <typename Row> const std::string& variant(const Row& row) const { return header.variants[static_cast<std::size_t>(row.variant)].id; }
    template <typename Row> const std::string& metric(const Row& row) const { return header.metrics[static_cast<std::size_t>(row.metric)].id; }
};

std::string csvFrames(const SweepTable& table) {
    const Names names{table.header};
    std::string text = "model,variant,group,frame,excess,excess_low,excess_high,anchors,anchors_low,anchors_high,sink_share,sink_share_low,sink_share_high,"
                       "baseline,baseline_low,baseline_high,ends,ends_low,ends_high,score_centralized,score_distributed,score_bidirectional,score_none,"
                       "samples,bos_present,first_token_id,first_token,same_first_token,fewest_tokens,median_tokens,most_tokens,positions,dtype,mask,null,"
                       "reasons\n";
    for (const SweepFrame& frame : table.frames) {
        const FrameVerdict& verdict = frame.verdict;
        const FrameContext& context = frame.context;
        text += quoted(names.model(frame)) + "," + quoted(names.variant(frame)) + "," + quoted(frame.group) + "," + verdict.kind;
        for (const Estimate* estimate : {&verdict.excess, &verdict.anchors, &verdict.sinkShare, &verdict.baseline, &verdict.ends})
            text += "," + inFull(*estimate);
        for (const double score : {verdict.scores.centralized, verdict.scores.distributed, verdict.scores.bidirectional, verdict.scores.none})
            text += "," + (verdict.kind == "not enough" ? std::string() : inFull(score));
        text += "," + std::to_string(verdict.excess.samples) + "," + (context.bosPresent ? "1" : "0") + "," + std::to_string(context.firstTokenId) + "," +
                quoted(context.firstToken) + "," + (context.sameFirstToken ? "1" : "0") + "," + std::to_string(context.fewestTokens) + "," + inFull(context.medianTokens) + "," +
                std::to_string(context.mostTokens) + "," + quoted(context.positions) + "," + quoted(context.dtype) + "," + context.mask + "," +
                context.null + "," + quoted(verdict.reason) + "\n";
    }
    return text;
}

/// Three significant digits, for math mode.
std::string brief(double number) {
    std::string text = digits(number, 3);
    if (const auto e = text.find('e'); e != text.npos)
        text = text.substr(0, e) + " \\cdot 10^{" + std::to_string(std::stoi(text.substr(e + 1))) + "}";
    return text;
}

std::string briefP(double p) { return p < 0.001 ? brief(p) : digits(std::round(p * 1000) / 1000, 3); }

/// For a comment.
std::string oneLine(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

std::string comments(const SweepTable& table, const std::string& what) {
    std::string text = "% " + what + "\n% Needs \\usepackage{booktabs}.\n";
    for (const std::string& note : table.notes)
        text += "% " + oneLine(note) + "\n";
    return text;
}

/// "$0.31$ [0.28, 0.35]" for LaTeX; a dash where nothing was measured.
std::string latexCell(const Estimate& estimate) {
    if (estimate.samples == 0)
        return " & --";
    std::string text = " & $" + brief(estimate.value) + "$";
    if (estimate.samples > 1) // one sample has no interval
        text += " {\\scriptsize $[" + brief(estimate.low) + ", " + brief(estimate.high) + "]$}";
    return text;
}

std::string latexValues(const SweepTable& table) {
    std::vector<int> metrics;
    std::vector<std::tuple<int, int, std::string>> owners;
    std::map<std::tuple<int, int, std::string, int>, Estimate> cells;
    bool grouped = false;
    for (const SweepRow& row : table.rows) {
        const auto owner = std::tuple(row.model, row.variant, row.group);
        if (owners.empty() || owners.back() != owner)
            owners.push_back(owner);
        if (std::ranges::find(metrics, row.metric) == metrics.end())
            metrics.push_back(row.metric);
        cells[{row.model, row.variant, row.group, row.metric}] = row.estimate;
        grouped = grouped || !row.group.empty();
    }
    std::string text = comments(table, "Means over samples of means over all heads, with 95 % bootstrap intervals over samples.");
    text += "\\begin{tabular}{ll" + std::string(grouped ? "l" : "") + std::string(metrics.size(), 'r') + "}\n\\toprule\nmodel & variant";
    text += grouped ? " & group" : "";
    for (const int metric : metrics)
        text += " & " + latexEscaped(table.header.metrics[static_cast<std::size_t>(metric)].title);
    text += " \\\\\n\\midrule\n";
    for (const auto& [model, variant, group] : owners) {
        text += latexEscaped(table.header.models[static_cast<std::size_t>(model)].title) + " & " +
                latexEscaped(table.header.variants[static_cast<std::size_t>(variant)].id);
        text += grouped ? " & " + (group.empty() ? "all" : latexEscaped(group)) : "";
        for (const int metric : metrics) {
            const auto found = cells.find({model, variant, group, metric});
            text += latexCell(found == cells.end() ? Estimate{} : found->second);
        }
        text += " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}\n";
}

/// Each verdict in words, below the table.
std::string latexVerdicts(const SweepTable& table) {
    const Names names{table.header};
    std::string text = "\\begin{description}\n";
    for (const SweepFrame& frame : table.frames) {
        FrameContext context = frame.context;
        if (!std::ranges::all_of(context.firstToken, [](char c) { return c >= ' ' && c <= '~'; }))
            context.firstToken.clear(); // not every font has it; the id says which it is
        text += "\\item[" + latexEscaped(names.model(frame) + ", " + names.variant(frame) + (frame.group.empty() ? "" : ", " + frame.group)) + "]";
        for (const VerdictLine& line : verdictLines(frame.verdict, context))
            text += " \\emph{" + latexEscaped(line.name) + ":} " + latexEscaped(line.text) + (line.text.ends_with('.') ? "\n" : ".\n");
    }
    return text + "\\end{description}\n";
}

std::string latexFrames(const SweepTable& table) {
    const Names names{table.header};
    const bool grouped = std::ranges::any_of(table.frames, [](const SweepFrame& frame) { return !frame.group.empty(); });
    std::string text = comments(table, "Kind of reference frame, by our reconstruction of the rule, with 95 % bootstrap intervals over samples.");
    text += "\\begin{tabular}{ll" + std::string(grouped ? "l" : "") + "lrrrr}\n\\toprule\nmodel & variant" + (grouped ? " & group" : "") +
            " & frame & excess & anchors & on anchors & by chance \\\\\n\\midrule\n";
    for (const SweepFrame& frame : table.frames) {
        const FrameVerdict& verdict = frame.verdict;
        text += latexEscaped(names.model(frame)) + " & " + latexEscaped(names.variant(frame));
        text += grouped ? " & " + (frame.group.empty() ? "all" : latexEscaped(frame.group)) : "";
        text += " & " + latexEscaped(verdict.kind) + latexCell(verdict.excess) + latexCell(verdict.anchors) + latexCell(verdict.sinkShare) +
                latexCell(verdict.baseline) + " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}\n\n" + latexVerdicts(table);
}

std::string latexCorrelations(const SweepTable& table) {
    std::map<std::tuple<int, int, int>, std::pair<const SweepCorrelation*, const SweepCorrelation*>> lines;
    for (const SweepCorrelation& each : table.correlations) {
        auto& line = lines[{each.model, each.variant, each.metric}];
        (each.overHeads ? line.first : line.second) = &each;
    }
    std::string text = comments(table, correlationText(table.request));
    text += "\\begin{tabular}{lllrrrr}\n\\toprule\n & & & \\multicolumn{2}{c}{over heads} & \\multicolumn{2}{c}{over samples} \\\\\n"
            "\\cmidrule(lr){4-5}\\cmidrule(lr){6-7}\nmodel & variant & metric & $\\rho$ & $p$ & $\\rho$ & $p$ \\\\\n\\midrule\n";
    const auto cells = [](const SweepCorrelation* each) {
        return each ? " & $" + brief(each->rho) + "$ & $" + briefP(each->adjusted) + "$" : std::string(" & -- & --");
    };
    for (const auto& [owner, line] : lines) {
        const auto& [model, variant, metric] = owner;
        text += latexEscaped(table.header.models[static_cast<std::size_t>(model)].title) + " & " +
                latexEscaped(table.header.variants[static_cast<std::size_t>(variant)].id) + " & " +
                latexEscaped(table.header.metrics[static_cast<std::size_t>(metric)].title) + cells(line.first) + cells(line.second) + " \\\\\n";
    }
    return text + "\\bottomrule\n\\end{tabular}\n";
}

} // namespace

std::string correlationText(const SweepTableRequest& request) {
    return "Spearman's rank correlation with " + request.reference + "; two-sided p from " + std::to_string(request.permutations) +
           " permutations (seed " + std::to_string(request.seed) + "), corrected over the metrics: " + nameOf(request.correction) +
           ". Over samples, most metrics depend on the length of the text";
}

std::string latexEscaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (std::string_view("&%$#_{}").find(c) != std::string_view::npos)
            result += std::string("\\") + c;
        else if (c == '\\')
            result += "\\textbackslash{}";
        else if (c == '~')
            result += "\\textasciitilde{}";
        else if (c == '^')
            result += "\\textasciicircum{}";
        else if (c == '<' || c == '>')
            result += c == '<' ? "\\textless{}" : "\\textgreater{}";
        else
            result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c; // a line break would end a row's comment
    }
    return result;
}

std::string sweepCsv(const SweepTable& table, SweepPart part) {
    const Names names{table.header};
    const auto owner = [&](const auto& row) { return quoted(names.model(row)) + "," + quoted(names.variant(row)) + ","; };
    if (part == SweepPart::Frames)
        return csvFrames(table);
    std::string text = part == SweepPart::Correlations ? "model,variant,over,metric,rho,p,p_adjusted,count\n"
                                                       : "model,variant,group,metric,value,low,high,samples\n";
    if (part == SweepPart::Values)
        for (const SweepRow& row : table.rows)
            text += owner(row) + quoted(row.group) + "," + quoted(names.metric(row)) + "," + inFull(row.estimate) + "," +
                    std::to_string(row.estimate.samples) + "\n";
    else
        for (const SweepCorrelation& row : table.correlations)
            text += owner(row) + levelOf(row) + "," + quoted(names.metric(row)) + "," + inFull(row.rho) + "," + inFull(row.p) + "," +
                    inFull(row.adjusted) + "," + std::to_string(row.count) + "\n";
    return text;
}

std::string sweepJson(const SweepTable& table) {
    const Names names{table.header};
    Json cells = Json::array(), frames = Json::array(), rows = Json::array(), correlations = Json::array();
    for (std::size_t i = 0; i < table.header.cells.size(); ++i) {
        const std::size_t variants = table.header.variants.size();
        const SweepModel& model = table.header.models[i / variants];
        const SweepCell& cell = table.header.cells[i];
        cells.push_back({{"model", model.title}, {"architecture", model.architecture}, {"weight_fingerprint", model.fingerprint}, {"layers", model.layers},
                         {"heads", model.heads}, {"variant", table.header.variants[i % variants].id}, {"positions", cell.positions},
                         {"bos_present", cell.bosPresent}, {"inapplicable", cell.inapplicable}});
    }
    for (const SweepFrame& frame : table.frames)
        frames.push_back({{"model", names.model(frame)}, {"variant", names.variant(frame)}, {"group", frame.group},
                          {"verdict", jsonOf(frame.verdict)}, {"context", jsonOf(frame.context)}});
    for (const SweepRow& row : table.rows)
        rows.push_back({{"model", names.model(row)}, {"variant", names.variant(row)}, {"group", row.group}, {"metric", names.metric(row)},
                        {"value", row.estimate.value}, {"low", row.estimate.low}, {"high", row.estimate.high}, {"samples", row.estimate.samples}});
    for (const SweepCorrelation& row : table.correlations)
        correlations.push_back({{"model", names.model(row)}, {"variant", names.variant(row)}, {"over", levelOf(row)}, {"metric", names.metric(row)},
                                {"rho", row.rho}, {"p", row.p}, {"p_adjusted", row.adjusted}, {"count", row.count}});
    const auto recipe = parseJson(table.header.recipeJson, ErrorCode::CaptureInvalid, {});
    const Json json = {{"recipe", recipe ? *recipe : Json()},
                       {"cells", std::move(cells)},
                       {"frames", std::move(frames)},
                       {"values", std::move(rows)},
                       {"correlations", std::move(correlations)},
                       {"reference", table.request.reference},
                       {"permutations", table.request.permutations},
                       {"seed", table.request.seed},
                       {"correction", nameOf(table.request.correction)},
                       {"notes", table.notes}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string sweepLatex(const SweepTable& table, SweepPart part) {
    return part == SweepPart::Correlations ? latexCorrelations(table) : part == SweepPart::Frames ? latexFrames(table) : latexValues(table);
}

} // namespace sinkscope
