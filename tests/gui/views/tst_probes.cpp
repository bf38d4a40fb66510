// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/paint/forest_plot.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"
#include "views/probe_setup.h"
#include "views/view_spec.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace sinkscope;

/// The panel of probes, from the form to the results of a real model.
class TestProbes : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 120000; // of a slow machine, under a sanitizer

    Theme m_theme = Theme::light();
    SessionModel m_session;
    Selection m_selection;
    ThemeNotifier m_notifier;
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(1);
    JobBridge m_jobs{*m_pool};
    std::unique_ptr<QWidget> m_panel;

    static void save(QWidget& widget, const QString& name) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (!qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") && QDir().mkpath(folder.path()))
            widget.grab().save(folder.filePath(name));
    }

    [[nodiscard]] QPushButton* runButton() const { return m_panel->findChild<QPushButton*>(QStringLiteral("run")); }

private Q_SLOTS:
    void initTestCase() {
        qApp->setFont(m_theme.font);
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        for (const ViewSpec* spec : views())
            if (std::string_view(spec->id) == "probes")
                m_panel.reset(spec->create(ViewContext{m_session, m_selection, m_jobs, m_theme, m_notifier}, nullptr));
        QVERIFY(m_panel);
        m_panel->resize(500, 640);
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
        QVERIFY(qobject_cast<PanelFrame*>(m_panel.get())->isEmpty());
        const auto model = loadModel(SINKSCOPE_SOURCE_DIR "/resources/demo");
        QVERIFY_RESULT(model);
        m_session.setModel(*model);
        QVERIFY(qobject_cast<PanelFrame*>(m_panel.get())->isEmpty()); // no text yet
        test::FakeCaptureOptions options{.layers = 6, .heads = 4, .keyValueHeads = 4, .samples = 6};
        options.words = {"", "A", " prime", " number", " has", " exactly", " two", " divisors", "."};
        m_session.setCapture(std::make_shared<test::FakeCapture>(options));
        QVERIFY(!qobject_cast<PanelFrame*>(m_panel.get())->isEmpty());
    }

    void cleanupTestCase() {
        m_panel.reset();
        m_pool.reset();
    }

    /// Every registered probe is in the form; what is checked is asked for.
    void form() {
        auto* setup = m_panel->findChild<ProbeSetup*>();
        auto* list = setup->findChild<QListWidget*>();
        QCOMPARE(static_cast<std::size_t>(list->count()), probes().size());
        for (int row = 0; row < list->count(); ++row)
            list->item(row)->setCheckState(Qt::Unchecked);
        QVERIFY(!runButton()->isEnabled());
        list->item(1)->setCheckState(Qt::Checked);
        QVERIFY(runButton()->isEnabled());
        QCOMPARE(setup->request().probes, std::vector<std::string>{std::string(probes()[1]->id)});
        QCOMPARE(setup->chosenSamples().size(), std::size_t{6});
        setup->findChild<QComboBox*>(QStringLiteral("samples"))->setCurrentIndex(1);
        QCOMPARE(setup->chosenSamples(), std::vector<int>{0});
        setup->findChild<QComboBox*>(QStringLiteral("samples"))->setCurrentIndex(0);
        for (int row = 0; row < list->count(); ++row)
            list->item(row)->setCheckState(probes()[static_cast<std::size_t>(row)]->text ? Qt::Unchecked : Qt::Checked);
        save(*m_panel, QStringLiteral("probes_setup.png"));
    }

    /// A run that is stopped leaves the form as it was; one that is not shows plot, table and the words of the measurement.
    void runs() {
        auto* setup = m_panel->findChild<ProbeSetup*>();
        auto* list = setup->findChild<QListWidget*>();
        for (int row = 0; row < list->count(); ++row) {
            const ProbeSpec& probe = *probes()[static_cast<std::size_t>(row)];
            list->item(row)->setCheckState(probe.id == "mask_anchor" || probe.id == "zero_value" || probe.id == "shift_positions" ? Qt::Checked : Qt::Unchecked);
        }
        runButton()->click();
        QVERIFY(!list->isEnabled());
        runButton()->click(); // stop
        QVERIFY(list->isEnabled());
        runButton()->click();
        auto* table = m_panel->findChild<QTableView*>();
        QTRY_VERIFY_WITH_TIMEOUT(table->isVisible(), kPatience);
        QVERIFY(table->model()->rowCount() >= 5); // a decoder has every quantity
        auto* sentence = m_panel->findChild<QLabel*>(QStringLiteral("sentence"));
        QVERIFY(sentence->text().contains(QStringLiteral("Frame: ")));
        const QString first = sentence->text();
        table->setCurrentIndex(table->model()->index(table->model()->rowCount() - 1, 0));
        QTRY_VERIFY(sentence->text() != first);
        const QString second = sentence->text();
        QTest::keyClick(m_panel->findChild<PaintedView*>(), Qt::Key_Down);
        QVERIFY(sentence->text() != second);
        QCoreApplication::processEvents();
        save(*m_panel, QStringLiteral("probes_results.png"));
        m_theme = Theme::dark();
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        Q_EMIT m_notifier.themeChanged();
        save(*m_panel, QStringLiteral("probes_results_dark.png"));
    }

    /// Another model has other effects: nothing of the old one stays.
    void forgetsWithTheModel() {
        m_session.setModel(nullptr);
        QVERIFY(qobject_cast<PanelFrame*>(m_panel.get())->isEmpty());
    }

    void forestPlot() {
        ForestPlot plot;
        plot.title = QStringLiteral("change");
        plot.rows = {{.label = QStringLiteral("a"), .estimate = Estimate{0.5, 0.2, 0.8, 9}, .note = {}},
                     {.label = QStringLiteral("control"), .estimate = Estimate{-0.1, -0.2, 0.1, 9}, .note = {}, .isControl = true},
                     {.label = QStringLiteral("b"), .estimate = {}, .note = QStringLiteral("not run")}};
        const ForestLayout layout = layoutForest(QRectF(0, 0, 500, forestHeight(plot, QFont())), plot, QFont());
        QVERIFY(layout.axes.x.low <= -0.2 && layout.axes.x.high >= 0.8);
        QVERIFY(layout.axes.toX(0) > layout.axes.area.left() && layout.axes.toX(0) < layout.axes.area.right());
        QCOMPARE(forestRowAt(layout, plot, layout.rows[0].center()), 0);
        QCOMPARE(forestRowAt(layout, plot, layout.rows[1].center()), 0); // belongs to what it controls
        QCOMPARE(forestRowAt(layout, plot, layout.rows[2].center()), 2);
        QCOMPARE(forestRowAt(layout, plot, QPointF(3, -5)), -1);
        QCOMPARE(estimateText({.value = -0.25, .low = -0.5, .high = 0.125, .samples = 9}), QStringLiteral("−0.250 (−0.500 to 0.125)"));
        QCOMPARE(estimateText({.value = 0.5, .low = 0.5, .high = 0.5, .samples = 1}), QStringLiteral("0.500"));
    }
};

QTEST_MAIN(TestProbes)
#include "tst_probes.moc"
