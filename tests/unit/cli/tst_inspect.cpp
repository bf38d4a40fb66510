// SPDX-License-Identifier: Apache-2.0
#include "support/run_cli.h"
#include "support/tiny_gpt2.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestInspect : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] fs::path at(const char* name) const { return fs::path(m_directory.path().toStdString()) / name; }
    [[nodiscard]] QString path(const char* name) const { return m_directory.filePath(QString::fromLatin1(name)); }
    /// Fails the caller's test through an empty object unless stdout is one line of JSON and nothing else.
    static QJsonObject jsonOf(const CliRun& run) {
        return run.out.count('\n') == 1 ? QJsonDocument::fromJson(run.out).object() : QJsonObject();
    }

private Q_SLOTS:
    void initTestCase() { writeTinyGpt2(at("gpt2")); }

    void printsJsonForPrograms() {
        const CliRun run = runCli({QStringLiteral("inspect"), path("gpt2"), QStringLiteral("--json")});
        QCOMPARE(run.err, QByteArray());
        QCOMPARE(run.code, 0);
        const QJsonObject json = jsonOf(run);
        QCOMPARE(json[QStringLiteral("architecture")].toString(), QStringLiteral("gpt2"));
        const std::pair<const char*, int> numbers[] = {{"layers", 1}, {"heads", 2}, {"kv_heads", 2}, {"head_width", 4}, {"width", 8},
                                                       {"positions", 16}, {"vocabulary", 12}, {"parameters", 1112}};
        for (const auto& [key, value] : numbers)
            QVERIFY2(json[QLatin1String(key)].toInt(-1) == value, key);
        QCOMPARE(json[QStringLiteral("dtype")].toString(), QStringLiteral("F32"));
        QVERIFY(json[QStringLiteral("problems")].toArray().isEmpty());
        const QJsonArray tensors = json[QStringLiteral("tensors")].toArray();
        QCOMPARE(tensors.size(), 16);
        const QJsonObject first = tensors[0].toObject();
        QCOMPARE(first[QStringLiteral("name")].toString(), QStringLiteral("transformer.h.0.ln_1.weight"));
        QCOMPARE(first[QStringLiteral("shape")].toArray(), (QJsonArray{8}));
        QCOMPARE(first[QStringLiteral("dtype")].toString(), QStringLiteral("F32"));
        QCOMPARE(first[QStringLiteral("bytes")].toInt(), 32);
    }

    void printsTextForPeople() {
        const CliRun brief = runCli({QStringLiteral("inspect"), path("gpt2")});
        QCOMPARE(brief.code, 0);
        QVERIFY(brief.out.contains("GPT-2") && brief.out.contains("learned absolute, 16") && !brief.out.contains("wte.weight"));
        const CliRun full = runCli({QStringLiteral("inspect"), path("gpt2"), QStringLiteral("--tensors")});
        QCOMPARE(full.code, 0);
        QVERIFY(full.out.contains("transformer.wte.weight") && full.out.contains("12 x 8"));
    }

    void showsTensorsOfUnknownArchitectures() {
        writeTinyGpt2(at("mystery"));
        writeBytes(at("mystery/config.json"), R"({"model_type":"mystery"})");
        const CliRun run = runCli({QStringLiteral("inspect"), path("mystery"), QStringLiteral("--json")});
        QCOMPARE(run.code, 0);
        const QJsonObject json = jsonOf(run);
        QVERIFY(json.contains(QStringLiteral("layers")) && json[QStringLiteral("architecture")].isNull());
        QCOMPARE(json[QStringLiteral("tensors")].toArray().size(), 16);
        QCOMPARE(json[QStringLiteral("dtype")].toString(), QStringLiteral("F32"));
        const QJsonArray problems = json[QStringLiteral("problems")].toArray();
        QCOMPARE(problems.size(), 1);
        QCOMPARE(problems[0].toObject()[QStringLiteral("code")].toString(), QStringLiteral("unknown_architecture"));
    }

    void showsTensorsBesideABrokenConfig() {
        writeTinyGpt2(at("broken"));
        writeBytes(at("broken/config.json"), "{");
        const QJsonObject json = jsonOf(runCli({QStringLiteral("inspect"), path("broken"), QStringLiteral("--json")}));
        const QJsonArray problems = json[QStringLiteral("problems")].toArray();
        QCOMPARE(problems.size(), 1); // not also "there is no config.json"
        QCOMPARE(problems[0].toObject()[QStringLiteral("code")].toString(), QStringLiteral("config_invalid"));
    }

    void readsStatisticsOfATensor() {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();
        SafetensorsWriter().addFloats("w", {2, 3}, {3, -4, 0, kNan, kInfinity, 0}).addFloats("none", {0}, {}).write(at("w.safetensors"));
        const QStringList command{QStringLiteral("inspect"), path("w.safetensors"), QStringLiteral("--stats")};
        const QJsonObject json = jsonOf(runCli(command + QStringList{QStringLiteral("w"), QStringLiteral("--json")}));
        const QJsonObject stats = json[QStringLiteral("stats")].toObject();
        const std::pair<const char*, double> numbers[] = {{"count", 6}, {"min", -4}, {"max", 3}, {"mean", -0.25}, {"l2", 5},
                                                          {"zeros", 2}, {"nan", 1}, {"inf", 1}};
        for (const auto& [key, value] : numbers)
            QVERIFY2(stats[QLatin1String(key)].toDouble(1e99) == value, key);
        QVERIFY(std::abs(stats[QStringLiteral("std")].toDouble() - std::sqrt(25.0 / 4 - 0.0625)) < 1e-12);
        const QJsonObject none = jsonOf(runCli(command + QStringList{QStringLiteral("none"), QStringLiteral("--json")}));
        QVERIFY(none[QStringLiteral("stats")].toObject()[QStringLiteral("min")].isNull());
        const CliRun text = runCli(command + QStringList{QStringLiteral("w")});
        QVERIFY(text.code == 0 && text.out.contains("L2 norm") && text.out.contains("NaN"));
        const CliRun absent = runCli(command + QStringList{QStringLiteral("absent")});
        QCOMPARE(absent.code, 2);
        QVERIFY(isOneErrorLine(absent.err) && absent.out.isEmpty());
    }

    void saysInOneLineWhatIsWrong_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const std::string& content, const char* expected) {
            QTest::newRow(name) << QString::fromLatin1(name) << QByteArray::fromStdString(content) << QByteArray(expected);
        };
        row("lying.safetensors", safetensorsBytes(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234"), "8");
        row("short.safetensors", "1234", "4 bytes");
        row("line\nbreak.safetensors", "1234", "line\\x0abreak");
        row("model.gguf", "GGUF....", "versions 2 and 3");
        row("escape.safetensors.index.json", R"({"weight_map":{"a":"../b"}})", "../b");
        row("gone.safetensors.index.json", R"({"weight_map":{"a":"b.safetensors"}})", "b.safetensors");
    }

    void saysInOneLineWhatIsWrong() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, expected);
        const QString file = m_directory.filePath(name);
        writeBytes(file.toStdString(), content.toStdString());
        for (const QStringList& options : {QStringList{}, QStringList{QStringLiteral("--json")}}) {
            const CliRun run = runCli(QStringList{QStringLiteral("inspect"), file} + options);
            QCOMPARE(run.code, 1);
            QCOMPARE(run.out, QByteArray());
            QVERIFY2(isOneErrorLine(run.err) && run.err.contains(expected), run.err.constData());
        }
    }

    void refusesWrongUsage() {
        for (const QStringList& arguments :
             {QStringList{}, QStringList{QStringLiteral("inspect")}, QStringList{QStringLiteral("bogus")},
              QStringList{QStringLiteral("inspect"), path("gpt2"), QStringLiteral("--bogus")}}) {
            const CliRun run = runCli(arguments);
            QCOMPARE(run.code, 2);
            QCOMPARE(run.out, QByteArray());
            QVERIFY2(isOneErrorLine(run.err), run.err.constData());
        }
        const CliRun help = runCli({QStringLiteral("inspect"), QStringLiteral("--help")});
        QVERIFY(help.code == 0 && help.out.contains("--stats") && help.err.isEmpty());
    }

    /// Also that the module with torch is found and loads.
    void saysWhatComputes() {
        const CliRun run = runCli({QStringLiteral("--version")});
        QCOMPARE(run.code, 0);
        QVERIFY2(run.out.startsWith("sinkscope-cli " SINKSCOPE_VERSION "\n") && run.out.contains("libtorch"), run.out.constData());
    }

    void reportsAFullDisk() {
        QProcess process;
        process.setStandardOutputFile(QStringLiteral("/dev/full"));
        process.start(QStringLiteral(SINKSCOPE_BINARY_DIR "/bin/sinkscope-cli"), {QStringLiteral("inspect"), path("gpt2")});
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(isOneErrorLine(process.readAllStandardError()));
    }

    void namesRoles() {
        const QJsonArray tensors = jsonOf(runCli({QStringLiteral("inspect"), path("gpt2"), QStringLiteral("--json")}))[QStringLiteral("tensors")].toArray();
        const QJsonObject first = tensors[0].toObject(), last = tensors[14].toObject();
        QCOMPARE(first[QStringLiteral("role")].toString(), QStringLiteral("attention norm"));
        QCOMPARE(first[QStringLiteral("layer")].toInt(-1), 0);
        QCOMPARE(last[QStringLiteral("role")].toString(), QStringLiteral("token embedding"));
        QVERIFY(last[QStringLiteral("layer")].isNull());
        QVERIFY(runCli({QStringLiteral("inspect"), path("gpt2"), QStringLiteral("--tensors")}).out.contains("layer 0 MLP up weight"));
    }

    void histogramAndSingularValues() {
        SafetensorsWriter().addFloats("w", {2, 2}, {3, 0, 0, -4}).addFloats("v", {2}, {1, 2}).write(at("wv.safetensors"));
        const QStringList command{QStringLiteral("inspect"), path("wv.safetensors"), QStringLiteral("--stats")};
        const CliRun run = runCli(command + QStringList{QStringLiteral("w"), QStringLiteral("--json"), QStringLiteral("--histogram"), QStringLiteral("7"), QStringLiteral("--singular")});
        const QJsonObject stats = jsonOf(run)[QStringLiteral("stats")].toObject();
        const QJsonObject histogram = stats[QStringLiteral("histogram")].toObject(), singular = stats[QStringLiteral("singular")].toObject();
        QCOMPARE(histogram[QStringLiteral("low")].toDouble(), -4.0);
        QCOMPARE(histogram[QStringLiteral("high")].toDouble(), 3.0);
        QCOMPARE(histogram[QStringLiteral("counts")].toArray(), (QJsonArray{1, 0, 0, 0, 2, 0, 1}));
        QCOMPARE(singular[QStringLiteral("values")].toArray(), (QJsonArray{4, 3}));
        QVERIFY(singular[QStringLiteral("exact")].toBool());
        const CliRun text = runCli(command + QStringList{QStringLiteral("w"), QStringLiteral("--histogram"), QStringLiteral("--singular"), QStringLiteral("1")});
        QVERIFY(text.code == 0 && text.out.contains("####") && text.out.contains("sigma 1") && !text.out.contains("sigma 2"));
        const CliRun vector = runCli(command + QStringList{QStringLiteral("v"), QStringLiteral("--singular")});
        QCOMPARE(vector.code, 2);
        QVERIFY(isOneErrorLine(vector.err) && vector.err.contains("no matrix"));
        QCOMPARE(runCli({QStringLiteral("inspect"), path("wv.safetensors"), QStringLiteral("--singular")}).code, 2);
    }

    void hashes() {
        SafetensorsWriter().addFloats("w", {1}, {3}).write(at("h1.safetensors"));
        SafetensorsWriter().addFloats("w", {1}, {4}).write(at("h2.safetensors"));
        const auto hashOf = [this](const char* name) {
            return jsonOf(runCli({QStringLiteral("inspect"), path(name), QStringLiteral("--json"), QStringLiteral("--hash")}))[QStringLiteral("hash")].toObject();
        };
        const QJsonObject hash = hashOf("h1.safetensors");
        const QString content = hash[QStringLiteral("content_sha256")].toString();
        QCOMPARE(content.size(), 64);
        QVERIFY(content != hashOf("h2.safetensors")[QStringLiteral("content_sha256")].toString());
        QCOMPARE(hash[QStringLiteral("tensors")].toObject()[QStringLiteral("w")].toString().size(), 64);
        QCOMPARE(hash[QStringLiteral("files")].toArray().size(), 1);
        const CliRun text = runCli({QStringLiteral("inspect"), path("h1.safetensors"), QStringLiteral("--hash")});
        QVERIFY(text.code == 0 && text.out.contains(content.toLatin1()));
    }

    /// A tensor of a terabyte, nothing but holes: only an interrupted program is done with it soon.
    void stopsOnInterrupt() {
        constexpr std::uint64_t kBytes = 1ULL << 40U;
        const std::string header = R"({"a":{"dtype":"U8","shape":[)" + std::to_string(kBytes) + R"(],"data_offsets":[0,)" +
                                   std::to_string(kBytes) + "]}}";
        writeBytes(at("huge.safetensors"), safetensorsBytes(header, ""));
        fs::resize_file(at("huge.safetensors"), 8 + header.size() + kBytes);
        QProcess process;
        process.start(QStringLiteral(SINKSCOPE_BINARY_DIR "/bin/sinkscope-cli"),
                      {QStringLiteral("inspect"), path("huge.safetensors"), QStringLiteral("--stats"), QStringLiteral("a")});
        QVERIFY(process.waitForStarted());
        const fs::path status = "/proc/" + std::to_string(process.processId()) + "/status";
        // Once a thread waits for signals, SIGINT is blocked in the one that works.
        QTRY_VERIFY_WITH_TIMEOUT(awaitsInterrupt(status), 30000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        QVERIFY(isOneErrorLine(process.readAllStandardError()));
        QCOMPARE(process.readAllStandardOutput(), QByteArray());
    }

private:
    static bool awaitsInterrupt(const fs::path& status) {
        const std::string text = readBytes(status);
        const auto blocked = text.find("SigBlk:");
        return blocked != std::string::npos && (std::stoull(text.substr(blocked + 7), nullptr, 16) >> (SIGINT - 1) & 1U) != 0;
    }
};

QTEST_GUILESS_MAIN(TestInspect)
#include "tst_inspect.moc"
