// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/checkpoint_diff.h"
#include "core/inspect/leading_singular_values.h"
#include "core/inspect/tensor_profile.h"
#include "core/inspect/weight_hash.h"
#include "support/memory_tensor.h"
#include "support/verify_result.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

// Both sides compute in double; numpy adds in another order.
constexpr double kSumError = 1e-9;
constexpr double kSingularError = 1e-10; ///< of the largest singular value, through the eigenvalues of the Gram matrix of float16 weights: half the digits of small ones are lost

QString key(const char* text) { return QLatin1String(text); }

bool isNear(double value, double expected, double scale) { return std::abs(value - expected) <= kSumError * scale; }

} // namespace

/// The bundled demo against numpy and hashlib (tests/golden/gen/make_inspector.py).
class TestReference : public QObject {
    Q_OBJECT
    QJsonObject m_expected;
    std::shared_ptr<const Checkpoint> m_demo;

private Q_SLOTS:
    void initTestCase() {
        QFile file(QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/inspector/demo.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_expected = QJsonDocument::fromJson(file.readAll()).object();
        auto demo = openCheckpoint(SINKSCOPE_SOURCE_DIR "/resources/demo");
        QVERIFY_RESULT(demo);
        m_demo = *demo;
        QVERIFY(m_expected[key("tensors")].toObject().size() >= 4);
    }

    void hashes() {
        JobContext context;
        const auto hash = weightHash(*m_demo, context);
        QVERIFY_RESULT(hash);
        QCOMPARE(QString::fromStdString(hash->content), m_expected[key("content_sha256")].toString());
        const QJsonObject tensors = m_expected[key("tensors")].toObject();
        for (const QString& name : tensors.keys())
            QCOMPARE(QString::fromStdString(hash->tensors[m_demo->byName.at(name.toStdString())]), tensors[name].toObject()[key("sha256")].toString());
        const auto files = weightFileHashes(*m_demo, context);
        QVERIFY_RESULT(files);
        QCOMPARE(QString::fromStdString(files->front().sha256), m_expected[key("file_sha256")].toString());
    }

    void statisticsAndHistograms() {
        JobContext context;
        const QJsonObject tensors = m_expected[key("tensors")].toObject();
        for (const QString& name : tensors.keys()) {
            const QJsonObject expected = tensors[name].toObject();
            const auto profile = tensorProfile(*m_demo->find(name.toStdString()), 50, context);
            QVERIFY_RESULT(profile);
            const TensorStatistics& statistics = profile->statistics;
            QCOMPARE(statistics.minimum, expected[key("min")].toDouble());
            QCOMPARE(statistics.maximum, expected[key("max")].toDouble());
            QVERIFY(isNear(statistics.mean, expected[key("mean")].toDouble(), statistics.deviation));
            QVERIFY(isNear(statistics.deviation, expected[key("std")].toDouble(), statistics.deviation));
            QVERIFY(isNear(statistics.norm, expected[key("norm")].toDouble(), statistics.norm));
            const QJsonArray counts = expected[key("counts")].toArray();
            QCOMPARE(profile->histogram.counts.size(), static_cast<std::size_t>(counts.size()));
            // Float16 numbers lie on a grid, and some on an edge: its rounding decides to which side they fall.
            std::int64_t moved = 0;
            for (qsizetype bin = 0; bin < counts.size(); ++bin)
                moved += std::abs(static_cast<std::int64_t>(profile->histogram.counts[static_cast<std::size_t>(bin)]) - counts[bin].toInt());
            QVERIFY2(moved <= static_cast<std::int64_t>(statistics.count / 1000), qPrintable(name + QStringLiteral(": %1").arg(moved)));
        }
    }

    void singularValues() {
        JobContext context;
        const QJsonObject tensors = m_expected[key("tensors")].toObject();
        int compared = 0;
        for (const QString& name : tensors.keys()) {
            const QJsonArray expected = tensors[name].toObject()[key("singular")].toArray();
            if (expected.isEmpty())
                continue;
            const auto singular = leadingSingularValues(*m_demo->find(name.toStdString()), static_cast<std::size_t>(expected.size()), context);
            QVERIFY_RESULT(singular);
            for (qsizetype i = 0; i < expected.size(); ++i)
                QVERIFY(std::abs(singular->values[static_cast<std::size_t>(i)] - expected[i].toDouble()) <= kSingularError * expected[0].toDouble());
            ++compared;
        }
        QCOMPARE(compared, 3);
    }

    /// Too large for the exact way.
    void singularValuesByIteration() {
        JobContext context;
        for (const auto& value : m_expected[key("patterns")].toArray()) {
            const QJsonObject expected = value.toObject();
            const std::int64_t rows = expected[key("rows")].toInt(), columns = expected[key("columns")].toInt();
            std::vector<float> values;
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t c = 0; c < columns; ++c)
                    values.push_back(static_cast<float>(static_cast<double>((r * 7919 + c * 104729 + r * c * 31) % 1009) / 1009.0 - 0.5 + (r % 5 == 0 ? 0.25 : 0.0)));
            const MemoryTensor data({rows, columns}, values);
            const QJsonArray sigma = expected[key("singular")].toArray();
            const auto singular = leadingSingularValues(data.tensor, static_cast<std::size_t>(sigma.size()), context);
            QVERIFY_RESULT(singular);
            QVERIFY(!singular->isExact);
            for (qsizetype i = 0; i < sigma.size(); ++i) {
                const auto at = static_cast<std::size_t>(i);
                QVERIFY(std::abs(singular->values[at] - sigma[i].toDouble()) <= singular->bounds[at] + kSingularError * sigma[0].toDouble());
                QVERIFY(singular->bounds[at] <= 1e-3 * sigma[0].toDouble());
            }
        }
    }

    void differences() {
        JobContext context;
        const QJsonObject tensors = m_expected[key("tensors")].toObject();
        for (const QString& name : tensors.keys()) {
            const TensorInfo& tensor = *m_demo->find(name.toStdString());
            std::vector<float> values(tensor.bytes.size() / 2);
            convertToFloat(tensor, values);
            for (std::size_t i = 0; i < values.size(); i += 3)
                values[i] *= 1.25F;
            const MemoryTensor changed(tensor.shape, values);
            auto first = std::make_shared<Checkpoint>(), second = std::make_shared<Checkpoint>();
            first->tensors = {tensor};
            second->tensors = {changed.tensor};
            second->tensors[0].name = tensor.name;
            first->byName = second->byName = {{tensor.name, 0}};
            const auto diff = diffCheckpoints(first, second, context);
            QVERIFY_RESULT(diff);
            const TensorDifference& difference = diff->tensors.front();
            const QJsonObject expected = tensors[name].toObject()[key("difference")].toObject();
            QCOMPARE(difference.change, Change::Values);
            QCOMPARE(static_cast<int>(difference.changed), expected[key("changed")].toInt());
            QCOMPARE(difference.largest, expected[key("largest")].toDouble());
            QVERIFY(isNear(difference.relative(), expected[key("relative")].toDouble(), 1));
            QVERIFY(isNear(difference.cosine, expected[key("cosine")].toDouble(), 1));
        }
    }
};

QTEST_GUILESS_MAIN(TestReference)
#include "tst_reference.moc"
