// SPDX-License-Identifier: Apache-2.0
// Pictures that follow each other along layers, heads and runs; clusters; pictures that come about step by step.
#include "gui/scene/panel_bench.h"
#include "support/verify_result.h"
#include "views/key_space/cloud_setup.h"
#include "views/key_space/key_space_footer.h"
#include "views/key_space/key_space_view.h"
#include "views/models/token_match.h"

#include <QAction>
#include <QToolButton>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

std::shared_ptr<CaptureSource> runOf(unsigned seed, int tokens = 40) { return std::make_shared<KeySource>(KeySourceOptions{.words = sentence(tokens), .seed = seed}); }

std::shared_ptr<const KeySpaceData> load(const KeySpaceQuestion& question) {
    JobContext context;
    auto result = loadKeySpace(question, context);
    return result ? *result : nullptr;
}

double distance(const KeySpaceData& a, const KeySpaceData& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.projection->coordinates.size(); ++i)
        sum += std::pow(static_cast<double>(a.projection->coordinates[i]) - static_cast<double>(b.projection->coordinates[i]), 2);
    return sum;
}

QToolButton* buttonNamed(const QWidget& panel, const QString& name) {
    for (QToolButton* button : panel.findChildren<QToolButton*>())
        if (button->accessibleName() == name)
            return button;
    return nullptr;
}

void chooseAxis(const QWidget& panel, KeySpaceAxis axis) {
    for (QAction* action : buttonNamed(panel, QStringLiteral("Slider: Layer"))->menu()->actions())
        if (action->data().toInt() == static_cast<int>(axis))
            action->trigger();
}

} // namespace

