// SPDX-License-Identifier: Apache-2.0
// What SessionController does with paths: opens them, and shows the model or the capture that was behind them.
#include "app/qt_text.h"
#include "app/session_controller.h"
#include "core/base/log.h"

#include <QCollator>
#include <QPointer>

#include <algorithm>
#include <optional>

namespace sinkscope {

namespace {

/// Of an opened capture: its file, and the model where the file does not name it.
QString titleOf(const QString& path, const CaptureStore& store) {
    const QString file = path.section(QLatin1Char('/'), -1), model = fromUtf8(store.header().title);
    return file.contains(model) || model.isEmpty() ? file : QStringLiteral("%1 · %2").arg(file, model);
}

} // namespace

void SessionController::open(const QString& path) {
    m_openJob.cancel();
    m_opening = true;
    begin(tr("Opening %1").arg(path.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty)));
    m_openJob = m_jobs.run<OpenedPath>(
        this, Strand::Free, [file = toPath(path)](JobContext&) { return openPath(file); },
        [this, path, number = ++m_openNumber](Result<OpenedPath> opened) {
            if (number == m_openNumber)
                openFinished(path, std::move(opened));
            end({});
        });
}

void SessionController::openFinished(const QString& path, Result<OpenedPath> opened) {
    m_opening = false;
    if (!opened) {
        if (opened.error().code != ErrorCode::Cancelled)
            Q_EMIT failed(opened.error());
    } else if (opened->text) {
        Q_EMIT textOpened(fromUtf8(*opened->text));
    } else if (opened->model) {
        abandonRun();
        showModel(opened->model);
        Q_EMIT checkpointOpened(path);
    } else {
        abandonRun();
        const auto& model = m_session.model();
        const bool same = model && model->checkpoint->opened.string() == opened->capture->header().source;
        shelve({titleOf(path, *opened->capture), same ? model : nullptr, opened->capture});
        showCapture(opened->capture, same ? model : nullptr);
        Q_EMIT captureOpened(path);
    }
}

void SessionController::openAll(QStringList paths) {
    if (paths.size() < 2)
        return paths.isEmpty() ? void() : open(paths.front());
    QCollator order;
    order.setNumericMode(true); // step 2 comes before step 10
    std::sort(paths.begin(), paths.end(), order);
    using Opened = std::vector<Result<OpenedPath>>;
    m_openJob.cancel();
    m_opening = true;
    begin(tr("Opening %n file(s)", nullptr, static_cast<int>(paths.size())));
    m_openJob = m_jobs.run<Opened>(
        this, Strand::Free,
        [paths](JobContext& context) -> Result<Opened> {
            Opened opened;
            for (const QString& path : paths) {
                SINKSCOPE_CHECK(context.checkpoint());
                opened.push_back(openPath(toPath(path)));
            }
            return opened;
        },
        [this, paths, number = ++m_openNumber](Result<Opened> opened) {
            if (number == m_openNumber) {
                m_opening = false;
                if (opened)
                    allOpened(paths, std::move(*opened));
            }
            end({});
        });
}

void SessionController::allOpened(const QStringList& paths, std::vector<Result<OpenedPath>> opened) {
    std::optional<std::size_t> first, other, broken;
    for (std::size_t i = 0; i < opened.size(); ++i) {
        if (!opened[i])
            broken = broken.value_or(i);
        else if (opened[i]->capture)
            first = first.value_or(i);
        else
            other = i;
    }
    const auto pathAt = [&](std::size_t i) { return paths[static_cast<qsizetype>(i)]; };
    if (other) // a model to run, or a text
        openFinished(pathAt(*other), std::move(opened[*other]));
    std::shared_ptr<CaptureStore> shown = first ? opened[*first]->capture : nullptr;
    if (shown && !other)
        openFinished(pathAt(*first), opened[*first]);
    for (std::size_t i = 0; i < opened.size(); ++i)
        if (opened[i] && opened[i]->capture && !(i == first && !other))
            shelve({titleOf(pathAt(i), *opened[i]->capture), nullptr, opened[i]->capture});
    if (broken)
        Q_EMIT failed(opened[*broken].error());
}

void SessionController::shelve(RunShelf::Entry entry) {
    m_shelf.add(std::move(entry));
    m_session.setRuns(m_shelf.runs());
    Q_EMIT runsChanged();
}

void SessionController::showModel(std::shared_ptr<const LoadedModel> model) {
    ++m_captureNumber; // whatever still arrives belongs to the capture that goes away
    m_analysisJob.cancel();
    m_store.reset();
    m_selection.reset();
    m_headChosen = false;
    m_session.setCapture(nullptr);
    m_session.setRunState(SessionModel::RunState::None);
    m_session.setModel(model);
    for (const Error& problem : model->problems)
        logMessage(LogLevel::Warning, describe(problem));
    if (!model->problems.empty())
        Q_EMIT failed(model->problems.front());
}

void SessionController::showCapture(std::shared_ptr<CaptureStore> store, std::shared_ptr<const LoadedModel> model) {
    ++m_captureNumber;
    m_analysisJob.cancel();
    m_store = std::move(store);
    resetSelection(m_store->header());
    if (m_session.model() != model)
        m_session.setModel(std::move(model));
    m_session.setCapture(m_store);
    readStatistics();
}

void SessionController::resetSelection(const CaptureHeader& header) {
    // The same head stays selected when the new capture has it, so that texts can be compared.
    const bool inRange = m_selection.layer().value < header.layers && m_selection.head().value < header.heads;
    const LayerId layer = inRange ? m_selection.layer() : LayerId(0);
    const HeadId head = inRange ? m_selection.head() : HeadId(0);
    const bool chosen = m_headChosen && inRange;
    // So do the tokens, where the same texts were cut into the same tokens: then the runs are steps of one thing.
    const CaptureHeader* before = m_session.header();
    const auto sample = static_cast<std::size_t>(std::max(0, m_selection.sample().value));
    const bool sameTokens = before && sample < before->samples.size() && sample < header.samples.size() &&
                            before->samples[sample]->display == header.samples[sample]->display;
    if (!sameTokens)
        m_selection.reset();
    m_selection.setHead(layer, head);
    m_headChosen = chosen;
}

void SessionController::readStatistics() {
    begin(tr("Reading statistics"));
    QPointer<SessionController> guard(this);
    const auto number = m_captureNumber;
    const auto push = [&jobs = m_jobs, guard, number](std::shared_ptr<const LayerStatistics> statistics) {
        jobs.post([guard, number, statistics = std::move(statistics)] {
            if (guard && guard->m_captureNumber == number)
                guard->m_session.addStatistics(statistics);
        });
    };
    m_analysisJob = m_jobs.run<bool>(
        this, Strand::Store,
        [store = m_store, push](JobContext& context) -> Result<bool> {
            const CaptureHeader& header = store->header();
            const int samples = static_cast<int>(header.samples.size());
            for (int sample = 0; sample < samples; ++sample)
                for (const int layer : header.capturedLayers) {
                    SINKSCOPE_CHECK(context.checkpoint());
                    if (!store->hasLayer(sample, layer))
                        continue;
                    SINKSCOPE_TRY(auto statistics, store->statistics(sample, layer));
                    push(std::move(statistics));
                }
            return store->isComplete();
        },
        [this, number](const Result<bool>& complete) {
            if (number == m_captureNumber) {
                if (!complete)
                    Q_EMIT failed(complete.error());
                m_session.setRunState(complete && *complete ? SessionModel::RunState::Complete
                                                            : SessionModel::RunState::Stopped);
                analyze();
            }
            end({});
        });
}

} // namespace sinkscope
