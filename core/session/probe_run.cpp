// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_draw.h"
#include "core/session/probe_effects.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// Samples first .. first + count - 1, whose log-probabilities are kept at once.
struct Group {
    int first = 0, count = 0;
};

/// A changed sample in a run, and where its outcome belongs.
struct Job {
    int sample = 0; ///< of the request
    ProbedTokens changed;
    SampleOutcome* outcome = nullptr;
};

/// One probe: its setting and what was measured so far.
struct ProbeWork {
    const ProbeSpec* spec = nullptr;
    ProbeMeasurements measured;
    ProbeOutcome outcome;
    std::vector<FrameFeatures> before, after;
    double anchors = 0, heads = 0; ///< sums over samples
    int smaller = 0;               ///< samples whose control by heads had to be smaller than the edit
    std::vector<int> lengths, firstTokens; ///< of the changed samples
};

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

std::string probeIds() {
    std::string ids;
    for (const ProbeSpec* probe : probes())
        ids += (ids.empty() ? "" : ", ") + std::string(probe->id);
    return ids;
}

class ProbeRunner {
public:
    ProbeRunner(const LoadedModel& model, const ProbeRequest& request, RunPlan plan, JobContext& context)
        : m_model(model), m_spec(*model.spec), m_request(request), m_plan(std::move(plan)), m_context(context),
          m_team(request.options.threads > 0 ? request.options.threads : usableProcessors()),
          m_hasLogits(m_spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)] != nullptr) {}

    Result<std::shared_ptr<const ProbeResult>> run();

private:
    Result<void> checkValues() const;
    Result<void> chooseProbes();
    void prepare(ProbeWork& work) const;
    std::vector<Group> groups() const;
    Result<void> runIntact(const Group& group, JobContext& context);
    Result<void> runProbe(ProbeWork& work, const Group& group, JobContext& context);
    Result<std::vector<Job>> jobsOf(ProbeWork& work, const Group& group, Intervention& intervention);
    void addEditJobs(ProbeWork& work, int sample, std::vector<Job>& jobs, Intervention& intervention) const;
    Result<void> runJobs(std::vector<Job>& jobs, const Intervention& intervention, JobContext& context);
    void finish(ProbeWork& work) const;
    [[nodiscard]] FrameContext intactContext() const;
    /// Longer samples are judged by what is streamed past.
    [[nodiscard]] std::string evidence() const;
    void describe(ProbeWork& work, const std::vector<Job>& jobs, const Intervention& intervention) const;
    [[nodiscard]] ProbeSetting settingOf(const ProbeSpec& probe) const {
        return {m_spec, *m_model.tokenizer, probe, m_request.values, m_request.replacements};
    }
    [[nodiscard]] const SampleTokens& tokensOf(int sample) const { return *m_plan.header.samples[static_cast<std::size_t>(sample)]; }
    [[nodiscard]] bool isCausal() const { return m_spec.arch->mask == Mask::Causal; }

    const LoadedModel& m_model;
    const ModelSpec& m_spec;
    const ProbeRequest& m_request;
    RunPlan m_plan;
    JobContext& m_context;
    ThreadTeam m_team;
    bool m_hasLogits;
    std::vector<ProbeWork> m_works;
    std::vector<SampleOutcome> m_intact;                ///< [sample] `after` is what the intact run shows
    std::vector<std::vector<AnchorPlaces>> m_anchors;   ///< [sample]
    KeptOutput m_kept;                                  ///< of the current group, by sample - m_firstKept
    int m_firstKept = 0;
};

