// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_scene.h"

#include "views/vtk/key_space_looks.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace sinkscope {

namespace {

float medianOf(std::vector<float> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<QVector3D> coordinatesOf(const Projection& projection) {
    std::vector<QVector3D> points(static_cast<std::size_t>(projection.points));
    const auto dimensions = static_cast<std::size_t>(projection.dimensions);
    for (std::size_t i = 0; i < points.size(); ++i)
        for (std::size_t axis = 0; axis < std::min<std::size_t>(3, dimensions); ++axis)
            points[i][static_cast<int>(axis)] = projection.coordinates[i * dimensions + axis];
    return points;
}

/// How far the points lie from their median.
struct Spread {
    QVector3D middle;
    std::vector<float> radii;
    float median = 0, largest = 0;
    int farthest = 0;
};

Spread spreadOf(const std::vector<QVector3D>& points) {
    Spread spread;
    for (int axis = 0; axis < 3; ++axis) {
        std::vector<float> values;
        values.reserve(points.size());
        for (const QVector3D& point : points)
            values.push_back(point[axis]);
        spread.middle[axis] = medianOf(std::move(values));
    }
    for (const QVector3D& point : points)
        spread.radii.push_back((point - spread.middle).length());
    spread.median = medianOf(spread.radii);
    const auto largest = std::max_element(spread.radii.begin(), spread.radii.end());
    spread.largest = *largest;
    spread.farthest = static_cast<int>(largest - spread.radii.begin());
    return spread;
}

/// Keeps directions from the median point and compresses distances: r becomes m log(1 + r/m), m the median distance.
QVector3D compressed(const QVector3D& point, const Spread& spread) {
    const float radius = (point - spread.middle).length();
    return radius > 0 ? spread.middle + (point - spread.middle) * (spread.median * std::log1p(radius / spread.median) / radius) : point;
}

/// From coordinates of the projection to those of the display.
struct Display {
    std::optional<Spread> compression; ///< logarithmic distances
    QVector3D center;
    float scale = 1;
    [[nodiscard]] QVector3D operator()(const QVector3D& point) const {
        return ((compression ? compressed(point, *compression) : point) - center) * scale;
    }
};

/// Moves and scales uniformly, so that angles and relative distances stay true.
void fit(PointScene& scene, Display& display) {
    constexpr float kMost = std::numeric_limits<float>::max();
    QVector3D low(kMost, kMost, kMost), high = -low;
    for (QVector3D& point : scene.points) {
        if (display.compression)
            point = compressed(point, *display.compression);
        for (int axis = 0; axis < 3; ++axis) {
            low[axis] = std::min(low[axis], point[axis]);
            high[axis] = std::max(high[axis], point[axis]);
        }
    }
    const QVector3D size = high - low;
    display.center = low + size / 2;
    const float largest = std::max({size.x(), size.y(), size.z()});
    display.scale = largest > 0 ? 2 / largest : 1;
    for (QVector3D& point : scene.points)
        point = (point - display.center) * display.scale;
    for (int axis = 0; axis < 3; ++axis) {
        const float half = std::max(size[axis] * display.scale / 2 * 1.06F, 0.05F);
        scene.box.low[axis] = -half;
        scene.box.high[axis] = half;
    }
}

void addAnchors(PointScene& scene, const KeySpaceData& data, const AnalysisResult* analysis) {
    const std::size_t shown = std::min(kMostStars, data.anchors.size()); // the strongest first: it is sure of its label
    for (std::size_t a = 0; a < shown; ++a) {
        const int point = data.anchors[a];
        const bool one = data.question.scope == KeySpaceScope::Head && !data.question.allSamples;
        QString label = one ? KeySpaceText::tr("%1 anchor").arg(scene.labels[point]) : scene.labels[point];
        if (analysis && one)
            for (const SinkToken& sink : analysis->sinks)
                if (sink.sample == data.question.sample && sink.token == data.point(point).token)
                    label += KeySpaceText::tr(" · %1 % of heads").arg(qRound(100 * sink.headShare));
        const bool again = !one && std::any_of(scene.anchors.begin(), scene.anchors.end(), [&](const SceneAnchor& other) { return other.label == label; });
        scene.anchors.push_back({point, again ? QString() : label}); // one name for many stars of one token
        if (!scene.sizes.empty())
            scene.sizes[static_cast<std::size_t>(point)] = 1; // it lies under a star
    }
    if (shown < data.anchors.size())
        scene.notes << KeySpaceText::tr("%1 of %2 sinks are marked, the strongest.").arg(shown).arg(data.anchors.size());
    if (data.anchors.empty())
        scene.notes << (data.question.scope == KeySpaceScope::Head ? KeySpaceText::tr("No token is a sink in this head.") : KeySpaceText::tr("No point is a sink."));
}

void addLinks(PointScene& scene, const KeySpaceData& data, const KeySpaceOptions& options) {
    const std::vector<float> row = data.rowOf(options.query);
    const bool ofQuery = options.links == KeySpaceOptions::Links::Query || (options.links == KeySpaceOptions::Links::Automatic && !row.empty());
    if (options.links == KeySpaceOptions::Links::None)
        return;
    const auto add = [&](int query, int key, float weight) {
        const int from = data.queryPoints[static_cast<std::size_t>(query)], to = data.keyPoints[static_cast<std::size_t>(key)];
        if (from >= 0 && to >= 0 && from != to && weight > 0 && static_cast<double>(weight) >= options.threshold)
            scene.links.push_back({from, to, weight});
    };
    if (ofQuery)
        for (std::size_t key = 0; key < row.size(); ++key)
            add(options.query, static_cast<int>(key), row[key]);
    else
        for (std::size_t anchor = 0; anchor < data.anchorWeights.size(); ++anchor)
            for (std::size_t query = 0; query < data.anchorWeights[anchor].size(); ++query)
                add(static_cast<int>(query), data.headAnchors[anchor], data.anchorWeights[anchor][query]);
    std::stable_sort(scene.links.begin(), scene.links.end(), [](const SceneLink& a, const SceneLink& b) { return a.weight > b.weight; });
}

/// Arms from the middle of the other tokens to the head's anchors; angles are those of the original space.
void addFrame(PointScene& scene, const KeySpaceData& data) {
    const std::size_t count = std::min(data.headAnchors.size(), KeySpaceData::kFrameAnchors);
    if (count < 2 || data.angles.size() != count * count)
        return; // one arm spans nothing
    QVector3D middle;
    int others = 0;
    for (int token = 0; token < data.tokens; ++token) {
        const int point = data.keyPoints[static_cast<std::size_t>(token)];
        if (point < 0 || std::find(data.headAnchors.begin(), data.headAnchors.end(), token) != data.headAnchors.end())
            continue;
        middle += scene.points[static_cast<std::size_t>(point)];
        ++others;
    }
    middle /= static_cast<float>(std::max(1, others));
    for (std::size_t a = 0; a < count; ++a)
        scene.frame.push_back({middle, scene.points[static_cast<std::size_t>(data.keyPoints[static_cast<std::size_t>(data.headAnchors[a])])], {}});
    for (std::size_t a = 0; a < count; ++a)
        for (std::size_t b = a + 1; b < count; ++b)
            scene.angles.push_back({static_cast<int>(a), static_cast<int>(b), KeySpaceText::tr("%1°").arg(qRound(data.angles[a * count + b]))});
}

/// The principal axes of a cloud that was turned to another: two standard deviations long on either side of the middle.
void addArms(PointScene& scene, const KeySpaceData& data, const Display& display) {
    const auto dimensions = static_cast<std::size_t>(data.projection->dimensions);
    QVector3D middle;
    for (int i = 0; i < data.count(); ++i)
        for (std::size_t k = 0; k < std::min<std::size_t>(3, dimensions); ++k)
            middle[static_cast<int>(k)] += data.projection->coordinates[static_cast<std::size_t>(i) * dimensions + k] / static_cast<float>(data.count());
    for (const KeySpaceArm& arm : data.arms) {
        QVector3D reach;
        for (std::size_t k = 0; k < std::min<std::size_t>(3, arm.direction.size()); ++k)
            reach[static_cast<int>(k)] = arm.direction[k] * static_cast<float>(2 * arm.deviation);
        if (arm.deviation > 0)
            scene.arms.push_back({display(middle - reach), display(middle + reach), QString::fromStdString(arm.label)});
    }
}

void sayWhatWasDone(PointScene& scene, const KeySpaceData& data) {
    for (const std::string& note : data.cloud->notes)
        scene.notes << QString::fromStdString(note);
    if (data.distinct == 1)
        scene.notes << KeySpaceText::tr("All vectors are the same: every point lies in one place.");
    else if (data.count() <= KeySpaceData::kCountDistinct && 10 * data.distinct < 9 * data.count())
        scene.notes << KeySpaceText::tr("%1 points lie in %2 different places.").arg(data.count()).arg(data.distinct);
    if (data.projection->points > 0 && data.count() < data.cloud->captured)
        scene.notes << KeySpaceText::tr("%1 of %2 captured points are shown.").arg(QLocale().toString(data.count()), QLocale().toString(static_cast<qlonglong>(data.cloud->captured)));
}

SceneLabels labelsOf(const KeySpaceData& data) {
    std::map<QString, std::int32_t> places;
    std::vector<QString> texts;
    std::vector<std::int32_t> index;
    for (int i = 0; i < data.count(); ++i) {
        const auto [place, isNew] = places.try_emplace(KeySpaceText::tokenText(data, i), static_cast<std::int32_t>(texts.size()));
        if (isNew)
            texts.push_back(place->first);
        index.push_back(place->second);
    }
    SceneLabels labels;
    labels.set(std::move(texts), std::move(index));
    return labels;
}

} // namespace

std::shared_ptr<const PointScene> keySpaceScene(const KeySpaceData& data, const KeySpaceOptions& options, const AnalysisResult* analysis) {
    auto scene = std::make_shared<PointScene>();
    scene->points = coordinatesOf(*data.projection);
    if (scene->points.empty())
        return scene;
    const Spread spread = spreadOf(scene->points);
    const bool outlier = spread.median > 0 && static_cast<double>(spread.largest) > kOutlierRatio * static_cast<double>(spread.median);
    const bool logarithmic = spread.median > 0 && (options.distances == KeySpaceOptions::Distances::Logarithmic ||
                                                   (options.distances == KeySpaceOptions::Distances::Automatic && outlier));
    scene->labels = labelsOf(data);
    scene->labelOrder = labelOrderOf(data.received);
    Display display;
    if (logarithmic) {
        display.compression = spread;
        const QString times = QLocale().toString(std::round(static_cast<double>(spread.largest / spread.median)), 'f', 0);
        scene->notes << (outlier ? KeySpaceText::tr("Distances are logarithmic: “%1” lies %2 times as far out as the median token.").arg(scene->labels[spread.farthest], times)
                                 : KeySpaceText::tr("Distances from the median token are logarithmic."));
    }
    fit(*scene, display);
    for (std::size_t axis = 0; axis < std::min<std::size_t>(3, data.projection->axisLabels.size()); ++axis)
        scene->axisLabels[axis] = QString::fromStdString(data.projection->axisLabels[axis]);
    addLooks(*scene, data, options);
    addAnchors(*scene, data, analysis);
    addLinks(*scene, data, options);
    if (options.frame)
        addFrame(*scene, data);
    addArms(*scene, data, display);
    sayWhatWasDone(*scene, data);
    return scene;
}

} // namespace sinkscope
