// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "app/cli/inspect_tensor.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/inspect/tensor_places.h"
#include "core/inspect/weight_hash.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string path;
    bool json = false, tensors = false, hash = false;
    TensorQuestion question; ///< about one tensor; no name: none
};

/// What `--hash` asks for.
struct Hashes {
    WeightHash weights;
    std::vector<FileHash> files;
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

Json jsonOfTensors(const Inspection& inspection) {
    const Checkpoint& checkpoint = *inspection.checkpoint;
    const auto places = tensorPlaces(checkpoint, inspection.spec.get());
    Json list = Json::array();
    for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[i];
        list.push_back({{"name", tensor.name}, {"shape", tensor.shape}, {"dtype", nameOf(tensor.dtype)}, {"bytes", tensor.bytes.size()},
                        {"role", places[i].role ? Json(nameOf(*places[i].role)) : Json()}, {"layer", places[i].layer >= 0 ? Json(places[i].layer) : Json()}});
    }
    return list;
}

Json jsonOf(const Hashes& hashes, const Checkpoint& checkpoint) {
    Json json = {{"content_sha256", hashes.weights.content}, {"tensors", Json::object()}, {"files", Json::array()}};
    for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i)
        json["tensors"][checkpoint.tensors[i].name] = hashes.weights.tensors[i];
    for (const FileHash& file : hashes.files)
        json["files"].push_back({{"path", file.file.string()}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    return json;
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
    if (checkpoint.tokenizerInside)
        json["tokenizer"] = checkpoint.opened.string();
    if (!checkpoint.metadata.empty())
        json["metadata"] = checkpoint.metadata; // pairs, in the order of the file
    json["notes"] = checkpoint.notes;
    json["problems"] = jsonOf(inspection.problems);
    json["tensors"] = jsonOfTensors(inspection);
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
    rows.push_back({"tokenizer", checkpoint.tokenizerInside           ? "inside the file"
                                 : checkpoint.tokenizerFile.empty() ? "none"
                                                                    : checkpoint.tokenizerFile.filename().string()});
    for (const auto& [key, value] : checkpoint.metadata)
        rows.push_back({key, value});
    for (const std::string& note : checkpoint.notes)
        rows.push_back({"note", printable(note)});
    for (const Error& problem : inspection.problems)
        rows.push_back({"problem", describe(problem)});
    return printable(checkpoint.opened.string()) + "\n" + tableText(rows, {false, false});
}

std::string textOfTensors(const Inspection& inspection, const Hashes* hashes) {
    const Checkpoint& checkpoint = *inspection.checkpoint;
    const auto places = tensorPlaces(checkpoint, inspection.spec.get());
    std::vector<std::vector<std::string>> rows;
    rows.reserve(checkpoint.tensors.size());
    for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[i];
        rows.push_back({printable(tensor.name), std::string(nameOf(tensor.dtype)), shapeText(tensor.shape), bytesText(tensor.bytes.size())});
        if (inspection.spec)
            rows.back().push_back(textOf(places[i]));
        if (hashes)
            rows.back().push_back(hashes->weights.tensors[i]);
    }
    std::vector<bool> right{false, false, true, true};
    right.resize(right.size() + (inspection.spec ? 1 : 0) + (hashes ? 1 : 0), false);
    return tableText(rows, right);
}

std::string textOf(const Hashes& hashes) {
    std::vector<std::vector<std::string>> rows{{"SHA-256", hashes.weights.content, "names, types, shapes and bytes of all tensors"}};
    for (const FileHash& file : hashes.files)
        rows.push_back({"", file.sha256, printable(file.file.filename().string())});
    return tableText(rows, {false, false, false});
}

Result<Hashes> hashesOf(const Checkpoint& checkpoint, JobContext& context) {
    Hashes hashes;
    JobContext first = context.part(0.0, 0.5, {}), second = context.part(0.5, 1.0, {});
    SINKSCOPE_TRY(hashes.weights, weightHash(checkpoint, first));
    SINKSCOPE_TRY(hashes.files, weightFileHashes(checkpoint, second));
    return hashes;
}

Result<void> runInspect(const Options& options, JobContext& context) {
    SINKSCOPE_TRY(const Inspection inspection, inspectPath(options.path));
    const Checkpoint& checkpoint = *inspection.checkpoint;
    std::optional<Hashes> hashes;
    if (options.hash) {
        SINKSCOPE_TRY(hashes, hashesOf(checkpoint, context));
    }
    std::optional<TensorAnswer> answer;
    if (!options.question.name.empty()) {
        SINKSCOPE_TRY(answer, answerQuestion(checkpoint, options.question, context));
    }
    if (options.json) {
        Json json = jsonOfInspection(inspection);
        if (answer)
            json["stats"] = jsonOf(*answer);
        if (hashes)
            json["hash"] = jsonOf(*hashes, checkpoint);
        return printJson(json);
    }
    std::string text = answer ? textOf(*answer) : textOfInspection(inspection);
    if (options.tensors)
        text += "\n" + textOfTensors(inspection, hashes ? &*hashes : nullptr);
    if (hashes)
        text += "\n" + textOf(*hashes);
    return printText(text);
}

CommandSpec::Work declareInspect(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("path", options->path, "Hugging Face folder, index.json, safetensors, PyTorch or GGUF file")->required();
    command.add_flag("--json", options->json, "print JSON, tensors included");
    command.add_flag("--tensors", options->tensors, "list every tensor, with its role where the architecture is known");
    command.add_flag("--hash", options->hash, "SHA-256 of the content (with --tensors of every tensor too) and of every file");
    auto* stats = command.add_option("--stats", options->question.name, "read one tensor and print the statistics of its numbers")->type_name("NAME");
    command.add_option("--histogram", options->question.bins, "with --stats: how often numbers lie where, in so many bins")
        ->needs(stats)->expected(0, 1)->default_str("24")->check(CLI::Range(1, 4096))->type_name("BINS");
    command.add_option("--singular", options->question.singular, "with --stats: so many of the largest singular values, at most 16")
        ->needs(stats)->expected(0, 1)->default_str("8")->check(CLI::Range(1, 16))->type_name("COUNT");
    return [options](JobContext& context) { return runInspect(*options, context); };
}

} // namespace

extern const CommandSpec inspect;
const CommandSpec inspect{"inspect", "Say what a checkpoint is", false, declareInspect};

} // namespace sinkscope::registry_cli_commands
