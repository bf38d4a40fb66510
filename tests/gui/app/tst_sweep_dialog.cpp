// SPDX-License-Identifier: Apache-2.0
#include "app/qt_text.h"
#include "app/sweep_dialog.h"
#include "support/verify_result.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTextBrowser>
#include <QTest>

#include <algorithm>

using namespace sinkscope;

/// A sweep of the bundled sentences over the demo, from the form to the exported table.
class TestSweepDialog : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 120000; // of a slow machine, under a sanitizer

    QTemporaryDir m_folder;
    Theme m_theme = Theme::light();
    SessionModel m_session;
    Selection m_selection;
    ThemeNotifier m_notifier;
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(2);
    JobBridge m_jobs{*m_pool};
    std::unique_ptr<SweepDialog> m_dialog;

    template <typename T> T* child(const char* name) { return m_dialog->findChild<T*>(QLatin1String(name)); }

    QTableView* shownTable() {
        const auto tables = m_dialog->findChildren<QTableView*>();
        const auto shown = std::ranges::find_if(tables, [](const QTableView* view) { return view->isVisible(); });
        return shown == tables.end() ? nullptr : *shown;
    }

    void save(const QString& name) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (!qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") && QDir().mkpath(folder.path()))
            m_dialog->grab().save(folder.filePath(name));
    }

private Q_SLOTS:
    void initTestCase() {
        qApp->setFont(m_theme.font);
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        AnalysisRequest analysis;
        analysis.families = std::vector<std::string>{"concentration"};
        m_dialog = std::make_unique<SweepDialog>(ViewContext{m_session, m_selection, m_jobs, m_theme, m_notifier}, analysis);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
    }

    void cleanupTestCase() {
        m_dialog.reset();
        m_pool.reset();
    }

    /// The button waits for all that is needed, and says what is missing.
    void form() {
        auto* run = child<QPushButton>("run");
        QVERIFY(!run->isEnabled());
        auto* models = child<QListWidget>("models");
        models->addItem(QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo"));
        child<QLineEdit>("output")->setText(m_folder.filePath(QStringLiteral("sweep.h5")));
        QVERIFY2(run->isEnabled(), qPrintable(m_dialog->form().problem()));
        child<QLineEdit>("more")->setText(QStringLiteral("no_such_probe"));
        QVERIFY(!run->isEnabled());
        QVERIFY(m_dialog->form().problem().contains(QStringLiteral("no_such_probe")));
        child<QLineEdit>("more")->setText(QStringLiteral("shift_positions:shift=50"));
        QVERIFY2(run->isEnabled(), qPrintable(m_dialog->form().problem()));
        child<QComboBox>("source")->setCurrentIndex(1); // no run
        QVERIFY(!run->isEnabled());
        child<QComboBox>("source")->setCurrentIndex(0);
        child<QSpinBox>("limit")->setValue(8);
        const auto request = m_dialog->form().maker()();
        QVERIFY_RESULT(request);
        QCOMPARE(request->samples->samples.size(), std::size_t{8});
        QCOMPARE(request->variants, (std::vector<std::string>{"intact", "shift_positions:shift=50"}));
        save(QStringLiteral("sweep_setup.png"));
    }

    void sweeps() {
        child<QPushButton>("run")->click();
        QVERIFY(!m_dialog->form().isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(m_dialog->table() != nullptr, kPatience);
        QVERIFY(m_dialog->form().isEnabled());
        QTableView* frames = shownTable();
        QVERIFY(frames);
        QCOMPARE(frames->model()->rowCount(), 2); // the verdict on both variants, with what it has to be read with
        QVERIFY(frames->model()->index(0, 6).data().toString().contains(QStringLiteral("first token 0")));
        auto* words = child<QTextBrowser>("verdicts");
        QVERIFY(words->isVisible());
        const QString text = words->toPlainText();
        for (const SweepFrame& frame : m_dialog->table()->frames) {
            QVERIFY(text.contains(fromUtf8(frame.verdict.reason)));
            QVERIFY(text.contains(fromUtf8(textOf(frame.context))));
        }
        QCOMPARE(text.count(QStringLiteral("0.5 is the border of a kind")), 2);
        QVERIFY(text.contains(QStringLiteral("demo, shift_positions:shift=50: ")));
        frames->sortByColumn(1, Qt::DescendingOrder);
        frames->selectRow(0); // its verdict alone
        QVERIFY(words->toPlainText().startsWith(QStringLiteral("demo, shift_positions:shift=50: ")));
        QCOMPARE(words->toPlainText().count(QStringLiteral("0.5 is the border of a kind")), 1);
        frames->clearSelection(); // no choice: all
        QCOMPARE(words->toPlainText(), text);
        save(QStringLiteral("sweep_frames.png"));
        child<QTabWidget>("parts")->setCurrentIndex(1);
        QTableView* values = shownTable();
        QVERIFY(values && values != frames);
        QCOMPARE(values->model()->rowCount(), 2); // the sink rate of both variants
        auto* metric = child<QComboBox>("metric");
        QVERIFY(metric->count() > 5);
        metric->setCurrentIndex(0);
        QVERIFY(values->model()->rowCount() > 10);
        save(QStringLiteral("sweep_results.png"));
    }

    /// The same file, tabulated once more.
    void groups() {
        const auto before = m_dialog->table();
        auto* grouping = child<QComboBox>("grouping");
        grouping->setCurrentIndex(grouping->findData(static_cast<int>(TableGrouping::Group)));
        Q_EMIT grouping->activated(grouping->currentIndex());
        QTRY_VERIFY_WITH_TIMEOUT(m_dialog->table() != before, kPatience);
        QCOMPARE(m_dialog->table()->frames.size(), std::size_t{4}); // all and mathematics, of both variants
        QCOMPARE(m_dialog->table()->frames[1].group, std::string("mathematics"));
        child<QTabWidget>("parts")->setCurrentIndex(0);
        QCOMPARE(shownTable()->model()->rowCount(), 4);
        save(QStringLiteral("sweep_groups.png"));
        child<QTabWidget>("parts")->setCurrentIndex(1);
    }

    void exports_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("mark");
        QTest::newRow("csv") << QStringLiteral("table.csv") << QByteArray("sink_rate");
        QTest::newRow("json") << QStringLiteral("table.json") << QByteArray("\"sink_rate\"");
        QTest::newRow("latex") << QStringLiteral("table.tex") << QByteArray("\\toprule");
    }
    void exports() {
        QFETCH(QString, name);
        QFETCH(QByteArray, mark);
        bool isDone = false, isWritten = false;
        m_dialog->exportTo(m_folder.filePath(name), [&](const Result<void>& written) {
            isDone = true;
            isWritten = written.has_value();
        });
        QTRY_VERIFY(isDone);
        QVERIFY(isWritten);
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains(mark));
    }

    void refusesOtherFormats() {
        bool isDone = false, isWritten = true;
        m_dialog->exportTo(m_folder.filePath(QStringLiteral("table.docx")), [&](const Result<void>& written) {
            isDone = true;
            isWritten = written.has_value();
        });
        QTRY_VERIFY(isDone);
        QVERIFY(!isWritten);
        QVERIFY(!QFileInfo::exists(m_folder.filePath(QStringLiteral("table.docx"))));
    }
};

QTEST_MAIN(TestSweepDialog)
#include "tst_sweep_dialog.moc"
