// SPDX-License-Identifier: Apache-2.0
#include "support/run_cli.h"
#include "support/safetensors_writer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace sinkscope::test;

class TestTokenize : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    static QString fixture(const char* name) {
        return QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/tokenizers/") + QLatin1String(name);
    }
    static CliRun tokenize(const char* model, const QStringList& options) {
        return runCli(QStringList{QStringLiteral("tokenize"), fixture(model)} + options);
    }
    static QJsonArray listOf(const QByteArray& line, const char* key) {
        return QJsonDocument::fromJson(line).object()[QLatin1String(key)].toArray();
    }

private Q_SLOTS:
    void printsJsonForPrograms() {
        const CliRun run = tokenize("wordpiece_uncased", {QStringLiteral("--text"), QString::fromUtf8("a b"), QStringLiteral("--json")});
        QCOMPARE(run.err, QByteArray());
        QCOMPARE(run.code, 0);
        QCOMPARE(run.out.count('\n'), 1);
        QCOMPARE(listOf(run.out, "pieces"),
                 (QJsonArray{QStringLiteral("[CLS]"), QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("[SEP]")}));
        QCOMPARE(listOf(run.out, "offsets"), (QJsonArray{QJsonArray{0, 0}, QJsonArray{0, 1}, QJsonArray{2, 3}, QJsonArray{0, 0}}));
        QCOMPARE(listOf(run.out, "ids").size(), 4);
        // The file itself names the same tokenizer.
        QCOMPARE(tokenize("wordpiece_uncased/tokenizer.json", {QStringLiteral("--text"), QStringLiteral("a b"), QStringLiteral("--json")}).out,
                 run.out);
    }

    void printsTextForPeople() {
        const CliRun run = tokenize("sentencepiece_metaspace", {QStringLiteral("--text"), QStringLiteral("The cat")});
        QCOMPARE(run.code, 0);
        QVERIFY(run.out.contains("<s>") && run.out.contains("(special)"));
    }

    void obeysTheSwitches() {
        const QStringList text{QStringLiteral("--json"), QStringLiteral("--text"), QStringLiteral("a b")};
        const auto pieces = [&](const char* model, const QStringList& options) { return listOf(tokenize(model, text + options).out, "pieces"); };
        const QJsonArray bare{QStringLiteral("a"), QStringLiteral("b")};
        QCOMPARE(pieces("wordpiece_uncased", {QStringLiteral("--no-special")}), bare);
        const QString bos = QStringLiteral("--bos"), first = QStringLiteral("<s>");
        QCOMPARE(pieces("sentencepiece_metaspace", {bos, QStringLiteral("auto")})[0].toString(), first);
        QCOMPARE(pieces("sentencepiece_metaspace", {bos, QStringLiteral("yes")})[0].toString(), first);
        QVERIFY(pieces("sentencepiece_metaspace", {bos, QStringLiteral("no")})[0].toString() != first);
    }

    void readsAFileLineByLine() {
        const QString file = m_directory.filePath(QStringLiteral("lines.txt"));
        writeBytes(file.toStdString(), "a b\n\nb\r\na");
        const CliRun run = tokenize("wordpiece_uncased", {QStringLiteral("--file"), file, QStringLiteral("--json"), QStringLiteral("--no-special")});
        QCOMPARE(run.code, 0);
        const QList<QByteArray> lines = run.out.split('\n');
        QCOMPARE(lines.size(), 5); // four, and the end of the last
        const int sizes[] = {2, 0, 1, 1};
        for (int i = 0; i < 4; ++i)
            QCOMPARE(listOf(lines[i], "pieces").size(), sizes[i]);
    }

    void saysInOneLineWhatIsWrong() {
        const QString file = m_directory.filePath(QStringLiteral("bad.txt"));
        writeBytes(file.toStdString(), "a\n\xff\n");
        const CliRun invalid = tokenize("wordpiece_uncased", {QStringLiteral("--file"), file});
        QCOMPARE(invalid.code, 1);
        QVERIFY2(isOneErrorLine(invalid.err) && invalid.err.contains("line 2") && invalid.err.contains("bad.txt"), invalid.err.constData());
        const QStringList text{QStringLiteral("--text"), QStringLiteral("a")};
        const CliRun missing = runCli(QStringList{QStringLiteral("tokenize"), m_directory.path()} + text);
        QCOMPARE(missing.code, 1);
        QVERIFY(isOneErrorLine(missing.err) && missing.err.contains("tokenizer.json"));
        const CliRun absent = runCli(QStringList{QStringLiteral("tokenize"), m_directory.filePath(QStringLiteral("absent"))} + text);
        QCOMPARE(absent.code, 1);
        QVERIFY(isOneErrorLine(absent.err));
    }

    void refusesWrongUsage() {
        const QString text = QStringLiteral("--text"), a = QStringLiteral("a"), bos = QStringLiteral("--bos");
        for (const QStringList& options : {QStringList{}, QStringList{text, a, QStringLiteral("--file"), a}, QStringList{text, a, bos, a},
                                           QStringList{text, a, bos, QStringLiteral("yes"), QStringLiteral("--no-special")}}) {
            const CliRun run = tokenize("wordpiece_uncased", options);
            QCOMPARE(run.code, 2);
            QVERIFY2(isOneErrorLine(run.err) && run.out.isEmpty(), run.err.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestTokenize)
#include "tst_tokenize.moc"
