// SPDX-License-Identifier: Apache-2.0
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace sinkscope;

/// `sinkscope --figure` and the other things that the program does without a window and without a display.
class TestFigureCli : public QObject {
    Q_OBJECT

    struct Ended {
        int code = -1; ///< -1: it did not start, crashed or hung
        QByteArray out, err;
    };
    static Ended start(const QStringList& arguments) {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const auto* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            environment.remove(QLatin1String(name));
        const QTemporaryDir runtime; // Qt remarks on the absence of one, and on one that others can read
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), runtime.path());
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(SINKSCOPE_BINARY_DIR "/bin/sinkscope"), arguments);
        const bool ended = process.waitForFinished(120000) && process.exitStatus() == QProcess::NormalExit;
        return {ended ? process.exitCode() : -1, process.readAllStandardOutput(), process.readAllStandardError()};
    }
    static bool isOneErrorLine(const QByteArray& text) {
        return text.startsWith("sinkscope: ") && text.endsWith('\n') && text.count('\n') == 1 && text.contains("(try: ");
    }

    test::ScratchFolder m_folder;

    [[nodiscard]] QString recipe(const QJsonObject& content) const {
        QFile file(m_folder.filePath(QStringLiteral("recipe.json")));
        if (!file.open(QIODevice::WriteOnly) || file.write(QJsonDocument(content).toJson()) < 0)
            return {};
        return file.fileName();
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY_RESULT(test::writeCapture(test::fileIn(m_folder), test::smallHeader())); }

    void draws_data() {
        QTest::addColumn<QString>("extension");
        QTest::addColumn<QByteArray>("magic");
        QTest::newRow("pdf") << "pdf" << QByteArray("%PDF-");
        QTest::newRow("svg") << "svg" << QByteArray("<?xml");
        QTest::newRow("png") << "png" << QByteArray("\x89PNG");
    }
    void draws() {
        QFETCH(QString, extension);
        QFETCH(QByteArray, magic);
        const QString out = m_folder.filePath(QStringLiteral("figure.") + extension);
        // The path of the capture is relative to the recipe, wherever the program is started.
        const QString file = recipe({{QStringLiteral("figure"), QStringLiteral("heat_map")},
                                     {QStringLiteral("capture"), QStringLiteral("capture.h5")},
                                     {QStringLiteral("sample"), 2},
                                     {QStringLiteral("layer"), 1},
                                     {QStringLiteral("head"), 3}});
        const Ended ended = start({QStringLiteral("--figure"), file, QStringLiteral("-o"), out});
        QCOMPARE(ended.err, QByteArray());
        QCOMPARE(ended.code, 0);
        QFile written(out);
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QByteArray content = written.readAll();
        QVERIFY(content.startsWith(magic));
        QVERIFY(content.size() > 1000);
    }

    void failsWithOneLine_data() {
        QTest::addColumn<QJsonObject>("content");
        QTest::addColumn<QString>("output");
        const QJsonObject good{{QStringLiteral("figure"), QStringLiteral("heat_map")}, {QStringLiteral("capture"), QStringLiteral("capture.h5")}};
        const auto with = [&](const char* key, const QJsonValue& value) {
            QJsonObject changed = good;
            changed.insert(QLatin1String(key), value);
            return changed;
        };
        QTest::newRow("unknown figure") << with("figure", QStringLiteral("pie")) << "f.pdf";
        QTest::newRow("missing capture") << with("capture", QStringLiteral("gone.h5")) << "f.pdf";
        QTest::newRow("head out of range") << with("head", 99) << "f.pdf";
        QTest::newRow("unknown format") << good << "f.gif";
        QTest::newRow("unwritable") << good << "no/such/folder/f.pdf";
    }
    void failsWithOneLine() {
        QFETCH(QJsonObject, content);
        QFETCH(QString, output);
        const Ended ended = start({QStringLiteral("--figure"), recipe(content), QStringLiteral("-o"), m_folder.filePath(output)});
        QCOMPARE(ended.code, 1);
        QVERIFY2(isOneErrorLine(ended.err), ended.err.constData());
        QVERIFY(!QFile::exists(m_folder.filePath(output)));
    }

    void brokenRecipe() {
        const QString path = m_folder.filePath(QStringLiteral("broken.json"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"figure\": ");
        file.close();
        const Ended ended = start({QStringLiteral("--figure"), path, QStringLiteral("-o"), m_folder.filePath(QStringLiteral("f.pdf"))});
        QCOMPARE(ended.code, 1);
        QVERIFY2(isOneErrorLine(ended.err), ended.err.constData());
        QVERIFY(ended.err.contains("broken.json"));
    }

    void wrongUsage_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("figure alone") << QStringList{QStringLiteral("--figure"), QStringLiteral("r.json")};
        QTest::newRow("unknown option") << QStringList{QStringLiteral("--figure"), QStringLiteral("r.json"), QStringLiteral("--colour")};
        QTest::newRow("odd size") << QStringList{QStringLiteral("--figure"), QStringLiteral("r.json"), QStringLiteral("-o"), QStringLiteral("o.pdf"),
                                                 QStringLiteral("--size"), QStringLiteral("large")};
    }
    void wrongUsage() {
        QFETCH(QStringList, arguments);
        const Ended ended = start(arguments);
        QCOMPARE(ended.code, 2);
        QVERIFY2(isOneErrorLine(ended.err), ended.err.constData());
    }

    void helpAndVersionNeedNoDisplay() {
        const Ended help = start({QStringLiteral("--help")});
        QCOMPARE(help.code, 0);
        QVERIFY(help.out.contains("--figure"));
        const Ended version = start({QStringLiteral("--version")});
        QCOMPARE(version.code, 0);
        QVERIFY(version.out.contains(SINKSCOPE_VERSION));
    }

    void windowWithoutDisplaySaysSo() {
        const Ended ended = start({});
        QCOMPARE(ended.code, 1);
        QVERIFY2(isOneErrorLine(ended.err), ended.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestFigureCli)
#include "tst_figure_cli.moc"
