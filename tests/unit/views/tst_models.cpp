// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/data_table.h"
#include "views/inspector/tensor_tree_view.h"
#include "views/models/depth_profile.h"
#include "views/models/frame_reading.h"
#include "views/models/head_metrics.h"
#include "views/models/sink_table_model.h"
#include "views/models/text_format.h"
#include "views/models/token_table_model.h"

#include <QAbstractItemModelTester>
#include <QSortFilterProxyModel>
#include <QTest>

#include <cmath>
#include <limits>

using namespace sinkscope;

class TestModels : public QObject {
    Q_OBJECT

    static std::shared_ptr<const Checkpoint> checkpointOf(int tensors) {
        auto checkpoint = std::make_shared<Checkpoint>();
        static const std::vector<std::byte> bytes(4096);
        for (int i = 0; i < tensors; ++i) {
            TensorInfo tensor;
            tensor.name = "h." + std::to_string(i) + ".weight";
            tensor.dtype = i % 2 ? DType::F16 : DType::F32;
            tensor.shape = i == 3 ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{i + 1, 2};
            tensor.bytes = std::span(bytes).first(static_cast<std::size_t>((i * 37) % 4096));
            checkpoint->byName.emplace(tensor.name, checkpoint->tensors.size());
            checkpoint->tensors.push_back(std::move(tensor));
        }
        return checkpoint;
    }

private Q_SLOTS:
    void tensorTree() {
        TensorTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QCOMPARE(model.rowCount(), 0);
        model.setCheckpoint(checkpointOf(50), nullptr);
        QVERIFY(!model.hasRoles() && model.grouping() == TensorGrouping::Name);
        QCOMPARE(model.rowCount(), 1); // "h", with everything in it
        const QModelIndex group = model.index(0, 0);
        QCOMPARE(group.data().toString(), QStringLiteral("h"));
        QCOMPARE(model.rowCount(group), 50);
        QCOMPARE(model.index(10, 0, group).data().toString(), QStringLiteral("10.weight")); // numbers count as numbers
        QCOMPARE(model.index(4, TensorTreeModel::Shape, group).data().toString(), QStringLiteral("5×2"));
        QCOMPARE(model.index(3, TensorTreeModel::Shape, group).data().toString(), QStringLiteral("scalar"));
        QCOMPARE(model.index(1, TensorTreeModel::Type, group).data().toString(), QStringLiteral("F16"));
        QCOMPARE(model.find(QStringLiteral("h.7.weight")).data(TensorTreeModel::TensorRole).toString(), QStringLiteral("h.7.weight"));
        QVERIFY(!model.find(QStringLiteral("h.70.weight")).isValid());
        model.setGrouping(TensorGrouping::None);
        QCOMPARE(model.rowCount(), 50);
        model.setCheckpoint(nullptr, nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    /// "900 B" comes before "1.2 kB", and h.10 is found among many.
    void tensorTreeSortsAndFilters() {
        TensorTreeView view;
        view.tensors().setCheckpoint(checkpointOf(5000), nullptr);
        view.tensors().setGrouping(TensorGrouping::None);
        const QAbstractItemModelTester tester(view.model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        view.sortByColumn(TensorTreeModel::Bytes, Qt::DescendingOrder);
        const auto bytesOf = [&view](int row) { return view.model()->index(row, TensorTreeModel::Bytes).data(TensorTreeModel::SortRole).toULongLong(); };
        for (int row = 1; row < 100; ++row)
            QVERIFY(bytesOf(row - 1) >= bytesOf(row));
        view.setFilter(QStringLiteral("h.4321."));
        QCOMPARE(view.model()->rowCount(), 1);
        QCOMPARE(view.shownTensors(), 1);
        view.tensors().setGrouping(TensorGrouping::Name); // words may be of the group and of the tensor
        view.setFilter(QStringLiteral("4321 f16"));
        QCOMPARE(view.shownTensors(), 1);
        view.setFilter(QStringLiteral("nothing"));
        QCOMPARE(view.shownTensors(), 0);
        view.setFilter(QString());
        QCOMPARE(view.shownTensors(), 5000);
    }

    void tensorTreeCopiesAndSelects() {
        TensorTreeView view;
        view.tensors().setCheckpoint(checkpointOf(3), nullptr);
        QCOMPARE(view.asTsv(), QStringLiteral("Name\tRole\tShape\tType\tBytes\nh.0.weight\t\t1×2\tF32\t0\nh.1.weight\t\t2×2\tF16\t37\nh.2.weight\t\t3×2\tF32\t74\n"));
        QString chosen;
        connect(&view, &TensorTreeView::tensorChosen, this, [&chosen](const QString& name) { chosen = name; });
        view.select(QStringLiteral("h.1.weight"));
        QCOMPARE(chosen, QStringLiteral("h.1.weight"));
        QCOMPARE(view.asTsv().count(QLatin1Char('\n')), 2);
        view.setCurrentIndex(view.model()->index(0, 0)); // a group stands for all in it
        QCOMPARE(view.asTsv().count(QLatin1Char('\n')), 4);
    }

    void tokenTable() {
        test::FakeCapture capture;
        TokenTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        TokenTableModel::Content content;
        content.tokens = capture.header().samples.front();
        model.setContent(content);
        QCOMPARE(model.rowCount(), 24);
        QCOMPARE(model.index(0, TokenTableModel::Received).data().toString(), QStringLiteral("–")); // nothing has arrived
        const auto statistics = capture.statistics(0, 3);
        QVERIFY_RESULT(statistics);
        content.statistics = *statistics;
        content.head = 1;
        content.sinks = {0};
        content.headShare.assign(24, 0.25);
        model.setContent(content);
        QVERIFY(model.index(0, TokenTableModel::Piece).data(TokenTableModel::SinkRole).toBool());
        QVERIFY(!model.index(1, TokenTableModel::Piece).data(TokenTableModel::SinkRole).toBool());
        QCOMPARE(model.index(0, TokenTableModel::Received).data(TokenTableModel::SortRole).toDouble(), double((*statistics)->received(1, 0)));
        QCOMPARE(model.index(5, TokenTableModel::Piece).data().toString(), QStringLiteral("␣charge"));
        QCOMPARE(model.index(13, TokenTableModel::Piece).data().toString(), QStringLiteral("⏎"));
        QCOMPARE(model.index(5, TokenTableModel::HeadShare).data().toString(), QStringLiteral("25\u202f%"));
        // Head 1 of four reads the first of two key/value heads.
        QCOMPARE(model.index(7, TokenTableModel::KeyNorm).data(TokenTableModel::SortRole).toDouble(), double((*statistics)->keyNorm[7]));
        content.head = 2;
        model.setContent(content);
        QCOMPARE(model.index(7, TokenTableModel::KeyNorm).data(TokenTableModel::SortRole).toDouble(), double((*statistics)->keyNorm[24 + 7]));
    }

    /// Statistics of a run with another number of tokens must not be read.
    void tokenTableOfAnotherRun() {
        test::FakeCapture small({.words = {"a", "b"}}), large;
        const auto statistics = small.statistics(0, 0);
        QVERIFY_RESULT(statistics);
        TokenTableModel model;
        model.setContent({.tokens = large.header().samples.front(), .statistics = *statistics});
        QCOMPARE(model.index(20, TokenTableModel::Received).data().toString(), QStringLiteral("–"));
    }

    void sinkTable() {
        const auto capture = std::make_shared<test::FakeCapture>();
        JobContext context;
        const auto analysis = analyzeCapture(*capture, {.metrics = {}, .families = std::vector<std::string>{}}, context);
        QVERIFY_RESULT(analysis);
        SinkTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QCOMPARE(model.rowCount(), 0);
        model.setContent(*analysis, capture, -1);
        QCOMPARE(model.rowCount(), static_cast<int>((*analysis)->sinks.size()));
        QVERIFY(model.rowCount() >= 2); // the first token of both samples
        model.setContent(*analysis, capture, 1);
        QVERIFY(model.rowCount() >= 1);
        QCOMPARE(model.sinkAt(0).sample, 1);
        QCOMPARE(model.sinkAt(0).token, 0);
        QCOMPARE(model.index(0, SinkTableModel::Piece).data().toString(), QStringLiteral("<|bos|>"));
        // Of 24 tokens, uniform attention gives the first the harmonic number over 24.
        double chance = 0;
        for (int query = 1; query <= 24; ++query)
            chance += 1.0 / query / 24;
        QVERIFY(std::abs(model.index(0, SinkTableModel::Excess).data(SinkTableModel::SortRole).toDouble() - model.sinkAt(0).received / chance) < 1e-9);
        // The smallest adjusted p of its findings, as the analysis gives them.
        double least = 2;
        for (const SinkFinding& finding : (*analysis)->sinkTests.findings)
            if (finding.sample == 1 && finding.token == 0)
                least = std::min(least, finding.adjusted);
        QVERIFY(least <= 1);
        QCOMPARE(model.index(0, SinkTableModel::Adjusted).data(SinkTableModel::SortRole).toDouble(), least);
        model.setContent(nullptr, capture, -1);
        QCOMPARE(model.rowCount(), 0);
    }

    /// The card shows what the analysis says, of every level, and dashes instead of scores where there is not enough.
    void frameReadings() {
        test::FakeCapture capture, tiny({.samples = 1, .words = {"[CLS]", "x"}});
        JobContext context;
        const auto analysis = analyzeCapture(capture, {}, context);
        QVERIFY_RESULT(analysis);
        const auto model = frameReading(**analysis, FrameLevel::Model, 0, 0, true);
        QVERIFY(model && model->kind == (*analysis)->verdict.kind);
        QCOMPARE(model->scores.size(), std::size_t{4});
        QVERIFY(model->evidence.size() > 3);
        QVERIFY(model->evidence.front().threshold);
        QCOMPARE(*model->evidence.front().threshold, (*analysis)->verdict.thresholds.spread);
        const auto head = frameReading(**analysis, FrameLevel::Head, 3, 1, true);
        QVERIFY(head);
        QCOMPARE(*head->evidence.front().threshold, (*analysis)->verdict.thresholds.share);
        for (const FrameEvidenceRow& row : head->evidence)
            QVERIFY(!row.title.isEmpty() && !row.explanation.reading.isEmpty() && std::isfinite(row.estimate.value) && row.high > row.low);
        QVERIFY(!frameReading(**analysis, FrameLevel::Layer, 9, 0, true));
        QCOMPARE(layerKinds(analysis->get(), 4).size(), std::size_t{4});
        QVERIFY(layerKinds(nullptr, 4).empty());
        QVERIFY(frameContext(capture.header(), **analysis).size() >= 6);

        const auto brief = analyzeCapture(tiny, {}, context);
        QVERIFY_RESULT(brief);
        const auto little = frameReading(**brief, FrameLevel::Model, 0, 0, true);
        QVERIFY(little && little->kind == "not enough" && little->scores.empty() && little->evidence.empty());
        QVERIFY(!little->reason.isEmpty());
    }

    /// A metric of a family, of a sample and averaged; a family that was not evaluated has no values.
    void metricsOfTheAnalysis() {
        test::FakeCapture capture;
        JobContext context;
        const auto analysis = analyzeCapture(capture, {.metrics = {}, .families = std::vector<std::string>{"concentration"}}, context);
        QVERIFY_RESULT(analysis);
        const MetricSpec& gini = *findMetric("gini");
        const auto sample = headsOfAnalysis(**analysis, gini, 1, 4, 4), mean = headsOfAnalysis(**analysis, gini, -1, 4, 4);
        QVERIFY(sample[2][1] && mean[2][1]);
        QCOMPARE(sample[2][1]->value, *(*analysis)->values->value(gini, 1, 2, 1));
        QCOMPARE(mean[2][1]->samples, 2);
        const auto depth = depthOfAnalysis(**analysis, gini, 1, 4);
        double sum = 0;
        for (const auto& head : sample[2])
            sum += head->value;
        QVERIFY(depth[2] && std::abs(depth[2]->value - sum / 4) < 1e-12);
        QVERIFY(!headsOfAnalysis(**analysis, *findMetric("graph_density"), 0, 4, 4)[0][0]);
    }

    void copiesAsTable() {
        TensorTreeModel model;
        model.setCheckpoint(checkpointOf(3), nullptr);
        model.setGrouping(TensorGrouping::None);
        DataTable table;
        table.setModel(&model);
        table.resize(120, 200);
        table.setColumnPlan(0, 100, {3, 2});
        QCOMPARE(table.asTsv(), QStringLiteral("Name\tShape\tType\tSize\nh.0.weight\t1×2\tF32\t0\u00a0B\nh.1.weight\t2×2\tF16\t37\u00a0B\n"
                                               "h.2.weight\t3×2\tF32\t74\u00a0B\n"));
        table.selectRow(1);
        QCOMPARE(table.asTsv().count(QLatin1Char('\n')), 2);
    }

    void leavesOutWhatDoesNotFit() {
        TensorTreeModel model;
        model.setCheckpoint(checkpointOf(3), nullptr);
        model.setGrouping(TensorGrouping::None);
        DataTable table;
        table.setModel(&model);
        table.resize(600, 200);
        table.show();
        table.setColumnPlan(0, 100, {TensorTreeModel::Bytes, TensorTreeModel::Type});
        QVERIFY(!table.isColumnHidden(TensorTreeModel::Bytes));
        table.resize(170, 200);
        QTRY_VERIFY(table.isColumnHidden(TensorTreeModel::Bytes));
        QVERIFY(!table.isColumnHidden(TensorTreeModel::Shape));
        table.resize(600, 200);
        QTRY_VERIFY(!table.isColumnHidden(TensorTreeModel::Bytes));
    }

    void numbersReadWell() {
        QCOMPARE(groupedDigits(1234567), QStringLiteral("1\u2009234\u2009567"));
        QCOMPARE(groupedDigits(-1000), QStringLiteral("\u22121\u2009000"));
        QCOMPARE(groupedDigits(std::numeric_limits<qint64>::min()).remove(QChar(0x2009)), QStringLiteral("\u22129223372036854775808"));
        QCOMPARE(shortCount(14067712), QStringLiteral("14.1\u00a0M"));
        QCOMPARE(shortCount(999), QStringLiteral("999"));
        QCOMPARE(shortCount(999'999), QStringLiteral("1\u00a0M"));
        QCOMPARE(byteText(28'135'424), QStringLiteral("28.1\u00a0MB"));
        QCOMPARE(numberText(0.7134), QStringLiteral("0.713"));
        QCOMPARE(numberText(0.00001234), QStringLiteral("1.2e-05"));
        QCOMPARE(numberText(-6.423), QStringLiteral("\u22126.42"));
        QCOMPARE(numberText(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("–"));
        QCOMPARE(numberText(-std::numeric_limits<double>::infinity()), QStringLiteral("−∞"));
    }

    void piecesReadWell() {
        SampleTokens tokens;
        tokens.display = {" the", "  ", "", "\r\n", "a\tb", " x "};
        QCOMPARE(pieceLabel(tokens, 0), QStringLiteral("the"));
        QCOMPARE(pieceLabel(tokens, 1), QStringLiteral("␣␣"));
        QCOMPARE(pieceLabel(tokens, 2), QStringLiteral("∅"));
        QCOMPARE(pieceLabel(tokens, 3), QStringLiteral("⏎"));
        QCOMPARE(pieceWithSpaces(tokens, 5), QStringLiteral("␣x␣"));
        QCOMPARE(pieceLabel(tokens, 17), QStringLiteral("∅"));
        QCOMPARE(shortened(QStringLiteral("pneumonia"), 5), QStringLiteral("pneu…"));
        QCOMPARE(shortened(QStringLiteral("short"), 5), QStringLiteral("short"));
        const QString family = QStringLiteral("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦"); // three characters, each of many code points
        QCOMPARE(shortened(family, 3), family);
        QVERIFY(shortened(family, 2).startsWith(QStringLiteral("👩‍👩‍👧‍👦…")));
    }
};

QTEST_MAIN(TestModels)
#include "tst_models.moc"
