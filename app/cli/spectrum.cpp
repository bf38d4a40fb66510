// SPDX-License-Identifier: Apache-2.0
// Spectra of the weight matrices of a checkpoint beside what random matrices would give.
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/analysis/weight_spectrum.h"
#include "core/base/printable.h"
#include "core/inspect/tensor_places.h"
#include "core/jobs/thread_team.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string path, tensor;
    bool json = false, values = false;
    SpectrumLimits limits;
    int threads = 0;
};

/// One matrix, or why there is nothing about it.
struct Row {
    const TensorInfo* tensor = nullptr;
    std::string role;
    std::optional<WeightSpectrum> spectrum;
    std::optional<Error> problem;
};

/// Every matrix when nothing is asked for; else the tensor of that name or all of that role.
Result<std::vector<Row>> chooseRows(const std::shared_ptr<const Checkpoint>& checkpoint, const Options& options) {
    const auto spec = buildModelSpec(checkpoint);
    const auto places = tensorPlaces(*checkpoint, spec ? spec->get() : nullptr);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const TensorInfo& tensor = checkpoint->tensors[i];
        const std::string name(places[i].role ? nameOf(*places[i].role) : std::string_view());
        const bool isWanted = options.tensor.empty() ? tensor.shape.size() == 2 : options.tensor == tensor.name || options.tensor == name;
        if (isWanted)
            rows.push_back({&tensor, name, {}, {}});
    }
    if (rows.empty())
        return Error{ErrorCode::InvalidArgument,
                     options.tensor.empty() ? "the checkpoint holds no matrix" : "there is no tensor and no role \"" + options.tensor + "\"", {}};
    if (rows.size() == 1 && !options.tensor.empty()) // asked for by name: no row of remarks, but an error
        if (const std::string obstacle = spectrumObstacle(*rows[0].tensor, options.limits); !obstacle.empty())
            return Error{ErrorCode::InvalidArgument, "\"" + rows[0].tensor->name + "\" " + obstacle, {}};
    return rows;
}

Result<void> computeRows(std::vector<Row>& rows, const Options& options, JobContext& context) {
    ThreadTeam team(std::min(options.threads > 0 ? options.threads : usableProcessors(), static_cast<int>(rows.size())));
    std::mutex mutex;
    std::size_t done = 0;
    return team.run(rows.size(), [&](std::size_t index, int worker) {
        Row& row = rows[index];
        auto spectrum = weightSpectrum(*row.tensor, options.limits, context);
        const std::lock_guard lock(mutex);
        if (spectrum)
            row.spectrum = *std::move(spectrum);
        else
            row.problem = spectrum.error();
        ++done;
        if (worker == 0) // progress belongs to the thread of the context
            context.progress(static_cast<double>(done) / static_cast<double>(rows.size()), row.tensor->name);
    }, context);
}

Json jsonOfFit(const std::optional<PowerLawFit>& fit, double largest) {
    if (!fit)
        return nullptr;
    return {{"alpha", fit->alpha}, {"alpha_std", fit->deviation}, {"x_min", fit->start}, {"ks", fit->distance}, {"tail", fit->tail},
            {"alpha_weighted", jsonNumber(fit->alpha * std::log10(largest))}};
}

Json jsonOfRow(const Row& row, bool values) {
    Json json = {{"name", row.tensor->name}, {"role", row.role.empty() ? Json() : Json(row.role)}, {"shape", row.tensor->shape}};
    if (row.problem) {
        json["problem"] = {{"code", nameOf(row.problem->code)}, {"message", describe(*row.problem)}};
        return json;
    }
    const WeightSpectrum& spectrum = *row.spectrum;
    json["q"] = spectrum.law.ratio;
    json["largest_singular_value"] = spectrum.norm;
    json["stable_rank"] = spectrum.stableRank;
    json["rank"] = spectrum.rank;
    json["entropy"] = jsonNumber(spectrum.entropy);
    json["power_law"] = jsonOfFit(spectrum.powerLaw, spectrum.norm * spectrum.norm);
    json["marchenko_pastur"] = {{"variance", spectrum.law.variance}, {"low", spectrum.law.low()}, {"high", spectrum.law.high()},
                                {"ks", spectrum.distance.kolmogorovSmirnov}, {"wasserstein", spectrum.distance.wasserstein}};
    json["tracy_widom_edge"] = spectrum.edge;
    json["spikes"] = spectrum.spikes;
    json["spikes_weightwatcher"] = spectrum.spikesWeightWatcher;
    if (values)
        json["eigenvalues"] = spectrum.eigenvalues;
    return json;
}