Result<void> ProbeRunner::checkValues() const {
    const auto partsOf = [](std::string_view key) {
        const std::size_t dot = std::min(key.find('.'), key.size());
        return std::pair{findProbe(key.substr(0, dot)), key.substr(std::min(dot + 1, key.size()))};
    };
    for (const auto& [key, value] : m_request.values) {
        const auto [probe, id] = partsOf(key);
        const auto found = probe ? std::ranges::find(probe->parameters, id, &ParameterSpec::id) : std::span<const ParameterSpec>::iterator();
        if (!probe || found == probe->parameters.end())
            return invalid("\"" + key + "\" is no parameter of a probe");
        SINKSCOPE_TRY(const double parsed, parseParameter(*found, textOf(*found, value)));
        static_cast<void>(parsed);
    }
    for (const auto& [key, text] : m_request.replacements)
        if (const auto [probe, id] = partsOf(key); !probe || !probe->text || probe->text->id != id)
            return invalid("\"" + key + "\" is no text of a probe");
    return {};
}

Result<void> ProbeRunner::chooseProbes() {
    std::vector<const ProbeSpec*> chosen;
    for (const std::string& id : m_request.probes) {
        const ProbeSpec* probe = findProbe(id);
        if (!probe)
            return invalid("there is no probe \"" + id + "\"; there are " + probeIds());
        if (std::ranges::find(chosen, probe) == chosen.end())
            chosen.push_back(probe);
    }
    if (chosen.empty())
        chosen.assign(probes().begin(), probes().end());
    SINKSCOPE_CHECK(checkValues());
    for (const ProbeSpec* probe : chosen) {
        m_works.emplace_back().spec = probe;
        prepare(m_works.back());
    }
    return {};
}

void ProbeRunner::prepare(ProbeWork& work) const {
    const std::size_t samples = m_plan.inputs.size();
    const ProbeSetting setting = settingOf(*work.spec);
    work.outcome.id = work.spec->id;
    work.outcome.title = work.spec->title;
    for (const ParameterSpec& parameter : work.spec->parameters)
        work.outcome.settings.emplace(parameter.id, textOf(parameter, setting.value(parameter.id)));
    if (work.spec->text)
        work.outcome.settings.emplace(work.spec->text->id, setting.text());
    work.measured.effect.resize(samples);
    if (!work.spec->edit)
        return;
    const std::vector<std::vector<SampleOutcome>> draws(static_cast<std::size_t>(m_request.draws), std::vector<SampleOutcome>(samples));
    work.measured.controls.push_back({"random_position", draws, {}});
    if (setting.value(kAnchorHeads.id) == static_cast<double>(AnchorHeads::Sinks))
        work.measured.controls.push_back({"random_head", draws, draws});
}

std::vector<Group> ProbeRunner::groups() const {
    std::vector<Group> groups;
    std::uint64_t bytes = 0;
    for (std::size_t sample = 0; sample < m_plan.inputs.size(); ++sample) {
        // Log-probabilities, and the hidden states of the sample and of all draws of its controls, which run together.
        const auto copies = static_cast<std::uint64_t>(1 + 3 * m_request.draws), width = static_cast<std::uint64_t>(m_spec.width);
        const std::uint64_t perToken = (m_hasLogits ? static_cast<std::uint64_t>(m_spec.vocabulary) : 0) + copies * width;
        const std::uint64_t own = sizeof(float) * m_plan.inputs[sample].ids.size() * perToken;
        if (groups.empty() || bytes + own > m_request.keptBytes) {
            groups.push_back({static_cast<int>(sample), 0});
            bytes = 0;
        }
        ++groups.back().count;
        bytes += own;
    }
    return groups;
}

Result<void> ProbeRunner::runIntact(const Group& group, JobContext& context) {
    std::vector<const SampleTokens*> tokens;
    for (int sample = group.first; sample < group.first + group.count; ++sample)
        tokens.push_back(&tokensOf(sample));
    m_kept = {};
    m_firstKept = group.first;
    ProbeConsumer::OnLogits keep;
    if (m_hasLogits)
        keep = [&](const LogitsTap& tap) { return m_kept.keep(tap, m_team, context), Result<void>(); };
    ProbeConsumer consumer(std::move(tokens), m_spec, m_request, std::move(keep));
    const auto inputs = std::span(m_plan.inputs).subspan(static_cast<std::size_t>(group.first), static_cast<std::size_t>(group.count));
    SINKSCOPE_CHECK(runModel(m_spec, inputs, m_request.options, consumer, context));
    for (int i = 0; i < group.count; ++i) {
        const auto sample = static_cast<std::size_t>(group.first + i);
        m_intact[sample].features = consumer.frameOf(i, m_intact[sample].after);
        m_anchors[sample] = anchorsOf(consumer.sinksOf(i), m_spec.layers, m_spec.heads, m_request.metrics);
    }
    return {};
}

