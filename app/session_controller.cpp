// SPDX-License-Identifier: Apache-2.0
#include "app/session_controller.h"

#include "app/qt_text.h"
#include "app/system_memory.h"
#include "core/io/atomic_write.h"
#include "core/session/model_weights.h"
#include "core/session/weight_fingerprint.h"

#include <QDateTime>
#include <QLocale>
#include <QPointer>

#include <algorithm>

namespace sinkscope {

namespace {

/// What the chosen families must find in a capture.
unsigned needsOf(const AnalysisRequest& request) {
    unsigned needs = 0;
    for (const FeatureFamily* family : feature_families())
        if (request.families ? std::ranges::find(*request.families, family->id) != request.families->end() : family->standard)
            needs |= family->needs;
    return needs;
}

} // namespace

SessionController::SessionController(SessionModel& session, Selection& selection, JobBridge& jobs,
                                     const std::filesystem::path& runFolder, QObject* parent)
    : QObject(parent), m_session(session), m_selection(selection), m_jobs(jobs), m_files(runFolder) {
    connect(&selection, &Selection::headChanged, this, [this] { m_headChosen = true; });
    connect(&session, &SessionModel::familyRequested, this, &SessionController::addFamily);
    connect(&session, &SessionModel::runRequested, this, [this](int index) { showRun(static_cast<std::size_t>(std::max(0, index))); });
    connect(&session, &SessionModel::parametersRequested, this, [this](const ParameterValues& parameters) {
        AnalysisRequest request = m_analysisRequest;
        for (const auto& [key, value] : parameters)
            request.features[key] = value;
        analyzeWith(request);
    });
    jobs.run<bool>(
        this, Strand::Free,
        [runFolder](JobContext&) -> Result<bool> {
            RunFiles::clean(runFolder);
            return true;
        },
        [](const Result<bool>&) {});
}

SessionController::State SessionController::state() const {
    if (m_running)
        return State::Running;
    if (m_opening)
        return State::Opening;
    return m_session.model() || m_session.capture() ? State::Ready : State::Empty;
}

void SessionController::begin(const QString& activity) {
    ++m_activities;
    Q_EMIT activityChanged(activity, -1);
    Q_EMIT stateChanged();
}

void SessionController::end(const QString& message) {
    --m_activities;
    if (m_activities == 0)
        Q_EMIT activityEnded(message);
    Q_EMIT stateChanged();
}

// ---- running -----------------------------------------------------------------------------------------------------------

void SessionController::run(RunRequest request) {
    if (m_running)
        return;
    if (!canRun()) {
        const auto& model = m_session.model();
        Q_EMIT failed(model && !model->problems.empty()
                          ? model->problems.front()
                          : Error{ErrorCode::InvalidArgument, "no model is open that could run", {}});
        return;
    }
    request.output = m_files.next();
    request.keep.hidden = request.keep.hidden || (needsOf(m_analysisRequest) & kNeedsHidden) != 0;
    m_running = true;
    begin(tr("Planning the run"));
    m_runJob = m_jobs.run<std::shared_ptr<const Planned>>(
        this, Strand::Free,
        [request, model = m_session.model()](JobContext&) -> Result<std::shared_ptr<const Planned>> {
            auto planned = std::make_shared<Planned>();
            planned->request = request;
            planned->request.options.maxMemory = availableMemory();
            SINKSCOPE_TRY(planned->plan, planCapture(*model, planned->request));
            return std::shared_ptr<const Planned>(std::move(planned));
        },
        [this, number = ++m_captureNumber](const Result<std::shared_ptr<const Planned>>& planned) {
            if (number == m_captureNumber) {
                if (planned && m_runJob.cancelRequested()) // too late to stop the planning, in time to stop the run
                    runFinished(Error{ErrorCode::Cancelled, "stopped on request", {}});
                else if (planned)
                    execute(*planned);
                else
                    runFinished(planned.error());
            }
            end({});
        });
}

void SessionController::execute(std::shared_ptr<const Planned> planned) {
    const QLocale locale;
    Q_EMIT this->planned(tr("Memory plan %1; capture file %2")
                             .arg(fromUtf8(planned->plan.memory.text()),
                                  locale.formattedDataSize(static_cast<qint64>(planned->plan.diskBytes))));
    begin(tr("Running"));
    QPointer<SessionController> guard(this);
    const auto number = m_captureNumber;
    const auto started = [&jobs = m_jobs, guard, number](std::shared_ptr<CaptureStore> store) {
        jobs.post([guard, number, store = std::move(store)] {
            if (guard && guard->m_captureNumber == number)
                guard->runStarted(store);
        });
    };
    const auto arrived = [&jobs = m_jobs, guard, number](std::shared_ptr<const LayerStatistics> statistics) {
        jobs.post([guard, number, statistics = std::move(statistics)] {
            if (guard && guard->m_captureNumber == number)
                guard->m_session.addStatistics(statistics);
        });
    };
    m_runJob = m_jobs.run<std::shared_ptr<CaptureStore>>(
        this, Strand::Torch,
        [planned, model = m_session.model(), started, arrived](JobContext& context) {
            return runCapture(*model, planned->request, planned->plan, context, started, arrived);
        },
        [this, number](const Result<std::shared_ptr<CaptureStore>>& result) {
            if (number == m_captureNumber)
                runFinished(result);
            end({});
        },
        [this, number](double fraction, const QString& text) {
            if (number == m_captureNumber)
                Q_EMIT activityChanged(text, fraction);
        });
}

void SessionController::runStarted(std::shared_ptr<CaptureStore> store) {
    m_analysisJob.cancel();
    m_store = std::move(store);
    resetSelection(m_store->header());
    m_session.setCapture(m_store);
    m_session.setRunState(SessionModel::RunState::Running);
}

void SessionController::runFinished(const Result<std::shared_ptr<CaptureStore>>& result) {
    m_running = false;
    const bool hadStarted = m_session.runState() == SessionModel::RunState::Running;
    if (!result && result.error().code != ErrorCode::Cancelled)
        Q_EMIT failed(result.error());
    if (!hadStarted)
        return; // the results of the run before are still what is shown
    m_session.setRunState(result ? SessionModel::RunState::Complete : SessionModel::RunState::Stopped);
    rememberRun();
    analyze();
}

void SessionController::abandonRun() {
    if (!m_running)
        return;
    m_runJob.cancel();
    m_running = false;
    if (m_session.runState() == SessionModel::RunState::Running)
        rememberRun();
}

void SessionController::rememberRun() {
    const CaptureHeader& header = m_store->header();
    std::size_t tokens = 0;
    for (const auto& sample : header.samples)
        tokens += sample->encoding.ids.size();
    shelve({tr("%1 · %2 · %3 tokens")
                .arg(QDateTime::currentDateTime().toString(QStringLiteral("HH:mm:ss")), fromUtf8(header.title))
                .arg(tokens),
            m_session.model(), m_store});
}

void SessionController::cancel() {
    m_openJob.cancel();
    m_runJob.cancel();
    m_analysisJob.cancel();
}

void SessionController::showRun(std::size_t index) {
    if (m_running || index >= runs().size() || runs()[index].store == m_store)
        return;
    const RunShelf::Entry run = runs()[index];
    m_headChosen = m_headChosen || m_store; // whoever steps from run to run compares one head
    showCapture(run.store, run.model);
    Q_EMIT runShown();
}

// ---- after the run -----------------------------------------------------------------------------------------------------

void SessionController::analyzeWith(const AnalysisRequest& request) {
    m_analysisRequest = request;
    m_analysisRequest.weights.reset(); // of the model that is shown then
    m_shelf.forgetAnalyses();
    // While a run or a file still arrives, its own end starts the analysis.
    if (m_store && !m_running && m_session.runState() != SessionModel::RunState::Running)
        analyze();
}

void SessionController::addFamily(const QString& id) {
    AnalysisRequest request = m_analysisRequest;
    if (!request.families) {
        request.families.emplace();
        for (const FeatureFamily* family : feature_families())
            if (family->standard)
                request.families->emplace_back(family->id);
    }
    const std::string wanted = id.toStdString();
    if (!findFamily(wanted) || std::ranges::find(*request.families, wanted) != request.families->end())
        return;
    request.families->push_back(wanted);
    analyzeWith(request);
}

bool SessionController::showKeptAnalysis() {
    const auto kept = m_shelf.analysisOf(m_store.get());
    if (!kept)
        return false;
    selectStrongestHead();
    m_session.setAnalysis(kept);
    return true;
}

void SessionController::analyze() {
    m_analysisJob.cancel();
    if (showKeptAnalysis())
        return;
    begin(tr("Analysing"));
    AnalysisRequest request = m_analysisRequest;
    std::shared_ptr<const Checkpoint> checkpoint;
    if (const auto& model = m_session.model(); model && model->spec) {
        request.weights = weightsOf(model->spec);
        checkpoint = model->checkpoint;
    }
    const auto isCurrent = [this, capture = m_captureNumber, analysis = ++m_analysisNumber] {
        return capture == m_captureNumber && analysis == m_analysisNumber;
    };
    m_analysisJob = m_jobs.run<std::shared_ptr<const AnalysisResult>>(
        this, Strand::Free,
        [store = m_store, checkpoint, request = std::move(request)](JobContext& context) mutable {
            // A capture that another model made is measured without weights, not with those at hand.
            const std::string& madeBy = store->header().weightFingerprint;
            if (checkpoint && !madeBy.empty() && weightFingerprint(*checkpoint) != madeBy)
                request.weights = nullptr;
            return analyzeCapture(*store, request, context);
        },
        [this, isCurrent](const Result<std::shared_ptr<const AnalysisResult>>& result) {
            if (isCurrent() && result) {
                selectStrongestHead();
                m_session.setAnalysis(*result);
                m_shelf.keepAnalysis(m_store.get(), *result);
            } else if (isCurrent() && result.error().code != ErrorCode::Cancelled) {
                Q_EMIT failed(result.error());
            }
            end(tr("Ready"));
        },
        [this, isCurrent](double fraction, const QString& text) {
            if (isCurrent())
                Q_EMIT activityChanged(text.isEmpty() ? tr("Analysing") : tr("Analysing, %1").arg(text), fraction);
        });
}

void SessionController::selectStrongestHead() {
    if (m_headChosen)
        return;
    float best = -1;
    LayerId layer;
    HeadId head;
    for (int l = 0; l < m_store->header().layers; ++l) {
        const auto statistics = m_session.statistics(0, l);
        for (int h = 0; statistics && h < statistics->heads; ++h)
            // The last keys are seen by so few queries that their received attention is high without meaning anything.
            for (int key = 0; key < statistics->tokens - statistics->tokens / 4; ++key)
                if (const float received = statistics->received(h, key); received > best) {
                    best = received;
                    layer = LayerId(l);
                    head = HeadId(h);
                }
    }
    m_selection.setHead(layer, head);
    m_headChosen = false;
}

void SessionController::saveCaptureAs(const QString& path) {
    if (!canSave())
        return;
    begin(tr("Saving the capture"));
    m_jobs.run<bool>(
        this, Strand::Store,
        [store = m_store, target = toPath(path)](JobContext&) -> Result<bool> {
            std::error_code failure;
            if (std::filesystem::equivalent(store->path(), target, failure))
                return true; // it is there already
            const auto copy = [&](const std::filesystem::path& temporary) -> Result<void> {
                std::error_code error;
                std::filesystem::copy_file(store->path(), temporary, std::filesystem::copy_options::overwrite_existing, error);
                if (error)
                    return Error{error == std::errc::no_space_on_device ? ErrorCode::DiskFull : ErrorCode::WriteFailed,
                                 error.message(), target};
                return {};
            };
            SINKSCOPE_CHECK(replaceFileAtomically(target, copy));
            return true;
        },
        [this, path](const Result<bool>& saved) {
            if (saved)
                Q_EMIT captureSaved(path);
            else
                Q_EMIT failed(saved.error());
            end(saved ? tr("Saved %1").arg(path) : QString());
        });
}

} // namespace sinkscope
