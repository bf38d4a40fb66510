// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/inspect_tensor.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/inspect/checkpoint_diff.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string first, second;
    bool json = false, all = false;
    int threads = 0;
};

constexpr Change kChanges[] = {Change::None, Change::Type, Change::Values, Change::Shape, Change::OnlyFirst, Change::OnlySecond};

bool isMeasured(Change change) { return change == Change::None || change == Change::Type || change == Change::Values; }

Json jsonOf(const CheckpointDiff& diff, const TensorDifference& difference) {
    const auto info = [](const Checkpoint& checkpoint, int index) -> Json {
        if (index < 0)
            return nullptr;
        const TensorInfo& tensor = checkpoint.tensors[static_cast<std::size_t>(index)];
        return {{"name", tensor.name}, {"shape", tensor.shape}, {"dtype", nameOf(tensor.dtype)}};
    };
    const TensorPlace& place = diff.place(difference);
    Json json = {{"name", diff.tensor(difference).name}, {"status", nameOf(difference.change)}, {"role", place.role ? Json(nameOf(*place.role)) : Json()},
                 {"layer", place.layer >= 0 ? Json(place.layer) : Json()}, {"a", info(*diff.first, difference.pair.first)},
                 {"b", info(*diff.second, difference.pair.second)}};
    if (difference.pair.first >= 0 && difference.pair.second >= 0)
        json["matched_by"] = nameOf(difference.pair.how);
    if (!isMeasured(difference.change))
        return json;
    json["elements"] = difference.elements;
    json["changed"] = difference.changed;
    json["not_finite"] = difference.notFinite;
    json["max_abs"] = jsonNumber(difference.largest);
    json["max_abs_at"] = difference.largest > 0 ? Json(difference.largestAt) : Json();
    json["relative_norm"] = jsonNumber(difference.relative());
    json["cosine"] = jsonNumber(difference.cosine);
    return json;
}

Json jsonOf(const CheckpointDiff& diff) {
    Json json = {{"a", diff.first->opened.string()}, {"b", diff.second->opened.string()}, {"identical", diff.isIdentical()}};
    for (const Change change : kChanges)
        json["counts"][std::string(nameOf(change))] = diff.count(change);
    Json tensors = Json::array();
    for (const TensorDifference& difference : diff.tensors)
        tensors.push_back(jsonOf(diff, difference));
    json["tensors"] = std::move(tensors);
    return json;
}

std::string numberText(double value, const char* format = "%.4g") {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return std::isfinite(value) ? text : "-";
}

std::string titleOf(Change change) {
    switch (change) {
    case Change::OnlyFirst: return "only in A";
    case Change::OnlySecond: return "only in B";
    case Change::Shape: return "shape differs";
    case Change::Values: return "values differ";
    case Change::Type: return "same values, other type";
    case Change::None: return "identical";
    }
    return {};
}

/// "12 x 8", or "12 x 8 | 16 x 8" where both sides say something else.
template <typename Text> std::string both(const CheckpointDiff& diff, const TensorPair& pair, const Text& text) {
    const std::string a = pair.first < 0 ? "-" : text(diff.first->tensors[static_cast<std::size_t>(pair.first)]);
    const std::string b = pair.second < 0 ? "-" : text(diff.second->tensors[static_cast<std::size_t>(pair.second)]);
    return a == b ? a : a + " | " + b;
}

std::string textOf(const CheckpointDiff& diff, bool all) {
    std::vector<std::vector<std::string>> rows{{"tensor", "", "type", "shape", "max |B-A|", "relative", "cosine", "changed"}};
    for (const TensorDifference& difference : diff.tensors) {
        if (difference.change == Change::None && !all)
            continue;
        const bool hasNumbers = isMeasured(difference.change);
        rows.push_back({both(diff, difference.pair, [](const TensorInfo& tensor) { return printable(tensor.name); }), titleOf(difference.change),
                        both(diff, difference.pair, [](const TensorInfo& tensor) { return std::string(nameOf(tensor.dtype)); }),
                        both(diff, difference.pair, [](const TensorInfo& tensor) { return shapeText(tensor.shape); }),
                        hasNumbers ? numberText(difference.largest) : "", hasNumbers ? numberText(difference.relative()) : "",
                        hasNumbers ? numberText(difference.cosine, "%.6f") : "",
                        hasNumbers ? grouped(difference.changed) + " of " + grouped(difference.elements) : ""});
    }
    std::string text = "A  " + printable(diff.first->opened.string()) + "\nB  " + printable(diff.second->opened.string()) + "\n";
    std::string counts;
    for (const Change change : kChanges)
        if (const std::size_t count = diff.count(change); count > 0)
            counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + titleOf(change);
    text += (diff.isIdentical() ? "All tensors are identical: " : "Tensors: ") + counts + "\n";
    return rows.size() == 1 ? text : text + "\n" + tableText(rows, {false, false, false, false, true, true, true, true});
}

Result<void> runDiff(const Options& options, JobContext& context) {
    SINKSCOPE_TRY(auto first, openCheckpoint(options.first));
    SINKSCOPE_TRY(auto second, openCheckpoint(options.second));
    SINKSCOPE_TRY(const CheckpointDiff diff, diffCheckpoints(std::move(first), std::move(second), context, options.threads));
    return options.json ? printJson(jsonOf(diff)) : printText(textOf(diff, options.all));
}

CommandSpec::Work declareDiff(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("a", options->first, "a checkpoint")->required();
    command.add_option("b", options->second, "the checkpoint to compare it with")->required();
    command.add_flag("--all", options->all, "list identical tensors too");
    command.add_option("--threads", options->threads, "0: every processor")->check(CLI::Range(0, 1024));
    command.add_flag("--json", options->json, "print JSON, with every tensor");
    return [options](JobContext& context) { return runDiff(*options, context); };
}

} // namespace

extern const CommandSpec diff;
const CommandSpec diff{"diff", "Compare two checkpoints tensor by tensor", false, declareDiff};

} // namespace sinkscope::registry_cli_commands
