// SPDX-License-Identifier: Apache-2.0
// Clouds from captures: which points, what is known of them, samples that keep the sinks, scaling, geometry; on captures in memory.
#include "core/analysis/analysis.h"
#include "core/spaces/capture_rows.h"
#include "core/spaces/cloud_geometry.h"
#include "core/spaces/cloud_scaling.h"
#include "support/fake_capture.h"
#include "support/verify_result.h"

#include <limits>
#include <map>
#include <ranges>
#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

Result<std::shared_ptr<const PointCloud>> assemble(CaptureSource& source, const CloudRequest& request) {
    JobContext context;
    return assembleCloud(source, request, context);
}

double length(std::span<const float> vector) {
    double sum = 0;
    for (const float value : vector)
        sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

/// Nothing but the points; two tokens of one sample.
PointCloud handMade(int width, std::vector<float> values) {
    PointCloud cloud;
    cloud.width = width;
    cloud.points.resize(values.size() / static_cast<std::size_t>(width));
    cloud.values = std::move(values);
    return cloud;
}

/// The fake capture with one component that dwarfs the rest at token 0, or a value that is no number.
class SpoiltCapture : public FakeCapture {
public:
    explicit SpoiltCapture(float factor) : FakeCapture({.samples = 1}), m_factor(factor) {}
    Result<HeadVectors> vectors(int sample, int layer, Space space, int head) override {
        SINKSCOPE_TRY(HeadVectors vectors, FakeCapture::vectors(sample, layer, space, head));
        if (space == Space::Value)
            for (int i = 0; i < vectors.width; ++i)
                vectors.values[static_cast<std::size_t>(i)] *= m_factor;
        return vectors;
    }

private:
    float m_factor;
};

} // namespace