class TestSeries : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void stepsNameEveryArrayOnce() {
        KeySpaceQuestion question{.capture = runOf(1)}; // 3 layers, 4 heads, 2 key/value heads
        QCOMPARE(question.steps().size(), std::size_t(3));
        question.axis = KeySpaceAxis::Heads;
        QCOMPARE(question.steps().size(), std::size_t(2)); // keys are shared by two heads each
        question.space = CloudSpace::Query;
        QCOMPARE(question.steps().size(), std::size_t(4));
        question.axis = KeySpaceAxis::Runs;
        question.runs = {question.capture, runOf(2)};
        QCOMPARE(question.steps().size(), std::size_t(2));
        QVERIFY(!question.step(2));
        QCOMPARE(question.nameOfStep(1), std::string("run 2"));
    }

    void alignsAlongEveryAxis_data() {
        QTest::addColumn<int>("axis");
        QTest::newRow("layers") << static_cast<int>(KeySpaceAxis::Layers);
        QTest::newRow("heads") << static_cast<int>(KeySpaceAxis::Heads);
        QTest::newRow("runs") << static_cast<int>(KeySpaceAxis::Runs);
    }
    void alignsAlongEveryAxis() {
        QFETCH(int, axis);
        KeySpaceQuestion question{.capture = runOf(1), .space = CloudSpace::Query};
        question.runs = {question.capture, runOf(2)};
        question.axis = static_cast<KeySpaceAxis>(axis);
        const auto target = load(question);
        KeySpaceQuestion moved = question;
        const KeySpaceStep other = *question.step(1);
        moved.capture = other.capture, moved.layer = other.layer, moved.head = other.head;
        const auto loose = load(moved);
        moved.alignment = KeySpaceAlignment::ToOne;
        const auto aligned = load(moved);
        QVERIFY(aligned && aligned->residual && *aligned->residual > 0);
        QVERIFY(distance(*target, *aligned) <= distance(*target, *loose) * 1.0001);
        moved.alignment = KeySpaceAlignment::Joint;
        const auto joint = load(moved);
        QVERIFY(joint && joint->reference->joint.size() == question.steps().size());
        question.alignment = KeySpaceAlignment::Joint;
        question.reference = joint->reference; // the other end of the slider is there already
        const auto first = load(question);
        QCOMPARE(first->reference, joint->reference);
        QVERIFY(moved.sameReference(question));
    }

    /// A group's query heads correspond by their place in the group.
    void groupsCorrespond() {
        KeySpaceQuestion question{.capture = runOf(1), .space = CloudSpace::KeyQuery, .scope = KeySpaceScope::Group, .axis = KeySpaceAxis::Heads,
                                  .alignment = KeySpaceAlignment::ToOne};
        question.head = 3;
        const auto data = load(question);
        QVERIFY(data && data->residual);
        const auto pairs = correspondingPoints(data->cloud->points, data->reference->points, CloudAxis::Heads);
        QCOMPARE(pairs.size(), data->cloud->points.size());
        for (const auto& [mine, theirs] : pairs) {
            const CloudPoint &a = data->cloud->points[mine], &b = data->reference->points[theirs];
            QCOMPARE(a.head - b.head, a.kind == PointKind::Query ? 2 : 1);
        }
    }

    void otherTokensAreNotAligned() {
        KeySpaceQuestion question{.capture = runOf(1), .axis = KeySpaceAxis::Runs, .alignment = KeySpaceAlignment::ToOne, .alignTo = 1};
        question.runs = {question.capture, runOf(2, 30)};
        JobContext context;
        const auto refused = loadKeySpace(question, context);
        QVERIFY(!refused && refused.error().code == ErrorCode::InvalidArgument);
        QVERIFY(refused.error().detail.find("other tokens") != std::string::npos);
        question.alignTo = 7;
        QVERIFY_ERROR(loadKeySpace(question, context), ErrorCode::InvalidArgument);
    }

    void tokensMatchByTheirCharacters() {
        SampleTokens coarse{.text = "the sink", .encoding = {}, .display = {"<s>", "the", " sink"}}, fine{.text = "the sink", .encoding = {}, .display = {"<s>", "the", " si", "nk", "</s>"}};
        coarse.encoding.offsets = {{0, 0}, {0, 3}, {3, 8}};
        fine.encoding.offsets = {{0, 0}, {0, 3}, {3, 6}, {6, 8}, {8, 8}};
        QCOMPARE(matchingToken(coarse, 0, fine), 0);
        QCOMPARE(matchingToken(coarse, 2, fine), 2);
        QCOMPARE(matchingToken(fine, 3, coarse), 2);
        QCOMPARE(matchingToken(fine, 4, coarse), -1); // no end mark there
        QCOMPARE(matchingToken(coarse, 9, fine), -1);
        fine.text = "another";
        QCOMPARE(matchingToken(coarse, 0, fine), -1);
    }

    void clustersGroupTheVectors() {
        KeySpaceQuestion question{.capture = runOf(1), .clusters = 3};
        const auto data = load(question);
        QVERIFY(data && data->clusters);
        QCOMPARE(data->clusters->sizes.size(), std::size_t(3));
        QVERIFY(data->clusters->explained > 0.2);
        const auto scene = keySpaceScene(*data, {.color = KeySpaceAttribute::Cluster}, nullptr);
        QCOMPARE(scene->colorNames.size(), 3);
        QVERIFY(scene->colorNames.first().startsWith(QStringLiteral("cluster 1")));
        for (int i = 0; i < data->count(); ++i)
            QCOMPARE(static_cast<int>(scene->scalars[static_cast<std::size_t>(i)]), static_cast<int>(data->clusters->of[static_cast<std::size_t>(i)]));
    }

    void layoutsShowTheirWayAndGoOn() {
        KeySpaceQuestion question{.capture = runOf(1, 500), .projection = "umap", .parameters = {{"umap.epochs", 4000}}};
        JobContext context;
        int previews = 0;
        std::vector<float> first;
        const auto plain = load(question);
        QVERIFY(plain && isExtensible(*plain));
        const auto shown = loadKeySpace(question, context, [&](const std::shared_ptr<const KeySpaceData>& data) {
            if (previews++ == 0)
                first = data->projection->coordinates;
            QVERIFY(data->projection->quality.at("epochs") < 4000);
            QVERIFY(data->anchors == plain->anchors);
        });
        QVERIFY_RESULT(shown);
        QVERIFY(previews > 0);
        QCOMPARE((*shown)->projection->coordinates, plain->projection->coordinates); // looking changes nothing
        QVERIFY(first != plain->projection->coordinates);
        const auto further = extendKeySpace(plain, 100, context);
        QVERIFY_RESULT(further);
        QCOMPARE((*further)->projection->quality.at("epochs"), 4100.0);
        QVERIFY((*further)->projection->coordinates != plain->projection->coordinates);
        QVERIFY(isExtensible(**further));
        question.projection = "pca";
        const auto finished = load(question);
        QVERIFY(!isExtensible(*finished));
        QVERIFY_ERROR(extendKeySpace(finished, 100, context), ErrorCode::InvalidArgument);
    }

    // ---- panel ----
    void sliderGoesThroughHeadsAndRuns() {
        Bench bench;
        const auto first = runOf(1), second = runOf(2);
        bench.session.setRuns({{QStringLiteral("step 0"), first}, {QStringLiteral("step 1000"), second}});
        bench.session.setCapture(first);
        QVERIFY(bench.shows(40));
        connect(&bench.session, &SessionModel::runRequested, this, [&](int run) { bench.session.setCapture(bench.session.runs()[static_cast<std::size_t>(run)].capture); });
        auto* footer = bench.panel->findChild<KeySpaceFooter*>();
        auto* view = bench.panel->findChild<KeySpaceView*>();
        chooseAxis(*bench.panel, KeySpaceAxis::Heads);
        footer->setStep(2);
        QCOMPARE(bench.selection.head(), HeadId(2));
        QVERIFY(QTest::qWaitFor([&] { return view->data() && view->data()->question.head == 2; }, 20000));
        for (QAction* action : buttonNamed(*bench.panel, QStringLiteral("Slider: Head"))->menu()->actions())
            if (action->data().toInt() == static_cast<int>(KeySpaceAxis::Runs))
                action->trigger();
        bench.panel->findChild<CloudSetup*>()->setAlignment(KeySpaceAlignment::Joint);
        QVERIFY(QTest::qWaitFor([&] { return view->data() && view->data()->reference && view->data()->reference->joint.size() == 2; }, 20000));
        footer->setStep(1);
        QCOMPARE(bench.session.capture(), second);
        QVERIFY(QTest::qWaitFor([&] { return view->data() && view->data()->question.capture == second; }, 20000));
        QVERIFY(bench.panel->recipe().value(QLatin1String("axis")).toString() == QStringLiteral("runs"));
        bench.session.setRuns({}); // nothing to step through any more
        QCOMPARE(footer->axis(), KeySpaceAxis::Layers);
    }

    void anotherRunStandsBeside() {
        Bench bench;
        const auto first = runOf(1), second = runOf(2);
        bench.session.setRuns({{QStringLiteral("small"), first}, {QStringLiteral("large"), second}});
        bench.session.setCapture(first);
        QVERIFY(bench.shows(40));
        QMenu* compare = nullptr;
        for (QMenu* menu : bench.panel->findChildren<QMenu*>())
            if (menu->title() == QStringLiteral("Beside it"))
                compare = menu;
        QVERIFY(compare);
        Q_EMIT compare->aboutToShow();
        for (QAction* action : compare->findChildren<QAction*>())
            if (action->text() == QStringLiteral("large"))
                action->trigger();
        const auto beside = [&]() -> KeySpaceView* {
            for (KeySpaceView* view : bench.panel->findChildren<KeySpaceView*>())
                if (view->data() && view->data()->question.capture == second)
                    return view;
            return nullptr;
        };
        QVERIFY(QTest::qWaitFor([&] { return beside() != nullptr; }, 20000));
        bench.selection.setToken(TokenId(4));
        QCOMPARE(beside()->selectedPoint(), 4);
        QVERIFY(beside()->findChild<QLabel*>()->text().startsWith(QStringLiteral("large")));
    }

    void workIsStoppedAndGoneOnWith() {
        Bench bench;
        bench.open({.words = sentence(500)});
        QVERIFY(bench.shows(500));
        auto* view = bench.panel->findChild<KeySpaceView*>();
        auto* setup = bench.panel->findChild<CloudSetup*>();
        KeySpaceQuestion question = view->data()->question;
        question.projection = "umap";
        question.parameters = {{"umap.epochs", 10000}};
        setup->setQuestion(question);
        Q_EMIT setup->changed();
        QVERIFY(QTest::qWaitFor([&] { return view->data() && view->data()->question.projection == "umap"; }, 20000)); // on its way
        QVERIFY(view->isWorking());
        QToolButton* stop = nullptr;
        QVERIFY(QTest::qWaitFor([&] { return (stop = buttonNamed(*bench.panel, QStringLiteral("Stop"))) && stop->isVisible(); }, 20000));
        stop->click();
        QVERIFY(!view->isWorking());
        QVERIFY(!bench.panel->isEmpty()); // what there is stays
        question.parameters = {{"umap.epochs", 50}};
        setup->setQuestion(question);
        Q_EMIT setup->changed();
        QToolButton* more = nullptr;
        QVERIFY(QTest::qWaitFor([&] { return !view->isWorking() && (more = buttonNamed(*bench.panel, QStringLiteral("More epochs"))) && more->isVisible(); }, 20000));
        more->click();
        QVERIFY(QTest::qWaitFor([&] { return !view->isWorking() && view->data()->projection->quality.at("epochs") == 250; }, 20000));
    }
};

QTEST_MAIN(TestSeries)
#include "tst_series.moc"