void ProbeRunner::addEditJobs(ProbeWork& work, int sample, std::vector<Job>& jobs, Intervention& intervention) const {
    const auto& anchors = m_anchors[static_cast<std::size_t>(sample)];
    if (anchors.empty())
        return;
    const auto where = static_cast<AnchorHeads>(settingOf(*work.spec).value(kAnchorHeads.id));
    const auto add = [&](SampleEdits edits, std::vector<SampleOutcome>& outcomes) {
        for (AttentionEdit& edit : edits) {
            edit.sample = static_cast<int>(jobs.size());
            intervention.edits.push_back(std::move(edit));
        }
        if (!edits.empty())
            jobs.push_back({sample, {tokensOf(sample), 0}, &outcomes[static_cast<std::size_t>(sample)]});
    };
    add(editsOf(anchors, *work.spec->edit, where), work.measured.effect);
    work.anchors += static_cast<double>(anchors.size());
    for (const AnchorPlaces& anchor : anchors)
        work.heads += where == AnchorHeads::All ? m_spec.layers * m_spec.heads : static_cast<double>(anchor.heads.size());
    for (auto& control : work.measured.controls)
        for (std::size_t draw = 0; draw < control.draws.size(); ++draw) {
            const DrawSeed seed{m_request.seed, sample, static_cast<int>(draw)};
            if (control.id == "random_position") {
                add(atRandomPositions(anchors, *work.spec->edit, where, static_cast<int>(tokensOf(sample).encoding.ids.size()), seed), control.draws[draw]);
                continue;
            }
            HeadControl heads = inRandomHeads(anchors, *work.spec->edit, m_spec.layers, m_spec.heads, seed);
            work.smaller += draw == 0 && !heads.here.empty() ? 1 : 0;
            add(std::move(heads.elsewhere), control.draws[draw]);
            add(std::move(heads.here), control.matched[draw]);
        }
}

Result<std::vector<Job>> ProbeRunner::jobsOf(ProbeWork& work, const Group& group, Intervention& intervention) {
    std::vector<Job> jobs;
    if (work.spec->changeRun)
        SINKSCOPE_CHECK(work.spec->changeRun(settingOf(*work.spec), intervention));
    for (int sample = group.first; sample < group.first + group.count; ++sample) {
        Job job{sample, {tokensOf(sample), 0}, &work.measured.effect[static_cast<std::size_t>(sample)]};
        if (work.spec->edit) {
            addEditJobs(work, sample, jobs, intervention);
            continue;
        }
        if (work.spec->changeTokens) {
            SINKSCOPE_TRY(const bool isChanged, work.spec->changeTokens(settingOf(*work.spec), job.changed));
            if (!isChanged)
                continue;
        }
        if (work.spec->changeEmbedding) {
            EmbeddingEdit edit{.sample = static_cast<int>(jobs.size())};
            if (!work.spec->changeEmbedding(settingOf(*work.spec), tokensOf(sample), edit))
                continue;
            intervention.embeddings.push_back(edit);
        }
        jobs.push_back(std::move(job));
    }
    return jobs;
}

