// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/assemble.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"
#include "views/inspector/number_list.h"
#include "views/inspector/tensor_tree_view.h"
#include "views/inspector/weight_map_widget.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QClipboard>
#include <QDir>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <cmath>

using namespace sinkscope;

/// The panels that show the inside of a checkpoint, on the bundled demo and on one of no known architecture.
class TestInspector : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 120000; // of a slow machine, under a sanitizer

    QTemporaryDir m_folder;
    Theme m_theme = Theme::light();
    SessionModel m_session;
    Selection m_selection;
    ThemeNotifier m_notifier;
    std::unique_ptr<JobPool> m_pool = std::make_unique<JobPool>(2);
    JobBridge m_jobs{*m_pool};
    std::map<std::string, std::unique_ptr<PanelFrame>> m_panels;

    PanelFrame& panel(const char* id) { return *m_panels.at(id); }
    TensorTreeView& tree() { return *panel("tensor_table").findChild<TensorTreeView*>(); }
    WeightMapWidget& map() { return *panel("weight_map").findChild<WeightMapWidget*>(); }

    static QStringList textsOf(QWidget& widget) {
        QStringList texts;
        for (const QLabel* label : widget.findChildren<QLabel*>())
            texts.append(label->text());
        return texts;
    }
    static void choose(QWidget& widget, const QString& title) {
        for (QAction* action : widget.findChildren<QAction*>())
            if (action->text() == title)
                return action->trigger();
        QFAIL(qPrintable(QStringLiteral("no action ") + title));
    }
    void save(QWidget& widget, const QString& name) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (!qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") && QDir().mkpath(folder.path()))
            widget.grab().save(folder.filePath(name));
    }
    /// The picture for what is in view has come.
    bool hasPicture(std::size_t blockRows, std::size_t blockColumns) {
        return QTest::qWaitFor([&] {
            const auto& picture = map().content().picture;
            return picture && picture->window.blockRows == blockRows && picture->window.blockColumns == blockColumns;
        }, kPatience);
    }

