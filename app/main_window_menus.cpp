// SPDX-License-Identifier: Apache-2.0
// The menus of the main window, apart from what they do.
#include "app/analyses_dialog.h"
#include "app/cache_dialog.h"
#include "app/compare_dialog.h"
#include "app/log_dialog.h"
#include "app/main_window.h"
#include "app/qt_text.h"
#include "app/self_test_dialog.h"
#include "app/sweep_dialog.h"
#include "views/figures/figure_spec.h"

#include <QActionGroup>
#include <QApplication>
#include <QDialogButtonBox>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {

void MainWindow::buildMenus() {
    buildFileMenu();
    buildViewMenus();
    buildAnalyzeMenu();
    buildFigureMenu();
    buildToolsMenu();
    auto* window = menuBar()->addMenu(tr("&Window"));
    m_docks->fillMenu(*window);
    window->addSeparator();
    window->addAction(tr("&Reset Layout"), m_docks, &DockLayout::reset);
    window->addAction(tr("&Log"), QKeySequence(QStringLiteral("Ctrl+0")), this, &MainWindow::showLog);
    buildHelpMenu();
}

void MainWindow::buildFileMenu() {
    auto* file = menuBar()->addMenu(tr("&File"));
    file->addAction(tr("&Open File…"), QKeySequence::Open, this, &MainWindow::openDialog);
    file->addAction(tr("Open &Folder…"), QKeySequence(QStringLiteral("Ctrl+Shift+O")), this, &MainWindow::openFolderDialog);
    file->addAction(tr("Open from the Hugging Face &Cache…"), QKeySequence(QStringLiteral("Ctrl+Shift+H")), this, &MainWindow::openCacheDialog);
    m_recent = file->addMenu(tr("Open &Recent"));
    connect(m_recent, &QMenu::aboutToShow, this, &MainWindow::fillRecent);
    file->addAction(tr("Open the &Demo"), this, &MainWindow::openDemo);
    file->addSeparator();
    m_save = file->addAction(tr("&Save Capture As…"), QKeySequence::Save, this, &MainWindow::saveDialog);
    m_save->setEnabled(false);
    m_runs = file->addMenu(tr("R&uns and Captures"));
    fillRuns();
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);

    auto* run = menuBar()->addMenu(tr("&Run"));
    run->addAction(tr("&Run or Cancel"), QKeySequence(QStringLiteral("Ctrl+Return")), m_prompt, &PromptBar::runOrCancel);
    run->addAction(tr("&Edit the Text"), QKeySequence(QStringLiteral("Ctrl+L")), m_prompt, &PromptBar::edit);
    run->addSeparator();
    QAction* perLine = run->addAction(tr("Every &Line Is a Sample"));
    perLine->setCheckable(true);
    connect(perLine, &QAction::toggled, m_prompt, &PromptBar::setSamplePerLine);
    connect(m_prompt, &PromptBar::samplePerLineChanged, perLine, &QAction::setChecked);
}

void MainWindow::buildViewMenus() {
    auto* view = menuBar()->addMenu(tr("&View"));
    auto* themeGroup = new QActionGroup(this);
    const std::pair<ThemeMode, QString> modes[] = {
        {ThemeMode::System, tr("&System Theme")}, {ThemeMode::Light, tr("&Light Theme")}, {ThemeMode::Dark, tr("&Dark Theme")}};
    for (const auto& [mode, title] : modes) {
        QAction* action = view->addAction(title);
        action->setCheckable(true);
        action->setChecked(mode == m_themes.mode());
        themeGroup->addAction(action);
        connect(action, &QAction::triggered, this, [this, chosen = mode] {
            m_settings.setThemeMode(chosen);
            m_themes.setMode(chosen);
            m_banner->applyTheme();
        });
    }
    view->addSeparator();
    const auto zoom = [this](double factor) {
        m_themes.setFontZoom(factor == 0 ? 1.0 : m_themes.fontZoom() * factor);
        m_settings.setFontZoom(m_themes.fontZoom());
    };
    view->addAction(tr("&Larger Text"), QKeySequence::ZoomIn, this, [zoom] { zoom(1.1); });
    view->addAction(tr("S&maller Text"), QKeySequence::ZoomOut, this, [zoom] { zoom(1 / 1.1); });
    view->addAction(tr("&Normal Text"), this, [zoom] { zoom(0); });
}

void MainWindow::buildAnalyzeMenu() {
    auto* menu = menuBar()->addMenu(tr("&Analyze"));
    menu->addAction(tr("&Analyses…"), QKeySequence(QStringLiteral("Ctrl+Shift+A")), this, &MainWindow::chooseAnalyses);
    menu->addAction(tr("&Standard Analyses"), this, [this] {
        AnalysisRequest request = m_controller.analysisRequest();
        request.families.reset();
        m_controller.analyzeWith(request);
    });
    auto* add = menu->addMenu(tr("&Evaluate Also"));
    menu->addSeparator();
    menu->addAction(tr("S&weep…"), this, &MainWindow::showSweep);
    connect(add, &QMenu::aboutToShow, this, [this, add] {
        add->clear();
        const AnalysisResult* result = m_session.analysis().get();
        for (const FeatureFamily* family : feature_families()) {
            QAction* action = add->addAction(fromUtf8(family->title), this, [this, family] { m_session.requestFamily(fromUtf8(family->id)); });
            action->setEnabled(result && std::ranges::find(result->families, family->id) == result->families.end());
        }
    });
}

