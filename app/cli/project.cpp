// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "app/cli/project_clouds.h"
#include "app/cli/run_options.h"
#include "core/capture/capture_store.h"
#include "core/io/atomic_write.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::vector<std::string> paths;
    std::string output;
    std::vector<std::string> settings; ///< "projection.parameter=value"
    ProjectOptions project;
    bool json = false;
};

std::string quoted(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == text.npos)
        return std::string(text);
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

void appendNumber(std::string& csv, float value) {
    char digits[32];
    csv.append(",").append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// New columns come last: programs read the first ones.
std::string headLine(int dimensions) {
    return std::string("sample,layer,head,token,piece,sink,x,y") + (dimensions == 3 ? ",z" : "") + ",kind,position,received,norm,class,clipped,run\n";
}

void appendRows(std::string& csv, const CaptureHeader& header, const DrawnCloud& cloud) {
    const auto dimensions = static_cast<std::size_t>(cloud.projection->dimensions);
    for (std::size_t i = 0; i < cloud.points.size(); ++i) {
        const CloudPoint& point = cloud.points[i];
        csv += std::to_string(point.sample) + "," + std::to_string(point.layer) + "," + (point.head < 0 ? "" : std::to_string(point.head)) + "," +
               std::to_string(point.token) + "," + quoted(textOf(header, point)) + "," + (point.sink ? "1" : "0");
        for (std::size_t d = 0; d < dimensions; ++d)
            appendNumber(csv, cloud.projection->coordinates[i * dimensions + d]);
        csv.append(",").append(nameOf(point.kind)).append(",").append(std::to_string(point.position));
        appendNumber(csv, point.received);
        appendNumber(csv, point.norm);
        csv.append(",").append(nameOf(point.tokenClass)).append(point.clipped ? ",1," : ",0,").append(std::to_string(cloud.run)).append("\n");
    }
}

Json jsonOf(const CloudGeometry& geometry) {
    Json anchors = Json::array();
    for (const CloudAnchor& anchor : geometry.anchors)
        anchors.push_back({{"kind", nameOf(anchor.kind)}, {"layer", anchor.layer}, {"head", anchor.head < 0 ? Json() : Json(anchor.head)},
                           {"id", anchor.id}, {"piece", anchor.text}, {"first", anchor.first}, {"points", anchor.points},
                           {"length", anchor.length}, {"distance", anchor.distance}, {"relative_distance", anchor.relativeDistance}});
    Json dimension;
    if (geometry.dimension)
        dimension = {{"two_nearest", geometry.dimension->twoNearest}, {"likelihood", geometry.dimension->likelihood},
                     {"points", geometry.dimension->points}, {"queries", geometry.dimension->queries},
                     {"neighbours", geometry.dimension->neighbours}};
    return {{"effective_rank", geometry.shape.effectiveRank}, {"anisotropy", geometry.shape.anisotropy},
            {"participation_ratio", geometry.shape.participationRatio}, {"shape_points", geometry.shapePoints},
            {"mean_cosine", geometry.meanCosine ? Json(*geometry.meanCosine) : Json()}, {"intrinsic_dimension", dimension},
            {"anchors", anchors}, {"anchors_in_all", geometry.anchorsInAll}, {"anchor_angles", geometry.angles},
            {"anchor_angles_from_centroid", geometry.anglesFromCentroid}};
}

Json jsonOf(const DrawnCloud& cloud) {
    Json json = {{"run", cloud.run}, {"layer", cloud.layer < 0 ? Json() : Json(cloud.layer)}, {"head", cloud.head < 0 ? Json() : Json(cloud.head)},
                 {"points", cloud.points.size()}, {"captured", cloud.captured}, {"axes", cloud.projection->axisLabels},
                 {"quality", cloud.projection->quality}, {"notes", cloud.notes}};
    if (cloud.geometry)
        json["geometry"] = jsonOf(*cloud.geometry);
    if (!cloud.alignment.is_null())
        json["alignment"] = cloud.alignment;
    return json;
}

Result<void> runProject(Options& options, JobContext& context) {
    ProjectOptions& project = options.project;
    for (const std::string& setting : options.settings)
        SINKSCOPE_CHECK(parseProjectionParameter(setting, project.projection.parameters));
    project.judge = options.json;
    project.cloud.seed = project.projection.seed;
    std::vector<std::shared_ptr<CaptureStore>> runs;
    for (const std::string& path : options.paths) {
        SINKSCOPE_TRY(auto store, CaptureStore::open(path));
        runs.push_back(std::move(store));
    }
    const auto clouds = drawClouds(runs, project, context);
    if (!clouds) {
        Error error = clouds.error();
        if (error.file.empty())
            error.file = options.paths.front();
        return error;
    }
    std::string csv = headLine(project.projection.dimensions);
    Json list = Json::array();
    for (const DrawnCloud& cloud : *clouds) {
        appendRows(csv, runs[static_cast<std::size_t>(cloud.run)]->header(), cloud);
        list.push_back(jsonOf(cloud));
    }
    SINKSCOPE_CHECK(writeFileAtomically(options.output, csv));
    if (options.json)
        return printJson({{"output", options.output}, {"space", nameOf(project.cloud.space)}, {"method", project.method},
                          {"dims", project.projection.dimensions}, {"seed", project.projection.seed},
                          {"rotary", project.cloud.beforeRotary ? "pre" : "post"}, {"scale", nameOf(project.cloud.scaling)},
                          {"captures", options.paths}, {"projections", list}});
    return printText(options.output + ": " + std::to_string(list.size()) + (list.size() == 1 ? " projection\n" : " projections\n"));
}

/// An option that takes a list of numbers or "all".
void addList(CLI::App& command, const std::string& name, std::vector<int>& target, const std::string& help) {
    command
        .add_option_function<std::string>(
            name, [&target](const std::string& text) { target = text == "all" ? std::vector<int>{} : *parseLayers(text); }, help)
        ->check([](const std::string& text) { return text == "all" || parseLayers(text) ? "" : "'" + text + "' is no list of numbers"; })
        ->option_text("LIST|all");
}

bool isOneNumber(const std::string& text) {
    const auto number = parseLayers(text);
    return number && number->size() == 1;
}

void declareCloud(CLI::App& command, ProjectOptions& options) {
    CloudRequest& cloud = options.cloud;
    addChoice<CloudSpace>(command, "--space", cloud.space,
                          {{"key", CloudSpace::Key}, {"query", CloudSpace::Query}, {"value", CloudSpace::Value}, {"hidden", CloudSpace::Hidden},
                           {"key+query", CloudSpace::KeyQuery}}, "which vectors");
    addChoice<bool>(command, "--rotary", cloud.beforeRotary, {{"post", false}, {"pre", true}},
                    "queries and keys after the rotary embedding, as they enter the dot product, or before");
    addList(command, "--layer", cloud.layers, "layers, for example 3 or 0,4-6; all without this option");
    command
        .add_option_function<std::string>(
            "--head",
            [&options](const std::string& text) {
                if (text == "group")
                    options.scope = ProjectScope::Group;
                else
                    options.head = text == "all" ? -1 : parseLayers(text)->front();
            },
            "a query head, or a key/value head in the key and value spaces; all: each head is projected by itself; group: each key/value head "
            "with the query heads that use it")
        ->check([](const std::string& text) {
            return text == "all" || text == "group" || isOneNumber(text) ? "" : "'" + text + "' is no head";
        })
        ->option_text("N|all|group");
    addChoice<ProjectScope>(command, "--scope", options.scope,
                            {{"head", ProjectScope::Head}, {"group", ProjectScope::Group}, {"layer", ProjectScope::Layer}, {"model", ProjectScope::Model}},
                            "what goes into one projection: a head, a key/value head with its query heads, all heads of a layer, all layers");
    addList(command, "--samples-of", cloud.samples, "samples, for example 0 or 0,4-6; all without this option");
    addChoice<CloudScaling>(command, "--scale", cloud.scaling,
                            {{"none", CloudScaling::None}, {"robust", CloudScaling::Robust}, {"log-radius", CloudScaling::LogRadius}},
                            "so that a few very long vectors do not hide the rest");
    command.add_flag("--match-products", cloud.matchDotProducts,
                     "key+query: move and scale both so that near points have large dot products");
    command.add_option("--max-points", cloud.maxPoints, "above it a sample that keeps every sink is drawn of each projection; 0: all points")
        ->check(CLI::NonNegativeNumber);
}

CommandSpec::Work declareProject(CLI::App& command) {
    auto options = std::make_shared<Options>();
    ProjectOptions& project = options->project;
    std::vector<std::pair<std::string, std::string>> methods;
    for (const ProjectionSpec* spec : projections())
        methods.emplace_back(spec->id, spec->id);
    command.add_option("capture", options->paths, "captures with vectors: several can be aligned with each other (--along runs)")->required();
    declareCloud(command, project);
    addChoice<std::string>(command, "--method", project.method, methods, "how");
    command.add_option("--set", options->settings, "a parameter of a projection: umap.neighbours=30");
    command
        .add_option_function<std::string>(
            "--align-to",
            [&project](const std::string& text) {
                project.alignTo = text == "joint" ? ProjectOptions::kAlignJoint : parseLayers(text)->front();
            },
            "turn, mirror and move the layers of each head (or what --along says) to where this one lies; joint: one basis of principal components for "
            "all of them")
        ->check([](const std::string& text) { return text == "joint" || isOneNumber(text) ? "" : "'" + text + "' is no number"; })
        ->option_text("N|joint");
    addChoice<CloudAxis>(command, "--along", project.along, {{"layers", CloudAxis::Layers}, {"heads", CloudAxis::Heads}, {"runs", CloudAxis::Runs}},
                         "what is aligned with each other: the layers of a head, the heads of a layer, or the captures (models, or steps of a training), "
                         "numbered from 0");
    addChoice<bool>(command, "--fit", project.fitAll, {{"shown", false}, {"all", true}},
                    "principal components of the points that are shown, or of all captured ones, however many");
    command.add_option("--dims", project.projection.dimensions, "2 or 3")->check(CLI::Range(2, 3));
    command.add_option("--seed", project.projection.seed, "of methods that use chance, and of samples");
    command.add_option("-o,--output", options->output, "CSV file to write")->required()->type_name("FILE");
    command.add_flag("--json", options->json, "print quality numbers and the geometry of the clouds as JSON");
    return [options](JobContext& context) { return runProject(*options, context); };
}

} // namespace

extern const CommandSpec project;
const CommandSpec project{"project", "Coordinates of keys, queries, values or hidden states", false, declareProject};

} // namespace sinkscope::registry_cli_commands
