// SPDX-License-Identifier: Apache-2.0
// sweep, merge and table as a script uses them, on the bundled demo model.
#include "core/capture/sweep_store.h"
#include "support/capture_fixture.h"
#include "support/run_cli.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const QString kDemo = QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo");

QJsonObject objectOf(const QByteArray& out) { return QJsonDocument::fromJson(out).object(); }
QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts); }

} // namespace

class TestSweepCommands : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;

    QString file(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    CliRun sweep(const char* output, const char* options) const {
        return runCli(QStringList{QStringLiteral("sweep"), QStringLiteral("--models"), kDemo, QStringLiteral("--samples"), QStringLiteral("stem"),
                                  QStringLiteral("-o"), file(output)} + words(options));
    }

private Q_SLOTS:
    void shardsAreMergedAndTabulated() {
        for (const char* shard : {"1", "2", "3"}) {
            const QByteArray name = QByteArray("s") + shard + ".h5";
            const CliRun run = sweep(name, ("--limit 9 --features none --json --variants intact bos=no --shard " + QByteArray(shard) + "/3").constData());
            QVERIFY2(run.code == 0, run.err.constData());
            QCOMPARE(objectOf(run.out)[QLatin1String("computed")].toInt(), 6);
        }
        const CliRun again = sweep("s2.h5", "--limit 9 --features none --json --variants intact bos=no --shard 2/3");
        QCOMPARE(objectOf(again.out)[QLatin1String("finished_before")].toInt(), 6);
        const CliRun part = runCli({QStringLiteral("merge"), file("s1.h5"), file("s3.h5"), QStringLiteral("-o"), file("part.h5")});
        QVERIFY2(part.code == 0 && part.out.contains("missing: demo, bos=no: 3 of 9 samples are missing"), part.out.constData());
        const CliRun merge = runCli({QStringLiteral("merge"), file("s1.h5"), file("s2.h5"), file("s3.h5"), QStringLiteral("-o"), file("all.h5"), QStringLiteral("--json")});
        QVERIFY2(merge.code == 0, merge.err.constData());
        QVERIFY(objectOf(merge.out)[QLatin1String("done")].toInt() == 18 && objectOf(merge.out)[QLatin1String("missing")].toArray().isEmpty());
        const CliRun table = runCli({QStringLiteral("table"), file("all.h5"), QStringLiteral("--json"), QStringLiteral("--metrics"), QStringLiteral("sink_rate,row_entropy")});
        QVERIFY2(table.code == 0, table.err.constData());
        const QJsonArray values = objectOf(table.out)[QLatin1String("values")].toArray();
        QCOMPARE(values.size(), 4);
        QCOMPARE(values[2].toObject()[QLatin1String("variant")].toString(), QStringLiteral("bos=no"));
        QCOMPARE(values[0].toObject()[QLatin1String("samples")].toInt(), 9);
        const CliRun text = runCli({QStringLiteral("table"), file("all.h5"), QStringLiteral("--by"), QStringLiteral("length")});
        QVERIFY2(text.code == 0 && text.out.contains("1-10") && text.out.contains("9999 permutations"), text.out.constData());
        const CliRun latex = runCli({QStringLiteral("table"), file("all.h5"), QStringLiteral("--latex")});
        QVERIFY(latex.code == 0 && latex.out.contains("\\toprule") && latex.out.contains("Sink rate"));
    }

    void wrongUse() {
        const auto isUsage = [](const CliRun& run) { return run.code == 2 && isOneErrorLine(run.err); };
        for (const char* wrong : {"--limit 2 --shard 3/2", "--limit 2 --shard two", "--limit 2 --variants sideways", "--limit 2 --features nope"}) {
            const CliRun run = sweep("wrong.h5", wrong);
            QVERIFY2(isUsage(run), run.err.constData());
        }
        QVERIFY_RESULT(SweepReader::open(file("s1.h5").toStdString()));
        const CliRun other = sweep("s1.h5", "--limit 4 --features none");
        QVERIFY2(isUsage(other) && other.err.contains("another sweep"), other.err.constData());
        QVERIFY(isUsage(runCli({QStringLiteral("table"), file("all.h5"), QStringLiteral("--metrics"), QStringLiteral("nope")})));
        QVERIFY(isUsage(runCli({QStringLiteral("merge"), file("s1.h5"), file("s1.h5"), QStringLiteral("-o"), file("twice.h5")})));
        QCOMPARE(runCli({QStringLiteral("table"), kDemo + QStringLiteral("/model.safetensors")}).code, 1);
    }
};

QTEST_GUILESS_MAIN(TestSweepCommands)
#include "tst_sweep_commands.moc"