std::string numberText(double value, const char* format = "%.4g") {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return std::isfinite(value) ? text : "-";
}

std::string textOfRows(const std::vector<Row>& rows) {
    std::vector<std::vector<std::string>> cells{
        {"tensor", "N x M", "sigma 1", "stable rank", "entropy", "alpha", "tail", "x_min", "KS fit", "MP edge", "spikes", "KS MP", "W1 MP"}};
    std::string problems;
    for (const Row& row : rows) {
        if (row.problem) {
            problems += printable(describe(*row.problem)) + "\n";
            continue;
        }
        const WeightSpectrum& s = *row.spectrum;
        const PowerLawFit fit = s.powerLaw.value_or(PowerLawFit{std::nan(""), std::nan(""), std::nan(""), std::nan(""), 0});
        cells.push_back({printable(row.tensor->name), std::to_string(s.rows) + " x " + std::to_string(s.columns), numberText(s.norm),
                         numberText(s.stableRank), numberText(s.entropy, "%.3f"), numberText(fit.alpha, "%.2f"), std::to_string(fit.tail),
                         numberText(fit.start), numberText(fit.distance, "%.3f"), numberText(s.edge), std::to_string(s.spikes),
                         numberText(s.distance.kolmogorovSmirnov, "%.3f"), numberText(s.distance.wasserstein, "%.3f")});
    }
    std::vector<bool> right(cells[0].size(), true);
    right[0] = false;
    const std::string text = cells.size() > 1 ? tableText(cells, right) + "Eigenvalues are those of W'W / N. MP edge: Marchenko-Pastur with the "
                                                "mean square of the elements, Tracy-Widom 99 %.\n" : std::string();
    return text + problems;
}

Result<void> runSpectrum(const Options& options, JobContext& context) {
    SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(options.path));
    SINKSCOPE_TRY(std::vector<Row> rows, chooseRows(checkpoint, options));
    SINKSCOPE_CHECK(computeRows(rows, options, context));
    SINKSCOPE_CHECK(context.checkpoint());
    if (rows.size() == 1 && rows[0].problem)
        return *rows[0].problem;
    if (!options.json)
        return printText(textOfRows(rows));
    Json list = Json::array();
    for (const Row& row : rows)
        list.push_back(jsonOfRow(row, options.values));
    return printJson({{"path", checkpoint->opened.string()}, {"matrices", std::move(list)}});
}

CommandSpec::Work declareSpectrum(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("path", options->path, "Hugging Face folder, index.json, safetensors or GGUF file")->required();
    command.add_option("--tensor", options->tensor, "only the tensor of this name, or those of a role such as \"query weight\"")
        ->type_name("NAME|ROLE");
    command.add_option("--largest", options->limits.side,
                       "matrices with a longer smaller side are left out (4096 takes 250 MB and minutes); at most 268435456 elements")
        ->check(CLI::Range(2, 16384))->capture_default_str();
    command.add_option("--threads", options->threads, "0: every processor; each works on a matrix of its own")->check(CLI::Range(0, 1024));
    command.add_flag("--json", options->json, "print JSON");
    command.add_flag("--values", options->values, "with --json: the eigenvalues too");
    return [options](JobContext& context) { return runSpectrum(*options, context); };
}

} // namespace

extern const CommandSpec spectrum;
const CommandSpec spectrum{"spectrum", "Compare the spectra of weight matrices with random matrices", false, declareSpectrum};

} // namespace sinkscope::registry_cli_commands