void MainWindow::showSweep() {
    auto* dialog = new SweepDialog(m_context, m_controller.analysisRequest(), this);
    dialog->show();
}

/// The status bar shows how far it is and stops it.
void MainWindow::chooseAnalyses() {
    AnalysesDialog dialog(m_controller.analysisRequest(), m_session.analysis().get(), m_session.capture() != nullptr, this);
    if (dialog.exec() == QDialog::Accepted)
        m_controller.analyzeWith(dialog.request());
}

void MainWindow::buildFigureMenu() {
    auto* menu = menuBar()->addMenu(tr("F&igures"));
    for (const FigureSpec* figure : figures())
        menu->addAction(QCoreApplication::translate("Figures", figure->title) + QStringLiteral("…"), this, [this, figure] {
            exportFigure({{QStringLiteral("figure"), QLatin1String(figure->id)},
                          {QStringLiteral("sample"), m_selection.sample().value},
                          {QStringLiteral("layer"), m_selection.layer().value},
                          {QStringLiteral("head"), m_selection.head().value}});
        });
}

void MainWindow::buildToolsMenu() {
    auto* tools = menuBar()->addMenu(tr("&Tools"));
    tools->addAction(tr("&Compare Checkpoints…"), QKeySequence(QStringLiteral("Ctrl+D")), this, &MainWindow::showCompare);
    tools->addAction(tr("&Self-Test…"), this, &MainWindow::showSelfTest);
}

void MainWindow::showCompare() {
    auto* dialog = new CompareDialog(m_context, m_settings.lastFolder(), this);
    dialog->show();
}

void MainWindow::showSelfTest() {
    auto* dialog = new SelfTestDialog(m_context, this);
    dialog->show();
}

void MainWindow::buildHelpMenu() {
    auto* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Help"), QKeySequence::HelpContents, this, &MainWindow::showHelp);
    help->addAction(tr("&About Sinkscope"), this, [this] {
        QMessageBox::about(this, tr("About Sinkscope"),
                           tr("<h3>Sinkscope %1</h3><p>Attention sinks as reference frames, on any checkpoint.</p>"
                              "<p>After Ruscio, Nanni and Silvestri, <i>What are you sinking?</i> (arXiv 2508.02546). Apache-2.0.</p>")
                               .arg(QLatin1String(SINKSCOPE_VERSION)));
    });
    help->addAction(tr("About &Qt"), qApp, &QApplication::aboutQt);
}

void MainWindow::fillRecent() {
    m_recent->clear();
    const QStringList paths = m_settings.recentPaths();
    for (const QString& path : paths) {
        QAction* action = m_recent->addAction(path, this, [this, path] { open(path); });
        action->setEnabled(QFileInfo::exists(path)); // greyed when it is gone
    }
    if (paths.isEmpty())
        m_recent->addAction(tr("Nothing was opened yet"))->setEnabled(false);
    else
        m_recent->addAction(tr("Clear This List"), this, [this] { m_settings.clearRecentPaths(); });
}

void MainWindow::fillRuns() {
    m_runs->clear();
    const auto& runs = m_controller.runs();
    for (std::size_t i = runs.size(); i-- > 0;)
        m_runs->addAction(runs[i].title, this, [this, i] { m_controller.showRun(i); });
    m_runs->setEnabled(!runs.empty());
}

void MainWindow::openDialog() {
    const QStringList paths = QFileDialog::getOpenFileNames(
        this, tr("Open"), m_settings.lastFolder(),
        tr("Everything that opens (*.safetensors *.bin *.pt *.pth *.gguf *.json *.h5 *.hdf5 *.txt);;"
           "Checkpoints (*.safetensors *.bin *.pt *.pth *.ckpt *.gguf *.index.json config.json);;Captures (*.h5 *.hdf5);;"
           "Texts (*.txt);;All files (*)"));
    if (paths.isEmpty())
        return;
    m_settings.setLastFolder(QFileInfo(paths.front()).absolutePath());
    openAll(paths);
}

void MainWindow::openFolderDialog() {
    const QString path = QFileDialog::getExistingDirectory(this, tr("Open a checkpoint folder"), m_settings.lastFolder());
    if (path.isEmpty())
        return;
    m_settings.setLastFolder(QFileInfo(path).absolutePath());
    open(path);
}

void MainWindow::openCacheDialog() {
    auto* dialog = new CacheDialog(m_jobs, hubCacheFolder(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &CacheDialog::chosen, this, &MainWindow::open);
    dialog->open();
}

void MainWindow::saveDialog() {
    QString path = QFileDialog::getSaveFileName(this, tr("Save the capture"), m_settings.lastFolder() + QStringLiteral("/capture.h5"), tr("Captures (*.h5)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QStringLiteral(".h5");
    m_settings.setLastFolder(QFileInfo(path).absolutePath());
    m_controller.saveCaptureAs(path);
}

void MainWindow::showHelp() {
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Sinkscope help"));
    dialog->resize(820, 720);
    auto* browser = new QTextBrowser;
    QFile text(QStringLiteral(":/sinkscope/help/help.md")); // compiled in: reading it is a copy in memory
    if (text.open(QIODevice::ReadOnly))
        browser->setMarkdown(QString::fromUtf8(text.readAll()));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(browser);
    layout->addWidget(buttons);
    dialog->show();
}

void MainWindow::showLog() {
    auto* dialog = new LogDialog(m_log, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

} // namespace sinkscope
