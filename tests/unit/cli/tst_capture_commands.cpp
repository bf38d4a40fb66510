// SPDX-License-Identifier: Apache-2.0
// run, analyze and project as a script uses them, on the bundled demo model.
#include "core/capture/capture_store.h"
#include "support/capture_fixture.h"
#include "support/run_cli.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <csignal>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const QString kDemo = QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo");

QJsonObject objectOf(const QByteArray& out) { return QJsonDocument::fromJson(out).object(); }

QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts); }

} // namespace

class TestCaptureCommands : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;
    QString m_capture = m_folder.filePath(QStringLiteral("demo.h5"));

    QString file(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    static QStringList join(std::initializer_list<QStringList> lists) {
        QStringList all;
        for (const QStringList& list : lists)
            all += list;
        return all;
    }

private Q_SLOTS:
    void initTestCase() {
        writeBytes(file("samples.txt").toStdString(), "The heart pumps blood through the body.\n\nA number is prime.\r\n");
        const CliRun run = runCli(join({{QStringLiteral("run"), kDemo, QStringLiteral("--samples"), file("samples.txt"),
                                         QStringLiteral("-o"), m_capture}, words("--keep qkv,hidden --json")}));
        QVERIFY2(run.code == 0, run.err.constData());
        const QJsonObject summary = objectOf(run.out);
        QCOMPARE(summary[QLatin1String("samples")].toInt(), 2); // the empty line is none
        QCOMPARE(summary[QLatin1String("capture")].toString(), m_capture);
        QVERIFY(summary[QLatin1String("complete")].toBool());
        QVERIFY2(run.err.contains("2 samples") && run.err.contains("memory"), run.err.constData());
    }

    void runWritesACapture() {
        const auto store = CaptureStore::open(m_capture.toStdString());
        QVERIFY_RESULT(store);
        QVERIFY((*store)->isComplete() && (*store)->hasSpace(Space::Hidden) && (*store)->hasSpace(Space::Value));
        QCOMPARE((*store)->header().samples[1]->text, std::string("A number is prime."));
        const CliRun bare = runCli(join({{QStringLiteral("run"), kDemo, QStringLiteral("--text"), QStringLiteral("a"), QStringLiteral("-o"),
                                          file("bare.h5")}, words("--keep none --layers 0,2-3 --bos no --threads 1 --max-memory 1.5G")}));
        QVERIFY2(bare.code == 0, bare.err.constData());
        const auto small = CaptureStore::open(file("bare.h5").toStdString());
        QVERIFY_RESULT(small);
        QVERIFY(!(*small)->hasSpace(Space::Query) && !(*small)->header().bosPresent);
        QCOMPARE((*small)->header().capturedLayers, (std::vector<int>{0, 2, 3}));
        QVERIFY((*small)->header().weightSha256.empty());
    }

    void runRecordsTheHashThatInspectPrints() {
        const CliRun run = runCli(join({{QStringLiteral("run"), kDemo, QStringLiteral("--text"), QStringLiteral("a"), QStringLiteral("-o"), file("hashed.h5")},
                                        words("--keep none --layers 0 --hash --json")}));
        QVERIFY2(run.code == 0, run.err.constData());
        const CliRun inspected = runCli({QStringLiteral("inspect"), kDemo, QStringLiteral("--hash"), QStringLiteral("--json")});
        const QString content = objectOf(inspected.out)[QLatin1String("hash")][QLatin1String("content_sha256")].toString();
        QCOMPARE(content.size(), 64);
        QCOMPARE(objectOf(run.out)[QLatin1String("weight_sha256")].toString(), content);
        const auto store = CaptureStore::open(file("hashed.h5").toStdString());
        QVERIFY_RESULT(store);
        QCOMPARE((*store)->header().weightSha256, content.toStdString());
    }

    void samplesAreChosenAndKeepTheirGroups() {
        const auto run = [&](const char* options) {
            return runCli(join({{QStringLiteral("run"), kDemo, QStringLiteral("-o"), file("stem.h5")}, words(options)}));
        };
        const CliRun chosen = run("--samples stem --groups physics,medicine --limit 4 --sample-seed 3 --keep none --layers 0");
        QVERIFY2(chosen.code == 0, chosen.err.constData());
        const auto store = CaptureStore::open(file("stem.h5").toStdString());
        QVERIFY_RESULT(store);
        QCOMPARE((*store)->header().samples.size(), std::size_t{4});
        for (const auto& sample : (*store)->header().samples)
            QVERIFY(sample->group == "physics" || sample->group == "medicine");
        QVERIFY((*store)->header().recipeJson.find("\"sample_set\":\"fnv1a64:") != std::string::npos);
        for (const char* wrong : {"--text a --limit 3", "--samples stem --sample-seed 3", "--samples stem --limit 0", "--samples stem --groups astrology"}) {
            const CliRun refused = run(wrong);
            QVERIFY2(refused.code == 2 && isOneErrorLine(refused.err), refused.err.constData());
        }
    }

    void analyzePrintsJson() {
        const CliRun run = runCli({QStringLiteral("analyze"), m_capture, QStringLiteral("--json"), QStringLiteral("--sink-threshold"), QStringLiteral("0.25")});
        QCOMPARE(run.code, 0);
        QCOMPARE(run.err, QByteArray());
        const QJsonObject json = objectOf(run.out);
        const auto store = CaptureStore::open(m_capture.toStdString());
        QCOMPARE(json[QLatin1String("heads")].toArray().size(), (*store)->header().layers * (*store)->header().heads);
        const QJsonObject head = json[QLatin1String("heads")][0].toObject();
        for (const char* key : {"layer", "head"})
            QVERIFY(head[QLatin1String(key)].isDouble());
        for (const char* metric : {"sink_rate", "received_first", "row_entropy", "anchors_effective"})
            for (const char* key : {"value", "low", "high"})
                QVERIFY(head[QLatin1String(metric)].toObject()[QLatin1String(key)].isDouble());
        QCOMPARE(json[QLatin1String("parameters")][QLatin1String("sink_threshold")].toDouble(), 0.25);
        QVERIFY(json[QLatin1String("verdict")][QLatin1String("kind")].isString());
        QVERIFY(json[QLatin1String("sinks")].isArray());
        const CliRun csv = runCli({QStringLiteral("analyze"), m_capture, QStringLiteral("--csv")});
        QVERIFY(csv.code == 0 && csv.out.startsWith("layer,head,received_first,"));
        const CliRun text = runCli({QStringLiteral("analyze"), m_capture});
        QVERIFY2(text.code == 0 && text.out.contains("frame: ") && text.out.contains("from attention matrices"), text.out.constData());
    }

    void analyzeRunsAModel() {
        const CliRun direct = runCli({QStringLiteral("analyze"), kDemo, QStringLiteral("--samples"), file("samples.txt"), QStringLiteral("--json")});
        QVERIFY2(direct.code == 0, direct.err.constData());
        const QJsonObject a = objectOf(direct.out), b = objectOf(runCli({QStringLiteral("analyze"), m_capture, QStringLiteral("--model"), kDemo, QStringLiteral("--json")}).out);
        QCOMPARE(a[QLatin1String("heads")], b[QLatin1String("heads")]);
        QCOMPARE(a[QLatin1String("verdict")], b[QLatin1String("verdict")]);
        const CliRun other = runCli({QStringLiteral("analyze"), m_capture, QStringLiteral("--model"),
                                     QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/models/bert")});
        QVERIFY2(other.code == 2 && other.err.contains("not the model that made"), other.err.constData());
        QCOMPARE(other.err.count('\n'), 1);
        const CliRun nothing = runCli({QStringLiteral("analyze"), kDemo});
        QVERIFY(nothing.code == 2 && isOneErrorLine(nothing.err));
        const CliRun both = runCli({QStringLiteral("analyze"), m_capture, QStringLiteral("--text"), QStringLiteral("a")});
        QVERIFY(both.code == 2 && isOneErrorLine(both.err));
    }

    void projectWritesCoordinates() {
        const CliRun run = runCli(join({{QStringLiteral("project"), m_capture, QStringLiteral("-o"), file("keys.csv")},
                                        words("--space key --layer 2 --head all --method pca --dims 3 --seed 7 --json")}));
        QVERIFY2(run.code == 0, run.err.constData());
        QFile csv(file("keys.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = csv.readAll().split('\n');
        QCOMPARE(lines[0], QByteArray("sample,layer,head,token,piece,sink,x,y,z,kind,position,received,norm,class,clipped,run"));
        const auto store = CaptureStore::open(m_capture.toStdString());
        const CaptureHeader& header = (*store)->header();
        const auto points = header.samples[0]->display.size() + header.samples[1]->display.size();
        QCOMPARE(static_cast<std::size_t>(lines.size() - 2), points * static_cast<std::size_t>(header.keyValueHeads));
        QVERIFY(lines[1].startsWith("0,2,0,0,"));
        const QJsonArray projections = objectOf(run.out)[QLatin1String("projections")].toArray();
        QCOMPARE(projections.size(), header.keyValueHeads);
        QVERIFY(projections[0][QLatin1String("quality")][QLatin1String("explained_variance_1")].toDouble() > 0);
        const CliRun hidden = runCli(join({{QStringLiteral("project"), m_capture, QStringLiteral("-o"), file("hidden.csv")},
                                           words("--space hidden --layer 0 --dims 2")}));
        QVERIFY2(hidden.code == 0, hidden.err.constData());
    }

    void saysInOneLineWhatIsWrong_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("part");
        const QString out = file("x.h5"), text = QStringLiteral("--text"), o = QStringLiteral("-o"), run = QStringLiteral("run");
        const QStringList good{run, kDemo, text, QStringLiteral("a"), o, out};
        QTest::newRow("no text") << QStringList{run, kDemo, o, out} << 2 << QByteArray();
        QTest::newRow("empty text") << QStringList{run, kDemo, text, QString(), o, out} << 1 << QByteArray("no text");
        QTest::newRow("no such model") << QStringList{run, file("none"), text, QStringLiteral("a"), o, out} << 1 << QByteArray("none");
        QTest::newRow("no such folder") << QStringList{run, kDemo, text, QStringLiteral("a"), o, file("no/where.h5")} << 1 << QByteArray("where.h5");
        QTest::newRow("layer out of range") << good + words("--layers 99") << 2 << QByteArray("layer 99");
        QTest::newRow("layers are no list") << good + words("--layers 3-1") << 2 << QByteArray("3-1");
        QTest::newRow("memory is no size") << good + words("--max-memory much") << 2 << QByteArray("much");
        QTest::newRow("too little memory") << good + words("--max-memory 1k") << 1 << QByteArray("memory");
        QTest::newRow("unknown thing to keep") << good + words("--keep everything") << 2 << QByteArray("everything");
        QTest::newRow("no CUDA") << good + words("--device cuda") << 1 << QByteArray("CPU");
        QTest::newRow("not a capture") << QStringList{QStringLiteral("analyze"), file("samples.txt")} << 2 << QByteArray("no capture");
        QTest::newRow("head out of range") << QStringList{QStringLiteral("project"), m_capture, QStringLiteral("--head"), QStringLiteral("64"), o, out}
                                           << 2 << QByteArray("head 64");
        QTest::newRow("layer not captured") << QStringList{QStringLiteral("project"), m_capture, QStringLiteral("--layer"), QStringLiteral("77"), o, out}
                                            << 2 << QByteArray("layer 77");
    }

    void saysInOneLineWhatIsWrong() {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QByteArray, part);
        const CliRun run = runCli(arguments);
        QCOMPARE(run.code, code);
        QCOMPARE(run.out, QByteArray());
        QByteArray error = run.err; // what a run prints about its plan is no error
        if (const auto at = error.indexOf("sinkscope-cli: "); at > 0)
            error = error.mid(at);
        QVERIFY2(isOneErrorLine(error) && error.contains(part), run.err.constData());
    }

    void ctrlCKeepsFinishedLayers() {
        QByteArray lines;
        for (int i = 0; i < 300; ++i)
            lines += "The heart pumps blood through the body and the lungs give it air, " + QByteArray::number(i) +
                     " times an hour, day and night, for as long as a person lives, in sleep and at work and in every other state.\n";
        writeBytes(file("many.txt").toStdString(), lines.toStdString());
        QProcess process;
        process.start(QStringLiteral(SINKSCOPE_BINARY_DIR "/bin/sinkscope-cli"),
                      {QStringLiteral("run"), kDemo, QStringLiteral("--samples"), file("many.txt"), QStringLiteral("-o"), file("many.h5"),
                       QStringLiteral("--threads"), QStringLiteral("1")});
        const auto anyDone = [&] {
            const auto store = CaptureStore::open(file("many.h5").toStdString());
            return store && (*store)->hasLayer(0, 0);
        };
        QTRY_VERIFY_WITH_TIMEOUT(anyDone(), 60000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60000));
        const QByteArray error = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 130, (QByteArray::number(process.exitCode()) + ' ' + error).constData());
        QVERIFY2(error.contains("were finished and are kept"), error.constData());
        const auto store = CaptureStore::open(file("many.h5").toStdString());
        QVERIFY_RESULT(store);
        QVERIFY(!(*store)->isComplete());
        QVERIFY_RESULT((*store)->statistics(0, 0));
    }
};

QTEST_GUILESS_MAIN(TestCaptureCommands)
#include "tst_capture_commands.moc"
