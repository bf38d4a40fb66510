// SPDX-License-Identifier: Apache-2.0
// Lists what the local cache of the Hugging Face hub holds. Nothing is fetched.
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/checkpoint/hub_cache.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string folder;
    bool json = false;
};

Json jsonOfModel(const CachedModel& model) {
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    return {{"id", model.id},          {"path", model.repository.string()},          {"revision", text(model.revision)},
            {"weights", text(model.weights)}, {"bytes", model.bytes},                {"missing_shards", model.missing},
            {"architecture", text(model.architecture)}, {"can_open", model.canOpen()}};
}

std::string stateOf(const CachedModel& model) {
    if (model.revision.empty())
        return "no revision";
    if (model.weights.empty())
        return "no weights that can be read";
    return model.missing > 0 ? std::to_string(model.missing) + " shards missing" : printable(model.weights);
}

std::string textOfModels(const std::filesystem::path& folder, const std::vector<CachedModel>& models) {
    if (models.empty())
        return "no models in " + printable(folder.string()) + "\n";
    std::vector<std::vector<std::string>> rows;
    for (const CachedModel& model : models)
        rows.push_back({printable(model.id), model.architecture.empty() ? "-" : printable(model.architecture),
                        model.weights.empty() ? "-" : bytesText(model.bytes), stateOf(model)});
    return printable(folder.string()) + "\n" + tableText(rows, {false, false, true, false});
}

Result<void> runCache(const Options& options, JobContext& context) {
    const std::filesystem::path folder = options.folder.empty() ? hubCacheFolder() : std::filesystem::path(options.folder);
    SINKSCOPE_TRY(const auto models, listHubCache(folder, context));
    if (!options.json)
        return printText(textOfModels(folder, models));
    Json list = Json::array();
    for (const CachedModel& model : models)
        list.push_back(jsonOfModel(model));
    return printJson({{"folder", folder.string()}, {"models", std::move(list)}});
}

CommandSpec::Work declareCache(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--folder", options->folder, "another cache than HF_HUB_CACHE, HF_HOME or ~/.cache/huggingface/hub")->type_name("FOLDER");
    command.add_flag("--json", options->json, "print JSON");
    return [options](JobContext& context) { return runCache(*options, context); };
}

} // namespace

extern const CommandSpec cache;
const CommandSpec cache{"cache", "List the models in the local Hugging Face cache", false, declareCache};

} // namespace sinkscope::registry_cli_commands
