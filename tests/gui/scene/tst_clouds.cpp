// SPDX-License-Identifier: Apache-2.0
// Scopes, alignment, looks, sets, figures and bad input of key spaces.
#include "gui/scene/panel_bench.h"
#include "support/verify_result.h"
#include "views/figures/figure_spec.h"
#include "views/key_space/cloud_setup.h"
#include "views/key_space/key_space_view.h"
#include "views/key_space/neighbour_list.h"
#include "views/key_space/quality_strip.h"
#include "views/key_space/scene_recorder.h"

#include <QAction>
#include <QButtonGroup>
#include <QDir>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>

#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace sinkscope::registry_views {
extern const ViewSpec token_table;
}

namespace {

KeySpaceQuestion questionFor(KeySourceOptions options) {
    KeySpaceQuestion question;
    question.capture = std::make_shared<KeySource>(std::move(options));
    return question;
}

std::shared_ptr<const KeySpaceData> load(const KeySpaceQuestion& question) {
    JobContext context;
    auto result = loadKeySpace(question, context);
    return result ? *result : nullptr;
}

QAction* actionNamed(const QWidget& panel, const QString& text) {
    for (QAction* action : panel.findChildren<QAction*>())
        if (action->text().startsWith(text))
            return action;
    return nullptr;
}

double distance(const KeySpaceData& a, const KeySpaceData& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.projection->coordinates.size(); ++i)
        sum += std::pow(static_cast<double>(a.projection->coordinates[i]) - static_cast<double>(b.projection->coordinates[i]), 2);
    return sum;
}

} // namespace

