// SPDX-License-Identifier: Apache-2.0
// The fisher command as a script uses it, on the bundled demo model.
#include "support/capture_fixture.h"
#include "support/run_cli.h"
#include "support/safetensors_writer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>

using namespace sinkscope::test;

namespace {

const QString kDemo = QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo");
const QString kTexts = QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo/sentences.txt");

QJsonObject objectOf(const QByteArray& out) { return QJsonDocument::fromJson(out).object(); }
QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts); }
double valueOf(const QJsonValue& estimate) { return estimate[QLatin1String("value")].toDouble(); }

} // namespace

class TestFisherCommand : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;

private Q_SLOTS:
    void jsonIsComplete() {
        const CliRun run = runCli(QStringList{QStringLiteral("fisher"), kDemo, QStringLiteral("--samples"), kTexts} + words("--json"));
        QVERIFY2(run.code == 0, run.err.constData());
        QVERIFY2(run.err.contains("memory"), run.err.constData());
        const QJsonObject json = objectOf(run.out);
        QCOMPARE(json[QLatin1String("labels")].toString(), QStringLiteral("data"));
        QCOMPARE(json[QLatin1String("per")].toString(), QStringLiteral("sequence"));
        QVERIFY(json[QLatin1String("definition")].toString().startsWith(QLatin1String("empirical Fisher: y is the next token")));
        QVERIFY(json[QLatin1String("tied_unembedding")].toBool());
        QVERIFY(json[QLatin1String("weight_fingerprint")].toString().startsWith(QLatin1String("fnv1a64")));
        const QJsonArray groups = json[QLatin1String("groups")].toArray(), samples = json[QLatin1String("samples")].toArray();
        QCOMPARE(groups.size(), 2 + 6 * 6); // embedding, final norm, six layers of six parts
        QCOMPARE(samples.size(), 10);
        double sum = 0, shares = 0, parameters = 0;
        for (const QJsonValue& group : groups) {
            const double total = valueOf(group[QLatin1String("total")]), count = group[QLatin1String("parameters")].toDouble();
            const QJsonValue estimate = group[QLatin1String("total")];
            QVERIFY(estimate[QLatin1String("low")].toDouble() <= total && total <= estimate[QLatin1String("high")].toDouble());
            QVERIFY(total > 0 && std::abs(valueOf(group[QLatin1String("per_parameter")]) * count / total - 1) < 1e-9);
            sum += total;
            shares += valueOf(group[QLatin1String("share")]);
            parameters += count;
        }
        QVERIFY(std::abs(sum / valueOf(json[QLatin1String("total")]) - 1) < 1e-9);
        QVERIFY(std::abs(shares - 1) < 1e-9);
        QCOMPARE(parameters, json[QLatin1String("parameters")].toDouble());
        for (const QJsonValue& sample : samples) {
            QCOMPARE(sample[QLatin1String("terms")].toInt(), sample[QLatin1String("tokens")].toInt() - 1);
            QVERIFY(sample[QLatin1String("log_likelihood")].toDouble() < 0);
            QCOMPARE(sample[QLatin1String("squared_norms")].toArray().size(), groups.size());
        }
    }

    void optionsChangeWhatIsComputed() {
        const auto totalOf = [](const char* options) {
            const CliRun run = runCli(QStringList{QStringLiteral("fisher"), kDemo, QStringLiteral("--text"), QStringLiteral("A number is prime.")} +
                                      words(options));
            return run.code == 0 ? valueOf(objectOf(run.out)[QLatin1String("total")]) : -1.0;
        };
        const double sequence = totalOf("--json"), token = totalOf("--json --per token"), first = totalOf("--json --labels model --seed 5");
        QVERIFY(sequence > 0 && token > 0 && first > 0);
        QVERIFY(sequence != token && sequence != first);
        QCOMPARE(totalOf("--json --labels model --seed 5 --threads 1"), first);
        QVERIFY(totalOf("--json --labels model --seed 6") != first);
        QVERIFY(totalOf("--json --bos no") != sequence);
    }

    void tables() {
        const CliRun text = runCli({QStringLiteral("fisher"), kDemo, QStringLiteral("--text"), QStringLiteral("A number is prime.")});
        QVERIFY2(text.code == 0, text.err.constData());
        for (const char* part : {"empirical Fisher", "layer", "query", "norms", "token embedding = unembedding", "final norm", "with BOS"})
            QVERIFY2(text.out.contains(part), part);
        QVERIFY2(text.out.contains("one sample, no interval"), text.out.constData());
        const CliRun csv = runCli({QStringLiteral("fisher"), kDemo, QStringLiteral("--text"), QStringLiteral("A number is prime."), QStringLiteral("--csv")});
        QCOMPARE(csv.code, 0);
        const QList<QByteArray> lines = csv.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 1 + 2 + 6 * 6);
        QVERIFY(lines[0].startsWith("component,layer,parameters,total,total_low"));
        for (const QByteArray& line : lines)
            QCOMPARE(line.count(','), lines[0].count(','));
    }

    void oneTokenIsNotEnough() {
        writeBytes(m_folder.filePath(QStringLiteral("short.txt")).toStdString(), "a\n");
        const QStringList command{QStringLiteral("fisher"), kDemo, QStringLiteral("--samples"), m_folder.filePath(QStringLiteral("short.txt")),
                                  QStringLiteral("--bos"), QStringLiteral("no")};
        const CliRun text = runCli(command), json = runCli(command + words("--json"));
        QVERIFY2(text.code == 0, text.err.constData());
        QVERIFY(text.out.contains("not enough tokens"));
        QVERIFY(objectOf(json.out)[QLatin1String("total")].isNull());
        QVERIFY(!json.out.contains("nan"));
    }

    void refusals() {
        const QString body = QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/models/gpt2_body_f16");
        const QStringList text{QStringLiteral("--text"), QStringLiteral("A number is prime.")};
        for (const auto& [arguments, code] : {std::pair{QStringList{kDemo}, 2}, {QStringList{kDemo} + text + words("--labels both"), 2},
                                              {QStringList{kDemo} + text + words("--per layer"), 2},
                                              {QStringList{kDemo} + text + words("--max-memory 1M"), 1},
                                              {QStringList{body} + text, 1}}) { // no tokenizer
            const CliRun run = runCli(QStringList{QStringLiteral("fisher")} + arguments);
            QCOMPARE(run.code, code);
            QVERIFY(run.out.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestFisherCommand)
#include "tst_fisher.moc"
