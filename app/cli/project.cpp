// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "app/cli/run_options.h"
#include "core/analysis/analysis.h"
#include "core/capture/capture_store.h"
#include "core/io/atomic_write.h"
#include "core/math/projection_spec.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace sinkscope::registry_cli_commands {
namespace {

struct Options {
    std::string path, output;
    std::string method = "pca";
    Space space = Space::Key;
    std::vector<int> layers;
    int head = -1; ///< all
    ProjectionOptions projection;
    bool json = false;
};

/// Tokens of all samples in one space of one layer and head, one after the other.
struct Cloud {
    std::vector<float> values; ///< [points, width]
    std::vector<std::pair<int, int>> points; ///< sample, token
    std::vector<bool> sinks;
    int width = 0;
};

int headsIn(const CaptureHeader& header, Space space) {
    return space == Space::Query ? header.heads : space == Space::Hidden ? 1 : header.keyValueHeads;
}

/// Tokens that are sinks: in the query head, in a head that uses the key/value head, or, for hidden states, in enough heads of the
/// layer to be an anchor.
std::set<int> sinksIn(const LayerStatistics& statistics, Space space, int head) {
    const MetricParameters parameters;
    std::map<int, int> heads;
    for (int query = 0; query < statistics.heads; ++query) {
        const bool belongs = space == Space::Hidden || (space == Space::Query ? query : statistics.keyValueHeadOf(query)) == head;
        if (belongs)
            for (const int token : sinksOfHead(statistics, query, parameters))
                ++heads[token];
    }
    const double enough = space == Space::Hidden ? parameters.anchorHeadShare * statistics.heads : 1.0;
    std::set<int> sinks;
    for (const auto& [token, count] : heads)
        if (count >= enough)
            sinks.insert(token);
    return sinks;
}

Result<Cloud> cloudOf(CaptureSource& source, Space space, int layer, int head) {
    Cloud cloud;
    for (int sample = 0; sample < static_cast<int>(source.header().samples.size()); ++sample) {
        if (!source.hasLayer(sample, layer))
            continue;
        SINKSCOPE_TRY(const HeadVectors vectors, source.vectors(sample, layer, space, head));
        SINKSCOPE_TRY(const auto statistics, source.statistics(sample, layer));
        const std::set<int> sinks = sinksIn(*statistics, space, head);
        cloud.width = vectors.width;
        cloud.values.insert(cloud.values.end(), vectors.values.begin(), vectors.values.end());
        for (int token = 0; token < vectors.tokens; ++token) {
            cloud.points.emplace_back(sample, token);
            cloud.sinks.push_back(sinks.contains(token));
        }
    }
    if (cloud.points.empty())
        return Error{ErrorCode::InvalidArgument, "layer " + std::to_string(layer) + " is not in the capture", {}};
    return cloud;
}

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == text.npos)
        return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

void appendRows(std::string& csv, const CaptureHeader& header, const Cloud& cloud, const Projection& projection, int layer,
                const std::string& head) {
    for (std::size_t i = 0; i < cloud.points.size(); ++i) {
        const auto [sample, token] = cloud.points[i];
        csv += std::to_string(sample) + "," + std::to_string(layer) + "," + head + "," + std::to_string(token) + "," +
               quoted(header.samples[static_cast<std::size_t>(sample)]->display[static_cast<std::size_t>(token)]) + "," +
               (cloud.sinks[i] ? "1" : "0");
        for (int d = 0; d < projection.dimensions; ++d) {
            char digits[32];
            const float value = projection.coordinates[i * static_cast<std::size_t>(projection.dimensions) + static_cast<std::size_t>(d)];
            csv.append(",").append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
        }
        csv += '\n';
    }
}

Result<std::vector<int>> headsToProject(const Options& options, const CaptureHeader& header) {
    const int count = headsIn(header, options.space);
    if (options.head >= count)
        return Error{ErrorCode::InvalidArgument,
                     "head " + std::to_string(options.head) + "; there are " + std::to_string(count) + " in the " +
                         std::string(nameOf(options.space)) + " space",
                     options.path};
    if (options.head >= 0)
        return std::vector<int>{options.head};
    std::vector<int> heads(static_cast<std::size_t>(count));
    for (int head = 0; head < count; ++head)
        heads[static_cast<std::size_t>(head)] = head;
    return heads;
}

