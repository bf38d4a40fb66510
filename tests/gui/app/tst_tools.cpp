// SPDX-License-Identifier: Apache-2.0
#include "app/compare_dialog.h"
#include "app/self_test_dialog.h"
#include "support/safetensors_writer.h"
#include "views/data_table.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

#include <algorithm>

using namespace sinkscope;
using namespace sinkscope::test;

/// The dialogs of the Tools menu.
class TestTools : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 240000; // of a slow machine, under a sanitizer

    QTemporaryDir m_folder;
    Theme m_theme = Theme::light();
    SessionModel m_session;
    Selection m_selection;
    ThemeNotifier m_notifier;
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(2);
    JobBridge m_jobs{*m_pool};

    [[nodiscard]] ViewContext context() { return {m_session, m_selection, m_jobs, m_theme, m_notifier}; }
    [[nodiscard]] QString path(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
    static QString statusOf(QDialog& dialog) { return dialog.findChild<QLabel*>(QStringLiteral("status"))->text(); }
    void save(QWidget& widget, const QString& name) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (!qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") && QDir().mkpath(folder.path()))
            widget.grab().save(folder.filePath(name));
    }

private Q_SLOTS:
    void englishHasPluralForms() {
        QTranslator english;
        QVERIFY(english.load(QStringLiteral(":/sinkscope/translations/sinkscope_en.qm")));
        QCOMPARE(english.translate("sinkscope::PromptBar", "%n tokens", nullptr, 1), QStringLiteral("%n token"));
        QCOMPARE(english.translate("sinkscope::PromptBar", "%n tokens", nullptr, 2), QStringLiteral("%n tokens"));
    }

    void initTestCase() {
        qApp->setFont(m_theme.font);
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        SafetensorsWriter a, b;
        a.addFloats("same", {2}, {1, 2}).addFloats("w", {2}, {3, 4}).addFloats("turned", {1, 2}, {1, 2}).addFloats("old, \\\"odd\\\"", {1}, {1});
        b.addFloats("same", {2}, {1, 2}).addFloats("w", {2}, {3, 4.5F}).addFloats("turned", {2, 1}, {1, 2}).addFloats("new", {3}, {1, 1, 1});
        a.write(path("a.safetensors").toStdString());
        b.write(path("b.safetensors").toStdString());
    }

    void cleanupTestCase() { m_pool.reset(); }

    void compare() {
        CompareDialog dialog(context(), m_folder.path());
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.show();
        auto* button = dialog.findChild<QPushButton*>(QStringLiteral("compare"));
        auto* table = dialog.findChild<DataTable*>();
        QVERIFY(button && table && !button->isEnabled());
        dialog.setPaths(path("a.safetensors"), path("b.safetensors"));
        button->click();
        QTRY_VERIFY_WITH_TIMEOUT(!dialog.isRunning(), kPatience);
        QVERIFY2(dialog.model().diff(), qPrintable(statusOf(dialog)));
        QCOMPARE(dialog.model().rowCount(), 5);
        QCOMPARE(table->model()->rowCount(), 4); // identical ones are left out at first
        QVERIFY(statusOf(dialog).contains(QStringLiteral("1 values differ")));
        save(dialog, QStringLiteral("compare_dialog.png"));
        auto* kind = dialog.findChild<QComboBox*>();
        kind->setCurrentIndex(kind->findText(titleOf(Change::Shape)));
        QCOMPARE(table->model()->rowCount(), 1);
        kind->setCurrentIndex(1);
        QCOMPARE(table->model()->rowCount(), 5);
        table->sortByColumn(DifferenceModel::Largest, Qt::DescendingOrder);
        QCOMPARE(table->model()->index(0, DifferenceModel::Name).data().toString(), QStringLiteral("w"));
        QCOMPARE(table->model()->index(0, DifferenceModel::Relative).data().toString(), QStringLiteral("0.100"));
        QVERIFY(table->asTsv().contains(QStringLiteral("w\tvalues differ\t0.500\t0.100\t")));
        const auto edits = dialog.findChildren<QLineEdit*>();
        const auto filter = std::ranges::find_if(edits, [](const QLineEdit* edit) { return edit->placeholderText().startsWith(QStringLiteral("Filter")); });
        (*filter)->setText(QStringLiteral("old"));
        QCOMPARE(table->model()->rowCount(), 1);
        const QStringList csv = dialog.model().asCsv().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(csv.size(), 6);
        QVERIFY(csv[1].startsWith(QStringLiteral("same,same,identical,name,")));
        QVERIFY(csv.filter(QStringLiteral("w,w,values,name,,2,2,F32,F32,2,1,0,0.5,1,0.1")).size() == 1);
        QVERIFY(csv.filter(QStringLiteral("\"old, \"\"odd\"\"\",,only_first,")).size() == 1);
        const qsizetype commas = csv[0].count(QLatin1Char(','));
        QCOMPARE(csv[1].count(QLatin1Char(',')), commas);

        dialog.setPaths(path("a.safetensors"), path("a.safetensors"));
        button->click();
        QTRY_VERIFY_WITH_TIMEOUT(!dialog.isRunning(), kPatience);
        QVERIFY(statusOf(dialog).contains(QStringLiteral("identical")));
        dialog.setPaths(path("a.safetensors"), path("missing"));
        button->click();
        QTRY_VERIFY_WITH_TIMEOUT(!dialog.isRunning(), kPatience);
        QVERIFY(statusOf(dialog).contains(QStringLiteral("no such file")));
        QVERIFY(!dialog.model().diff());
    }

    void stopsAndDies() {
        auto dialog = std::make_unique<CompareDialog>(context(), m_folder.path());
        dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        dialog->setPaths(path("a.safetensors"), path("b.safetensors"));
        dialog->compareOrStop();
        dialog->compareOrStop();
        QVERIFY(!dialog->isRunning());
        dialog->compareOrStop(); // a job is under way when the dialog dies
        dialog.reset();
        QCoreApplication::processEvents();
    }

    void selfTest() {
        SelfTestDialog dialog(context());
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        dialog.show();
        auto* run = dialog.findChild<QPushButton*>(QStringLiteral("run"));
        QVERIFY(run && dialog.findChild<QComboBox*>()->count() >= 1);
        run->click();
        QVERIFY(dialog.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!dialog.isRunning(), kPatience);
        QVERIFY2(dialog.result(), qPrintable(statusOf(dialog)));
        QVERIFY(dialog.result()->passed());
        QCOMPARE(static_cast<std::size_t>(dialog.rows().rowCount()), dialog.result()->cases.size());
        QVERIFY(dialog.rows().rowCount() >= 9); // architectures
        for (int row = 0; row < dialog.rows().rowCount(); ++row)
            QCOMPARE(dialog.rows().index(row, 2).data().toString(), QStringLiteral("agrees"));
        save(dialog, QStringLiteral("self_test_dialog.png"));
        run->click(); // once more, and stopped
        run->click();
        QVERIFY(!dialog.isRunning());
    }
};

QTEST_MAIN(TestTools)
#include "tst_tools.moc"
