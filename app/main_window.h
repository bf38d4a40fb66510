// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/dock_layout.h"
#include "app/drop_overlay.h"
#include "app/error_banner.h"
#include "app/log_model.h"
#include "app/prompt_bar.h"
#include "app/session_controller.h"
#include "app/settings.h"
#include "app/status_strip.h"
#include "app/theme_controller.h"

#include <QMainWindow>

namespace sinkscope {

/// The window: menus, prompt, errors, docks and status, wired to a session. Knows no panel and no figure by name. Thread: gui.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// `runFolder` holds captures of this process until they are saved.
    MainWindow(ThemeController& themes, const std::filesystem::path& runFolder, QWidget* parent = nullptr);
    ~MainWindow() override;

    [[nodiscard]] SessionController& controller() { return m_controller; }
    [[nodiscard]] SessionModel& session() { return m_session; }
    [[nodiscard]] Selection& selection() { return m_selection; }
    [[nodiscard]] PromptBar& prompt() { return *m_prompt; }
    [[nodiscard]] ErrorBanner& banner() { return *m_banner; }
    [[nodiscard]] DropOverlay& overlay() { return *m_overlay; }
    [[nodiscard]] DockLayout& docks() { return *m_docks; }
    /// Nothing is under way, neither in the session nor in the prompt.
    [[nodiscard]] bool isIdle() const { return m_controller.isIdle() && m_prompt->isIdle(); }

    /// Writes a figure of the capture that is shown; `done` is called on the GUI thread.
    void writeFigureTo(const QJsonObject& recipe, const QString& path, const std::function<void(const Result<void>&)>& done = {});

public Q_SLOTS:
    void open(const QString& path);
    /// See SessionController::openAll.
    void openAll(const QStringList& paths);
    /// Opens the bundled demo and runs its sentences.
    void openDemo();

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildMenus();
    void buildFileMenu();
    void buildViewMenus();
    void buildAnalyzeMenu();
    void buildFigureMenu();
    void buildToolsMenu();
    void buildHelpMenu();
    void connectController();
    void fillRecent();
    void fillRuns();
    void openDialog();
    void openFolderDialog();
    void openCacheDialog();
    void saveDialog();
    void exportFigure(const QJsonObject& recipe);
    void chooseAnalyses();
    void showSweep();
    void showCompare();
    void showSelfTest();
    void showHelp();
    void showLog();
    void updateTitle();
    void showTextsOfCapture();

    Settings m_settings;
    ThemeController& m_themes;
    LogModel m_log;
    SessionModel m_session;
    Selection m_selection;
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(); ///< ends first (see the destructor): nothing may report to what is gone
    JobBridge m_jobs{*m_pool};
    SessionController m_controller;
    ViewContext m_context;
    PromptBar* m_prompt;
    ErrorBanner* m_banner;
    DockLayout* m_docks;
    StatusStrip* m_status;
    DropOverlay* m_overlay;
    QMenu* m_recent = nullptr;
    QMenu* m_runs = nullptr;
    QAction* m_save = nullptr;
    bool m_runDemo = false;
};

/// Folder of the bundled demo: installed beside the executable, or in the source tree. Empty when it is in neither.
QString demoFolder();

} // namespace sinkscope