Result<void> ProbeRunner::runJobs(std::vector<Job>& jobs, const Intervention& intervention, JobContext& context) {
    std::vector<SampleInput> inputs;
    std::vector<const SampleTokens*> tokens;
    for (const Job& job : jobs) {
        inputs.push_back({.ids = job.changed.tokens.encoding.ids, .segments = job.changed.tokens.encoding.segments});
        tokens.push_back(&job.changed.tokens);
    }
    RunOptions options = m_request.options;
    options.intervention = std::make_shared<const Intervention>(intervention);
    ProbeConsumer::OnLogits compare;
    if (m_hasLogits)
        compare = [&](const LogitsTap& tap) {
            Job& job = jobs[static_cast<std::size_t>(tap.sample)];
            return m_kept.compare(job.sample - m_firstKept, tap, job.changed.tokens.encoding.ids, job.changed.removed, isCausal(), m_team,
                                  context, *job.outcome);
        };
    ProbeConsumer consumer(std::move(tokens), m_spec, m_request, std::move(compare));
    SINKSCOPE_CHECK(runModel(m_spec, inputs, options, consumer, context));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        SampleOutcome& outcome = *jobs[i].outcome;
        outcome.features = consumer.frameOf(static_cast<int>(i), outcome.after);
        const ProbeValues& intact = m_intact[static_cast<std::size_t>(jobs[i].sample)].after;
        for (std::size_t q = static_cast<std::size_t>(ProbeQuantity::SinkRate); q < kProbeQuantities; ++q)
            outcome.before[q] = intact[q];
    }
    return {};
}

Result<void> ProbeRunner::runProbe(ProbeWork& work, const Group& group, JobContext& context) {
    if (!work.outcome.problem.empty())
        return {};
    const auto attempt = [&]() -> Result<void> {
        Intervention intervention;
        SINKSCOPE_TRY(auto jobs, jobsOf(work, group, intervention));
        describe(work, jobs, intervention);
        return jobs.empty() ? Result<void>() : runJobs(jobs, intervention, context);
    };
    const auto result = attempt();
    // A probe that does not fit the model is left out, unless it was asked for by name.
    if (!result && result.error().code == ErrorCode::InvalidArgument && m_request.probes.empty()) {
        work.outcome.problem = result.error().detail;
        return {};
    }
    return result;
}

/// What the verdict on the changed samples, without their controls, has to be read with.
void ProbeRunner::describe(ProbeWork& work, const std::vector<Job>& jobs, const Intervention& intervention) const {
    FrameContext& context = work.outcome.context;
    if (work.lengths.empty()) {
        context = intactContext();
        context.positions = positionsText(m_spec, intervention);
    }
    for (const Job& job : jobs) {
        if (job.outcome != &work.measured.effect[static_cast<std::size_t>(job.sample)])
            continue;
        const SampleTokens& tokens = job.changed.tokens;
        if (work.lengths.empty()) {
            const auto bos = m_model.tokenizer->bosId();
            context.firstToken = tokens.display.front();
            context.bosPresent = bos && tokens.encoding.ids.front() == *bos;
        }
        work.lengths.push_back(static_cast<int>(tokens.encoding.ids.size()));
        work.firstTokens.push_back(tokens.encoding.ids.front());
    }
}

FrameContext ProbeRunner::intactContext() const {
    return frameContextOf(m_plan.header, static_cast<int>(m_plan.header.samples.size()), {.null = SinkNull::Uniform});
}

std::string ProbeRunner::evidence() const {
    const auto longer = std::ranges::count_if(m_plan.inputs, [](const SampleInput& input) { return input.ids.size() > kLongestMatrix; });
    return longer == 0 ? "attention matrices" : longer == std::ssize(m_plan.inputs) ? "streamed statistics" : "both";
}

