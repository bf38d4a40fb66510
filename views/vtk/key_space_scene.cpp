// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_scene.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {

namespace {

QString shown(const SampleTokens& tokens, int token) {
    const auto index = static_cast<std::size_t>(token);
    const QString text = index < tokens.display.size() ? QString::fromStdString(tokens.display[index]) : QString();
    const QString trimmed = text.trimmed();
    return trimmed.isEmpty() ? QStringLiteral("␣") : trimmed;
}

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
void compress(std::vector<QVector3D>& points, const Spread& spread) {
    for (std::size_t i = 0; i < points.size(); ++i)
        if (const float radius = spread.radii[i]; radius > 0)
            points[i] = spread.middle + (points[i] - spread.middle) * (spread.median * std::log1p(radius / spread.median) / radius);
}

/// Moves and scales uniformly, so that angles and relative distances stay true.
void fit(PointScene& scene) {
    constexpr float kMost = std::numeric_limits<float>::max();
    QVector3D low(kMost, kMost, kMost), high = -low;
    for (const QVector3D& point : scene.points)
        for (int axis = 0; axis < 3; ++axis) {
            low[axis] = std::min(low[axis], point[axis]);
            high[axis] = std::max(high[axis], point[axis]);
        }
    const QVector3D size = high - low, center = low + size / 2;
    const float largest = std::max({size.x(), size.y(), size.z()});
    const float scale = largest > 0 ? 2 / largest : 1;
    for (QVector3D& point : scene.points)
        point = (point - center) * scale;
    for (int axis = 0; axis < 3; ++axis) {
        const float half = std::max(size[axis] * scale / 2 * 1.06F, 0.05F);
        scene.box.low[axis] = -half;
        scene.box.high[axis] = half;
    }
}

void addColor(PointScene& scene, const KeySpaceData& data, const KeySpaceOptions& options) {
    std::vector<float> values(scene.points.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int token = static_cast<int>(i);
        switch (options.color) {
        case KeySpaceOptions::Color::Received:
            // A mean over one or two queries says nothing; the last token, seen by itself only, would often be the brightest.
            values[i] = data.statistics->eligible(token) >= data.question.sinks.minimumQueries
                            ? data.statistics->received(data.question.head, token)
                            : std::numeric_limits<float>::quiet_NaN();
            break;
        case KeySpaceOptions::Color::Position: values[i] = static_cast<float>(token); break;
        case KeySpaceOptions::Color::Norm: values[i] = data.norms[i]; break;
        }
    }
    // Anchors are seen by their shape. In the range they would leave all other tokens one colour.
    const bool leaveOut = options.color != KeySpaceOptions::Color::Position && data.anchors.size() < values.size();
    float low = std::numeric_limits<float>::max(), high = -low;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            scene.colorMissing = KeySpaceText::tr("seen by under %1 queries").arg(data.question.sinks.minimumQueries);
            continue;
        }
        if (leaveOut && std::find(data.anchors.begin(), data.anchors.end(), static_cast<int>(i)) != data.anchors.end())
            continue;
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
    }
    if (options.color == KeySpaceOptions::Color::Received)
        low = 0;
    for (const float value : values)
        scene.scalars.push_back(std::isnan(value) ? value : high > low ? std::clamp((value - low) / (high - low), 0.0F, 1.0F) : 0.5F);
    scene.colorTitle = KeySpaceText::colorName(options.color);
    if (leaveOut && !data.anchors.empty())
        scene.colorTitle = KeySpaceText::tr("%1 (anchors aside)").arg(scene.colorTitle);
    if (low > high)
        low = high = 0; // no token has a value
    scene.colorLow = KeySpaceText::number(static_cast<double>(low));
    scene.colorHigh = KeySpaceText::number(static_cast<double>(high));
}

void addAnchors(PointScene& scene, const KeySpaceData& data, const SampleTokens& tokens, const AnalysisResult* analysis) {
    std::vector<int> order = data.anchors; // the strongest first: it is sure of its label
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return data.statistics->received(data.question.head, a) > data.statistics->received(data.question.head, b); });
    for (const int token : order) {
        QString label = KeySpaceText::tr("%1 anchor").arg(shown(tokens, token));
        if (analysis)
            for (const SinkToken& sink : analysis->sinks)
                if (sink.sample == data.question.sample && sink.token == token)
                    label += KeySpaceText::tr(" · %1 % of heads").arg(qRound(100 * sink.headShare));
        scene.anchors.push_back({token, label});
    }
}

void addLinks(PointScene& scene, const KeySpaceData& data, const KeySpaceOptions& options) {
    const std::vector<float> row = data.rowOf(options.query);
    const bool ofQuery = options.links == KeySpaceOptions::Links::Query || (options.links == KeySpaceOptions::Links::Automatic && !row.empty());
    if (options.links == KeySpaceOptions::Links::None)
        return;
    const auto add = [&](int from, int to, float weight) {
        if (from != to && weight > 0 && static_cast<double>(weight) >= options.threshold)
            scene.links.push_back({from, to, weight});
    };
    if (ofQuery) {
        for (std::size_t key = 0; key < row.size(); ++key)
            add(options.query, static_cast<int>(key), row[key]);
        return;
    }
    for (std::size_t anchor = 0; anchor < data.anchorWeights.size(); ++anchor)
        for (std::size_t query = 0; query < data.anchorWeights[anchor].size(); ++query)
            add(static_cast<int>(query), data.anchors[anchor], data.anchorWeights[anchor][query]);
}

} // namespace

std::shared_ptr<const PointScene> keySpaceScene(const KeySpaceData& data, const SampleTokens& tokens, const KeySpaceOptions& options,
                                                const AnalysisResult* analysis) {
    auto scene = std::make_shared<PointScene>();
    scene->points = coordinatesOf(*data.projection);
    if (scene->points.empty())
        return scene;
    const Spread spread = spreadOf(scene->points);
    const bool outlier = spread.median > 0 && static_cast<double>(spread.largest) > kOutlierRatio * static_cast<double>(spread.median);
    const bool logarithmic = spread.median > 0 && (options.distances == KeySpaceOptions::Distances::Logarithmic ||
                                                   (options.distances == KeySpaceOptions::Distances::Automatic && outlier));
    std::vector<float> importance;
    for (int token = 0; token < scene->size(); ++token) {
        scene->labels.push_back(shown(tokens, token));
        importance.push_back(data.statistics->received(data.question.head, token));
    }
    scene->labelOrder = labelOrderOf(importance);
    if (logarithmic) {
        compress(scene->points, spread);
        scene->notes << (outlier ? KeySpaceText::tr("Distances are logarithmic: “%1” lies %2 times as far out as the median token.")
                                       .arg(scene->labels[spread.farthest], QLocale().toString(std::round(static_cast<double>(spread.largest / spread.median)), 'f', 0))
                                 : KeySpaceText::tr("Distances from the median token are logarithmic."));
    }
    fit(*scene);
    for (std::size_t axis = 0; axis < std::min<std::size_t>(3, data.projection->axisLabels.size()); ++axis)
        scene->axisLabels[axis] = QString::fromStdString(data.projection->axisLabels[axis]);
    addColor(*scene, data, options);
    addAnchors(*scene, data, tokens, analysis);
    addLinks(*scene, data, options);
    if (data.anchors.empty())
        scene->notes << KeySpaceText::tr("No token is a sink in this head.");
    return scene;
}

} // namespace sinkscope
