// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_scene.h"

#include <array>
#include <cmath>

namespace sinkscope {

namespace {

// Order of the enumerators.
constexpr std::array<const char*, 4> kSpaces{"query", "key", "value", "hidden"};
constexpr std::array<const char*, 3> kColors{"received", "position", "norm"};
constexpr std::array<const char*, 4> kLinks{"automatic", "anchors", "query", "none"};
constexpr std::array<const char*, 3> kDistances{"automatic", "true", "logarithmic"};

template <typename Choice, std::size_t N> QString nameIn(const std::array<const char*, N>& names, Choice choice) {
    return QString::fromLatin1(names[static_cast<std::size_t>(choice)]);
}

template <typename Choice, std::size_t N>
Result<void> read(const QJsonObject& json, const char* key, const std::array<const char*, N>& names, Choice& target) {
    const QJsonValue value = json.value(QLatin1String(key));
    if (value.isUndefined())
        return {};
    std::string known;
    for (std::size_t i = 0; i < N; ++i) {
        if (value.toString() == QLatin1String(names[i])) {
            target = static_cast<Choice>(i);
            return {};
        }
        known += (i > 0 ? ", " : "") + std::string(names[i]);
    }
    return Error{ErrorCode::InvalidArgument, std::string("\"") + key + "\" of a key_space recipe must be one of " + known, {}};
}

Result<void> read(const QJsonObject& json, const char* key, double low, double high, double& target) {
    const QJsonValue value = json.value(QLatin1String(key));
    if (value.isUndefined())
        return {};
    const double number = value.toDouble(std::nan(""));
    if (!(number >= low && number <= high))
        return Error{ErrorCode::InvalidArgument,
                     std::string("\"") + key + "\" of a key_space recipe must be a number from " + std::to_string(low) + " to " +
                         std::to_string(high), {}};
    target = number;
    return {};
}

Result<void> read(const QJsonObject& json, const char* key, int& target) {
    double number = target;
    SINKSCOPE_CHECK(read(json, key, -1, 1e8, number));
    target = static_cast<int>(number);
    return {};
}

} // namespace

QJsonObject KeySpaceRecipe::toJson() const {
    return {{QStringLiteral("figure"), QStringLiteral("key_space")},
            {QStringLiteral("space"), nameIn(kSpaces, space)},
            {QStringLiteral("projection"), QString::fromStdString(projection)},
            {QStringLiteral("color"), nameIn(kColors, options.color)},
            {QStringLiteral("links"), nameIn(kLinks, options.links)},
            {QStringLiteral("distances"), nameIn(kDistances, options.distances)},
            {QStringLiteral("threshold"), options.threshold},
            {QStringLiteral("query"), options.query},
            {QStringLiteral("token"), token},
            {QStringLiteral("azimuth"), azimuth},
            {QStringLiteral("elevation"), elevation},
            {QStringLiteral("orthographic"), orthographic}};
}

Result<KeySpaceRecipe> KeySpaceRecipe::fromJson(const QJsonObject& json) {
    KeySpaceRecipe recipe;
    SINKSCOPE_CHECK(read(json, "space", kSpaces, recipe.space));
    SINKSCOPE_CHECK(read(json, "color", kColors, recipe.options.color));
    SINKSCOPE_CHECK(read(json, "links", kLinks, recipe.options.links));
    SINKSCOPE_CHECK(read(json, "distances", kDistances, recipe.options.distances));
    SINKSCOPE_CHECK(read(json, "threshold", 0, 1, recipe.options.threshold));
    SINKSCOPE_CHECK(read(json, "query", recipe.options.query));
    SINKSCOPE_CHECK(read(json, "token", recipe.token));
    SINKSCOPE_CHECK(read(json, "azimuth", -360, 360, recipe.azimuth));
    SINKSCOPE_CHECK(read(json, "elevation", -90, 90, recipe.elevation));
    recipe.projection = json.value(QLatin1String("projection")).toString(QStringLiteral("pca")).toStdString();
    recipe.orthographic = json.value(QLatin1String("orthographic")).toBool(false);
    return recipe;
}

} // namespace sinkscope
