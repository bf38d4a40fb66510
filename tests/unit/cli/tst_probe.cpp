// SPDX-License-Identifier: Apache-2.0
// probe as a script uses it, on the bundled demo model.
#include "support/run_cli.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace sinkscope::test;

class TestProbeCommand : public QObject {
    Q_OBJECT

    static QStringList with(const char* words) {
        return QStringList{QStringLiteral("probe"), QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo"), QStringLiteral("--samples"),
                           QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo/sentences.txt")} +
               QString::fromLatin1(words).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    }

private Q_SLOTS:
    void printsJson() {
        const CliRun run = runCli(with("--probe rope_scaling --probe mask_anchor --set rope_scaling.kind=ntk --set rope_scaling.factor=2 --draws 2 --seed 9 --json"));
        QVERIFY2(run.code == 0, run.err.constData());
        const QJsonObject json = QJsonDocument::fromJson(run.out).object();
        QCOMPARE(json[QLatin1String("samples")].toInt(), 10);
        QCOMPARE(json[QLatin1String("draws")].toInt(), 2);
        QCOMPARE(json[QLatin1String("seed")].toInt(), 9);
        QVERIFY(json[QLatin1String("bos_present")].toBool());
        QCOMPARE(json[QLatin1String("verdict")][QLatin1String("kind")].toString(), QStringLiteral("centralized"));
        const QJsonArray probes = json[QLatin1String("probes")].toArray();
        QCOMPARE(probes.size(), 2);
        const QJsonObject scaling = probes[0].toObject(), hidden = probes[1].toObject();
        QCOMPARE(scaling[QLatin1String("settings")][QLatin1String("kind")].toString(), QStringLiteral("ntk"));
        QCOMPARE(scaling[QLatin1String("settings")][QLatin1String("factor")].toString(), QStringLiteral("2"));
        const QJsonObject loss = hidden[QLatin1String("effects")][0].toObject();
        QCOMPARE(loss[QLatin1String("id")].toString(), QStringLiteral("loss"));
        for (const char* key : {"before", "after", "change"})
            for (const char* part : {"value", "low", "high", "samples"})
                QVERIFY(loss[QLatin1String(key)][QLatin1String(part)].isDouble());
        QCOMPARE(loss[QLatin1String("controls")].toArray().size(), 2);
        QVERIFY(loss[QLatin1String("controls")][0][QLatin1String("excess")][QLatin1String("low")].toDouble() > 1);
        QVERIFY(loss[QLatin1String("causal")].toBool() && loss[QLatin1String("sentence")].toString().contains(QLatin1String("because")));
        const auto probesOf = [](const char* words) {
            return QJsonDocument::fromJson(runCli(with(words)).out).object()[QLatin1String("probes")].toArray();
        };
        QVERIFY(probesOf("--probe mask_anchor --draws 2 --json") == probesOf("--probe mask_anchor --draws 2 --json --threads 1"));
    }

    void printsATable() {
        const CliRun run = runCli(with("--probe shift_positions --probe replace_bos --set shift_positions.shift=7 --set replace_bos.token=#17"));
        QVERIFY2(run.code == 0, run.err.constData());
        for (const char* part : {"frame: centralized", "shift_positions (shift 7)", "replace_bos (token #17)", "does not change beyond rounding",
                                 "There is no control", "top1"})
            QVERIFY2(run.out.contains(part), part);
    }

    void refusesMistakes() {
        for (const char* words : {"--probe magic", "--set magic.factor=2", "--set rope_base.factor", "--set rope_base.factor=x",
                                  "--set rope_scaling.kind=cubic", "--set shift_positions.shift=0", "--set replace_bos.token=#99999 --probe replace_bos"}) {
            const CliRun run = runCli(with(words));
            QVERIFY2(run.code != 0 && isOneErrorLine(run.err), run.err.constData());
            QVERIFY(run.out.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestProbeCommand)
#include "tst_probe.moc"
