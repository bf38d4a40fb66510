// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/checkpoint/tensor_statistics.h"
#include "core/model/model_spec.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string path, stats;
    bool json = false, tensors = false;
};

/// A checkpoint with as much understanding of it as could be had. The tokenizer is not read: nothing here is about it.
struct Inspection {
    std::shared_ptr<const Checkpoint> checkpoint;
    std::shared_ptr<const ModelSpec> spec; ///< null when the architecture is not known or its files are broken
    std::vector<Error> problems;
};

Result<Inspection> inspectPath(const std::string& path) {
    Inspection inspection;
    SINKSCOPE_TRY(inspection.checkpoint, openCheckpoint(path));
    inspection.problems = inspection.checkpoint->problems;
    const bool configBroken = std::ranges::any_of(
        inspection.problems, [](const Error& problem) { return problem.code == ErrorCode::ConfigInvalid; });
    if (configBroken)
        return inspection;
    auto spec = buildModelSpec(inspection.checkpoint);
    if (spec)
        inspection.spec = *std::move(spec);
    else
        inspection.problems.push_back(spec.error());
    return inspection;
}

/// The type that most bytes have, when no architecture says which tensors matter.
DType commonType(const Checkpoint& checkpoint) {
    std::map<DType, std::uint64_t> bytes;
    for (const TensorInfo& tensor : checkpoint.tensors)
        bytes[tensor.dtype] += tensor.bytes.size();
    const auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
    return most == bytes.end() ? DType::F32 : most->first;
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return shape.empty() ? "scalar" : text;
}

Json jsonOfTensors(const Checkpoint& checkpoint) {
    Json list = Json::array();
    for (const TensorInfo& tensor : checkpoint.tensors)
        list.push_back({{"name", tensor.name},
                        {"shape", tensor.shape},
                        {"dtype", nameOf(tensor.dtype)},
                        {"bytes", tensor.bytes.size()}});
    return list;
}

Json jsonOfInspection(const Inspection& inspection) {
    const Checkpoint& checkpoint = *inspection.checkpoint;
    Json json = {{"architecture", nullptr}, {"layers", nullptr}, {"heads", nullptr}, {"kv_heads", nullptr},
                 {"head_width", nullptr}, {"width", nullptr}, {"positions", nullptr}, {"vocabulary", nullptr}};
    if (const auto& spec = inspection.spec)
        json = {{"architecture", spec->arch->id}, {"layers", spec->layers}, {"heads", spec->heads},
                {"kv_heads", spec->keyValueHeads}, {"head_width", spec->headWidth}, {"width", spec->width},
                {"positions", spec->positions}, {"vocabulary", spec->vocabulary}};
    if (inspection.spec && inspection.spec->experts.count > 0)
        json["experts"] = {{"count", inspection.spec->experts.count}, {"chosen", inspection.spec->experts.chosen}, {"width", inspection.spec->experts.width}};
    json["dtype"] = checkpoint.tensors.empty() ? Json()
                                               : Json(nameOf(inspection.spec ? inspection.spec->dtype : commonType(checkpoint)));
    json["parameters"] = inspection.spec ? inspection.spec->parameters : checkpoint.parameters();
    json["bytes"] = checkpoint.bytes();
    json["format"] = checkpoint.format;
    json["path"] = checkpoint.opened.string();
    json["tokenizer"] = checkpoint.tokenizerFile.empty() ? Json() : Json(checkpoint.tokenizerFile.string());
    json["notes"] = checkpoint.notes;
    json["problems"] = jsonOf(inspection.problems);
    json["tensors"] = jsonOfTensors(checkpoint);
    return json;
}

std::string textOfInspection(const Inspection& inspection) {
    const Checkpoint& checkpoint = *inspection.checkpoint;
    std::vector<std::vector<std::string>> rows;
    if (const auto& spec = inspection.spec) {
        rows.push_back({"architecture", std::string(spec->arch->title) + " (" + std::string(spec->arch->id) + ")"});
        rows.push_back({"layers", std::to_string(spec->layers)});
        rows.push_back({"heads", std::to_string(spec->heads) + " query, " + std::to_string(spec->keyValueHeads) +
                                     " key/value, width " + std::to_string(spec->headWidth)});
        rows.push_back({"width", std::to_string(spec->width) + ", MLP " + std::to_string(spec->mlpWidth)});
        if (const ExpertSpec& experts = spec->experts; experts.count > 0)
            rows.push_back({"experts", std::to_string(experts.count) + ", " + std::to_string(experts.chosen) + " for a token, MLP " +
                                           std::to_string(experts.width) + (experts.mxfp4 ? ", MXFP4" : "")});
        rows.push_back({"positions", spec->positionsText()});
        rows.push_back({"vocabulary", grouped(static_cast<std::uint64_t>(spec->vocabulary))});
    } else {
        rows.push_back({"architecture", "not known"});
    }
    const DType type = inspection.spec ? inspection.spec->dtype : commonType(checkpoint);
    rows.push_back({"dtype", checkpoint.tensors.empty() ? "none" : std::string(nameOf(type))});
    rows.push_back({"parameters", grouped(inspection.spec ? inspection.spec->parameters : checkpoint.parameters())});
    rows.push_back({"tensors", std::to_string(checkpoint.tensors.size()) + ", " + bytesText(checkpoint.bytes())});
    rows.push_back({"tokenizer", checkpoint.tokenizerFile.empty() ? "none" : checkpoint.tokenizerFile.filename().string()});
    for (const std::string& note : checkpoint.notes)
        rows.push_back({"note", printable(note)});
    for (const Error& problem : inspection.problems)
        rows.push_back({"problem", describe(problem)});
    return printable(checkpoint.opened.string()) + "\n" + tableText(rows, {false, false});
}

