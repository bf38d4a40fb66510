// SPDX-License-Identifier: Apache-2.0
#include "app/cache_dialog.h"
#include "app/qt_text.h"
#include "support/safetensors_writer.h"
#include "views/theme.h"

#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace sinkscope;

/// Choosing a model of the local cache.
class TestCacheDialog : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    Theme m_theme = Theme::light();
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(1);
    JobBridge m_jobs{*m_pool};

    void keep(const char* repository, const char* type, int floats) const {
        const auto snapshot = toPath(m_folder.filePath(QLatin1String(repository))) / "snapshots" / "0a1";
        test::writeBytes(snapshot / "config.json", std::string("{\"model_type\":\"") + type + "\"}");
        if (floats > 0)
            test::SafetensorsWriter().addFloats("a", {floats}, std::vector<float>(static_cast<std::size_t>(floats))).write(snapshot / "model.safetensors");
    }

    static void save(CacheDialog& dialog) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (!qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") && QDir().mkpath(folder.path()))
            dialog.grab().save(folder.filePath(QStringLiteral("cache_dialog.png")));
    }

private Q_SLOTS:
    void initTestCase() {
        qApp->setFont(m_theme.font);
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        keep("models--owner--large", "llama", 1000);
        keep("models--owner--small", "gpt2", 10);
        keep("models--owner--without", "bert", 0);
    }
    void cleanupTestCase() { m_pool.reset(); }

    void opensWhatIsChosen() {
        CacheDialog dialog(m_jobs, toPath(m_folder.path()));
        QSignalSpy chosen(&dialog, &CacheDialog::chosen);
        auto* table = dialog.findChild<QTableView*>(QStringLiteral("models"));
        auto* open = dialog.findChild<QPushButton*>(QStringLiteral("open"));
        QVERIFY(table && open && !open->isEnabled());
        dialog.open();
        QTRY_VERIFY(dialog.isListed());
        QCOMPARE(table->model()->rowCount(), 3);
        QCOMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("owner/large"));
        QCOMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("llama"));
        QVERIFY(open->isEnabled());
        save(dialog);
        table->selectRow(2); // nothing to read there
        QVERIFY(!open->isEnabled());
        dialog.findChild<QLineEdit*>(QStringLiteral("filter"))->setText(QStringLiteral("SMALL"));
        QCOMPARE(table->model()->rowCount(), 1);
        table->selectRow(0);
        QVERIFY(open->isEnabled());
        open->click();
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.front().front().toString(), m_folder.filePath(QStringLiteral("models--owner--small")));
        QVERIFY(!dialog.isVisible());
    }

    void saysThatThereIsNothing() {
        CacheDialog dialog(m_jobs, toPath(m_folder.filePath(QStringLiteral("absent"))));
        QTRY_VERIFY(dialog.isListed());
        QCOMPARE(dialog.findChild<QTableView*>(QStringLiteral("models"))->model()->rowCount(), 0);
        QVERIFY(!dialog.findChild<QPushButton*>(QStringLiteral("open"))->isEnabled());
    }
};

QTEST_MAIN(TestCacheDialog)
#include "tst_cache_dialog.moc"
