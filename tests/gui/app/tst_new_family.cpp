// SPDX-License-Identifier: Apache-2.0
// A feature family that nobody but the table of this program knows (support/extra/every_nth.cpp) is in the catalogue, the results, the menus, the
// forms, the figures and the command line.
#include "app/analyses_dialog.h"
#include "app/figure_dialog.h"
#include "app/main_window.h"
#include "app/qt_text.h"
#include "support/fake_capture.h"
#include "support/run_cli.h"
#include "support/verify_result.h"
#include "views/metric_menu.h"
#include "views/panel_frame.h"
#include "views/parameter_form.h"

#include <QCheckBox>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMenuBar>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace sinkscope;

namespace {

const QString kMetric = QStringLiteral("mass_on_every_nth"), kFamily = QStringLiteral("every_nth");

QMenu* menuOf(const QList<QAction*>& actions, const QString& title) {
    for (QAction* action : actions)
        if (action->menu() && action->text().remove(QLatin1Char('&')) == title)
            return action->menu();
    return nullptr;
}

QJsonObject objectWith(const QJsonArray& list, const QString& id) {
    for (const auto& each : list)
        if (each.toObject()[QLatin1String("id")] == id)
            return each.toObject();
    return {};
}

} // namespace

class TestNewFamily : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<test::FakeCapture> m_capture = std::make_shared<test::FakeCapture>();
    std::shared_ptr<const AnalysisResult> m_analysis;
    std::unique_ptr<ThemeController> m_themes;
    std::unique_ptr<MainWindow> m_window;

    static const MetricSpec& metric() { return *findMetric("mass_on_every_nth"); }

    /// From the attention itself.
    double byHand(int layer, int head, int step) {
        double sum = 0;
        for (int sample = 0; sample < 2; ++sample) {
            const auto attention = attentionOf(*m_capture, sample, layer, head);
            const int tokens = (*attention)->tokens;
            for (int i = 0; i < tokens * tokens; ++i)
                if (i % tokens % step == 0)
                    sum += (*attention)->weights[static_cast<std::size_t>(i)] / tokens / 2;
        }
        return sum;
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_folder.filePath(QStringLiteral("config"))));
        QVERIFY(m_folder.isValid());
        m_themes = std::make_unique<ThemeController>();
        m_window = std::make_unique<MainWindow>(*m_themes, toPath(m_folder.filePath(QStringLiteral("runs"))));
        m_window->show();
    }

    void cleanupTestCase() { m_window.reset(); }

    void isInTheCatalogue() {
        QCOMPARE(QLatin1String(feature_families().back()->id.data()), kFamily);
        QVERIFY(feature_families().size() > 20); // the others are still there
        QVERIFY(findFamily("every_nth") == feature_families().back());
        QVERIFY(findMetric("mass_on_every_nth") && familyOf(metric()) == findFamily("every_nth"));
        QVERIFY(std::ranges::find(allMetrics(), &metric()) != allMetrics().end());
    }

    /// Among the standard ones, with its parameter, for heads, layers and the model.
    void isEvaluated() {
        JobContext context;
        const auto analysis = analyzeCapture(*m_capture, {.features = {{"every_nth.step", 3.0}}}, context);
        QVERIFY_RESULT(analysis);
        m_analysis = *analysis;
        QVERIFY(std::ranges::find(m_analysis->families, "every_nth") != m_analysis->families.end());
        QCOMPARE(m_analysis->features.at("every_nth.step"), 3.0);
        for (const HeadResult& head : m_analysis->heads)
            QVERIFY(std::abs(head.metrics.at("mass_on_every_nth").value - byHand(head.layer, head.head, 3)) < 1e-6);
        QVERIFY(m_analysis->layers.front().metrics.contains("mass_on_every_nth"));
        QVERIFY(m_analysis->model.contains("mass_on_every_nth"));
    }

    void panelsOfferIt() {
        SessionModel& session = m_window->session();
        session.setCapture(m_capture);
        session.setAnalysis(m_analysis);
        int choosers = 0;
        for (const ViewSpec* view : views()) {
            PanelFrame* panel = qobject_cast<PanelFrame*>(m_window->docks().panel(QLatin1String(view->id)));
            auto* menu = panel ? panel->findChild<MetricMenu*>() : nullptr;
            if (!menu)
                continue;
            ++choosers;
            QVERIFY2(menuOf(menu->actions(), QStringLiteral("Every nth key")), view->id);
            menu->actionOf(metric())->trigger();
            const QByteArray recipe = QJsonDocument(panel->recipe()).toJson(QJsonDocument::Compact);
            QVERIFY2(recipe.contains(kMetric.toLatin1()), recipe.constData());
        }
        QCOMPARE(choosers, 2); // the heads and the charts along depth
    }

    void figuresOfferIt() {
        JobPool pool(1);
        JobBridge jobs(pool);
        int choosers = 0;
        for (const FigureSpec* figure : figures()) {
            if (figure->metrics == FigureMetrics::None)
                continue;
            ++choosers;
            FigureDialog dialog({{QStringLiteral("figure"), QString::fromLatin1(figure->id)}}, m_capture, m_analysis, jobs, m_folder.path());
            auto* menu = dialog.findChild<MetricMenu*>();
            QVERIFY2(menu, figure->id);
            menu->actionOf(metric())->trigger();
            const QByteArray recipe = QJsonDocument(dialog.recipe()).toJson(QJsonDocument::Compact);
            QVERIFY2(recipe.contains(kMetric.toLatin1()), recipe.constData());
            QTRY_VERIFY_WITH_TIMEOUT(dialog.isReady(), 60000);
        }
        QCOMPARE(choosers, 2);
    }

    void formsHaveItsParameters() {
        AnalysesDialog dialog({}, m_analysis.get(), true);
        auto* check = dialog.findChild<QCheckBox*>(kFamily);
        QVERIFY(check && check->isChecked());
        QCOMPARE(check->text(), QStringLiteral("Every nth key"));
        ParameterForm* form = nullptr;
        for (ParameterForm* each : dialog.findChildren<ParameterForm*>())
            if (each->findChild<QSpinBox*>(QStringLiteral("step")))
                form = each;
        QVERIFY(form);
        auto* step = form->findChild<QSpinBox*>(QStringLiteral("step"));
        QCOMPARE(step->value(), 2);
        step->setValue(5);
        QCOMPARE(dialog.request().features.at("every_nth.step"), 5.0);
        check->setChecked(false);
        const AnalysisRequest without = dialog.request();
        QVERIFY(std::ranges::find(*without.families, "every_nth") == without.families->end());
    }

    void menuEvaluatesIt() {
        QMenu* analyze = menuOf(m_window->menuBar()->actions(), QStringLiteral("Analyze"));
        QVERIFY(analyze);
        QMenu* also = menuOf(analyze->actions(), QStringLiteral("Evaluate Also"));
        QVERIFY(also);
        Q_EMIT also->aboutToShow();
        const auto actions = also->actions();
        QVERIFY(std::ranges::any_of(actions, [](const QAction* action) { return action->text() == QStringLiteral("Every nth key"); }));
    }

    void commandLineListsAndEvaluatesIt() {
        const auto run = [](const QStringList& arguments) { return test::runProgram(QStringLiteral(SINKSCOPE_BINARY_DIR "/tests/cli_new_family"), arguments); };
        const test::CliRun list = run({QStringLiteral("metrics"), QStringLiteral("--json")});
        QCOMPARE(list.code, 0);
        const QJsonObject json = QJsonDocument::fromJson(list.out).object();
        QCOMPARE(objectWith(json[QLatin1String("metrics")].toArray(), kMetric)[QLatin1String("family")].toString(), kFamily);
        const QJsonObject family = objectWith(json[QLatin1String("families")].toArray(), kFamily);
        QCOMPARE(objectWith(family[QLatin1String("parameters")].toArray(), QStringLiteral("step"))[QLatin1String("standard")].toString(), QStringLiteral("2"));
        QVERIFY(run({QStringLiteral("metrics")}).out.contains("--set every_nth.step=2"));
        const QString capture = m_folder.filePath(QStringLiteral("run.h5"));
        const test::CliRun made = test::runCli({QStringLiteral("run"), QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo"), QStringLiteral("--text"),
                                                QStringLiteral("the cat sat on the mat"), QStringLiteral("-o"), capture});
        QVERIFY2(made.code == 0, made.err.constData());
        const test::CliRun analysed = run({QStringLiteral("analyze"), capture, QStringLiteral("--json"), QStringLiteral("--features"), kFamily,
                                           QStringLiteral("--set"), QStringLiteral("every_nth.step=1")});
        QVERIFY2(analysed.code == 0, analysed.err.constData());
        const QJsonObject model = QJsonDocument::fromJson(analysed.out).object()[QLatin1String("model")].toObject();
        QVERIFY2(std::abs(model[kMetric].toObject()[QLatin1String("value")].toDouble() - 1) < 1e-6, analysed.out.left(400).constData());
        QCOMPARE(test::runCli({QStringLiteral("analyze"), capture, QStringLiteral("--features"), kFamily}).code, 2); // the program itself has no such family
    }
};

QTEST_MAIN(TestNewFamily)
#include "tst_new_family.moc"