private Q_SLOTS:
    void initTestCase() {
        qApp->setFont(m_theme.font);
        qApp->setPalette(m_theme.palette());
        qApp->setStyleSheet(m_theme.styleSheet());
        const std::pair<const char*, QSize> sizes[] = {{"tensor_table", {290, 480}}, {"weight_map", {500, 640}}, {"tensor_statistics", {900, 240}}, {"checkpoint_card", {290, 360}}};
        for (const ViewSpec* spec : views())
            for (const auto& [id, size] : sizes)
                if (std::string_view(spec->id) == id) {
                    m_panels[id].reset(qobject_cast<PanelFrame*>(spec->create(ViewContext{m_session, m_selection, m_jobs, m_theme, m_notifier}, nullptr)));
                    m_panels[id]->resize(size);
                    m_panels[id]->show();
                    QVERIFY(QTest::qWaitForWindowExposed(m_panels[id].get()));
                    QVERIFY(m_panels[id]->isEmpty());
                }
        QCOMPARE(m_panels.size(), std::size(sizes));
        const auto model = loadModel(SINKSCOPE_SOURCE_DIR "/resources/demo");
        QVERIFY_RESULT(model);
        m_session.setModel(*model);
    }

    void cleanupTestCase() {
        m_panels.clear();
        m_pool.reset();
    }

    void treeByRoleAndLayer() {
        QVERIFY(!panel("tensor_table").isEmpty());
        QAbstractItemModel& model = *tree().model();
        QCOMPARE(model.rowCount(), 8); // embedding, six layers, final norm
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("Embedding"));
        QCOMPARE(model.index(3, 0).data().toString(), QStringLiteral("Layer 2"));
        save(panel("tensor_table"), QStringLiteral("inspector_tree.png"));
        auto* filter = panel("tensor_table").findChild<QLineEdit*>();
        filter->setText(QStringLiteral("layer 2 query"));
        QCOMPARE(tree().shownTensors(), 1);
        QVERIFY(tree().isExpanded(model.index(0, 0)));
        QVERIFY(textsOf(panel("tensor_table")).contains(QStringLiteral("1 OF 56")));
        filter->setText(QStringLiteral("no such tensor"));
        QCOMPARE(tree().shownTensors(), 0);
        filter->clear();
        choose(panel("tensor_table"), QStringLiteral("By name"));
        QCOMPARE(model.rowCount(), 1);
        choose(panel("tensor_table"), QStringLiteral("List"));
        QCOMPARE(model.rowCount(), 56);
        choose(panel("tensor_table"), QStringLiteral("By role"));
        QCOMPARE(model.rowCount(), 8);
    }

    /// The filter of a tree with many tensors gives what looking at each of them gives, whether or not the texts were made before.
    void filterOfManyTensors() {
        auto checkpoint = std::make_shared<Checkpoint>();
        std::vector<TensorInfo> tensors;
        for (int i = 0; i < 50'000; ++i)
            tensors.push_back({"model.layers." + std::to_string(i / 500) + ".experts." + std::to_string(i % 500) + (i % 2 == 0 ? ".W_up" : ".w_down"), DType::F16, {i % 7 + 1, 3}, {}, nullptr});
        addTensors(*checkpoint, std::move(tensors));
        TensorTreeView view;
        view.resize(300, 500);
        view.show();
        view.tensors().setCheckpoint(checkpoint, nullptr);
        QCOMPARE(view.shownTensors(), 50'000);
        const auto expected = [&](const auto& passes) { return static_cast<int>(std::ranges::count_if(checkpoint->tensors, passes)); };
        const auto filtered = [&view](const char* words) {
            QElapsedTimer timer;
            timer.start();
            view.setFilter(QString::fromUtf8(words));
            qInfo("%s: %.1f ms", words, static_cast<double>(timer.nsecsElapsed()) * 1e-6);
            return view.shownTensors();
        };
        const auto isUp = [](const TensorInfo& tensor) { return tensor.name.ends_with("W_up"); };
        QCOMPARE(filtered("w_UP"), expected(isUp)); // texts are made on the way
        const auto countOf = [&view](int row) { return view.model()->index(row, TensorTreeModel::Shape).data().toString(); };
        QVERIFY2(countOf(0).contains(QStringLiteral(" of ")), qPrintable(countOf(0))); // how many of a group's tensors are shown
        while (view.tensors().prepareFilterTexts(1000)) {
        }
        for (const char* word : {"w", "w_", "w_u", "w_up"})
            filtered(word);
        QCOMPARE(view.shownTensors(), expected(isUp));
        QCOMPARE(filtered("layers.3"), expected([](const TensorInfo& tensor) { return tensor.name.starts_with("model.layers.3"); }));
        QCOMPARE(filtered("3 5×3 up"), expected([&](const TensorInfo& tensor) {
            return isUp(tensor) && tensor.shape[0] == 5; // every shape has a 3
        }));
        QCOMPARE(filtered("layers.7.experts.8.w_up"), 1);
        QVERIFY(view.isExpanded(view.model()->index(0, 0)));
        QCOMPARE(filtered(""), 50'000);
        view.tensors().setGrouping(TensorGrouping::None);
        QCOMPARE(filtered("w_down"), 25'000);
        QCOMPARE(view.model()->rowCount(), 25'000);
    }

    void choosingATensorShowsItEverywhere() {
        QString asked;
        connect(&m_selection, &Selection::viewRequested, this, [&asked](const QString& id) { asked = id; });
        tree().select(QStringLiteral("model.layers.2.self_attn.q_proj.weight"));
        QCOMPARE(m_selection.tensor(), QStringLiteral("model.layers.2.self_attn.q_proj.weight"));
        QVERIFY(panel("weight_map").title().contains(QStringLiteral("layer 2 query weight")));
        QVERIFY(hasPicture(1, 1));
        QTest::keyClick(&tree(), Qt::Key_Return);
        QCOMPARE(asked, QStringLiteral("weight_map"));
        choose(panel("tensor_table"), QStringLiteral("Copy Name"));
        QCOMPARE(QGuiApplication::clipboard()->text(), m_selection.tensor());
    }

    /// Every element is where it belongs, with its value.
    void mapShowsExactValues() {
        const TensorInfo& tensor = *m_session.model()->checkpoint->find(m_selection.tensor().toStdString());
        std::vector<float> values(128 * 128);
        convertToFloat(tensor, values);
        const WeightPicture& picture = *map().content().picture;
        for (const auto& [row, column] : {std::pair(0, 0), std::pair(17, 90), std::pair(127, 127)})
            QCOMPARE(picture.blocks.mean[*picture.blockAt(static_cast<std::size_t>(row), static_cast<std::size_t>(column))], values[static_cast<std::size_t>(row * 128 + column)]);
        save(panel("weight_map"), QStringLiteral("inspector_map.png"));
        const WeightMapView view = map().currentView();
        const QPoint place(static_cast<int>(view.xOf(90.5)), static_cast<int>(view.yOf(17.5)));
        QTest::mouseClick(&map(), Qt::LeftButton, {}, place);
        QCOMPARE(map().content().selectedRow, 17);
        QCOMPARE(map().content().selectedColumn, 90);
        const QString expected = QString::number(static_cast<double>(values[17 * 128 + 90]), 'g', 9);
        QTRY_VERIFY_WITH_TIMEOUT(map().accessibleDescription().contains(QStringLiteral("row 17 · column 90 = ") + expected), kPatience);
        QTest::keyClick(&map(), Qt::Key_Right);
        QTest::keyClick(&map(), Qt::Key_Up);
        QTRY_VERIFY_WITH_TIMEOUT(map().accessibleDescription().contains(QStringLiteral("row 16 · column 91")), kPatience);
        // The colours of two elements differ as their values do.
        const QImage shown = map().grab().toImage();
        QVERIFY(shown.pixel(place) != 0);
    }

    void mapZoomsPansAndCopies() {
        const double before = map().currentView().cell.width();
        const QPointF middle = map().currentView().plot.center();
        const auto element = map().elementAt(middle);
        for (int i = 0; i < 12; ++i)
            map().zoomAt(middle, {1.5, 1.5});
        QVERIFY(map().currentView().cell.width() > before * 4);
        QCOMPARE(map().elementAt(middle), element); // what was under the pointer still is
        QVERIFY(hasPicture(1, 1));
        save(panel("weight_map"), QStringLiteral("inspector_map_near.png"));
        choose(panel("weight_map"), QStringLiteral("Copy Visible Numbers as Table"));
        const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QVERIFY(lines.size() > 5 && lines[0].startsWith(QStringLiteral("row\t")) && lines[1].count(QLatin1Char('\t')) == lines[0].count(QLatin1Char('\t')));
        QTest::keyClick(&map(), Qt::Key_0);
        QCOMPARE(map().currentView().cell.width(), before);
        for (const QString& title : {titleOf(BlockValue::Mean), titleOf(BlockValue::Minimum), titleOf(DivergingRange::Root), titleOf(DivergingRange::Whole)})
            choose(panel("weight_map"), title);
        QVERIFY(!map().content().scale.isRoot && !map().content().scale.isClipped);
    }

    /// Rows of an embedding are tokens.
    void embeddingRowsAreTokens() {
        m_selection.setTensor(QStringLiteral("model.embed_tokens.weight"));
        QVERIFY(hasPicture(4, 1)); // 4,096 rows in about 560 pixels: blocks of less than a pixel
        QVERIFY(map().content().rowLabel);
        QVERIFY(!map().content().rowLabel(300).isEmpty());
        map().zoomAt(map().currentView().plot.topLeft() + QPointF(5, 5), {20, 60});
        QVERIFY(hasPicture(1, 1));
        save(panel("weight_map"), QStringLiteral("inspector_map_tokens.png"));
    }

    void statisticsAndSpectrum() {
        PanelFrame& numbers = panel("tensor_statistics");
        m_selection.setTensor(QStringLiteral("model.layers.2.self_attn.q_proj.weight"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(numbers).contains(QStringLiteral("Singular values")), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(numbers).contains(QStringLiteral("Std deviation")), kPatience);
        auto* plot = numbers.findChild<PaintedView*>();
        QTest::keyClick(plot, Qt::Key_Home);
        QVERIFY(plot->accessibleDescription().contains(QStringLiteral("normal distribution")));
        save(numbers, QStringLiteral("inspector_statistics.png"));
        choose(numbers, QStringLiteral("Spectrum"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(numbers).contains(QStringLiteral("Stable rank")), kPatience);
        QTest::keyClick(plot, Qt::Key_End);
        QVERIFY(plot->accessibleDescription().contains(QStringLiteral("Marchenko")));
        save(numbers, QStringLiteral("inspector_spectrum.png"));
        m_selection.setTensor(QStringLiteral("model.norm.weight"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(numbers).join(QLatin1Char(' ')).contains(QStringLiteral("is no matrix")), kPatience);
        choose(numbers, QStringLiteral("Histogram"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(numbers).contains(QStringLiteral("Std deviation")), kPatience);
        QVERIFY(numbers.findChild<NumberList*>()->asTsv().contains(QStringLiteral("Elements\t128\n")));
    }

    void cardComputesTheHash() {
        PanelFrame& card = panel("checkpoint_card");
        QToolButton* compute = nullptr;
        for (auto* button : card.findChildren<QToolButton*>())
            if (button->text() == QStringLiteral("Compute"))
                compute = button;
        QVERIFY(compute);
        compute->click();
        const auto copyButton = [&card]() -> QToolButton* {
            for (auto* button : card.findChildren<QToolButton*>())
                if (button->text() == QStringLiteral("Copy"))
                    return button;
            return nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(copyButton(), kPatience);
        copyButton()->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("459d3abb2f1f53c0465146aeee59071b25170e947ea59566273136e82a6a9631")); // tests/golden/inspector/demo.json
        save(card, QStringLiteral("inspector_card.png"));
    }

    /// No architecture, odd shapes, numbers that are none.
    void unknownArchitecture() {
        const std::filesystem::path file = std::filesystem::path(m_folder.path().toStdString()) / "odd.safetensors";
        std::vector<float> values(40 * 30);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<float>(i) / 100;
        values[7] = std::nanf("");
        test::SafetensorsWriter().addFloats("net.0.w", {40, 30}, values).addFloats("net.1.w", {2, 3, 4}, std::vector<float>(24, 1.0F)).addFloats("scale", {}, {2}).addFloats("none", {0, 3}, {}).write(file);
        const auto model = loadModel(file);
        QVERIFY_RESULT(model);
        m_session.setModel(*model);
        QVERIFY(panel("weight_map").isEmpty()); // what was selected is not in this one
        QCOMPARE(tree().tensors().grouping(), TensorGrouping::Name);
        QCOMPARE(tree().model()->rowCount(), 3);
        m_selection.setTensor(QStringLiteral("net.0.w"));
        QVERIFY(hasPicture(1, 1));
        QVERIFY(map().content().hasBroken);
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(panel("tensor_statistics")).join(QLatin1Char(' ')).contains(QStringLiteral("holds NaN")), kPatience); // singular values
        save(panel("weight_map"), QStringLiteral("inspector_map_nan.png"));
        for (const char* name : {"net.1.w", "scale"}) {
            m_selection.setTensor(QLatin1String(name));
            QTRY_VERIFY_WITH_TIMEOUT(!panel("weight_map").isEmpty(), kPatience);
        }
        m_selection.setTensor(QStringLiteral("none"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(panel("weight_map")).join(QLatin1Char(' ')).contains(QStringLiteral("is empty")), kPatience);
        m_session.setModel(nullptr);
        QVERIFY(panel("tensor_table").isEmpty() && panel("weight_map").isEmpty() && panel("tensor_statistics").isEmpty());
    }
};

QTEST_MAIN(TestInspector)
#include "tst_inspector.moc"
