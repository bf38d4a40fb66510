// SPDX-License-Identifier: Apache-2.0
#include "core/session/sweep_plan.h"

#include "core/base/printable.h"
#include "core/session/weight_fingerprint.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

namespace sinkscope {
namespace {

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

std::string nowUtc() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

bool isWanted(const FeatureFamily& family, const AnalysisRequest& request) {
    return request.families ? std::ranges::find(*request.families, family.id) != request.families->end() : family.standard;
}

void chooseMetrics(const SweepRequest& request, SweepPlan& plan) {
    const auto add = [&](const MetricSpec& metric, bool perLayer) {
        plan.metrics.push_back(&metric);
        plan.header.metrics.push_back({std::string(metric.id), std::string(metric.title), perLayer});
    };
    for (const MetricSpec* metric : metrics())
        add(*metric, false);
    unsigned needs = 0;
    for (const FeatureFamily* family : feature_families()) {
        if (!isWanted(*family, request.analysis))
            continue;
        needs |= family->needs;
        for (const MetricSpec& metric : family->metrics)
            add(metric, family->evaluateLayer != nullptr);
    }
    // Frames are read from matrices of attention, which are recomputed from the vectors.
    plan.keep = {.vectors = true, .hidden = (needs & kNeedsHidden) != 0};
}

Json jsonOfParameters(const AnalysisRequest& request) {
    const MetricParameters& metrics = request.metrics;
    Json json = {{"sink_threshold", metrics.sinkThreshold}, {"hit_quantile", metrics.hitQuantile},     {"hit_frequency", metrics.hitFrequency},
                 {"visible_share", metrics.visibleShare},   {"minimum_queries", metrics.minimumQueries}, {"minimum_excess", metrics.minimumExcess},
                 {"anchor_head_share", metrics.anchorHeadShare}};
    for (const ParameterSpec& parameter : frameParameters())
        json["frame." + std::string(parameter.id)] = textOf(parameter, valueOf(request.features, "frame", parameter));
    for (const FeatureFamily* family : feature_families())
        for (const ParameterSpec& parameter : family->parameters)
            if (isWanted(*family, request))
                json[std::string(family->id) + "." + std::string(parameter.id)] = textOf(parameter, valueOf(request.features, family->id, parameter));
    return json;
}

/// Whatever the numbers depend on, and nothing else: not the shard, not the threads, not where the files lie.
std::string recipeOf(const SweepRequest& request, const SweepPlan& plan) {
    Json models = Json::array(), variants = Json::array(), metrics = Json::array();
    for (const SweepModel& model : plan.header.models)
        models.push_back(model.title + " " + model.fingerprint);
    for (const VariantChoice& variant : plan.variants)
        variants.push_back(variant.id);
    for (const SweepMetric& metric : plan.header.metrics)
        metrics.push_back(metric.id);
    const Json recipe = {{"command", "sweep"},
                         {"sinkscope_version", SINKSCOPE_VERSION},
                         {"models", std::move(models)},
                         {"variants", std::move(variants)},
                         {"sample_set", request.samples->fingerprint()},
                         {"samples", request.samples->samples.size()},
                         {"metrics", std::move(metrics)},
                         {"parameters", jsonOfParameters(request.analysis)},
                         {"device", idOf(request.options.device)},
                         {"dtype", idOf(request.options.compute)}};
    return recipe.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<void> openModels(const SweepRequest& request, SweepPlan& plan) {
    for (const std::filesystem::path& path : request.models) {
        SINKSCOPE_TRY(const auto model, loadModel(path));
        if (!model->canRun())
            return model->problems.empty() ? Error{ErrorCode::Unavailable, "this model cannot be run", path} : model->problems.front();
        const ModelSpec& spec = *model->spec;
        plan.header.models.push_back({.title = titleOf(*model->checkpoint), .source = path.string(), .architecture = std::string(spec.arch->id),
                                      .fingerprint = weightFingerprint(*model->checkpoint), .layers = spec.layers, .heads = spec.heads,
                                      .dtype = dtypeText(spec, request.options), .causal = spec.attentionRule().causal});
        plan.models.push_back(model);
    }
    return {};
}

Result<void> chooseVariants(const SweepRequest& request, SweepPlan& plan) {
    std::set<std::string> ids;
    for (const std::string& text : request.variants) {
        SINKSCOPE_TRY(VariantChoice choice, parseVariant(text));
        if (!ids.insert(choice.id).second)
            return invalid("the variant " + printable(choice.id, 60) + " is named twice");
        plan.header.variants.push_back({choice.id, choice.title});
        plan.variants.push_back(std::move(choice));
    }
    return {};
}

/// What each variant means for each model, judged by the first sample.
void fillCells(const SweepRequest& request, SweepPlan& plan) {
    for (std::size_t model = 0; model < plan.models.size(); ++model)
        for (std::size_t variant = 0; variant < plan.variants.size(); ++variant) {
            VariantChange change = changeOf(plan.variants[variant], *plan.models[model]);
            SweepCell cell{.positions = change.positions, .inapplicable = change.inapplicable};
            plan.changes.push_back(std::move(change));
            const auto tokens = tokensOf(plan, request.samples->samples.front(), model, variant);
            const auto bos = plan.models[model]->tokenizer->bosId();
            cell.bosPresent = tokens && bos && tokens->encoding.ids.front() == *bos;
            cell.firstToken = tokens ? tokens->display.front() : std::string();
            if (!tokens && tokens.error().code == ErrorCode::Unavailable)
                cell.inapplicable = tokens.error().detail;
            plan.header.cells.push_back(std::move(cell));
        }
}

/// Gives every cell the part of its samples that belongs to the shard.
void divideUnits(const SweepRequest& request, SweepHeader& header) {
    std::uint64_t all = 0;
    const auto samples = static_cast<std::uint64_t>(header.samples());
    for (const SweepCell& cell : header.cells)
        all += cell.inapplicable.empty() ? samples : 0;
    const auto border = [&](int part) { return all * static_cast<std::uint64_t>(part) / static_cast<std::uint64_t>(request.shards); };
    const std::uint64_t begin = border(request.shard - 1), end = border(request.shard);
    std::uint64_t before = 0;
    for (SweepCell& cell : header.cells) {
        if (!cell.inapplicable.empty())
            continue;
        const std::uint64_t from = std::clamp(begin, before, before + samples), to = std::clamp(end, before, before + samples);
        cell.first = to > from ? static_cast<int>(from - before) : 0;
        cell.count = static_cast<int>(to - from);
        before += samples;
    }
}

} // namespace

Result<SampleTokens> tokensOf(const SweepPlan& plan, const Sample& sample, std::size_t model, std::size_t variant) {
    const LoadedModel& loaded = *plan.models[model];
    const VariantChoice& choice = plan.variants[variant];
    SampleTokens plain{.text = sample.text, .encoding = {}, .display = {}, .group = sample.group};
    SINKSCOPE_TRY(plain.encoding, encodeWithBos(*loaded.tokenizer, sample.text, choice.bos));
    for (const std::int32_t id : plain.encoding.ids)
        plain.display.push_back(loaded.tokenizer->displayText(id));
    SINKSCOPE_TRY(SampleTokens tokens, changedTokens(choice, loaded, plain));
    const auto count = tokens.encoding.ids.size();
    if (count == 0)
        return Error{ErrorCode::EmptyText, "no tokens", {}};
    if (count > static_cast<std::size_t>(loaded.spec->positions))
        return Error{ErrorCode::TextTooLong, "more tokens than positions", {}};
    if (const auto& intervention = plan.changes[model * plan.variants.size() + variant].intervention) {
        const SampleInput input{.ids = tokens.encoding.ids, .segments = tokens.encoding.segments};
        SINKSCOPE_CHECK(checkIntervention(*loaded.spec, std::span(&input, 1), *intervention));
    }
    return tokens;
}

Result<SweepPlan> planSweep(const SweepRequest& request) {
    if (request.models.empty() || request.variants.empty() || !request.samples)
        return invalid("a sweep needs models, variants and samples");
    if (request.shards < 1 || request.shard < 1 || request.shard > request.shards)
        return invalid("there is no shard " + std::to_string(request.shard) + " of " + std::to_string(request.shards));
    SweepPlan plan;
    plan.header.createdUtc = nowUtc();
    plan.header.shard = request.shard;
    plan.header.shards = request.shards;
    SINKSCOPE_CHECK(chooseVariants(request, plan));
    SINKSCOPE_CHECK(openModels(request, plan));
    chooseMetrics(request, plan);
    for (const Sample& sample : request.samples->samples) {
        plan.header.texts.push_back(sample.text);
        plan.header.groups.push_back(sample.group);
    }
    fillCells(request, plan);
    divideUnits(request, plan.header);
    plan.header.recipeJson = recipeOf(request, plan);
    return plan;
}

} // namespace sinkscope
