// SPDX-License-Identifier: Apache-2.0
#include "core/session/sweep_run.h"

#include "core/analysis/detector_parameters.h"
#include "core/analysis/feature_runner.h"
#include "core/analysis/frame_evidence.h"
#include "core/session/capture_consumer.h"
#include "core/session/memory_capture.h"
#include "core/session/model_weights.h"
#include "core/session/sweep_plan.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

/// A model's weights are read once for all samples of a batch, whose vectors are in memory together; a killed process loses what of its batch
/// was not measured yet.
constexpr std::uint64_t kBatchBytes = std::uint64_t{1} << 30;
constexpr std::size_t kBatchSamples = 64;

double secondsSince(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Mean of the values that are there.
struct Mean {
    double sum = 0;
    int count = 0;
    void add(double value) {
        if (std::isfinite(value)) {
            sum += value;
            ++count;
        }
    }
    [[nodiscard]] float value() const {
        return count > 0 ? static_cast<float>(sum / count) : std::numeric_limits<float>::quiet_NaN();
    }
};

/// The numbers of the one sample, in the order of the sweep's metrics. Infinities count as no value.
void fillUnit(const SampleValues& values, std::span<const MetricSpec* const> metrics, int heads, SweepUnit& unit) {
    const std::size_t layers = values.layers().size(), count = metrics.size(), width = static_cast<std::size_t>(heads);
    unit.modelValues.assign(count, std::numeric_limits<float>::quiet_NaN());
    unit.layerValues.assign(layers * count, std::numeric_limits<float>::quiet_NaN());
    unit.headValues.assign(layers * width * count, std::numeric_limits<float>::quiet_NaN());
    for (std::size_t metric = 0; metric < count; ++metric) {
        const auto at = values.find(*metrics[metric]);
        if (!at)
            continue;
        Mean model;
        for (std::size_t slot = 0; slot < layers; ++slot) {
            Mean layer;
            for (int head = 0; head < values.headsOf(*at); ++head) {
                const double value = values.row(*at, slot, head).front();
                layer.add(value);
                model.add(value);
                if (!values.isPerLayer(*at) && std::isfinite(value))
                    unit.headValues[(slot * width + static_cast<std::size_t>(head)) * count + metric] = static_cast<float>(value);
            }
            unit.layerValues[slot * count + metric] = layer.value();
        }
        unit.modelValues[metric] = model.value();
    }
}

/// Of the whole model on one sample, as SweepUnit::frame.
std::vector<float> frameNumbers(const std::vector<std::vector<Anchor>>& heads, const SampleTokens& tokens, bool causal, const AnalysisRequest& request) {
    const auto features = frameFeatures(heads, frameSampleOf(tokens, causal), FrameLevel::Model, request.metrics.anchorHeadShare,
                                        frameThresholdsOf(request.features));
    if (!features)
        return std::vector<float>(kSweepFrameNumbers, std::numeric_limits<float>::quiet_NaN());
    std::vector<float> numbers;
    for (const double number : {features->excess, features->anchors, features->sinkShare, features->baseline, features->endsShare})
        numbers.push_back(static_cast<float>(number));
    return numbers;
}

/// One sample of a capture as a capture of its own, so that it can be measured and written before the next one.
class OneSample : public CaptureSource {
public:
    OneSample(CaptureSource& all, int sample) : m_all(all), m_sample(sample), m_header(all.header()) {
        m_header.samples = {m_header.samples[static_cast<std::size_t>(sample)]};
    }
    [[nodiscard]] const CaptureHeader& header() const override { return m_header; }
    [[nodiscard]] bool hasLayer(int, int layer) const override { return m_all.hasLayer(m_sample, layer); }
    [[nodiscard]] bool hasSpace(Space space) const override { return m_all.hasSpace(space); }
    [[nodiscard]] Result<std::shared_ptr<const LayerStatistics>> statistics(int, int layer) override { return m_all.statistics(m_sample, layer); }
    [[nodiscard]] Result<HeadVectors> vectors(int, int layer, Space space, int head) override { return m_all.vectors(m_sample, layer, space, head); }

private:
    CaptureSource& m_all;
    int m_sample;
    CaptureHeader m_header;
};

class SweepRunner {
public:
    SweepRunner(const SweepRequest& request, SweepPlan plan, JobContext& context)
        : m_request(request), m_plan(std::move(plan)), m_context(context),
          m_team(request.options.threads > 0 ? request.options.threads : usableProcessors()) {}
    Result<SweepReport> run();

private:
    using Tokens = std::shared_ptr<const SampleTokens>;
    /// Samples that run together.
    struct Batch {
        std::vector<int> samples;
        CaptureHeader header;
        std::vector<SampleInput> inputs;
    };

    Result<void> openOutput();
    Result<void> runCell(int model, int variant);
    /// Empties the batch.
    Result<void> runBatch(int model, int variant, Batch& batch);
    Result<void> computeBatch(int model, int variant, const Batch& batch, std::size_t wanted);
    [[nodiscard]] bool isWanted(const SweepCell& cell, int model, int variant, int sample) const {
        return sample >= cell.first && sample < cell.first + cell.count && m_writer->state(model, variant, sample) == UnitState::Missing;
    }
    Result<void> measure(CaptureSource& capture, int model, int variant, const Batch& batch);
    Result<void> leaveOut(int model, int variant, int sample);
    CaptureHeader headerOf(int model) const;
    void reportProgress(const std::string& text) {
        const auto units = static_cast<double>(std::max<std::size_t>(m_report.units, 1));
        m_context.progress(std::min(0.9999, static_cast<double>(m_finished) / units), text);
    }

    const SweepRequest& m_request;
    SweepPlan m_plan;
    JobContext& m_context;
    ThreadTeam m_team;
    std::unique_ptr<SweepWriter> m_writer;
    std::shared_ptr<const WeightAccess> m_weights; ///< of the current model
    SweepReport m_report;
    std::size_t m_finished = 0;
};

Result<void> SweepRunner::openOutput() {
    std::error_code failure;
    SINKSCOPE_TRY(m_writer, std::filesystem::exists(m_request.output, failure) ? SweepWriter::resume(m_request.output, m_plan.header)
                                                                               : SweepWriter::create(m_request.output, m_plan.header));
    const int variants = static_cast<int>(m_plan.variants.size());
    for (int model = 0; model < static_cast<int>(m_plan.models.size()); ++model)
        for (int variant = 0; variant < variants; ++variant) {
            const SweepCell& cell = m_plan.header.cell(model, variant);
            if (!cell.inapplicable.empty())
                m_report.notes.push_back(m_plan.header.models[static_cast<std::size_t>(model)].title + ", " +
                                         m_plan.variants[static_cast<std::size_t>(variant)].id + ": " + cell.inapplicable);
            m_report.units += static_cast<std::size_t>(cell.count);
            for (int sample = cell.first; sample < cell.first + cell.count; ++sample) {
                const UnitState state = m_writer->state(model, variant, sample);
                m_report.before += state == UnitState::Missing ? 0 : 1;
                m_report.leftOut += state == UnitState::LeftOut ? 1 : 0;
            }
        }
    m_finished = m_report.before;
    return {};
}

CaptureHeader SweepRunner::headerOf(int model) const {
    const ModelSpec& spec = *m_plan.models[static_cast<std::size_t>(model)]->spec;
    CaptureHeader header;
    header.architecture = spec.arch->id;
    header.title = m_plan.header.models[static_cast<std::size_t>(model)].title;
    header.layers = spec.layers;
    header.heads = spec.heads;
    header.keyValueHeads = spec.keyValueHeads;
    header.headWidth = spec.headWidth;
    header.width = spec.width;
    header.vocabulary = spec.vocabulary;
    header.rule = spec.attentionRule();
    header.headRules = spec.headRules;
    for (int layer = 0; layer < spec.layers; ++layer)
        header.capturedLayers.push_back(layer);
    return header;
}

Result<void> SweepRunner::leaveOut(int model, int variant, int sample) {
    ++m_report.leftOut;
    ++m_finished;
    SweepUnit unit{.model = model, .variant = variant, .sample = sample, .state = UnitState::LeftOut};
    return m_writer->write(unit);
}

/// Which samples go through the model together decides how sums are rounded. So batches are always the same stretches of the sample set, whatever
/// part of them a shard has and an earlier call finished: its forward pass is computed again, and the numbers are the same to the last bit.
Result<void> SweepRunner::runCell(int model, int variant) {
    const SweepCell& cell = m_plan.header.cell(model, variant);
    if (cell.count == 0)
        return {};
    const std::uint64_t allowed = m_request.options.maxMemory > 0 ? m_request.options.maxMemory / 2 : kBatchBytes;
    Batch batch{.samples = {}, .header = headerOf(model), .inputs = {}};
    m_weights = weightsOf(m_plan.models[static_cast<std::size_t>(model)]->spec);
    std::uint64_t bytes = 0;
    for (int sample = 0; sample < m_plan.header.samples(); ++sample) {
        auto tokens = tokensOf(m_plan, m_request.samples->samples[static_cast<std::size_t>(sample)], static_cast<std::size_t>(model),
                               static_cast<std::size_t>(variant));
        if (!tokens) { // one odd sample must not end a sweep
            if (isWanted(cell, model, variant, sample))
                SINKSCOPE_CHECK(leaveOut(model, variant, sample));
            continue;
        }
        const std::uint64_t own = memoryCaptureBytes(batch.header, m_plan.keep, tokens->encoding.ids.size());
        if (!batch.samples.empty() && (bytes + own > allowed || batch.samples.size() == kBatchSamples)) {
            SINKSCOPE_CHECK(runBatch(model, variant, batch));
            bytes = 0;
        }
        bytes += own;
        batch.samples.push_back(sample);
        batch.inputs.push_back({.ids = tokens->encoding.ids, .segments = tokens->encoding.segments});
        batch.header.samples.push_back(std::make_shared<const SampleTokens>(std::move(*tokens)));
    }
    return batch.samples.empty() ? Result<void>() : runBatch(model, variant, batch);
}

Result<void> SweepRunner::runBatch(int model, int variant, Batch& batch) {
    SINKSCOPE_CHECK(m_context.checkpoint());
    const SweepCell& cell = m_plan.header.cell(model, variant);
    const auto wanted = std::ranges::count_if(batch.samples, [&](int sample) { return isWanted(cell, model, variant, sample); });
    if (wanted > 0)
        SINKSCOPE_CHECK(computeBatch(model, variant, batch, static_cast<std::size_t>(wanted)));
    batch.samples.clear();
    batch.inputs.clear();
    batch.header.samples.clear();
    return {};
}

Result<void> SweepRunner::computeBatch(int model, int variant, const Batch& batch, std::size_t wanted) {
    const LoadedModel& loaded = *m_plan.models[static_cast<std::size_t>(model)];
    RunOptions options = m_request.options;
    options.layers.clear();
    options.intervention = m_plan.changes[m_plan.header.cellIndex(model, variant)].intervention;
    const auto begin = std::chrono::steady_clock::now();
    const auto capture = makeMemoryCapture(batch.header, m_plan.keep);
    CaptureConsumer consumer(capture, m_plan.keep, static_cast<int>(batch.samples.size()), batch.header.rule.causal, {});
    const double units = static_cast<double>(std::max<std::size_t>(m_report.units, 1)), from = static_cast<double>(m_finished) / units;
    JobContext part = m_context.part(from, from + static_cast<double>(wanted) / units, batch.header.title + ": ");
    SINKSCOPE_CHECK(runModel(*loaded.spec, batch.inputs, options, consumer, part));
    SINKSCOPE_CHECK(capture->finish());
    m_report.forwardSeconds += secondsSince(begin);
    const auto analysis = std::chrono::steady_clock::now();
    SINKSCOPE_CHECK(measure(*capture, model, variant, batch));
    m_report.analysisSeconds += secondsSince(analysis);
    return {};
}

Result<void> SweepRunner::measure(CaptureSource& capture, int model, int variant, const Batch& batch) {
    AnalysisRequest request = m_request.analysis;
    request.weights = m_weights;
    const SweepCell& cell = m_plan.header.cell(model, variant);
    for (std::size_t index = 0; index < batch.samples.size(); ++index) {
        if (!isWanted(cell, model, variant, batch.samples[index]))
            continue;
        OneSample own(capture, static_cast<int>(index));
        SINKSCOPE_TRY(FeatureRunner runner, FeatureRunner::create(own, request));
        const FrameThresholds thresholds = frameThresholdsOf(request.features);
        const auto heads = static_cast<std::size_t>(batch.header.heads);
        std::vector<std::vector<Anchor>> anchors(batch.header.capturedLayers.size() * heads); // [slot, head]
        runner.visitHeads([&](std::size_t slot, const LayerStatistics& statistics, int head, const HeadAttention* attention) -> Result<void> {
            SINKSCOPE_TRY(anchors[slot * heads + static_cast<std::size_t>(head)],
                          frameAnchorsOf(statistics, head, attention, request.metrics, thresholds));
            return {};
        });
        runner.beginSample(0);
        for (std::size_t slot = 0; slot < batch.header.capturedLayers.size(); ++slot) {
            SINKSCOPE_TRY(const auto statistics, own.statistics(0, batch.header.capturedLayers[slot]));
            SINKSCOPE_CHECK(runner.run(slot, statistics, m_team, m_context));
        }
        AnalysisResult result;
        runner.finish(result);
        SweepUnit unit{.model = model, .variant = variant, .sample = batch.samples[index], .state = UnitState::Done};
        unit.tokens = static_cast<int>(batch.inputs[index].ids.size());
        unit.firstToken = batch.inputs[index].ids.front();
        unit.frame = frameNumbers(anchors, *own.header().samples.front(), batch.header.rule.causal, request);
        fillUnit(*result.values, m_plan.metrics, batch.header.heads, unit);
        SINKSCOPE_CHECK(m_writer->write(unit));
        ++m_report.done;
        ++m_finished;
        reportProgress(std::to_string(m_finished) + " of " + std::to_string(m_report.units) + " units");
    }
    return {};
}

Result<SweepReport> SweepRunner::run() {
    SINKSCOPE_CHECK(openOutput());
    for (int model = 0; model < static_cast<int>(m_plan.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(m_plan.variants.size()); ++variant)
            if (auto done = runCell(model, variant); !done) {
                Error error = done.error();
                error.detail = m_plan.header.models[static_cast<std::size_t>(model)].title + ", " +
                               m_plan.variants[static_cast<std::size_t>(variant)].id + ": " + error.detail;
                return error;
            }
    m_context.progress(1.0, "swept");
    return m_report;
}

} // namespace

Result<SweepReport> runSweep(const SweepRequest& asked, JobContext& context) {
    SweepRequest request = asked;
    request.analysis.metrics = detectorParametersOf(asked.analysis.metrics, asked.analysis.features);
    SINKSCOPE_TRY(SweepPlan plan, planSweep(request));
    SweepRunner runner(request, std::move(plan), context);
    return runner.run();
}

} // namespace sinkscope
