// SPDX-License-Identifier: Apache-2.0
#include "gui/scene/panel_bench.h"
#include "support/verify_result.h"
#include "views/figures/figure_spec.h"
#include "views/vtk/key_space_scene.h"

#include <QButtonGroup>
#include <QPainter>
#include <QSlider>
#include <QTest>
#include <QToolButton>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

std::shared_ptr<const KeySpaceData> dataOf(KeySourceOptions options, CloudSpace space = CloudSpace::Key, int query = -1) {
    KeySpaceQuestion question;
    question.capture = std::make_shared<KeySource>(std::move(options));
    question.space = space;
    question.query = query;
    JobContext context;
    auto result = loadKeySpace(question, context);
    return result ? *result : nullptr;
}

} // namespace

class TestKeySpace : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // ---- data and scene, no widget ----
    void findsAnchorAndLinks() {
        const auto data = dataOf({.words = sentence(24)});
        QVERIFY(data);
        QCOMPARE(data->tokens, 24);
        QCOMPARE(data->anchors, std::vector<int>{0});
        const auto scene = keySpaceScene(*data, {.threshold = 0.3}, nullptr);
        QCOMPARE(scene->size(), 24);
        QCOMPARE(scene->anchors.size(), std::size_t(1));
        QCOMPARE(scene->anchors[0].label, QStringLiteral("⟨bos⟩ anchor"));
        QVERIFY(scene->axisLabels[0].startsWith(QStringLiteral("PC1 ")));
        QVERIFY(!scene->links.empty());
        for (const SceneLink& link : scene->links) {
            QCOMPARE(link.to, 0);
            QCOMPARE(link.weight, data->attention->weights[static_cast<std::size_t>(link.from) * 24]);
            QVERIFY(link.weight >= 0.3F);
        }
        const auto all = keySpaceScene(*data, {.threshold = 0}, nullptr);
        QVERIFY(all->links.size() == 23);
        QVERIFY(keySpaceScene(*data, {.links = KeySpaceOptions::Links::None}, nullptr)->links.empty());
        const auto row = keySpaceScene(*data, {.threshold = 0, .query = 5}, nullptr);
        QCOMPARE(row->links.size(), std::size_t(5)); // keys 0..4 of query 5; itself is no link
        for (const SceneLink& link : row->links)
            QCOMPARE(link.weight, data->attention->weights[5 * 24 + static_cast<std::size_t>(link.to)]);
    }

    void fewQueriesGiveNoColour() {
        const auto data = dataOf({.words = sentence(24)});
        const auto scene = keySpaceScene(*data, {}, nullptr);
        for (int i = 0; i < 24; ++i) // the last two are seen by two queries and one
            QCOMPARE(std::isnan(scene->scalars[static_cast<std::size_t>(i)]), i >= 22);
        QVERIFY(!scene->colorMissing.isEmpty());
        const auto byPosition = keySpaceScene(*data, {.color = KeySpaceOptions::Color::Position}, nullptr);
        for (int i = 0; i < 24; ++i)
            QCOMPARE(byPosition->scalars[static_cast<std::size_t>(i)], static_cast<float>(i) / 23);
    }

    void sceneKeepsProportions() {
        const auto data = dataOf({.words = sentence(24)});
        const auto scene = keySpaceScene(*data, {.distances = KeySpaceOptions::Distances::True}, nullptr);
        const auto original = [&](int a, int b) {
            double sum = 0;
            for (int axis = 0; axis < 3; ++axis)
                sum += std::pow(static_cast<double>(data->projection->coordinates[static_cast<std::size_t>(a * 3 + axis)]) -
                                    static_cast<double>(data->projection->coordinates[static_cast<std::size_t>(b * 3 + axis)]), 2);
            return std::sqrt(sum);
        };
        const auto shown = [&](int a, int b) {
            return static_cast<double>((scene->points[static_cast<std::size_t>(a)] - scene->points[static_cast<std::size_t>(b)]).length());
        };
        const double scale = shown(1, 2) / original(1, 2);
        for (int i = 3; i < 24; ++i)
            QVERIFY(qAbs(shown(1, i) / original(1, i) / scale - 1) < 1e-3);
    }

    void outlierDoesNotHideTheRest() {
        const auto data = dataOf({.words = sentence(24), .outlier = 200});
        const auto spreadOfRest = [](const PointScene& scene) {
            float largest = 0;
            for (std::size_t i = 2; i < scene.points.size(); ++i)
                largest = std::max(largest, (scene.points[i] - scene.points[1]).length());
            return largest;
        };
        const auto linear = keySpaceScene(*data, {.distances = KeySpaceOptions::Distances::True}, nullptr);
        const auto automatic = keySpaceScene(*data, {}, nullptr);
        QVERIFY(spreadOfRest(*linear) < 0.05F);
        QVERIFY(spreadOfRest(*automatic) > 0.2F);
        QVERIFY(automatic->notes.join(u' ').contains(QStringLiteral("logarithmic")));
        QVERIFY(automatic->notes.join(u' ').contains(QStringLiteral("⟨bos⟩")));
        const auto calm = dataOf({.words = sentence(24)});
        QVERIFY(!keySpaceScene(*calm, {}, nullptr)->notes.join(u' ').contains(QStringLiteral("logarithmic")));
    }

    void groupedHeadsReadTheirOwnKeys() {
        KeySpaceQuestion question;
        question.capture = std::make_shared<KeySource>(KeySourceOptions{.words = sentence(12)});
        question.head = 3;
        JobContext context;
        const auto key = loadKeySpace(question, context);
        QCOMPARE((*key)->vectorHead, 1);
        QCOMPARE(KeySpaceText::title(question), QStringLiteral("Key space — layer 0, head 3 (kv 1 of 2)"));
        question.space = CloudSpace::Query;
        QCOMPARE((*loadKeySpace(question, context))->vectorHead, 3);
        QCOMPARE(KeySpaceText::title(question), QStringLiteral("Query space — layer 0, head 3"));
        const auto vectors = question.capture->vectors(0, 0, Space::Query, 3);
        double sum = 0;
        for (int j = 0; j < 16; ++j)
            sum += static_cast<double>(vectors->values[static_cast<std::size_t>(j)]) * static_cast<double>(vectors->values[static_cast<std::size_t>(j)]);
        QVERIFY(qAbs(static_cast<double>((*loadKeySpace(question, context))->point(0).norm) - std::sqrt(sum)) < 1e-4);
    }

    void refusesWhatIsOutOfRange() {
        KeySpaceQuestion question;
        question.capture = std::make_shared<KeySource>(KeySourceOptions{.words = sentence(12)});
        JobContext context;
        for (auto [sample, layer, head] : {std::tuple(2, 0, 0), std::tuple(0, 3, 0), std::tuple(0, 0, 4), std::tuple(-1, 0, 0)}) {
            question.sample = sample, question.layer = layer, question.head = head;
            const auto result = loadKeySpace(question, context);
            QVERIFY(!result && result.error().code == ErrorCode::InvalidArgument);
        }
    }

    void stopsWhenAsked() {
        KeySpaceQuestion question;
        question.capture = std::make_shared<KeySource>(KeySourceOptions{.words = sentence(12)});
        std::stop_source stop;
        stop.request_stop();
        JobContext context(stop.get_token(), {});
        const auto result = loadKeySpace(question, context);
        QVERIFY(!result && result.error().code == ErrorCode::Cancelled);
    }

    void recipesKeepEverything() {
        KeySpaceRecipe recipe{.question = {}, .options = {}, .token = 4, .marked = {2, 7}, .azimuth = 12.5, .elevation = -30, .orthographic = true,
                              .transparent = true, .vectorLimit = 50};
        recipe.question.space = CloudSpace::KeyQuery;
        recipe.question.scope = KeySpaceScope::Layer;
        recipe.question.projection = "umap";
        recipe.question.parameters = {{"umap.neighbours", 7}};
        recipe.question.alignment = KeySpaceAlignment::ToOne;
        recipe.question.alignTo = 2;
        recipe.question.scaling = CloudScaling::LogRadius;
        recipe.question.beforeRotary = recipe.question.allSamples = recipe.question.matchDotProducts = true;
        recipe.question.maxPoints = 5000;
        recipe.options = {.color = KeySpaceAttribute::TokenClass, .size = KeySpaceAttribute::Norm, .shape = KeySpaceAttribute::Kind,
                          .links = KeySpaceOptions::Links::Query, .distances = KeySpaceOptions::Distances::True, .frame = false, .threshold = 0.25,
                          .query = 7};
        const auto copy = KeySpaceRecipe::fromJson(recipe.toJson());
        QVERIFY_RESULT(copy);
        QCOMPARE(copy->toJson(), recipe.toJson());
        QVERIFY_RESULT(KeySpaceRecipe::fromJson({}));
        for (const auto& [key, value] : std::initializer_list<std::pair<QString, QJsonValue>>{
                 {QStringLiteral("space"), QStringLiteral("keys")}, {QStringLiteral("color"), 3}, {QStringLiteral("threshold"), 1.5},
                 {QStringLiteral("elevation"), QStringLiteral("high")}, {QStringLiteral("scope"), QStringLiteral("house")},
                 {QStringLiteral("orthographic"), 1}, {QStringLiteral("query"), -2}}) {
            const auto bad = KeySpaceRecipe::fromJson({{key, value}});
            QVERIFY_ERROR(bad, ErrorCode::InvalidArgument);
            QVERIFY(QString::fromStdString(bad.error().detail).contains(key));
        }
    }

    void figureIsDrawnAtItsResolution() {
        const auto found = std::find_if(figures().begin(), figures().end(), [](const auto* spec) { return std::string_view(spec->id) == "key_space"; });
        QVERIFY(found != figures().end());
        const FigureSpec& figure = **found;
        FigureData data;
        data.capture = std::make_shared<KeySource>(KeySourceOptions{.words = sentence(24)});
        data.layer = 1;
        data.recipe = {{QStringLiteral("dpi"), 200}, {QStringLiteral("font_pt"), 9}, {QStringLiteral("azimuth"), -90}, {QStringLiteral("elevation"), 0}};
        const auto prepared = figure.prepare(data);
        QVERIFY_RESULT(prepared);
        data.prepared = *prepared;
        const Theme theme = Theme::light();
        const double width = 432, height = figure.heightFor(data, width); // points
        const auto draw = [&](double dpi) {
            QImage image(qRound(width * dpi / 72), qRound(height * dpi / 72), QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            painter.scale(dpi / 72, dpi / 72);
            figure.paint(painter, {width, height}, data, theme);
            return image;
        };
        const QImage image = draw(200);
        QCOMPARE(image.size(), QSize(1200, 900));
        int golden = 0, colored = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) {
                golden += image.pixelColor(x, y) == theme.anchor;
                colored += image.pixelColor(x, y).saturation() > 120;
            }
        QVERIFY2(golden > 300, qPrintable(QString::number(golden))); // the star
        QVERIFY2(colored > 4000, qPrintable(QString::number(colored))); // points and legend
        QCOMPARE(draw(200), image);

        data.recipe.insert(QStringLiteral("space"), QStringLiteral("nothing"));
        QVERIFY_ERROR(figure.prepare(data), ErrorCode::InvalidArgument);
        data.recipe.insert(QStringLiteral("space"), QStringLiteral("hidden"));
        QVERIFY_ERROR(figure.prepare(data), ErrorCode::Unavailable);
    }

    // ---- the panel ----
    void followsTheSelection() {
        Bench bench;
        QVERIFY(bench.says(QStringLiteral("Nothing captured yet")));
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        QCOMPARE(bench.panel->title(), QStringLiteral("Key space — layer 0, head 0 (kv 0 of 2)"));
        const auto before = bench.canvas().scene().points;
        bench.selection.setHead(LayerId(2), HeadId(1));
        QCOMPARE(bench.panel->title(), QStringLiteral("Key space — layer 2, head 1 (kv 0 of 2)"));
        QVERIFY(QTest::qWaitFor([&] { return bench.canvas().scene().points != before; }));
        const auto slider = bench.panel->findChildren<QSlider*>().first();
        QCOMPARE(slider->value(), 2);
        slider->setValue(1);
        QCOMPARE(bench.selection.layer(), LayerId(1));
        auto* spaces = bench.panel->findChild<QButtonGroup*>();
        spaces->button(static_cast<int>(Space::Value))->click();
        QCOMPARE(bench.selection.space(), Space::Value);
        QCOMPARE(bench.panel->title(), QStringLiteral("Value space — layer 1, head 1 (kv 0 of 2)"));
        bench.selection.setSpace(Space::Query);
        QVERIFY(spaces->button(static_cast<int>(Space::Query))->isChecked());
        QVERIFY(bench.shows(24));
    }

    void latestWins() {
        Bench bench;
        bench.open({.words = sentence(24)});
        for (int i = 0; i < 30; ++i)
            bench.selection.setHead(LayerId(i % 3), HeadId(i % 4));
        bench.selection.setHead(LayerId(1), HeadId(2));
        JobContext context;
        KeySpaceQuestion question;
        question.capture = bench.session.capture();
        question.layer = 1, question.head = 2;
        const auto wanted = loadKeySpace(question, context);
        const auto scene = keySpaceScene(**wanted, {}, nullptr);
        QVERIFY(QTest::qWaitFor([&] { return bench.canvas().scene().points == scene->points; }));
    }

    void clickSelectsAndSelectionIsShown() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        VtkCanvas& canvas = bench.canvas();
        QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.camera().project(canvas.scene().points[0]).screen.toPoint());
        QCOMPARE(bench.selection.token(), TokenId(0));
        bench.selection.setToken(TokenId(7));
        QCOMPARE(canvas.focus().selected, 7);
        QVERIFY(canvas.accessibleDescription().contains(QStringLiteral("token 7")));
        bench.selection.setQuery(TokenId(9));
        for (const SceneLink& link : canvas.scene().links)
            QCOMPARE(link.from, 9);
        QVERIFY(!canvas.scene().links.empty());
        bench.selection.setSample(SampleId(1));
        QCOMPARE(canvas.focus().selected, -1);
    }

    void explainsWhatIsMissing() {
        Bench bench;
        bench.open({.words = sentence(24), .vectors = false});
        QVERIFY(bench.says(QStringLiteral("No vectors in this capture")));
        bench.open({.words = sentence(2)});
        QVERIFY(bench.says(QStringLiteral("Too few tokens")));
        bench.open({.words = sentence(24), .broken = true});
        QVERIFY(bench.says(QStringLiteral("NaN")));
        bench.open({.words = sentence(24), .finishedLayers = 1});
        QVERIFY(bench.shows(24));
        bench.selection.setHead(LayerId(2), HeadId(0));
        QVERIFY(bench.says(QStringLiteral("not there yet")));
        QVERIFY(bench.panel->recipe().isEmpty());
        bench.selection.setHead(LayerId(0), HeadId(0));
        QVERIFY(bench.shows(24));
        QCOMPARE(bench.panel->recipe().value(QStringLiteral("figure")).toString(), QStringLiteral("key_space"));
        bench.session.setCapture(nullptr);
        QVERIFY(bench.says(QStringLiteral("Nothing captured yet")));
    }

    void followsTheTheme() {
        Bench bench;
        bench.open({.words = sentence(24)});
        QVERIFY(bench.shows(24));
        bench.theme = Theme::dark();
        Q_EMIT bench.notifier.themeChanged();
        QCOMPARE(bench.canvas().grab().toImage().pixelColor(1, 1), bench.theme.panel);
    }

    void diesWhileWorking() {
        for (int i = 0; i < 20; ++i) {
            Bench bench(i % 2 == 0);
            bench.open({.words = sentence(60)});
            bench.selection.setHead(LayerId(1), HeadId(1));
            if (i % 3 == 0)
                QCoreApplication::processEvents();
        }
    }
};

QTEST_MAIN(TestKeySpace)
#include "tst_key_space.moc"