std::string textOfTensors(const Checkpoint& checkpoint) {
    std::vector<std::vector<std::string>> rows;
    rows.reserve(checkpoint.tensors.size());
    for (const TensorInfo& tensor : checkpoint.tensors)
        rows.push_back({printable(tensor.name), std::string(nameOf(tensor.dtype)), shapeText(tensor.shape),
                        bytesText(tensor.bytes.size())});
    return tableText(rows, {false, false, true, true});
}

Json jsonOfStatistics(const TensorInfo& tensor, const TensorStatistics& statistics) {
    const auto number = [&](double value) { return statistics.finite() == 0 ? Json() : jsonNumber(value); };
    return {{"name", tensor.name},
            {"count", statistics.count},
            {"min", number(statistics.minimum)},
            {"max", number(statistics.maximum)},
            {"mean", number(statistics.mean)},
            {"std", number(statistics.deviation)},
            {"l2", number(statistics.norm)},
            {"zeros", statistics.zeros},
            {"nan", statistics.nans},
            {"inf", statistics.infinities}};
}

std::string textOfStatistics(const TensorInfo& tensor, const TensorStatistics& statistics) {
    std::vector<std::vector<std::string>> rows{
        {"type", std::string(nameOf(tensor.dtype))}, {"shape", shapeText(tensor.shape)}, {"elements", grouped(statistics.count)}};
    const auto add = [&](const char* name, double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.6g", value);
        rows.push_back({name, statistics.finite() == 0 ? "none" : text});
    };
    add("min", statistics.minimum);
    add("max", statistics.maximum);
    add("mean", statistics.mean);
    add("std", statistics.deviation);
    add("L2 norm", statistics.norm);
    rows.push_back({"zeros", grouped(statistics.zeros)});
    rows.push_back({"NaN", grouped(statistics.nans)});
    rows.push_back({"Inf", grouped(statistics.infinities)});
    return printable(tensor.name) + "\n" + tableText(rows, {false, false});
}

Result<void> printStatistics(const Inspection& inspection, const Options& options, JobContext& context) {
    const TensorInfo* tensor = inspection.checkpoint->find(options.stats);
    if (!tensor)
        return Error{ErrorCode::InvalidArgument, "there is no tensor '" + printable(options.stats) + "'; --tensors lists them",
                     inspection.checkpoint->opened};
    SINKSCOPE_TRY(const TensorStatistics statistics, tensorStatistics(*tensor, context));
    if (!options.json)
        return printText(textOfStatistics(*tensor, statistics));
    Json json = jsonOfInspection(inspection);
    json["stats"] = jsonOfStatistics(*tensor, statistics);
    return printJson(json);
}

Result<void> runInspect(const Options& options, JobContext& context) {
    SINKSCOPE_TRY(const Inspection inspection, inspectPath(options.path));
    if (!options.stats.empty())
        return printStatistics(inspection, options, context);
    if (options.json)
        return printJson(jsonOfInspection(inspection));
    std::string text = textOfInspection(inspection);
    if (options.tensors)
        text += "\n" + textOfTensors(*inspection.checkpoint);
    return printText(text);
}

CommandSpec::Work declareInspect(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("path", options->path, "Hugging Face folder, index.json, safetensors or PyTorch file")->required();
    command.add_flag("--json", options->json, "print JSON, tensors included");
    command.add_flag("--tensors", options->tensors, "list every tensor");
    command.add_option("--stats", options->stats, "read one tensor and print the statistics of its numbers")->type_name("NAME");
    return [options](JobContext& context) { return runInspect(*options, context); };
}

} // namespace

extern const CommandSpec inspect;
const CommandSpec inspect{"inspect", "Say what a checkpoint is", false, declareInspect};

} // namespace sinkscope::registry_cli_commands
