// SPDX-License-Identifier: Apache-2.0
#include "core/session/capture_run.h"

#include "core/model/rotary_encoding.h"
#include "core/session/capture_consumer.h"
#include "core/session/weight_fingerprint.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

namespace sinkscope {
namespace {

std::string nowUtc() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/// The options as JSON, so that a run can be repeated from its capture. The texts are in the samples.
std::string recipeOf(const RunRequest& request) {
    Json keep = Json::array();
    if (request.keep.vectors)
        keep.push_back("qkv");
    if (request.keep.attention)
        keep.push_back("attention");
    if (request.keep.hidden)
        keep.push_back("hidden");
    if (request.keep.logits)
        keep.push_back("logits");
    const char* bos = request.bos == BosChoice::Auto ? "auto" : request.bos == BosChoice::Yes ? "yes" : "no";
    Json recipe = {{"command", "run"},
                   {"bos", bos},
                   {"keep", keep},
                   {"half_precision", request.keep.halfPrecision},
                   {"layers", request.options.layers},
                   {"device", idOf(request.options.device)},
                   {"dtype", idOf(request.options.compute)},
                   {"threads", request.options.threads},
                   {"max_memory", request.options.maxMemory}};
    if (request.options.intervention)
        recipe["intervention"] = jsonOf(*request.options.intervention);
    if (!request.sampleSet.empty())
        recipe["sample_set"] = request.sampleSet;
    return recipe.dump();
}

/// Layers whose taps a run delivers, without the embedding (-1), of which a capture holds nothing.
Result<std::vector<int>> layersToCapture(const ModelSpec& spec, const std::vector<int>& wanted) {
    std::set<int> layers;
    for (const int layer : wanted) {
        if (layer < -1 || layer >= spec.layers)
            return Error{ErrorCode::InvalidArgument,
                         "layer " + std::to_string(layer) + "; the model has layers 0 to " + std::to_string(spec.layers - 1), {}};
        if (layer >= 0)
            layers.insert(layer);
    }
    for (int layer = 0; wanted.empty() && layer < spec.layers; ++layer)
        layers.insert(layer);
    if (layers.empty())
        return Error{ErrorCode::InvalidArgument, "no layer to capture", {}};
    return std::vector<int>(layers.begin(), layers.end());
}

Error inSample(Error error, std::size_t sample, std::size_t samples) {
    if (samples > 1)
        error.detail = "sample " + std::to_string(sample) + ": " + error.detail;
    return error;
}

Result<SampleTokens> tokenize(const LoadedModel& model, const std::string& text, BosChoice bos) {
    SINKSCOPE_TRY(Encoding encoding, encodeWithBos(*model.tokenizer, text, bos));
    if (encoding.ids.empty())
        return Error{ErrorCode::EmptyText, "the text has no tokens", {}};
    if (encoding.ids.size() > static_cast<std::size_t>(model.spec->positions))
        return Error{ErrorCode::TextTooLong,
                     "the text has " + std::to_string(encoding.ids.size()) + " tokens, the model positions for " +
                         std::to_string(model.spec->positions),
                     {}};
    SampleTokens sample{.text = text, .encoding = std::move(encoding), .display = {}};
    sample.display.reserve(sample.encoding.ids.size());
    for (const std::int32_t id : sample.encoding.ids)
        sample.display.push_back(model.tokenizer->displayText(id));
    return sample;
}

Result<CaptureHeader> headerOf(const LoadedModel& model, const RunRequest& request) {
    const ModelSpec& spec = *model.spec;
    const Checkpoint& checkpoint = *model.checkpoint;
    CaptureHeader header;
    header.architecture = spec.arch->id;
    header.title = titleOf(checkpoint);
    header.source = checkpoint.opened.string();
    header.configJson = checkpoint.config ? checkpoint.config->dump(-1, ' ', false, Json::error_handler_t::replace) : "";
    header.weightSha256 = checkpoint.facts->contentHash();
    header.weightFingerprint = weightFingerprint(checkpoint);
    header.recipeJson = recipeOf(request);
    header.positions = request.options.intervention ? positionsText(spec, *request.options.intervention) : spec.positionsText();
    header.dtype = dtypeText(spec, request.options);
    if (spec.positionKind == Positions::Rope && !spec.localRope) {
        const Intervention intervention = request.options.intervention ? *request.options.intervention : Intervention{};
        header.rotary = textOf(RotaryEncoding{intervention.rope.value_or(spec.rope), intervention.positionShift, spec.arch->interleavedRotary});
    }
    header.createdUtc = nowUtc();
    header.layers = spec.layers;
    header.heads = spec.heads;
    header.keyValueHeads = spec.keyValueHeads;
    header.headWidth = spec.headWidth;
    header.width = spec.width;
    header.vocabulary = spec.vocabulary;
    header.rule = spec.attentionRule();
    header.headRules = spec.headRules;
    SINKSCOPE_TRY(header.capturedLayers, layersToCapture(spec, request.options.layers));
    for (std::size_t i = 0; i < request.texts.size(); ++i) {
        auto sample = tokenize(model, request.texts[i], request.bos);
        if (!sample)
            return inSample(sample.error(), i, request.texts.size());
        if (!request.groups.empty())
            sample->group = request.groups[i];
        header.samples.push_back(std::make_shared<const SampleTokens>(std::move(*sample)));
    }
    const auto bos = model.tokenizer->bosId();
    header.bosPresent = bos && header.samples.front()->encoding.ids.front() == *bos;
    return header;
}

/// What the statistics of all samples take while they are being built, on top of what the pass itself needs.
std::uint64_t statisticsBytes(const CaptureHeader& header) {
    std::uint64_t bytes = 0;
    for (const auto& sample : header.samples)
        bytes += StatisticsBuilder::bytesPerSample(static_cast<int>(sample->encoding.ids.size()), header.heads, header.keyValueHeads);
    return bytes;
}

} // namespace

std::string titleOf(const Checkpoint& checkpoint) {
    std::error_code failure;
    auto folder = std::filesystem::weakly_canonical(checkpoint.folder, failure);
    if (failure || !folder.has_filename())
        folder = checkpoint.opened;
    return folder.filename().string();
}

std::string dtypeText(const ModelSpec& spec, const RunOptions& options) {
    return std::string(nameOf(spec.dtype)) + " weights, computed in " + (options.compute == ComputeType::Float32 ? "F32" : "BF16 products");
}

Result<RunPlan> planCapture(const LoadedModel& model, const RunRequest& request) {
    if (!model.canRun())
        return model.problems.empty() ? Error{ErrorCode::Unavailable, "this model cannot be run", model.checkpoint->opened}
                                      : model.problems.front();
    if (request.texts.empty())
        return Error{ErrorCode::EmptyText, "there is no text", {}};
    SINKSCOPE_ASSERT(request.groups.empty() || request.groups.size() == request.texts.size());
    RunPlan plan;
    SINKSCOPE_TRY(plan.header, headerOf(model, request));
    for (const auto& sample : plan.header.samples)
        plan.inputs.push_back({.ids = sample->encoding.ids, .segments = sample->encoding.segments});
    if (request.options.intervention)
        SINKSCOPE_CHECK(checkIntervention(*model.spec, plan.inputs, *request.options.intervention));
    if (request.options.intervention && request.options.intervention->hidesKeys() && request.keep.vectors)
        return Error{ErrorCode::InvalidArgument,
                     "with hidden keys the attention cannot be computed again from query and key: keep no vectors", {}};
    const CaptureConsumer consumer(nullptr, request.keep, static_cast<int>(plan.inputs.size()), plan.header.rule.causal, {});
    plan.memory = planRun(*model.spec, plan.inputs, request.options, consumer);
    plan.memory.activations += statisticsBytes(plan.header);
    plan.diskBytes = CaptureStore::plannedBytes(plan.header, request.keep);
    if (request.options.maxMemory > 0 && plan.memory.total() > request.options.maxMemory)
        return Error{ErrorCode::MemoryExceeded,
                     "the run needs " + plan.memory.text() + "; allowed are " +
                         std::to_string(request.options.maxMemory / 1'000'000) + " MB",
                     {}};
    return plan;
}

Result<std::shared_ptr<CaptureStore>> runCapture(const LoadedModel& model, const RunRequest& request, const RunPlan& plan,
                                                 JobContext& context, const CaptureStarted& started, const LayerArrived& arrived) {
    SINKSCOPE_CHECK(context.checkpoint());
    SINKSCOPE_TRY(auto store, CaptureStore::create(request.output, plan.header, request.keep));
    if (started)
        started(store);
    CaptureConsumer consumer(store, request.keep, static_cast<int>(plan.inputs.size()), plan.header.rule.causal, arrived);
    SINKSCOPE_CHECK(runModel(*model.spec, plan.inputs, request.options, consumer, context));
    SINKSCOPE_CHECK(store->finish());
    return store;
}

} // namespace sinkscope