class TestPointCloud : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneHead() {
        FakeCapture capture;
        const auto cloud = assemble(capture, {.space = CloudSpace::Query, .head = 3, .layers = {2}});
        QVERIFY_RESULT(cloud);
        const auto vectors = capture.vectors(1, 2, Space::Query, 3);
        const auto statistics = capture.statistics(1, 2);
        QCOMPARE((*cloud)->count(), 48);
        QCOMPARE((*cloud)->captured, std::int64_t{48});
        QVERIFY(std::ranges::equal(std::span((*cloud)->values).subspan(24 * 16), vectors->values));
        const auto sinks = sinksOfHead(**statistics, 3, {});
        for (int token = 0; token < 24; ++token) {
            const CloudPoint& point = (*cloud)->points[static_cast<std::size_t>(24 + token)];
            QVERIFY(point.sample == 1 && point.layer == 2 && point.token == token && point.head == 3 && point.group == 1 && point.position == token);
            QCOMPARE(point.received, (*statistics)->received(3, token));
            QVERIFY(std::abs(point.norm - (*statistics)->ofHead((*statistics)->queryNorm, 3)[static_cast<std::size_t>(token)]) < 1e-4F);
            QCOMPARE(point.sink, std::ranges::find(sinks, token) != sinks.end());
            QVERIFY(point.kind == PointKind::Query);
            QCOMPARE(textOf(capture.header(), point), std::string_view(standardWords()[static_cast<std::size_t>(token)]));
        }
    }

    void scopes_data() {
        QTest::addColumn<int>("space");
        QTest::addColumn<int>("scope");
        QTest::addColumn<int>("head");
        QTest::addColumn<int>("vectors"); // of a token: the capture has 4 query heads and 2 key/value heads
        const auto row = [](const char* name, CloudSpace space, CloudScope scope, int head, int vectors) {
            QTest::newRow(name) << static_cast<int>(space) << static_cast<int>(scope) << head << vectors;
        };
        row("key head", CloudSpace::Key, CloudScope::Head, 1, 1);
        row("keys of a group: once", CloudSpace::Key, CloudScope::Group, 1, 1);
        row("keys of a layer", CloudSpace::Key, CloudScope::Layer, 0, 2);
        row("values of a layer", CloudSpace::Value, CloudScope::Layer, 0, 2);
        row("queries of a group", CloudSpace::Query, CloudScope::Group, 1, 2);
        row("queries of a layer", CloudSpace::Query, CloudScope::Layer, 0, 4);
        row("key+query head", CloudSpace::KeyQuery, CloudScope::Head, 3, 2);
        row("key+query group", CloudSpace::KeyQuery, CloudScope::Group, 1, 3);
        row("key+query layer", CloudSpace::KeyQuery, CloudScope::Layer, 0, 6);
    }
    void scopes() {
        QFETCH(int, space);
        QFETCH(int, scope);
        QFETCH(int, head);
        QFETCH(int, vectors);
        FakeCapture capture;
        const CloudRequest request{.space = static_cast<CloudSpace>(space), .scope = static_cast<CloudScope>(scope), .head = head, .layers = {0, 3}};
        const auto cloud = assemble(capture, request);
        QVERIFY_RESULT(cloud);
        QCOMPARE((*cloud)->count(), vectors * 2 * 24 * 2);
        std::set<std::tuple<int, int, int, PointKind, int>> places;
        for (const CloudPoint& point : (*cloud)->points) {
            places.insert({point.layer, point.sample, point.token, point.kind, point.head});
            QVERIFY(scope == static_cast<int>(CloudScope::Layer) || point.group == (scope == static_cast<int>(CloudScope::Head) ? head / (head == 3 ? 2 : 1) : head));
        }
        QCOMPARE(places.size(), (*cloud)->points.size()); // nothing twice
    }

    void everythingByDefault() {
        FakeCapture capture;
        QCOMPARE((*assemble(capture, {}))->count(), 4 * 2 * 24);
        QCOMPARE((*assemble(capture, {.samples = {1, 1}}))->count(), 4 * 24);
    }

    void sampleKeepsTheSinks() {
        FakeCapture capture({.samples = 12});
        const CloudRequest all{.space = CloudSpace::Query, .scope = CloudScope::Layer};
        CloudRequest some = all;
        some.maxPoints = 1500;
        const auto whole = assemble(capture, all), drawn = assemble(capture, some), again = assemble(capture, some);
        QVERIFY_RESULT(whole);
        QVERIFY_RESULT(drawn);
        QCOMPARE((*drawn)->count(), 1500);
        QCOMPARE((*drawn)->captured, static_cast<std::int64_t>((*whole)->count()));
        QVERIFY((*drawn)->notes.size() == 1 && (*drawn)->notes[0].starts_with("1500 of 4608 points are shown"));
        QCOMPARE((*drawn)->values, (*again)->values);
        const auto sinks = [](const PointCloud& cloud) { return std::ranges::count_if(cloud.points, [](const CloudPoint& point) { return point.sink; }); };
        QVERIFY(sinks(**whole) > 50);
        QCOMPARE(sinks(**drawn), sinks(**whole));
        std::map<std::pair<int, int>, int> others; // of every layer and head
        for (const CloudPoint& point : (*drawn)->points)
            others[{point.layer, point.head}] += point.sink ? 0 : 1;
        QCOMPARE(others.size(), std::size_t{16});
        const auto [fewest, most] = std::ranges::minmax(others | std::views::values);
        QVERIFY2(most - fewest < 0.15 * most, qPrintable(QStringLiteral("%1 to %2").arg(fewest).arg(most)));
        some.seed = 7;
        QVERIFY((*assemble(capture, some))->values != (*drawn)->values);
        some.maxPoints = 3; // fewer than there are sinks
        const auto few = assemble(capture, some);
        QCOMPARE((*few)->count(), static_cast<int>(sinks(**whole)));
        some.maxPoints = 4608;
        QVERIFY((*assemble(capture, some))->notes.empty());
    }

    void componentsWithoutHoldingTheCloud() {
        FakeCapture capture({.samples = 60}); // blocks of the fit span samples and heads
        const CloudRequest request{.space = CloudSpace::KeyQuery, .scope = CloudScope::Layer, .maxPoints = 10, .maxBytes = 4000};
        CloudRequest everything = request;
        everything.maxPoints = 0;
        everything.maxBytes = 1 << 30;
        JobContext context;
        const auto streamed = fitCapture(capture, request, {}, context);
        const auto cloud = assemble(capture, everything);
        QVERIFY_RESULT(streamed);
        QVERIFY_RESULT(cloud);
        MemoryMatrix rows((*cloud)->values, (*cloud)->count(), (*cloud)->width);
        const auto held = fitPrincipalComponents(rows, {}, context);
        QCOMPARE(streamed->rows, static_cast<std::int64_t>((*cloud)->count()));
        QCOMPARE(streamed->axes, held->axes);
        QCOMPARE(streamed->sums, held->sums);
        CloudRequest scaled = request;
        scaled.scaling = CloudScaling::Robust;
        QVERIFY_ERROR(fitCapture(capture, scaled, {}, context), ErrorCode::InvalidArgument);
        SpoiltCapture spoilt(std::numeric_limits<float>::quiet_NaN());
        QVERIFY_ERROR(fitCapture(spoilt, {.space = CloudSpace::Value}, {}, context), ErrorCode::NotFinite);
    }

    void wrongRequests() {
        FakeCapture capture;
        QVERIFY_ERROR(assemble(capture, {.head = 2}), ErrorCode::InvalidArgument); // two key heads
        QVERIFY_ERROR(assemble(capture, {.head = -1}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(assemble(capture, {.space = CloudSpace::Query, .head = 4}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(assemble(capture, {.space = CloudSpace::Query, .scope = CloudScope::Group, .head = 2}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(assemble(capture, {.layers = {9}}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(assemble(capture, {.samples = {2}}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(assemble(capture, {.space = CloudSpace::Hidden}), ErrorCode::Unavailable); // not kept
        QVERIFY_ERROR(assemble(capture, {.maxBytes = 1000}), ErrorCode::MemoryExceeded);
        QVERIFY_RESULT(assemble(capture, {.layers = {0}, .maxPoints = 10, .maxBytes = 1000}));
        std::stop_source stop;
        stop.request_stop();
        JobContext cancelled(stop.get_token(), {});
        QVERIFY_ERROR(assembleCloud(capture, {}, cancelled), ErrorCode::Cancelled);
        SpoiltCapture spoilt(std::numeric_limits<float>::quiet_NaN());
        QVERIFY_ERROR(assemble(spoilt, {.space = CloudSpace::Value}), ErrorCode::NotFinite);
    }

    void oneToken() {
        FakeCapture capture({.samples = 1, .words = {"<s>"}});
        const auto cloud = assemble(capture, {.layers = {0}});
        QVERIFY_RESULT(cloud);
        QCOMPARE((*cloud)->count(), 1);
        QVERIFY(!(*cloud)->points[0].sink);
        const auto geometry = cloudGeometry(**cloud, capture.header(), JobContext());
        QVERIFY_RESULT(geometry);
        QVERIFY(!geometry->dimension && !geometry->meanCosine && geometry->anchors.empty());
        QVERIFY(std::abs(geometry->shape.effectiveRank - 1) < 1e-9);
        for (const CloudScaling scaling : {CloudScaling::Robust, CloudScaling::LogRadius})
            QVERIFY_RESULT(assemble(capture, {.layers = {0}, .scaling = scaling}));
    }

    void massiveActivationDoesNotHideTheRest() {
        SpoiltCapture capture(1e5F); // values of token 0 are then 1e4 times the others
        const CloudRequest plain{.space = CloudSpace::Value, .layers = {1}};
        CloudRequest robust = plain, logarithmic = plain;
        robust.scaling = CloudScaling::Robust;
        logarithmic.scaling = CloudScaling::LogRadius;
        const auto a = assemble(capture, plain), b = assemble(capture, robust), c = assemble(capture, logarithmic);
        QVERIFY_RESULT(b);
        QVERIFY_RESULT(c);
        QVERIFY(length((*a)->vector(0)) > 1000 * length((*a)->vector(1)));
        QVERIFY(length((*b)->vector(0)) < 6 * length((*b)->vector(1)));
        QVERIFY((*b)->points[0].clipped && (*b)->clipped == 1 && !(*b)->points[1].clipped && (*b)->notes.size() == 1);
        for (std::size_t point = 1; point < 24; ++point) // nobody else moves
            QVERIFY(std::ranges::equal((*a)->vector(point), (*b)->vector(point)));
        QVERIFY(length((*c)->vector(0)) < 30 * length((*c)->vector(1)));
        QVERIFY((*c)->notes.size() == 1 && (*c)->scaling == CloudScaling::LogRadius);
        QCOMPARE((*c)->points[0].norm, (*a)->points[0].norm); // as captured
        std::vector<double> lengths;
        for (std::size_t point = 0; point < 24; ++point)
            lengths.push_back(length((*a)->vector(point)));
        std::ranges::sort(lengths);
        for (std::size_t point = 0; point < 24; ++point) {
            const double r = length((*a)->vector(point)), wanted = std::log1p(r / lengths[11]);
            for (std::size_t i = 0; i < 16; ++i)
                QVERIFY(std::abs((*c)->vector(point)[i] - (*a)->vector(point)[i] / r * wanted) < 1e-5);
        }
    }

    void robustLeavesEqualDistancesAlone() {
        PointCloud cloud = handMade(1, {0, 0, 0, 0, 0, 0, 5});
        const auto before = cloud.values;
        scaleCloud(cloud, CloudScaling::Robust);
        QCOMPARE(cloud.values, before);
        PointCloud zero = handMade(2, std::vector<float>(8, 0.0F));
        scaleCloud(zero, CloudScaling::LogRadius);
        QCOMPARE(zero.values, std::vector<float>(8, 0.0F));
    }

    void dotProductsBecomeDistances() {
        FakeCapture capture;
        const CloudRequest request{.space = CloudSpace::KeyQuery, .scope = CloudScope::Layer, .layers = {2}, .matchDotProducts = true};
        CloudRequest bare = request;
        bare.matchDotProducts = false;
        const auto cloud = assemble(capture, request), raw = assemble(capture, bare);
        QVERIFY_RESULT(cloud);
        QCOMPARE((*cloud)->notes.size(), std::size_t{1});
        std::map<std::pair<PointKind, int>, std::pair<double, int>> lengths; // per group
        std::map<std::pair<PointKind, int>, std::vector<double>> means;      // per head, of the vectors as captured
        for (std::size_t i = 0; i < (*cloud)->points.size(); ++i) {
            const CloudPoint& point = (*cloud)->points[i];
            auto& [sum, count] = lengths[{point.kind, point.group}];
            sum += length((*cloud)->vector(i));
            ++count;
            auto& mean = means[{point.kind, point.head}];
            mean.resize(16);
            for (std::size_t j = 0; j < 16; ++j)
                mean[j] += (*raw)->vector(i)[j] / 48.0;
        }
        for (int group = 0; group < 2; ++group) {
            const auto [keys, keyCount] = lengths[{PointKind::Key, group}];
            const auto [queries, queryCount] = lengths[{PointKind::Query, group}];
            QVERIFY(std::abs(keys / keyCount / (queries / queryCount) - 1) < 1e-5);
        }
        // The products of centred vectors stay what they were.
        for (std::size_t a = 0; a < (*cloud)->points.size(); a += 7)
            for (std::size_t b = 0; b < (*cloud)->points.size(); b += 5) {
                const CloudPoint &key = (*cloud)->points[a], &query = (*cloud)->points[b];
                if (key.kind != PointKind::Key || query.kind != PointKind::Query || key.group != query.group)
                    continue;
                double before = 0, after = 0;
                for (std::size_t j = 0; j < 16; ++j) {
                    before += ((*raw)->vector(a)[j] - means[{PointKind::Key, key.head}][j]) * ((*raw)->vector(b)[j] - means[{PointKind::Query, query.head}][j]);
                    after += static_cast<double>((*cloud)->vector(a)[j]) * (*cloud)->vector(b)[j];
                }
                QVERIFY(std::abs(before - after) < 1e-4);
            }
    }

    void tokenClassesByHand() {
        FakeCapture capture;
        const auto classes = tokenClasses(*capture.header().samples[0]);
        const auto words = standardWords();
        std::map<std::string, std::string> wanted{{"<|bos|>", "special"}, {"The", "word_start"}, {" force", "word_start"}, {",", "punctuation"},
                                                  {"\n", "whitespace"}, {" naïve", "word_start"}, {" 電荷", "word_start"}, {"  ", "whitespace"},
                                                  {" done", "word_start"}, {"ing", "continuation"}, {".", "punctuation"}};
        for (std::size_t i = 0; i < words.size(); ++i)
            if (wanted.contains(words[i]))
                QCOMPARE(QString::fromStdString(std::string(nameOf(classes[i]))), QString::fromStdString(wanted[words[i]]));
        SampleTokens bert; // a vocabulary that marks what continues a word
        bert.display = {"[CLS]", "geo", "##metry", "of", "1", "##2", "!", "[SEP]"};
        bert.encoding.pieces = bert.display;
        bert.encoding.special = {1, 0, 0, 0, 0, 0, 0, 1};
        std::string text;
        for (const TokenClass one : tokenClasses(bert))
            text += std::string(nameOf(one)) + " ";
        QCOMPARE(text, std::string("special word_start continuation word_start number number punctuation special "));
    }

    void geometryOfAFrame() { // two anchors at right angles, far from a cloud around (1, 1, 1, ...)
        CaptureHeader header;
        SampleTokens sample;
        PointCloud cloud = handMade(8, {});
        std::mt19937 random(3);
        std::normal_distribution<float> normal(0, 0.1F);
        for (int token = 0; token < 200; ++token) {
            sample.encoding.ids.push_back(token < 4 ? token % 2 : 10 + token);
            sample.display.push_back("t" + std::to_string(sample.encoding.ids.back()));
            cloud.points.push_back({.token = token, .sink = token < 4});
            for (int i = 0; i < 8; ++i)
                cloud.values.push_back(token >= 4 ? 1 + normal(random) : i == token % 2 ? 50.0F : 0.0F);
        }
        header.samples.push_back(std::make_shared<const SampleTokens>(sample));
        const auto geometry = cloudGeometry(cloud, header, JobContext());
        QVERIFY_RESULT(geometry);
        // Id 0 at the start of the text, id 0 later, and id 1 twice.
        QCOMPARE(geometry->anchorsInAll, 3);
        const CloudAnchor& second = geometry->anchors[0];
        QVERIFY(second.points == 2 && second.id == 1 && !second.first && second.text == "t1");
        QVERIFY(std::abs(second.length - 50) < 1e-6);
        QVERIFY(std::abs(second.distance - std::sqrt(49.0 * 49 + 7)) < 0.1);
        QVERIFY(std::abs(second.relativeDistance - second.distance / (0.1 * std::sqrt(8.0))) < 0.1 * second.relativeDistance);
        QVERIFY(geometry->anchors[1].first && !geometry->anchors[2].first);
        const auto angle = [&](std::size_t a, std::size_t b) { return geometry->angles[3 * a + b]; };
        QVERIFY(angle(0, 0) == 0 && std::abs(angle(0, 1) - 90) < 1e-9 && std::abs(angle(1, 2)) < 1e-5 && angle(0, 1) == angle(1, 0));
        const double seen = std::acos((-2 * 49.0 + 6) / (49.0 * 49 + 7)) * 180 / 3.14159265358979;
        QVERIFY(std::abs(geometry->anglesFromCentroid[1] - seen) < 0.5);
        QVERIFY(*geometry->meanCosine > 0.9 && *geometry->meanCosine < 1);
        QVERIFY(geometry->shape.effectiveRank > 1.5 && geometry->shape.effectiveRank < 4);
        QCOMPARE(geometry->shapePoints, 200);
        QVERIFY(geometry->dimension->twoNearest > 4 && geometry->dimension->twoNearest < 9);
    }
};

QTEST_GUILESS_MAIN(TestPointCloud)
#include "tst_point_cloud.moc"
