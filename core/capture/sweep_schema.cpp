// SPDX-License-Identifier: Apache-2.0
#include "core/capture/sweep_schema.h"

#include "core/base/printable.h"
#include "core/io/json_reader.h"

#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

std::string twoDigits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::vector<int> flagsOf(const std::vector<SweepMetric>& metrics) {
    std::vector<int> flags;
    for (const SweepMetric& metric : metrics)
        flags.push_back(metric.perLayer ? 1 : 0);
    return flags;
}

template <typename T, typename Get> std::vector<std::string> column(const std::vector<T>& rows, Get get) {
    std::vector<std::string> values;
    for (const T& row : rows)
        values.push_back(get(row));
    return values;
}

void writeModel(LayoutWriter& writer, const SweepHeader& header, int model) {
    const SweepModel& facts = header.models[static_cast<std::size_t>(model)];
    const h5::Group group = writer.group(modelPath(model));
    writer.text(group, "title", facts.title);
    writer.text(group, "source", facts.source);
    writer.text(group, "architecture", facts.architecture);
    writer.text(group, "weight_fingerprint", facts.fingerprint);
    writer.integer(group, "layers", facts.layers);
    writer.integer(group, "heads", facts.heads);
    writer.text(group, "dtype", facts.dtype);
    writer.integer(group, "causal", facts.causal ? 1 : 0);
    writer.group(modelPath(model) + "/variants");
    for (int variant = 0; variant < static_cast<int>(header.variants.size()); ++variant) {
        const SweepCell& cell = header.cell(model, variant);
        const h5::Group own = writer.group(cellPath(model, variant));
        writer.text(own, "positions", cell.positions);
        writer.integer(own, "bos_present", cell.bosPresent ? 1 : 0);
        writer.text(own, "first_token", cell.firstToken);
        writer.text(own, "inapplicable", cell.inapplicable);
        writer.integer(own, "first_sample", cell.first);
        writer.integer(own, "samples", cell.count);
    }
}

} // namespace

std::string_view nameOf(SweepField field) {
    constexpr std::array<std::string_view, kSweepFields.size()> kNames{"state", "tokens", "first_token", "frame", "model_values", "layer_values",
                                                                       "head_values"};
    return kNames[static_cast<std::size_t>(field)];
}

std::string modelPath(int model) { return "/models/" + twoDigits(model); }
std::string cellPath(int model, int variant) { return modelPath(model) + "/variants/" + twoDigits(variant); }
std::string sweepPath(int model, int variant, SweepField field) { return cellPath(model, variant) + "/" + std::string(nameOf(field)); }

Shape shapeOf(SweepField field, const SweepHeader& header, int model, int samples) {
    const SweepModel& facts = header.models[static_cast<std::size_t>(model)];
    const auto count = static_cast<std::uint64_t>(samples), metrics = static_cast<std::uint64_t>(header.metrics.size());
    const auto layers = static_cast<std::uint64_t>(facts.layers), heads = static_cast<std::uint64_t>(facts.heads);
    switch (field) {
    case SweepField::Frame:
        return {count, kSweepFrameNumbers};
    case SweepField::Model:
        return {count, metrics};
    case SweepField::Layers:
        return {count, layers, metrics};
    case SweepField::Heads:
        return {count, layers, heads, metrics};
    default:
        return {count};
    }
}

void writeSweepHeader(LayoutWriter& writer, const SweepHeader& header) {
    const h5::Group root = writer.group("/");
    writer.text(root, "format", kSweepFormat);
    writer.integer(root, "version", kSweepVersion);
    writer.text(root, "sinkscope_version", SINKSCOPE_VERSION);
    writer.text(root, "created_utc", header.createdUtc);
    writer.text(root, "recipe", header.recipeJson);
    writer.integer(root, "shard", header.shard);
    writer.integer(root, "shards", header.shards);
    writer.integer(root, "sample_count", header.samples());
    writer.integer(root, "metric_count", static_cast<std::int64_t>(header.metrics.size()));
    writer.integer(root, "variant_count", static_cast<std::int64_t>(header.variants.size()));
    const h5::Group lists = writer.group("/lists");
    writer.texts(lists, "texts", header.texts);
    writer.texts(lists, "groups", header.groups);
    writer.texts(lists, "metrics", column(header.metrics, [](const SweepMetric& metric) { return metric.id; }));
    writer.texts(lists, "metric_titles", column(header.metrics, [](const SweepMetric& metric) { return metric.title; }));
    writer.values(lists, "metric_per_layer", {header.metrics.size()}, H5T_STD_I32LE, flagsOf(header.metrics));
    writer.texts(lists, "variants", column(header.variants, [](const SweepVariant& variant) { return variant.id; }));
    writer.texts(lists, "variant_titles", column(header.variants, [](const SweepVariant& variant) { return variant.title; }));
    writer.group("/models");
    for (int model = 0; model < static_cast<int>(header.models.size()); ++model)
        writeModel(writer, header, model);
}

std::string shardText(const SweepHeader& header) {
    return "shard " + std::to_string(header.shard) + " of " + std::to_string(header.shards);
}

std::string recipeDifference(const std::string& before, const std::string& now) {
    if (before == now)
        return {};
    const auto parsedBefore = parseJson(before, ErrorCode::CaptureInvalid, {}), parsedNow = parseJson(now, ErrorCode::CaptureInvalid, {});
    if (!parsedBefore || !parsedNow || !parsedBefore->is_object() || !parsedNow->is_object())
        return "its recipe is another one";
    const Json &old = *parsedBefore, &fresh = *parsedNow;
    const auto text = [](const Json& json, const std::string& key) {
        const auto found = json.find(key);
        return found == json.end() ? std::string("nothing") : printable(found->dump(-1, ' ', false, Json::error_handler_t::replace), 120);
    };
    for (const Json* json : {&fresh, &old})
        for (const auto& item : json->items())
            if (!old.contains(item.key()) || !fresh.contains(item.key()) || old[item.key()] != fresh[item.key()])
                return printable(item.key(), 60) + " was " + text(old, item.key()) + " and is now " + text(fresh, item.key());
    return "its recipe is another one";
}

} // namespace sinkscope
