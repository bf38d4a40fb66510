// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/open_path.h"
#include "app/run_files.h"
#include "app/run_shelf.h"
#include "views/job_bridge.h"
#include "views/selection.h"
#include "views/session_model.h"

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace sinkscope {

/// What the window can do with a session: open, run, cancel, save. All work happens on the pool; results go into the SessionModel.
/// Results of requests that a newer one has replaced are dropped. Thread: gui.
class SessionController : public QObject {
    Q_OBJECT
public:
    enum class State { Empty, Opening, Ready, Running };
    SessionController(SessionModel& session, Selection& selection, JobBridge& jobs, const std::filesystem::path& runFolder,
                      QObject* parent = nullptr);

    [[nodiscard]] State state() const;
    /// Nothing is being opened, run, read, analysed or saved.
    [[nodiscard]] bool isIdle() const { return m_activities == 0; }
    [[nodiscard]] bool canRun() const { return m_session.model() && m_session.model()->canRun(); }
    /// A finished (or stopped) capture is there to be saved.
    [[nodiscard]] bool canSave() const { return m_store && !m_running; }
    [[nodiscard]] const std::shared_ptr<CaptureStore>& store() const { return m_store; }
    [[nodiscard]] const std::vector<RunShelf::Entry>& runs() const { return m_shelf.entries(); }

    void open(const QString& path);
    /// Several at once: captures become runs to step through, in the natural order of their names, and the first is shown; of checkpoints and
    /// texts the last one counts.
    void openAll(QStringList paths);
    /// `request.output` and the memory limit are filled in here.
    void run(RunRequest request);
    void cancel();
    void saveCaptureAs(const QString& path);
    void showRun(std::size_t index);
    /// Analyses what is shown with these choices, and every later run too; the analysis there is stays until the new one is done.
    void analyzeWith(const AnalysisRequest& request);
    /// The choices that analyses are made with, without weights.
    [[nodiscard]] const AnalysisRequest& analysisRequest() const { return m_analysisRequest; }

Q_SIGNALS:
    void stateChanged();
    void failed(const sinkscope::Error& error);
    void checkpointOpened(const QString& path);
    void captureOpened(const QString& path);
    void textOpened(const QString& text);
    /// What the run will take, before anything is computed.
    void planned(const QString& text);
    void captureSaved(const QString& path);
    void runsChanged();
    void runShown();
    /// For the status bar. A negative fraction means that nobody knows how far it is.
    void activityChanged(const QString& name, double fraction);
    void activityEnded(const QString& message);

private:
    struct Planned {
        RunPlan plan;
        RunRequest request;
    };

    void begin(const QString& activity);
    void end(const QString& message);
    void openFinished(const QString& path, Result<OpenedPath> opened);
    void showModel(std::shared_ptr<const LoadedModel> model);
    void showCapture(std::shared_ptr<CaptureStore> store, std::shared_ptr<const LoadedModel> model);
    void abandonRun();
    void resetSelection(const CaptureHeader& header);
    void readStatistics();
    void execute(std::shared_ptr<const Planned> planned);
    void runStarted(std::shared_ptr<CaptureStore> store);
    void runFinished(const Result<std::shared_ptr<CaptureStore>>& result);
    void rememberRun();
    void shelve(RunShelf::Entry entry);
    void allOpened(const QStringList& paths, std::vector<Result<OpenedPath>> opened);
    bool showKeptAnalysis();
    void analyze();
    void addFamily(const QString& id);
    void selectStrongestHead();

    SessionModel& m_session;
    Selection& m_selection;
    JobBridge& m_jobs;
    RunFiles m_files;
    AnalysisRequest m_analysisRequest;
    std::shared_ptr<CaptureStore> m_store;
    RunShelf m_shelf;
    JobHandle m_openJob, m_runJob, m_analysisJob;
    /// Grow with each request; a result that carries an older number is dropped.
    std::uint64_t m_openNumber = 0, m_captureNumber = 0, m_analysisNumber = 0;
    int m_activities = 0;
    bool m_opening = false, m_running = false, m_headChosen = false;
};

} // namespace sinkscope