void ProbeRunner::finish(ProbeWork& work) const {
    ProbeOutcome& outcome = work.outcome;
    if (!outcome.problem.empty())
        return;
    for (std::size_t sample = 0; sample < work.measured.effect.size(); ++sample) {
        const SampleOutcome& effect = work.measured.effect[sample];
        if (!effect.present())
            continue;
        ++outcome.samples;
        if (m_intact[sample].features)
            work.before.push_back(*m_intact[sample].features);
        if (effect.features)
            work.after.push_back(*effect.features);
    }
    const std::size_t all = work.measured.effect.size();
    if (outcome.samples == 0) {
        outcome.problem = work.spec->edit ? "no sample has an anchor" : "no sample has what this probe changes";
        return;
    }
    if (static_cast<std::size_t>(outcome.samples) < all)
        outcome.notes.push_back(std::to_string(outcome.samples) + " of " + std::to_string(all) + " samples have what this probe changes.");
    for (const auto& control : work.measured.controls) {
        const auto drawn = std::ranges::count_if(control.draws.front(), [](const SampleOutcome& sample) { return sample.present(); });
        if (drawn < outcome.samples)
            outcome.notes.push_back("Only " + std::to_string(drawn) + " of these samples have enough others for the control " + control.id + ".");
    }
    if (work.smaller > 0)
        outcome.notes.push_back("In " + std::to_string(work.smaller) + " of these samples the anchors are sinks in more than half of the heads: there the "
                                "control random_head takes all other heads, and is compared with the edit in equally many of its own, drawn at random.");
    outcome.anchorsEdited = work.anchors / outcome.samples;
    outcome.headsEdited = work.heads / outcome.samples;
    outcome.before = verdictOf(work.before, FrameLevel::Model, m_request.frame);
    outcome.after = verdictOf(work.after, FrameLevel::Model, m_request.frame);
    outcome.before.evidence = outcome.after.evidence = evidence();
    describeSamples(outcome.context, work.lengths, work.firstTokens);
    outcome.effects = effectsOf(work.measured, outcome.title, work.spec->edit == AttentionEdit::Kind::Mask);
}

Result<std::shared_ptr<const ProbeResult>> ProbeRunner::run() {
    SINKSCOPE_CHECK(chooseProbes());
    m_intact.resize(m_plan.inputs.size());
    m_anchors.resize(m_plan.inputs.size());
    const auto parts = groups();
    const double steps = static_cast<double>(parts.size() * (m_works.size() + 1));
    double step = 0;
    const auto next = [&](std::string_view what) {
        JobContext part = m_context.part(step / steps, (step + 1) / steps, std::string(what) + ": ");
        ++step;
        return part;
    };
    for (const Group& group : parts) {
        JobContext intact = next("intact");
        SINKSCOPE_CHECK(runIntact(group, intact));
        for (ProbeWork& work : m_works) {
            JobContext changed = next(work.spec->id);
            SINKSCOPE_CHECK(runProbe(work, group, changed));
        }
    }
    auto result = std::make_shared<ProbeResult>();
    std::vector<FrameFeatures> features;
    for (const SampleOutcome& intact : m_intact)
        if (intact.features)
            features.push_back(*intact.features);
    result->context = intactContext();
    result->metrics = m_request.metrics;
    result->draws = m_request.draws;
    result->seed = m_request.seed;
    result->groups = static_cast<int>(parts.size());
    result->intact = verdictOf(features, FrameLevel::Model, m_request.frame);
    result->intact.evidence = evidence();
    for (ProbeWork& work : m_works) {
        finish(work);
        result->outcomes.push_back(std::move(work.outcome));
    }
    result->header = std::move(m_plan.header);
    m_context.progress(1.0, "probed");
    return std::shared_ptr<const ProbeResult>(std::move(result));
}

} // namespace

Result<std::shared_ptr<const ProbeResult>> runProbes(const LoadedModel& model, const ProbeRequest& request, JobContext& context) {
    if (request.draws < 1 || request.draws > 1000)
        return invalid(std::to_string(request.draws) + " draws; give 1 to 1000");
    if (request.options.intervention || !request.options.layers.empty())
        return invalid("a probe changes the run itself, and looks at all layers");
    const RunRequest run{.texts = request.texts, .bos = request.bos, .keep = {.vectors = false}, .options = request.options, .output = {}};
    SINKSCOPE_TRY(RunPlan plan, planCapture(model, run));
    return ProbeRunner(model, request, std::move(plan), context).run();
}

} // namespace sinkscope
