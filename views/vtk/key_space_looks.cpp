// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_looks.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

namespace sinkscope {

namespace {

using Attribute = KeySpaceAttribute;
constexpr float kSmallest = 0.6F, kLargest = 1.9F; // relative radii of the least and the greatest value

float valueOf(const KeySpaceData& data, Attribute attribute, int i) {
    const CloudPoint& point = data.point(i);
    switch (attribute) {
    case Attribute::Received: return data.received[static_cast<std::size_t>(i)];
    case Attribute::Position: return static_cast<float>(point.position);
    case Attribute::Norm: return point.norm;
    case Attribute::Layer: return static_cast<float>(point.layer);
    default: return std::numeric_limits<float>::quiet_NaN();
    }
}

struct Range {
    float low = std::numeric_limits<float>::max(), high = -std::numeric_limits<float>::max();
    bool missing = false;
    [[nodiscard]] bool isEmpty() const { return low > high; }
    [[nodiscard]] float share(float value) const { return high > low ? std::clamp((value - low) / (high - low), 0.0F, 1.0F) : 0.5F; }
};

/// Anchors are seen by their shape. In the range they would leave all other tokens one colour.
Range rangeOf(const KeySpaceData& data, Attribute attribute, bool leaveOutAnchors) {
    std::vector<char> left(static_cast<std::size_t>(data.count()), 0);
    if (leaveOutAnchors)
        for (const int anchor : data.anchors)
            left[static_cast<std::size_t>(anchor)] = 1;
    Range range;
    for (int i = 0; i < data.count(); ++i) {
        const float value = valueOf(data, attribute, i);
        if (std::isnan(value)) {
            range.missing = true;
            continue;
        }
        if (left[static_cast<std::size_t>(i)])
            continue;
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
    if (attribute == Attribute::Received)
        range.low = 0;
    if (range.isEmpty())
        range.low = range.high = 0; // no point has a value
    return range;
}

bool leavesOutAnchors(const KeySpaceData& data, Attribute attribute) {
    return (attribute == Attribute::Received || attribute == Attribute::Norm) && !data.anchors.empty() &&
           static_cast<int>(data.anchors.size()) < data.count();
}

QString titleOf(const KeySpaceData& data, Attribute attribute) {
    const QString name = KeySpaceText::attributeName(attribute);
    return leavesOutAnchors(data, attribute) ? KeySpaceText::tr("%1 (anchors aside)").arg(name) : name;
}

/// What category a point belongs to, as a key that sorts them, and its name.
std::pair<int, QString> categoryOf(const KeySpaceData& data, Attribute attribute, int i) {
    const CloudPoint& point = data.point(i);
    switch (attribute) {
    case Attribute::TokenClass: return {static_cast<int>(point.tokenClass), KeySpaceText::className(point.tokenClass)};
    case Attribute::Sample: return {point.sample, KeySpaceText::tr("sample %1").arg(point.sample)};
    case Attribute::Head: return {point.head, point.head < 0 ? KeySpaceText::tr("none") : KeySpaceText::tr("head %1").arg(point.head)};
    case Attribute::Kind: return {static_cast<int>(point.kind), KeySpaceText::kindName(point.kind)};
    case Attribute::Cluster: {
        if (!data.clusters)
            return {0, KeySpaceText::tr("being computed")};
        const int cluster = data.clusters->of[static_cast<std::size_t>(i)];
        const auto size = data.clusters->sizes[static_cast<std::size_t>(cluster)];
        return {cluster, KeySpaceText::tr("cluster %1 (%2)").arg(cluster + 1).arg(size)};
    }
    default: return {0, {}};
    }
}

/// Categories that occur, in order; [n] which of them each point has.
std::pair<QStringList, std::vector<int>> categoriesOf(const KeySpaceData& data, Attribute attribute) {
    std::map<int, QString> found;
    for (int i = 0; i < data.count(); ++i)
        found.insert(categoryOf(data, attribute, i));
    std::map<int, int> places;
    QStringList names;
    for (const auto& [key, name] : found) {
        places[key] = static_cast<int>(names.size());
        names << name;
    }
    std::vector<int> of;
    for (int i = 0; i < data.count(); ++i)
        of.push_back(places[categoryOf(data, attribute, i).first]);
    return {names, of};
}

void addColour(PointScene& scene, const KeySpaceData& data, Attribute attribute) {
    scene.colorTitle = titleOf(data, attribute);
    if (KeySpaceText::isCategory(attribute)) {
        auto [names, of] = categoriesOf(data, attribute);
        scene.colorNames = names;
        scene.scalars.assign(of.begin(), of.end());
        return;
    }
    const Range range = rangeOf(data, attribute, leavesOutAnchors(data, attribute));
    for (int i = 0; i < data.count(); ++i) {
        const float value = valueOf(data, attribute, i);
        scene.scalars.push_back(std::isnan(value) ? value : range.share(value));
    }
    if (range.missing)
        scene.colorMissing = KeySpaceText::tr("seen by under %1 queries").arg(data.question.sinks.minimumQueries);
    scene.colorLow = KeySpaceText::number(static_cast<double>(range.low));
    scene.colorHigh = KeySpaceText::number(static_cast<double>(range.high));
}

void addSize(PointScene& scene, const KeySpaceData& data, Attribute attribute) {
    if (attribute == Attribute::None || KeySpaceText::isCategory(attribute))
        return;
    const Range range = rangeOf(data, attribute, leavesOutAnchors(data, attribute));
    for (int i = 0; i < data.count(); ++i) {
        const float value = valueOf(data, attribute, i);
        scene.sizes.push_back(std::isnan(value) ? kSmallest : kSmallest + (kLargest - kSmallest) * range.share(value));
    }
    scene.sizeTitle = titleOf(data, attribute);
    scene.sizeLow = KeySpaceText::number(static_cast<double>(range.low));
    scene.sizeHigh = KeySpaceText::number(static_cast<double>(range.high));
    scene.sizeLeast = kSmallest;
    scene.sizeMost = kLargest;
}

void addShape(PointScene& scene, const KeySpaceData& data, Attribute attribute) {
    if (!KeySpaceText::isCategory(attribute))
        return;
    const auto [names, of] = categoriesOf(data, attribute);
    if (names.size() > kPointShapes)
        scene.notes << KeySpaceText::tr("There are %1 shapes for %2 of “%3”: shapes come again.").arg(kPointShapes).arg(names.size()).arg(KeySpaceText::attributeName(attribute));
    for (const int category : of)
        scene.shapes.push_back(static_cast<PointShape>(category % kPointShapes));
    if (names.size() < 2)
        return; // nothing to tell apart
    scene.shapeTitle = KeySpaceText::attributeName(attribute);
    scene.shapeNames = names;
}

} // namespace

void addLooks(PointScene& scene, const KeySpaceData& data, const KeySpaceOptions& options) {
    addColour(scene, data, options.color);
    addSize(scene, data, options.size);
    addShape(scene, data, options.shape);
}

} // namespace sinkscope
