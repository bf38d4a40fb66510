// SPDX-License-Identifier: Apache-2.0
#include "support/run_cli.h"
#include "support/tiny_gpt2.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

namespace {
QString text(const char* latin) { return QLatin1String(latin); }
} // namespace

class TestDiff : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] fs::path at(const char* name) const { return fs::path(m_directory.path().toStdString()) / name; }
    [[nodiscard]] QString path(const char* name) const { return m_directory.filePath(text(name)); }

private Q_SLOTS:
    void initTestCase() {
        SafetensorsWriter().addFloats("same", {2}, {1, 2}).addFloats("w", {2}, {3, 4}).addFloats("old", {1}, {1}).write(at("a.safetensors"));
        SafetensorsWriter().addFloats("same", {2}, {1, 2}).addFloats("w", {2}, {3, 4.5F}).addFloats("new", {3}, {1, 1, 1}).write(at("b.safetensors"));
    }

    void jsonForPrograms() {
        const CliRun run = runCli({text("diff"), path("a.safetensors"), path("b.safetensors"), text("--json")});
        QCOMPARE(run.err, QByteArray());
        QCOMPARE(run.code, 0);
        const QJsonObject json = QJsonDocument::fromJson(run.out).object();
        QVERIFY(!json[text("identical")].toBool(true));
        const QJsonObject counts = json[text("counts")].toObject();
        QCOMPARE(counts[text("identical")].toInt(), 1);
        QCOMPARE(counts[text("values")].toInt(), 1);
        QCOMPARE(counts[text("only_first")].toInt(), 1);
        QCOMPARE(counts[text("only_second")].toInt(), 1);
        const QJsonArray tensors = json[text("tensors")].toArray();
        QCOMPARE(tensors.size(), 4);
        const QJsonObject w = tensors[1].toObject();
        QCOMPARE(w[text("name")].toString(), text("w"));
        QCOMPARE(w[text("status")].toString(), text("values"));
        QCOMPARE(w[text("max_abs")].toDouble(), 0.5);
        QCOMPARE(w[text("max_abs_at")].toInt(), 1);
        QCOMPARE(w[text("relative_norm")].toDouble(), 0.1);
        QCOMPARE(w[text("changed")].toInt(), 1);
        QVERIFY(tensors[2].toObject()[text("b")].isNull());
    }

    void textForPeople() {
        const CliRun run = runCli({text("diff"), path("a.safetensors"), path("b.safetensors")});
        QCOMPARE(run.code, 0);
        QVERIFY(run.out.contains("values differ") && run.out.contains("only in A") && run.out.contains("only in B") && !run.out.contains("same "));
        QVERIFY(runCli({text("diff"), path("a.safetensors"), path("b.safetensors"), text("--all")}).out.contains("identical"));
        const CliRun same = runCli({text("diff"), path("a.safetensors"), path("a.safetensors")});
        QVERIFY(same.code == 0 && same.out.contains("All tensors are identical"));
    }

    void errorsInOneLine() {
        const CliRun missing = runCli({text("diff"), path("a.safetensors"), path("no.safetensors")});
        QCOMPARE(missing.code, 1);
        QVERIFY(isOneErrorLine(missing.err));
        QCOMPARE(runCli({text("diff"), path("a.safetensors")}).code, 2);
    }
};

QTEST_GUILESS_MAIN(TestDiff)
#include "tst_diff.moc"
