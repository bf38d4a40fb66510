// SPDX-License-Identifier: Apache-2.0
#include "app/main_window.h"

#include "app/figure_dialog.h"
#include "app/qt_text.h"
#include "views/figures/figure_spec.h"

#include <QCloseEvent>
#include <QCoreApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileDialog>
#include <QMimeData>
#include <QVBoxLayout>

namespace sinkscope {

QString demoFolder() {
    const QDir binary(QCoreApplication::applicationDirPath());
    for (const QString& folder : {binary.absoluteFilePath(QStringLiteral("../share/sinkscope/demo")), QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo")})
        if (QFile::exists(folder + QStringLiteral("/config.json")))
            return QDir::cleanPath(folder);
    return {};
}

MainWindow::MainWindow(ThemeController& themes, const std::filesystem::path& runFolder, QWidget* parent)
    : QMainWindow(parent), m_themes(themes), m_controller(m_session, m_selection, m_jobs, runFolder),
      m_context{m_session, m_selection, m_jobs, themes.theme(), themes.notifier()}, m_prompt(new PromptBar(m_context, m_controller)),
      m_banner(new ErrorBanner(themes.theme())), m_docks(new DockLayout(m_context)), m_status(new StatusStrip(m_jobs)),
      m_overlay(new DropOverlay(themes.theme(), this)) {
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_prompt);
    layout->addWidget(m_banner);
    layout->addWidget(m_docks, 1);
    setCentralWidget(page);
    setStatusBar(m_status);
    m_banner->hide();
    m_overlay->hide();
    setAcceptDrops(true);
    buildMenus();
    connectController();
    m_prompt->setSamplePerLine(m_settings.samplePerLine());
    resize(1680, 1050);
    if (const QByteArray geometry = m_settings.windowGeometry(); !geometry.isEmpty())
        restoreGeometry(geometry);
    if (const QByteArray docks = m_settings.dockLayout(); !docks.isEmpty())
        m_docks->restore(docks, Settings::kLayoutVersion);
    updateTitle();
}

MainWindow::~MainWindow() {
    m_controller.cancel();
    m_pool.reset();
    // Panels refer to the session and the selection, which are members and would go before the window's children.
    delete takeCentralWidget();
}

void MainWindow::connectController() {
    connect(m_prompt, &PromptBar::openRequested, this, &MainWindow::openDialog);
    connect(m_prompt, &PromptBar::samplePerLineChanged, this, [this](bool on) { m_settings.setSamplePerLine(on); });
    connect(m_docks, &DockLayout::exportRequested, this, &MainWindow::exportFigure);
    connect(m_banner, &ErrorBanner::logRequested, this, &MainWindow::showLog);
    connect(m_status, &StatusStrip::cancelRequested, &m_controller, &SessionController::cancel);
    connect(m_status, &StatusStrip::logRequested, this, &MainWindow::showLog);
    connect(&m_log, &LogModel::warningsChanged, m_status, &StatusStrip::showWarnings);
    connect(&m_controller, &SessionController::failed, m_banner, &ErrorBanner::showError);
    connect(&m_controller, &SessionController::activityChanged, m_status, &StatusStrip::showActivity);
    connect(&m_controller, &SessionController::activityEnded, m_status, &StatusStrip::endActivity);
    connect(&m_controller, &SessionController::planned, m_status, [this](const QString& plan) {
        m_status->showMessage(plan, 8000);
        logMessage(LogLevel::Info, plan.toStdString());
    });
    connect(&m_controller, &SessionController::stateChanged, this, [this] { m_save->setEnabled(m_controller.canSave()); });
    connect(&m_controller, &SessionController::runsChanged, this, &MainWindow::fillRuns);
    connect(&m_controller, &SessionController::textOpened, m_prompt, &PromptBar::setText);
    connect(&m_controller, &SessionController::checkpointOpened, this, [this](const QString& path) {
        m_settings.addRecentPath(path);
        updateTitle();
        if (std::exchange(m_runDemo, false))
            m_prompt->runOrCancel();
    });
    connect(&m_controller, &SessionController::captureOpened, this, [this](const QString& path) {
        m_settings.addRecentPath(path);
        showTextsOfCapture();
    });
    connect(&m_controller, &SessionController::runShown, this, &MainWindow::showTextsOfCapture);
    connect(&m_controller, &SessionController::captureSaved, this, [this](const QString& path) { m_settings.addRecentPath(path); });
}

/// The prompt holds what the capture was made from.
void MainWindow::showTextsOfCapture() {
    if (const CaptureHeader* header = m_session.header(); header && !header->samples.empty()) {
        QStringList texts;
        for (const auto& sample : header->samples)
            texts.append(fromUtf8(sample->text).replace(QLatin1Char('\n'), QLatin1Char(' ')));
        m_prompt->setSamplePerLine(texts.size() > 1);
        m_prompt->setText(texts.size() > 1 ? texts.join(QLatin1Char('\n')) : fromUtf8(header->samples.front()->text));
    }
    updateTitle();
}

void MainWindow::open(const QString& path) { openAll({path}); }

void MainWindow::openAll(const QStringList& paths) {
    m_banner->hide();
    m_controller.openAll(paths);
}

void MainWindow::openDemo() {
    const QString folder = demoFolder();
    if (folder.isEmpty())
        return m_banner->showError({ErrorCode::FileNotFound, "the bundled demo is not installed", "resources/demo"});
    m_jobs.run<std::string>(
        this, Strand::Free,
        [path = toPath(folder + QStringLiteral("/sentences.txt"))](JobContext&) -> Result<std::string> {
            SINKSCOPE_TRY(auto opened, openPath(path));
            return opened.text.value_or("");
        },
        [this, folder](const Result<std::string>& text) {
            m_prompt->setSamplePerLine(true);
            m_prompt->setText(text ? fromUtf8(*text).trimmed() : QString());
            m_runDemo = true;
            open(folder);
        });
}

void MainWindow::writeFigureTo(const QJsonObject& recipe, const QString& path, const std::function<void(const Result<void>&)>& done) {
    using Data = std::shared_ptr<const FigureData>;
    m_jobs.run<Data>(
        this, Strand::Store, [recipe, capture = m_session.capture(), analysis = m_session.analysis()](JobContext&) -> Result<Data> {
            return prepareFigure(recipe, capture, analysis);
        },
        [this, path, done](const Result<Data>& prepared) {
            const Result<void> written = prepared ? writeFigure(**prepared, toPath(path)) : Result<void>(prepared.error());
            if (!written)
                m_banner->showError(written.error());
            else
                m_status->showMessage(tr("Wrote %1").arg(path), 6000);
            if (done)
                done(written);
        });
}

void MainWindow::exportFigure(const QJsonObject& recipe) {
    if (!m_session.capture())
        return m_banner->showError({ErrorCode::InvalidArgument, "there is nothing to draw yet: run a text or open a capture first", {}});
    FigureDialog dialog(recipe, m_session.capture(), m_session.analysis(), m_jobs, m_settings.lastFolder(), this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    m_settings.setLastFolder(QFileInfo(dialog.outputPath()).absolutePath());
    writeFigureTo(dialog.recipe(), dialog.outputPath());
}

void MainWindow::updateTitle() {
    const CaptureHeader* header = m_session.header();
    const auto& model = m_session.model();
    const QString name = model ? fromPath(model->checkpoint->folder.filename()) : header ? fromUtf8(header->title) : QString();
    setWindowTitle(name.isEmpty() ? QStringLiteral("Sinkscope") : tr("%1 — Sinkscope").arg(name));
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_settings.saveLayout(saveGeometry(), m_docks->saveState(Settings::kLayoutVersion));
    m_controller.cancel();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::ThemeChange || event->type() == QEvent::PaletteChange)
        m_themes.refresh();
    QMainWindow::changeEvent(event);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    m_overlay->setGeometry(rect());
    QMainWindow::resizeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!event->mimeData()->hasUrls())
        return;
    std::vector<PathJudgement> judged;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            judged.push_back(judgePath(url.toLocalFile()));
    if (judged.empty())
        return;
    m_overlay->setGeometry(rect());
    m_overlay->raise();
    m_overlay->showFor(judged);
    event->acceptProposedAction();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) { m_overlay->hide(); }

void MainWindow::dropEvent(QDropEvent* event) {
    m_overlay->hide();
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            paths << url.toLocalFile();
    openAll(paths);
    event->acceptProposedAction();
}

} // namespace sinkscope
