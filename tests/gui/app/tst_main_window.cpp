// SPDX-License-Identifier: Apache-2.0
#include "app/analyses_dialog.h"
#include "app/figure_dialog.h"
#include "app/main_window.h"
#include "app/qt_text.h"
#include "support/verify_result.h"
#include "views/metric_menu.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"

#include <QAbstractScrollArea>
#include <QApplication>
#include <QCheckBox>
#include <QDockWidget>
#include <QDropEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabBar>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include <algorithm>

using namespace sinkscope;

/// What a person does in the window, from a dropped checkpoint to a figure.
class TestMainWindow : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 120000; // of a slow machine, under a sanitizer
    static QString demo() { return QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo"); }

    QTemporaryDir m_folder;
    std::unique_ptr<ThemeController> m_themes;
    std::unique_ptr<MainWindow> m_window;

    [[nodiscard]] std::unique_ptr<MainWindow> makeWindow() {
        auto window = std::make_unique<MainWindow>(*m_themes, toPath(m_folder.filePath(QStringLiteral("runs"))));
        window->resize(1400, 860);
        window->show();
        return window;
    }

    static bool drop(MainWindow& window, const QStringList& paths) {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& path : paths)
            urls << QUrl::fromLocalFile(path);
        data.setUrls(urls);
        const QPoint centre = window.rect().center();
        QDragEnterEvent enter(centre, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window, &enter);
        if (!enter.isAccepted() || !window.overlay().isVisible())
            return false;
        QDropEvent event(centre, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&window, &event);
        return event.isAccepted() && !window.overlay().isVisible();
    }

    static bool waitUntilIdle(MainWindow& window) {
        return QTest::qWaitFor([&window] { return window.isIdle(); }, kPatience);
    }

    static bool allStatisticsArrived(MainWindow& window) {
        const CaptureHeader* header = window.session().header();
        for (int sample = 0; header && sample < static_cast<int>(header->samples.size()); ++sample)
            for (int layer = 0; layer < header->layers; ++layer)
                if (!window.session().statistics(sample, layer))
                    return false;
        return header != nullptr;
    }

    static QStringList pieces(MainWindow& window) {
        QStringList all;
        const auto sample = window.session().header()->samples.front();
        for (const std::string& piece : sample->display)
            all << fromUtf8(piece);
        return all;
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_folder.filePath(QStringLiteral("config"))));
        QVERIFY(m_folder.isValid());
        m_themes = std::make_unique<ThemeController>();
        m_themes->setMode(ThemeMode::Light);
        m_window = makeWindow();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void cleanupTestCase() { m_window.reset(); }

    void everyViewHasADockAndAMenuEntry() {
        QCOMPARE(m_window->findChildren<QDockWidget*>().size(), static_cast<qsizetype>(views().size()));
        for (const ViewSpec* view : views()) {
            const auto* dock = m_window->findChild<QDockWidget*>(QLatin1String(view->id));
            QVERIFY2(dock && dock->isVisible(), view->id);
            QVERIFY2(m_window->docks().panel(QLatin1String(view->id)), view->id);
        }
    }

    void overlaySaysWhatADropWillDo() {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(demo())});
        QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &enter);
        QVERIFY(m_window->overlay().isVisible());
        QVERIFY(m_window->overlay().lines().join(QLatin1Char(' ')).contains(QStringLiteral("demo")));
        QDragLeaveEvent leave;
        QApplication::sendEvent(m_window.get(), &leave);
        QVERIFY(!m_window->overlay().isVisible());
    }

    void dropOpensACheckpoint() {
        QVERIFY(!m_window->controller().canSave());
        QVERIFY(drop(*m_window, {demo()}));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->controller().state() == SessionController::State::Ready, kPatience);
        QVERIFY(m_window->session().model());
        QVERIFY(m_window->controller().canRun());
        QVERIFY2(!m_window->banner().isVisible(), qPrintable(m_window->banner().text()));
        QVERIFY(m_window->windowTitle().contains(QStringLiteral("demo")));
    }

    void runFillsTheViews() {
        m_window->prompt().setText(QStringLiteral("the value of a function at one point is only a number"));
        QVERIFY(waitUntilIdle(*m_window));
        auto* run = m_window->prompt().findChild<QPushButton*>(QStringLiteral("runButton"));
        QVERIFY(run && run->isEnabled());
        QTest::mouseClick(run, Qt::LeftButton);
        QCOMPARE(static_cast<int>(m_window->controller().state()), static_cast<int>(SessionController::State::Running));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().runState() == SessionModel::RunState::Complete, kPatience);
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(allStatisticsArrived(*m_window));
        QVERIFY(m_window->session().analysis());
        QVERIFY(m_window->controller().canSave());
        QCOMPARE(static_cast<int>(m_window->prompt().chips().chips().size()), static_cast<int>(pieces(*m_window).size()));
        QVERIFY2(!m_window->banner().isVisible(), qPrintable(m_window->banner().text()));
    }

    void clickOnAHeadMovesEveryView() {
        m_window->selection().setHead(LayerId(0), HeadId(0));
        auto* grid = m_window->docks().panel(QStringLiteral("heads_grid"))->findChild<QAbstractScrollArea*>();
        QVERIFY(grid);
        // Somewhere in the lower right part there is another head.
        for (int step = 9; step > 1 && m_window->selection().layer().value == 0; --step)
            QTest::mouseClick(grid->viewport(), Qt::LeftButton, {},
                              QPoint(grid->viewport()->width() * step / 12, grid->viewport()->height() * step / 12));
        const LayerId layer = m_window->selection().layer();
        const HeadId head = m_window->selection().head();
        QVERIFY(layer.value > 0);
        const auto* map = qobject_cast<PanelFrame*>(m_window->docks().panel(QStringLiteral("attention_heatmap")));
        QVERIFY(map);
        QVERIFY2(map->title().contains(headTitle(layer, head), Qt::CaseInsensitive), qPrintable(map->title()));
        QVERIFY(waitUntilIdle(*m_window));
        const auto* table = m_window->docks().panel(QStringLiteral("token_table"))->findChild<QTableView*>();
        QVERIFY(table);
        QCOMPARE(table->model()->rowCount(), static_cast<int>(pieces(*m_window).size()));
    }

    void tokenSelectionIsShared() {
        m_window->selection().setToken(TokenId(1));
        QCOMPARE(m_window->prompt().chips().selected(), 1);
        const auto* table = m_window->docks().panel(QStringLiteral("token_table"))->findChild<QTableView*>();
        QTRY_COMPARE(table->selectionModel()->selectedRows().size(), 1);
    }

    void figureDialogPreviewsAndWrites() {
        const QString out = m_folder.filePath(QStringLiteral("heads.pdf"));
        bool done = false;
        m_window->writeFigureTo({{QStringLiteral("figure"), QStringLiteral("heads_grid")}}, out, [&done](const Result<void>& written) {
            QVERIFY_RESULT(written);
            done = true;
        });
        QTRY_VERIFY_WITH_TIMEOUT(done, kPatience);
        QFile file(out);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().startsWith("%PDF-"));

        JobPool pool;
        JobBridge jobs(pool);
        FigureDialog dialog({{QStringLiteral("figure"), QStringLiteral("heat_map")}}, m_window->session().capture(), m_window->session().analysis(), jobs,
                            m_folder.path());
        dialog.show();
        QTRY_VERIFY_WITH_TIMEOUT(dialog.isReady(), kPatience);
        QCOMPARE(dialog.recipe().value(QLatin1String("figure")).toString(), QStringLiteral("heat_map"));
        QVERIFY(!dialog.findChild<MetricMenu*>());
        FigureDialog heads({{QStringLiteral("figure"), QStringLiteral("heads_grid")}}, m_window->session().capture(), m_window->session().analysis(), jobs,
                           m_folder.path());
        auto* menu = heads.findChild<MetricMenu*>();
        QVERIFY(menu);
        menu->actionOf(*findMetric("gini"))->trigger();
        QCOMPARE(heads.recipe().value(QLatin1String("metric")).toString(), QStringLiteral("gini"));
        QTRY_VERIFY_WITH_TIMEOUT(heads.isReady(), kPatience);
    }

    /// Families are chosen in a dialog made from the registry, evaluated in a worker, and kept for later analyses.
    void analysesAreChosen() {
        const FeatureFamily& family = *findFamily("concentration");
        QVERIFY(m_window->session().analysis()->values->find(family.metrics.front()));
        AnalysesDialog dialog(m_window->controller().analysisRequest(), m_window->session().analysis().get(), true);
        QVERIFY(!dialog.request().families); // the standard ones
        for (const FeatureFamily* one : feature_families()) {
            auto* check = dialog.findChild<QCheckBox*>(fromUtf8(one->id));
            QVERIFY2(check && check->isChecked() == one->standard, one->id.data());
            check->setChecked(false);
        }
        QVERIFY(dialog.request().families && dialog.request().families->empty());
        m_window->controller().analyzeWith(dialog.request());
        QVERIFY2(m_window->session().analysis()->values->find(family.metrics.front()), "the results stay until the new ones are there");
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(m_window->session().analysis()->families.empty());
        m_window->session().requestFamily(QStringLiteral("concentration"));
        QVERIFY(waitUntilIdle(*m_window));
        QCOMPARE(m_window->session().analysis()->families, std::vector<std::string>{"concentration"});
        m_window->session().requestParameters({{"frame.anchors", 3.5}});
        QVERIFY(waitUntilIdle(*m_window));
        QCOMPARE(m_window->session().analysis()->verdict.thresholds.anchors, 3.5);
        QCOMPARE(m_window->session().analysis()->families.size(), std::size_t{1});
        m_window->controller().analyzeWith({});
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(m_window->session().analysis()->families.size() > 1);
    }

    void cancelledAnalysisKeepsTheOldOne() {
        const auto before = m_window->session().analysis();
        m_window->controller().analyzeWith({});
        m_window->controller().cancel();
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(m_window->session().analysis());
        QCOMPARE(m_window->session().analysis()->families, before->families);
        QVERIFY2(!m_window->banner().isVisible(), "cancelling is no error");
    }

    /// Panels behind other tabs wait until somebody looks at them.
    void tabsFillWhenRaised() {
        for (const char* id : {"attention_graph", "barcode", "value_space", "laplacian_spectrum"}) {
            auto* dock = m_window->findChild<QDockWidget*>(QLatin1String(id));
            const auto* panel = qobject_cast<PanelFrame*>(m_window->docks().panel(QLatin1String(id)));
            QVERIFY2(dock && panel, id);
            QVERIFY2(panel->isEmpty(), id);
            dock->raise();
            QTRY_VERIFY2_WITH_TIMEOUT(!panel->isEmpty(), id, kPatience);
        }
        m_window->findChild<QDockWidget*>(QStringLiteral("attention_heatmap"))->raise();
    }

    void savedCaptureOpensWithoutTheModel() {
        const QString path = m_folder.filePath(QStringLiteral("saved.h5"));
        QSignalSpy saved(&m_window->controller(), &SessionController::captureSaved);
        m_window->controller().saveCaptureAs(path);
        QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, kPatience);
        auto other = makeWindow();
        QVERIFY(drop(*other, {path}));
        QTRY_VERIFY_WITH_TIMEOUT(other->session().runState() == SessionModel::RunState::Complete, kPatience);
        QVERIFY(waitUntilIdle(*other));
        QVERIFY(!other->session().model());
        QVERIFY(allStatisticsArrived(*other));
        QVERIFY(other->session().analysis());
        QCOMPARE(pieces(*other), pieces(*m_window));
        QCOMPARE(other->prompt().text(), m_window->prompt().text());
        QVERIFY(!other->controller().canRun());
        QVERIFY2(!other->banner().isVisible(), qPrintable(other->banner().text()));
    }

    void brokenFileLeavesTheResults() {
        QFile whole(demo() + QStringLiteral("/model.safetensors"));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QString path = m_folder.filePath(QStringLiteral("broken.safetensors"));
        QFile cut(path);
        QVERIFY(cut.open(QIODevice::WriteOnly));
        cut.write(whole.read(5000));
        cut.close();
        const auto before = m_window->session().capture();
        QSignalSpy failures(&m_window->controller(), &SessionController::failed);
        QVERIFY(drop(*m_window, {path}));
        QTRY_COMPARE_WITH_TIMEOUT(failures.size(), 1, kPatience);
        QVERIFY(m_window->banner().isVisible());
        QVERIFY2(m_window->banner().text().contains(QStringLiteral("broken.safetensors")), qPrintable(m_window->banner().text()));
        QCOMPARE(m_window->session().capture(), before);
        QVERIFY(m_window->session().analysis());
        QVERIFY(waitUntilIdle(*m_window));
        QCOMPARE(failures.size(), 1);
        QTest::mouseClick(m_window->banner().findChild<QToolButton*>(QStringLiteral("dismissError")), Qt::LeftButton);
        QVERIFY(!m_window->banner().isVisible());
    }

    void droppedTextIsThePrompt() {
        const QString path = m_folder.filePath(QStringLiteral("prompt.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("light moves through empty space\n");
        file.close();
        QVERIFY(drop(*m_window, {path}));
        QTRY_COMPARE_WITH_TIMEOUT(m_window->prompt().text(), QStringLiteral("light moves through empty space"), kPatience);
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY2(m_window->session().capture(), "the results of the run before stay");
    }

    void cancelBeforeTheRunKeepsTheResults() {
        const auto before = m_window->session().capture();
        m_window->prompt().runOrCancel();
        m_window->prompt().runOrCancel();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->controller().state() == SessionController::State::Ready, kPatience);
        QVERIFY(waitUntilIdle(*m_window));
        QCOMPARE(m_window->session().capture(), before);
        QVERIFY2(!m_window->banner().isVisible(), "cancelling is no error");
    }

    void cancelDuringTheRunKeepsWhatIsThere() {
        m_window->prompt().setSamplePerLine(true);
        m_window->prompt().setText(QStringLiteral("when a heavy body falls toward the earth, the energy of its position is changed\n").repeated(3000));
        QVERIFY(waitUntilIdle(*m_window));
        const auto before = m_window->session().capture();
        const auto connection = connect(&m_window->session(), &SessionModel::statisticsArrived, m_window.get(),
                                        [this] { m_window->controller().cancel(); });
        m_window->prompt().runOrCancel();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().runState() == SessionModel::RunState::Stopped, kPatience);
        disconnect(connection);
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(m_window->session().capture() != before);
        QVERIFY(m_window->session().statistics(0, 0));
        QVERIFY2(!m_window->banner().isVisible(), qPrintable(m_window->banner().text()));
        QCOMPARE(static_cast<int>(m_window->controller().state()), static_cast<int>(SessionController::State::Ready));
        m_window->prompt().setSamplePerLine(false);
        m_window->prompt().setText(QStringLiteral("heat and sound"));
        QVERIFY(waitUntilIdle(*m_window));
    }

    void previousRunsComeBack() {
        const auto& runs = m_window->controller().runs();
        QVERIFY(runs.size() >= 2);
        m_window->controller().showRun(0);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().runState() == SessionModel::RunState::Complete, kPatience);
        QVERIFY(waitUntilIdle(*m_window));
        QVERIFY(allStatisticsArrived(*m_window));
        QCOMPARE(m_window->prompt().text(), QStringLiteral("the value of a function at one point is only a number"));
    }

    void theHeadStaysFromRunToRun() {
        auto window = makeWindow();
        QVERIFY(drop(*window, {demo()}));
        QVERIFY(waitUntilIdle(*window));
        const auto& selection = window->selection();
        std::vector<std::pair<int, int>> found; // layer and head that a run without a choice shows
        for (const BosChoice bos : {BosChoice::Yes, BosChoice::No}) {
            window->prompt().setBos(bos);
            window->prompt().setText(QStringLiteral("the value of a function at one point is only a number"));
            window->prompt().runOrCancel();
            QTRY_COMPARE_WITH_TIMEOUT(window->controller().runs().size(), found.size() + 1, kPatience);
            QVERIFY(waitUntilIdle(*window));
            found.emplace_back(selection.layer().value, selection.head().value);
        }
        QVERIFY2(found[0] != found[1], "without its frame the model shows another head first");
        window->controller().showRun(0);
        QTRY_VERIFY_WITH_TIMEOUT(window->session().runState() == SessionModel::RunState::Complete, kPatience);
        QVERIFY(waitUntilIdle(*window));
        QCOMPARE(std::pair(selection.layer().value, selection.head().value), found[1]);
    }

    void themeChangesWhileRunning() {
        m_themes->setMode(ThemeMode::Dark);
        QVERIFY(m_themes->theme().isDark);
        const QColor dark = m_window->grab().toImage().pixelColor(3, m_window->height() / 2);
        m_themes->setMode(ThemeMode::Light);
        const QColor light = m_window->grab().toImage().pixelColor(3, m_window->height() / 2);
        QVERIFY(dark.lightness() < 100);
        QVERIFY(light.lightness() > 180);
    }

    void tabsKeepTheirNamesInASmallWindow() {
        auto window = makeWindow();
        window->resize(1024, 640);
        window->show();
        QTRY_VERIFY_WITH_TIMEOUT(!window->docks().findChildren<QTabBar*>().isEmpty(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::all_of(window->docks().findChildren<QTabBar*>(),
                                                     [](const QTabBar* tabs) { return tabs->elideMode() == Qt::ElideNone && tabs->usesScrollButtons(); }),
                                 kPatience);
    }

    void everyMenuActionDoesSomething() {
        const auto actions = m_window->menuBar()->findChildren<QAction*>();
        QVERIFY(actions.size() > 5);
        QSet<QKeySequence> shortcuts;
        const auto all = m_window->findChildren<QAction*>();
        for (const QAction* action : all) {
            if (action->shortcut().isEmpty() || action->shortcutContext() != Qt::WindowShortcut)
                continue;
            QVERIFY2(!shortcuts.contains(action->shortcut()), qPrintable(action->text() + QLatin1Char(' ') + action->shortcut().toString()));
            shortcuts.insert(action->shortcut());
        }
    }

    void closingDuringARunIsSafe() {
        auto window = makeWindow();
        QVERIFY(drop(*window, {demo()}));
        QTRY_VERIFY_WITH_TIMEOUT(window->controller().canRun() && window->isIdle(), kPatience);
        window->prompt().setText(QStringLiteral("heat and sound"));
        window->prompt().runOrCancel();
        window->close();
        window.reset();
        QVERIFY(true);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
