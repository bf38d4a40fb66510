// SPDX-License-Identifier: Apache-2.0
// sinkscope-cli project with every choice of space, scope, scaling and alignment, on the bundled demo model.
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

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

QJsonArray projectionsOf(const QByteArray& out) { return QJsonDocument::fromJson(out).object()[QLatin1String("projections")].toArray(); }

QStringList words(const QString& text) { return text.split(QLatin1Char(' '), Qt::SkipEmptyParts); }

} // namespace

class TestProject : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;
    QString m_capture = m_folder.filePath(QStringLiteral("demo.h5")), m_csv = m_folder.filePath(QStringLiteral("out.csv"));
    std::shared_ptr<CaptureStore> m_store;

    CliRun project(const QString& options) {
        return runCli(QStringList{QStringLiteral("project"), m_capture, QStringLiteral("-o"), m_csv} + words(options));
    }
    QList<QByteArray> rows() const { // without the head line and the end
        QFile file(m_csv);
        if (!file.open(QIODevice::ReadOnly))
            return {};
        return file.readAll().trimmed().split('\n').mid(1);
    }
    qsizetype tokens() const {
        return static_cast<qsizetype>(m_store->header().samples[0]->display.size() + m_store->header().samples[1]->display.size());
    }

private Q_SLOTS:
    void initTestCase() {
        const QString text = m_folder.filePath(QStringLiteral("samples.txt"));
        writeBytes(text.toStdString(), "The heart pumps blood through the body.\nA number is prime.\n");
        const CliRun run = runCli({QStringLiteral("run"), QStringLiteral(SINKSCOPE_SOURCE_DIR "/resources/demo"), QStringLiteral("--samples"), text,
                                   QStringLiteral("-o"), m_capture, QStringLiteral("--keep"), QStringLiteral("qkv,hidden"), QStringLiteral("--layers"), QStringLiteral("0-3")});
        QVERIFY2(run.code == 0, run.err.constData());
        const auto store = CaptureStore::open(m_capture.toStdString());
        QVERIFY_RESULT(store);
        m_store = *store;
    }

    void everyChoice_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<int>("projections");
        QTest::addColumn<int>("vectors"); // of a token, in the whole file
        QTest::newRow("keys before the rotation") << QStringLiteral("--space key --rotary pre --layer 1 --head 0") << 1 << 1;
        QTest::newRow("key+query") << QStringLiteral("--space key+query --layer 1 --head 2 --match-products") << 1 << 2;
        QTest::newRow("groups") << QStringLiteral("--space query --layer 0 --head group --dims 2") << 4 << 4;
        QTest::newRow("layer") << QStringLiteral("--space value --scope layer --layer 0-1 --scale robust") << 2 << 8;
        QTest::newRow("model") << QStringLiteral("--space query --scope model --scale log-radius") << 1 << 16;
        QTest::newRow("hidden") << QStringLiteral("--space hidden --layer 0,2 --align-to 2") << 2 << 2;
        QTest::newRow("joint") << QStringLiteral("--space key --head 1 --align-to joint") << 4 << 4;
        QTest::newRow("solver") << QStringLiteral("--space key --head 1 --layer 2 --set pca.solver=randomized") << 1 << 1;
    }
    void everyChoice() {
        QFETCH(QString, options);
        QFETCH(int, projections);
        QFETCH(int, vectors);
        QCOMPARE(m_store->header().heads, 4); // what the rows above count on
        QCOMPARE(m_store->header().keyValueHeads, 4);
        QCOMPARE(m_store->header().capturedLayers.size(), std::size_t{4});
        const CliRun run = project(options + QStringLiteral(" --json"));
        QVERIFY2(run.code == 0, run.err.constData());
        const QJsonArray list = projectionsOf(run.out);
        QCOMPARE(list.size(), projections);
        QCOMPARE(rows().size(), vectors * tokens());
        for (const QJsonValue& each : list) {
            const QJsonObject quality = each[QLatin1String("quality")].toObject();
            for (const char* key : {"trustworthiness", "continuity", "neighbourhood_preservation", "stress", "quality_queries", "points", "captured_points"})
                QVERIFY2(quality[QLatin1String(key)].isDouble(), key);
            QCOMPARE(quality[QLatin1String("points")], quality[QLatin1String("captured_points")]);
            QVERIFY(quality[QLatin1String("trustworthiness")].toDouble() > 0.5);
            const QJsonObject geometry = each[QLatin1String("geometry")].toObject();
            QVERIFY(geometry[QLatin1String("effective_rank")].toDouble() >= 1);
            QVERIFY(geometry[QLatin1String("intrinsic_dimension")][QLatin1String("two_nearest")].toDouble() > 0);
            const auto anchors = geometry[QLatin1String("anchors")].toArray().size();
            QCOMPARE(geometry[QLatin1String("anchor_angles")].toArray().size(), anchors * anchors);
        }
    }

    void columns() {
        QVERIFY(project(QStringLiteral("--space key+query --layer 3 --head 1 --rotary pre")).code == 0);
        const auto lines = rows();
        QVERIFY(lines.first().contains(",key,0,") && lines.last().contains(",query,"));
        QVERIFY(lines.first().contains(",special,"));
        QCOMPARE(lines.first().count(','), 15);
        QVERIFY(lines.first().startsWith("0,3,1,0,"));
    }

    void alignmentMovesLayersTogether() {
        const auto free = projectionsOf(project(QStringLiteral("--space hidden --json")).out);
        const auto before = rows();
        const CliRun run = project(QStringLiteral("--space hidden --align-to 3 --json"));
        QVERIFY2(run.code == 0, run.err.constData());
        const auto after = rows();
        QCOMPARE(after.mid(3 * tokens()), before.mid(3 * tokens())); // the layer itself stays
        QVERIFY(after.first() != before.first());
        const auto list = projectionsOf(run.out);
        for (int layer = 0; layer < 4; ++layer) {
            const QJsonObject alignment = list[layer][QLatin1String("alignment")].toObject();
            QCOMPARE(alignment[QLatin1String("points")].toInt(), static_cast<int>(tokens()));
            const double residual = alignment[QLatin1String("residual")].toDouble();
            QVERIFY(layer == 3 ? residual < 1e-5 : residual > 0.001 && residual < 3);
        }
        QVERIFY(!free[0].toObject().contains(QLatin1String("alignment")));
    }

    void headsAndRunsAreAligned() {
        const auto heads = projectionsOf(project(QStringLiteral("--space query --layer 2 --along heads --align-to 1 --json")).out);
        QCOMPARE(heads.size(), 4);
        for (int head = 0; head < 4; ++head) {
            const double residual = heads[head][QLatin1String("alignment")][QLatin1String("residual")].toDouble();
            QVERIFY(head == 1 ? residual < 1e-5 : residual > 0.001 && residual < 3);
        }
        // A run of the same model lies exactly on the first; mirrored or not, there is nothing left between them.
        for (const char* how : {"0", "joint"}) {
            const CliRun run = runCli(QStringList{QStringLiteral("project"), m_capture, m_capture, QStringLiteral("-o"), m_csv} +
                                      words(QStringLiteral("--space key --layer 1 --head 0 --along runs --json --align-to ") + QLatin1String(how)));
            QVERIFY2(run.code == 0, run.err.constData());
            const auto list = projectionsOf(run.out);
            QCOMPARE(list.size(), 2);
            QCOMPARE(list[1][QLatin1String("run")].toInt(), 1);
            const auto all = rows();
            QCOMPARE(all.size(), 2 * tokens());
            const auto x = [&](qsizetype i) { return all[i].split(',')[6].toDouble(); };
            for (qsizetype i = 0; i < tokens(); ++i) {
                QVERIFY(std::abs(x(i) - x(i + tokens())) < 1e-4);
                QVERIFY(all[i].endsWith(",0") && all[i + tokens()].endsWith(",1"));
            }
        }
    }

    void samplesAreReported() {
        const CliRun run = project(QStringLiteral("--space query --scope model --max-points 60 --json"));
        QVERIFY2(run.code == 0, run.err.constData());
        const QJsonObject one = projectionsOf(run.out)[0].toObject();
        QCOMPARE(one[QLatin1String("captured")].toInt(), static_cast<int>(16 * tokens()));
        QVERIFY(one[QLatin1String("points")].toInt() >= 60 && one[QLatin1String("points")].toInt() < 16 * tokens());
        QVERIFY(one[QLatin1String("notes")][0].toString().contains(QLatin1String("points are shown")));
        const CliRun fitted = project(QStringLiteral("--space query --scope model --max-points 60 --fit all --json"));
        QVERIFY2(fitted.code == 0, fitted.err.constData());
        const QJsonObject all = projectionsOf(fitted.out)[0].toObject()[QLatin1String("quality")].toObject();
        QCOMPARE(all[QLatin1String("fitted_points")].toInt(), static_cast<int>(16 * tokens()));
        const QJsonObject whole = projectionsOf(project(QStringLiteral("--space query --scope model --json")).out)[0].toObject();
        QVERIFY(std::abs(all[QLatin1String("explained_variance_1")].toDouble() -
                         whole[QLatin1String("quality")][QLatin1String("explained_variance_1")].toDouble()) < 1e-9);
        const CliRun single = project(QStringLiteral("--space key --layer 0 --head 0 --samples-of 1 --json"));
        QCOMPARE(rows().size(), static_cast<qsizetype>(m_store->header().samples[1]->display.size()));
        QVERIFY(rows().first().startsWith("1,0,0,0,"));
    }

    void saysInOneLineWhatIsWrong_data() {
        QTest::addColumn<QString>("options");
        QTest::addColumn<QByteArray>("part");
        QTest::newRow("head") << QStringLiteral("--head 9") << QByteArray("head 9");
        QTest::newRow("group") << QStringLiteral("--scope group --head 9") << QByteArray("head 9");
        QTest::newRow("sample") << QStringLiteral("--samples-of 7") << QByteArray("sample 7");
        QTest::newRow("alignment layer") << QStringLiteral("--layer 0,1 --align-to 3") << QByteArray("layer 3");
        QTest::newRow("alignment of one cloud") << QStringLiteral("--scope model --align-to 3") << QByteArray("nothing to be aligned");
        QTest::newRow("alignment of all heads") << QStringLiteral("--scope layer --along heads --align-to 0") << QByteArray("no other heads");
        QTest::newRow("alignment capture") << QStringLiteral("--along runs --align-to 3") << QByteArray("capture 3");
        QTest::newRow("joint UMAP") << QStringLiteral("--method umap --align-to joint") << QByteArray("pca");
        QTest::newRow("parameter") << QStringLiteral("--set pca.speed=3") << QByteArray("speed");
        QTest::newRow("fit of what is scaled") << QStringLiteral("--fit all --scale robust") << QByteArray("as they are");
        QTest::newRow("fit of UMAP") << QStringLiteral("--fit all --method umap") << QByteArray("pca");
        QTest::newRow("space") << QStringLiteral("--space keys") << QByteArray("keys");
        QTest::newRow("points") << QStringLiteral("--max-points -3") << QByteArray("-3");
    }
    void saysInOneLineWhatIsWrong() {
        QFETCH(QString, options);
        QFETCH(QByteArray, part);
        const CliRun run = project(options);
        QCOMPARE(run.code, 2);
        QCOMPARE(run.out, QByteArray());
        QVERIFY2(isOneErrorLine(run.err) && run.err.contains(part), run.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
