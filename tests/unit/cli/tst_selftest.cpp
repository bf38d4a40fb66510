// SPDX-License-Identifier: Apache-2.0
// The selftest command as a script uses it.
#include "support/run_cli.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestSelftestCommand : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    QStringList arguments(const QStringList& more) const {
        return QStringList{QStringLiteral("selftest"), QStringLiteral("--fixtures"), m_folder.path(), QStringLiteral("--dtype"), QStringLiteral("f32")} + more;
    }

private Q_SLOTS:
    void initTestCase() {
        const fs::path from = SINKSCOPE_SOURCE_DIR "/tests/golden/models", to = m_folder.path().toStdString();
        for (const char* part : {"mistral", "mistral.expected.safetensors"})
            fs::copy(from / part, to / part, fs::copy_options::recursive);
    }

    void agreement() {
        const CliRun text = runCli(arguments({}));
        QVERIFY2(text.code == 0, text.err.constData());
        QVERIFY2(text.out.contains("1 of 1 fixtures agree") && text.out.contains("mistral"), text.out.constData());
        const CliRun run = runCli(arguments({QStringLiteral("--json")}));
        QVERIFY2(run.code == 0, run.err.constData());
        const QJsonObject json = QJsonDocument::fromJson(run.out).object(), first = json[QLatin1String("runs")][0].toObject();
        QVERIFY(json[QLatin1String("passed")].toBool());
        QCOMPARE(first[QLatin1String("device")].toString(), QStringLiteral("cpu"));
        const QJsonObject difference = first[QLatin1String("cases")][0][QLatin1String("differences")][QLatin1String("attention")].toObject();
        QVERIFY(difference[QLatin1String("nmse")].toDouble() < first[QLatin1String("allowed_nmse")].toDouble());
    }

    void disagreementIsAFailure() {
        fs::resize_file(m_folder.filePath(QStringLiteral("mistral/model.safetensors")).toStdString(), 1000);
        const CliRun run = runCli(arguments({}));
        QCOMPARE(run.code, 1);
        QVERIFY2(run.out.contains("FAILED"), run.out.constData());
        QVERIFY2(isOneErrorLine(run.err), run.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestSelftestCommand)
#include "tst_selftest.moc"