Result<void> runProject(const Options& options, JobContext& context) {
    const auto method = std::ranges::find(projections(), options.method, [](const ProjectionSpec* spec) { return spec->id; });
    SINKSCOPE_ASSERT(method != projections().end());
    SINKSCOPE_TRY(const auto store, CaptureStore::open(options.path));
    const CaptureHeader& header = store->header();
    SINKSCOPE_TRY(const auto heads, headsToProject(options, header));
    const std::vector<int>& layers = options.layers.empty() ? header.capturedLayers : options.layers;
    std::string csv = options.projection.dimensions == 3 ? "sample,layer,head,token,piece,sink,x,y,z\n" : "sample,layer,head,token,piece,sink,x,y\n";
    Json list = Json::array();
    for (std::size_t i = 0; i < layers.size(); ++i)
        for (const int head : heads) {
            context.progress(static_cast<double>(i) / static_cast<double>(layers.size()), "layer " + std::to_string(layers[i]));
            SINKSCOPE_CHECK(context.checkpoint());
            SINKSCOPE_TRY(const Cloud cloud, cloudOf(*store, options.space, layers[i], head));
            SINKSCOPE_TRY(const auto projection, (*method)->project(cloud.values, static_cast<int>(cloud.points.size()), cloud.width,
                                                                    options.projection, context));
            const bool hidden = options.space == Space::Hidden; // belongs to no head
            appendRows(csv, header, cloud, *projection, layers[i], hidden ? "" : std::to_string(head));
            list.push_back({{"layer", layers[i]}, {"head", hidden ? Json() : Json(head)}, {"points", cloud.points.size()},
                            {"axes", projection->axisLabels}, {"quality", projection->quality}});
        }
    SINKSCOPE_CHECK(writeFileAtomically(options.output, csv));
    if (options.json)
        return printJson({{"output", options.output}, {"space", nameOf(options.space)}, {"method", options.method},
                          {"dims", options.projection.dimensions}, {"seed", options.projection.seed}, {"projections", list}});
    return printText(options.output + ": " + std::to_string(list.size()) + (list.size() == 1 ? " projection\n" : " projections\n"));
}

CommandSpec::Work declareProject(CLI::App& command) {
    auto options = std::make_shared<Options>();
    std::vector<std::pair<std::string, std::string>> methods;
    for (const ProjectionSpec* spec : projections())
        methods.emplace_back(spec->id, spec->id);
    command.add_option("capture", options->path, "capture with vectors")->required();
    addChoice<Space>(command, "--space", options->space,
                     {{"key", Space::Key}, {"query", Space::Query}, {"value", Space::Value}, {"hidden", Space::Hidden}}, "which vectors");
    command
        .add_option_function<std::string>(
            "--layer", [options](const std::string& text) { options->layers = text == "all" ? std::vector<int>{} : *parseLayers(text); },
            "layers, for example 3 or 0,4-6; all without this option")
        ->check([](const std::string& text) { return text == "all" || parseLayers(text) ? "" : "'" + text + "' is no list of layers"; })
        ->option_text("LIST|all");
    command
        .add_option_function<std::string>(
            "--head", [options](const std::string& text) { options->head = text == "all" ? -1 : parseLayers(text)->front(); },
            "a query head, or a key/value head in the key and value spaces; each head is projected by itself")
        ->check([](const std::string& text) {
            const auto number = parseLayers(text);
            return text == "all" || (number && number->size() == 1) ? "" : "'" + text + "' is no head";
        })
        ->option_text("N|all");
    addChoice<std::string>(command, "--method", options->method, methods, "how");
    command.add_option("--dims", options->projection.dimensions, "2 or 3")->check(CLI::Range(2, 3));
    command.add_option("--seed", options->projection.seed, "of methods that use chance");
    command.add_option("-o,--output", options->output, "CSV file to write")->required()->type_name("FILE");
    command.add_flag("--json", options->json, "print quality numbers as JSON");
    return [options](JobContext& context) { return runProject(*options, context); };
}

} // namespace

extern const CommandSpec project;
const CommandSpec project{"project", "Coordinates of keys, queries, values or hidden states", false, declareProject};

} // namespace sinkscope::registry_cli_commands