class TestClouds : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // ---- data ----
    void scopesCountTheirPoints() {
        auto question = questionFor({.words = sentence(24)}); // 3 layers, 4 heads, 2 key/value heads, 2 samples
        QCOMPARE(load(question)->count(), 24);
        question.space = CloudSpace::KeyQuery;
        QCOMPARE(load(question)->count(), 48);
        question.scope = KeySpaceScope::Group;
        QCOMPARE(load(question)->count(), 24 * 3);
        question.scope = KeySpaceScope::Layer;
        QCOMPARE(load(question)->count(), 24 * 6);
        question.scope = KeySpaceScope::AllLayers;
        question.allSamples = true;
        QCOMPARE(load(question)->count(), 24 * 6 * 3 * 2);
        question.maxPoints = 100;
        const auto few = load(question);
        QVERIFY(few->count() < few->cloud->captured);
        QVERIFY(keySpaceScene(*few, {}, nullptr)->notes.join(u' ').contains(QStringLiteral("of 864 captured points")));
    }

    void linksGoFromQueriesToKeys() {
        auto question = questionFor({.words = sentence(24)});
        question.space = CloudSpace::KeyQuery;
        question.head = 3;
        const auto data = load(question);
        const auto scene = keySpaceScene(*data, {.threshold = 0, .query = 5}, nullptr);
        QCOMPARE(scene->links.size(), std::size_t(6)); // its own key too: another point
        for (const SceneLink& link : scene->links) {
            QVERIFY(data->point(link.from).kind == PointKind::Query && data->point(link.from).token == 5);
            QVERIFY(data->point(link.to).kind == PointKind::Key);
            QCOMPARE(link.weight, data->attention->weights[5 * 24 + static_cast<std::size_t>(data->point(link.to).token)]);
        }
        for (std::size_t i = 1; i < scene->links.size(); ++i)
            QVERIFY(scene->links[i].weight <= scene->links[i - 1].weight);
        for (const int anchor : data->anchors)
            QVERIFY(data->point(anchor).kind == PointKind::Key);
    }

    void alignmentBringsLayersTogether() {
        auto question = questionFor({.words = sentence(40)});
        const auto first = load(question);
        question.layer = 2;
        const auto loose = load(question);
        question.alignment = KeySpaceAlignment::ToOne;
        const auto aligned = load(question);
        QVERIFY(aligned->residual && *aligned->residual > 0);
        QVERIFY(distance(*first, *aligned) <= distance(*first, *loose) * 1.0001);
        QCOMPARE(aligned->arms.size(), std::size_t(3));
        QVERIFY(aligned->projection->axisLabels[0].find("L0") != std::string::npos);
        question.reference = aligned->reference; // used again, same answer
        QCOMPARE(load(question)->projection->coordinates, aligned->projection->coordinates);
        QCOMPARE(load(question)->reference, aligned->reference);
        question.layer = 0;
        QVERIFY(!load(question)->residual); // the layer itself

        question.alignment = KeySpaceAlignment::Joint;
        const auto joint = load(question);
        QVERIFY(joint->projection->axisLabels[0].starts_with("joint PC1"));
        QCOMPARE(joint->reference->steps.size(), std::size_t(3));
        question.projection = "umap";
        JobContext context;
        QVERIFY_ERROR(loadKeySpace(question, context), ErrorCode::InvalidArgument);
    }

    void anglesAreThoseOfTheVectors() {
        const auto data = load(questionFor({.words = sentence(96)}));
        QVERIFY(data->headAnchors.size() >= 2);
        const std::size_t n = std::min(data->headAnchors.size(), KeySpaceData::kFrameAnchors);
        QCOMPARE(data->angles.size(), n * n);
        std::vector<double> centre(static_cast<std::size_t>(data->cloud->width), 0);
        int others = 0;
        for (int i = 0; i < data->count(); ++i) {
            if (std::find(data->headAnchors.begin(), data->headAnchors.end(), i) != data->headAnchors.end())
                continue;
            ++others;
            for (std::size_t k = 0; k < centre.size(); ++k)
                centre[k] += static_cast<double>(data->cloud->vector(static_cast<std::size_t>(i))[k]);
        }
        double ab = 0, aa = 0, bb = 0;
        for (std::size_t k = 0; k < centre.size(); ++k) {
            const double a = static_cast<double>(data->cloud->vector(static_cast<std::size_t>(data->headAnchors[0]))[k]) - centre[k] / others;
            const double b = static_cast<double>(data->cloud->vector(static_cast<std::size_t>(data->headAnchors[1]))[k]) - centre[k] / others;
            ab += a * b, aa += a * a, bb += b * b;
        }
        QVERIFY(std::abs(data->angles[1] - std::acos(ab / std::sqrt(aa * bb)) * 180 / M_PI) < 1e-6);
        const auto scene = keySpaceScene(*data, {}, nullptr);
        QCOMPARE(scene->frame.size(), n);
        QCOMPARE(scene->angles.size(), n * (n - 1) / 2);
        QVERIFY(keySpaceScene(*data, {.frame = false}, nullptr)->frame.empty());
    }

    void looksFollowAttributes() {
        auto question = questionFor({.words = sentence(24)});
        question.space = CloudSpace::KeyQuery;
        const auto data = load(question);
        const auto scene = keySpaceScene(*data, {.color = KeySpaceAttribute::TokenClass, .size = KeySpaceAttribute::Norm, .shape = KeySpaceAttribute::Kind}, nullptr);
        QCOMPARE(scene->shapeNames.size(), 2);
        for (int i = 0; i < data->count(); ++i)
            for (int j = 0; j < i; ++j) {
                QCOMPARE(scene->shapeOf(i) == scene->shapeOf(j), data->point(i).kind == data->point(j).kind);
                QCOMPARE(scene->scalars[static_cast<std::size_t>(i)] == scene->scalars[static_cast<std::size_t>(j)], data->point(i).tokenClass == data->point(j).tokenClass);
            }
        QVERIFY(scene->colorNames.size() >= 2);
        QVERIFY(!scene->sizeTitle.isEmpty());
    }

    void neighboursAreThoseOfTheVectors() {
        const auto data = load(questionFor({.words = sentence(60)}));
        const auto found = nearestInOriginal(*data->cloud, 7, 5);
        QCOMPARE(found.size(), std::size_t(5));
        const auto gap = [&](int other) {
            double sum = 0;
            for (std::size_t k = 0; k < static_cast<std::size_t>(data->cloud->width); ++k)
                sum += std::pow(static_cast<double>(data->cloud->vector(7)[k]) - static_cast<double>(data->cloud->vector(static_cast<std::size_t>(other))[k]), 2);
            return std::sqrt(sum);
        };
        std::set<int> chosen;
        for (const auto& each : found) {
            QVERIFY(std::abs(each.distance - gap(each.point)) < 1e-9);
            chosen.insert(each.point);
        }
        for (int other = 0; other < data->count(); ++other)
            if (other != 7 && !chosen.contains(other))
                QVERIFY(gap(other) >= found.back().distance);
        QVERIFY(nearestInOriginal(*data->cloud, -1, 5).empty());
    }

    // ---- bad input: a message or a sound picture ----
    void badInput_data() {
        QTest::addColumn<int>("words");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("says");
        QTest::addColumn<QString>("notes");
        QTest::newRow("NaN") << 24 << 1 << "NaN" << "";
        QTest::newRow("1 token") << 1 << 0 << "Too few tokens" << "";
        QTest::newRow("2 tokens") << 2 << 0 << "Too few tokens" << "";
        QTest::newRow("3 tokens") << 3 << 0 << "Too few tokens" << "";
        QTest::newRow("4 tokens") << 4 << 0 << "" << "";
        QTest::newRow("constant") << 24 << 2 << "" << "All vectors are the same";
        QTest::newRow("duplicates") << 400 << 3 << "" << "400 points lie in 5 different places";
        QTest::newRow("huge norm") << 24 << 4 << "" << "logarithmic";
    }

    void badInput() {
        QFETCH(int, words);
        QFETCH(int, kind);
        QFETCH(QString, says);
        QFETCH(QString, notes);
        KeySourceOptions options{.words = sentence(words)};
        options.broken = kind == 1;
        options.constant = kind == 2;
        options.distinct = kind == 3 ? 5 : 0;
        options.outlier = kind == 4 ? 1000 : 1;
        Bench bench;
        bench.open(options);
        if (!says.isEmpty()) {
            QVERIFY(bench.says(says));
            return;
        }
        QVERIFY(bench.shows(words));
        const PointScene& scene = bench.canvas().scene();
        for (const QVector3D& point : scene.points)
            for (int axis = 0; axis < 3; ++axis)
                QVERIFY(std::isfinite(point[axis]) && std::abs(point[axis]) <= 1.001F);
        QVERIFY2(notes.isEmpty() || scene.notes.join(u' ').contains(notes), qPrintable(scene.notes.join(u'|')));
        QVERIFY(!bench.canvas().picture().isNull());
        auto* strip = bench.panel->findChild<QualityStrip*>();
        QVERIFY(QTest::qWaitFor([&] { return bench.panel->findChild<KeySpaceView*>()->quality() != nullptr; }, 20000));
        QVERIFY(!strip->text().contains(QStringLiteral("nan"), Qt::CaseInsensitive));
        QVERIFY(!strip->text().isEmpty());
    }

    // ---- the panel ----
    void setupChangesTheCloud() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        bench.panel->findChild<QButtonGroup*>()->button(100)->click(); // keys and queries
        QVERIFY(bench.shows(48));
        QVERIFY(bench.panel->title().startsWith(QStringLiteral("Keys and queries")));
        auto* setup = bench.panel->findChild<CloudSetup*>();
        KeySpaceQuestion wanted;
        setup->applyTo(wanted);
        wanted.scope = KeySpaceScope::Layer;
        wanted.scaling = CloudScaling::LogRadius;
        setup->setQuestion(wanted);
        Q_EMIT setup->changed();
        QVERIFY(bench.shows(24 * 6));
        QVERIFY(!bench.canvas().scene().notes.isEmpty()); // says that vectors were scaled
        KeySpaceQuestion read;
        setup->applyTo(read);
        QVERIFY(read.sameReference(wanted));
        QCOMPARE(bench.panel->recipe().value(QStringLiteral("space")).toString(), QStringLiteral("key+query"));
        bench.selection.setSpace(Space::Value);
        QVERIFY(bench.shows(24 * 2));
    }

    void setsAreBrushed() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        const ViewContext context{bench.session, bench.selection, bench.jobs, bench.theme, bench.notifier};
        const std::unique_ptr<QWidget> table(registry_views::token_table.create(context, nullptr));
        auto* rows = table->findChild<QTableView*>();
        Q_EMIT bench.canvas().pointsMarked({9, 3, 5});
        QCOMPARE(bench.selection.tokens(), (std::vector<int>{3, 5, 9}));
        QCOMPARE(bench.canvas().focus().marked, (std::vector<int>{3, 5, 9}));
        QCOMPARE(rows->selectionModel()->selectedRows().size(), 3);
        QVERIFY(bench.canvas().accessibleDescription().contains(QStringLiteral("set of 3")));
        rows->selectionModel()->select(rows->model()->index(0, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QCOMPARE(bench.selection.tokens().size(), std::size_t(4)); // and back
        QCOMPARE(bench.canvas().focus().marked.size(), std::size_t(4));
        bench.selection.setSample(SampleId(1));
        QVERIFY(bench.selection.tokens().empty());
    }

    void nearestAreListed() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        actionNamed(*bench.panel, QStringLiteral("Nearest"))->setChecked(true);
        bench.selection.setToken(TokenId(7));
        QVERIFY(QTest::qWaitFor([&] { return bench.canvas().focus().neighbours.size() == 8; }));
        auto* list = bench.panel->findChild<NeighbourList*>();
        QCOMPARE(list->count(), 9);
        const auto wanted = nearestInOriginal(*bench.panel->findChild<KeySpaceView*>()->data()->cloud, 7, 1);
        QCOMPARE(list->item(1)->data(Qt::UserRole).toInt(), wanted[0].point);
        Q_EMIT list->itemActivated(list->item(1));
        QCOMPARE(bench.selection.token().value, wanted[0].point);
    }

    void camerasOfTwoAreLinked() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        actionNamed(*bench.panel, QStringLiteral("Values"))->trigger();
        const auto canvases = bench.panel->findChildren<VtkCanvas*>();
        QCOMPARE(canvases.size(), 2);
        QVERIFY(QTest::qWaitFor([&] { return canvases[1]->scene().size() == 24; }));
        QVERIFY(canvases[0]->scene().points != canvases[1]->scene().points);
        for (const int turned : {0, 1}) {
            QTest::keyClick(canvases[turned], Qt::Key_Left);
            QCOMPARE(canvases[0]->camera().azimuth(), canvases[1]->camera().azimuth());
        }
        bench.selection.setToken(TokenId(4));
        QCOMPARE(canvases[1]->focus().selected, 4);
    }

    void playsThroughLayersAndRecords() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        QToolButton* play = nullptr;
        for (QToolButton* button : bench.panel->findChildren<QToolButton*>())
            if (button->text() == QStringLiteral("▶"))
                play = button;
        QVERIFY(play);
        play->click();
        QCOMPARE(bench.panel->findChild<CloudSetup*>()->alignment(), KeySpaceAlignment::Joint);
        QVERIFY(QTest::qWaitFor([&] { return bench.selection.layer() == LayerId(2) && !play->isChecked(); }, 20000));
        QTemporaryDir folder;
        SceneRecorder recorder(bench.jobs, [&] { return bench.canvas().picture(); }, nullptr);
        recorder.start(folder.path());
        QVERIFY(QTest::qWaitFor([&] { return recorder.frames() >= 3; }));
        recorder.stop();
        QVERIFY(QTest::qWaitFor([&] { return QDir(folder.path()).count() >= 2u + static_cast<unsigned>(recorder.frames()); }));
        QVERIFY(QImage(folder.filePath(QStringLiteral("frame_0001.png"))).size() == bench.canvas().size());
    }

    void hiddenPanelsComputeNothing() {
        Bench bench(false);
        bench.open({.words = sentence(24)});
        QVERIFY(!bench.panel->findChild<KeySpaceView*>()->data());
        bench.panel->show();
        QVERIFY(bench.shows(24));
    }

    // ---- figures ----
    void figuresInEveryFormat_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("limit");
        for (const char* format : {"png", "pdf", "svg"})
            for (const int limit : {0, 1000})
                QTest::addRow("%s %d", format, limit) << QString::fromLatin1(format) << limit;
    }

    void figuresInEveryFormat() {
        QFETCH(QString, format);
        QFETCH(int, limit);
        QTemporaryDir folder;
        QJsonObject recipe = KeySpaceRecipe{.question = {}, .options = {}, .transparent = true, .vectorLimit = limit}.toJson();
        recipe.insert(QStringLiteral("dpi"), 72);
        const auto data = prepareFigure(recipe, questionFor({.words = sentence(24)}).capture);
        QVERIFY_RESULT(data);
        const QString path = folder.filePath(QStringLiteral("figure.") + format);
        QVERIFY_RESULT(writeFigure(**data, path.toStdString()));
        if (format == QStringLiteral("png")) {
            const QImage image(path);
            QCOMPARE(qAlpha(image.pixel(image.width() - 3, 3)), 0);
        }
        if (format == QStringLiteral("svg")) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray text = file.readAll();
            QVERIFY(text.contains("PC1")); // text stays text
            QCOMPARE(text.contains("<image"), limit == 0 || text.count("<image") > 0);
            QVERIFY(text.count("<image") <= (limit == 0 ? 2 : 1)); // points, and the bar of the legend
        }
    }

    void coordinatesAndRecipe() {
        QTemporaryDir folder;
        const auto data = prepareFigure(KeySpaceRecipe{.question = {}, .options = {}}.toJson(), questionFor({.words = sentence(24)}).capture);
        QVERIFY_RESULT(data);
        QVERIFY_RESULT(writeFigure(**data, folder.filePath(QStringLiteral("points.csv")).toStdString()));
        QFile csv(folder.filePath(QStringLiteral("points.csv")));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), 25);
        QVERIFY(lines[0].startsWith("x,y,z,kind,sample"));
        const auto shown = load(questionFor({.words = sentence(24)}));
        QVERIFY(std::abs(lines[3].split(',')[1].toDouble() - static_cast<double>(shown->projection->coordinates[7])) < 1e-6);
        QVERIFY_RESULT(writeFigure(**data, folder.filePath(QStringLiteral("recipe.json")).toStdString()));
        QFile json(folder.filePath(QStringLiteral("recipe.json")));
        QVERIFY(json.open(QIODevice::ReadOnly));
        QVERIFY(json.readAll().contains("\"figure\": \"key_space\""));
    }
};

QTEST_MAIN(TestClouds)
#include "tst_clouds.moc"
