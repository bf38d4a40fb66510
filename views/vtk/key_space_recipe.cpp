// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_scene.h"

#include "core/capture/capture_store.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <cmath>

namespace sinkscope {

namespace {

// Order of the enumerators.
constexpr std::array<const char*, 5> kSpaces{"key", "query", "value", "hidden", "key+query"};
constexpr std::array<const char*, 10> kAttributes{"none", "received", "position", "norm", "layer", "token_class", "sample", "head", "kind", "cluster"};
constexpr std::array<const char*, 3> kAxes{"layers", "heads", "runs"};
constexpr std::array<const char*, 4> kLinks{"automatic", "anchors", "query", "none"};
constexpr std::array<const char*, 3> kDistances{"automatic", "true", "logarithmic"};
constexpr std::array<const char*, 4> kScopes{"head", "group", "layer", "all_layers"};
constexpr std::array<const char*, 3> kAlignments{"none", "to_one", "joint"};
constexpr std::array<const char*, 3> kScalings{"none", "robust", "log_radius"};

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

Result<void> read(const QJsonObject& json, const char* key, bool& target) {
    const QJsonValue value = json.value(QLatin1String(key));
    if (value.isUndefined())
        return {};
    if (!value.isBool())
        return Error{ErrorCode::InvalidArgument, std::string("\"") + key + "\" of a key_space recipe must be true or false", {}};
    target = value.toBool();
    return {};
}

Result<void> readQuestion(const QJsonObject& json, KeySpaceQuestion& question) {
    SINKSCOPE_CHECK(read(json, "space", kSpaces, question.space));
    SINKSCOPE_CHECK(read(json, "scope", kScopes, question.scope));
    SINKSCOPE_CHECK(read(json, "alignment", kAlignments, question.alignment));
    SINKSCOPE_CHECK(read(json, "scaling", kScalings, question.scaling));
    SINKSCOPE_CHECK(read(json, "before_rotary", question.beforeRotary));
    SINKSCOPE_CHECK(read(json, "all_samples", question.allSamples));
    SINKSCOPE_CHECK(read(json, "match_dot_products", question.matchDotProducts));
    SINKSCOPE_CHECK(read(json, "axis", kAxes, question.axis));
    SINKSCOPE_CHECK(read(json, "align_to", question.alignTo));
    SINKSCOPE_CHECK(read(json, "clusters", question.clusters));
    double most = static_cast<double>(question.maxPoints);
    SINKSCOPE_CHECK(read(json, "max_points", 4, 1e8, most));
    question.maxPoints = static_cast<std::int64_t>(most);
    SINKSCOPE_CHECK(read(json, "query", question.query));
    question.projection = json.value(QLatin1String("projection")).toString(QStringLiteral("pca")).toStdString();
    const QJsonObject parameters = json.value(QLatin1String("parameters")).toObject();
    for (auto each = parameters.begin(); each != parameters.end(); ++each) {
        if (!each.value().isDouble())
            return Error{ErrorCode::InvalidArgument, "\"parameters\" of a key_space recipe: \"" + each.key().toStdString() + "\" must be a number", {}};
        question.parameters[each.key().toStdString()] = each.value().toDouble();
    }
    return {};
}

void writeQuestion(QJsonObject& json, const KeySpaceQuestion& question) {
    json.insert(QStringLiteral("space"), nameIn(kSpaces, question.space));
    json.insert(QStringLiteral("scope"), nameIn(kScopes, question.scope));
    json.insert(QStringLiteral("alignment"), nameIn(kAlignments, question.alignment));
    json.insert(QStringLiteral("axis"), nameIn(kAxes, question.axis));
    json.insert(QStringLiteral("align_to"), question.alignTo);
    json.insert(QStringLiteral("clusters"), question.clusters);
    QJsonArray runs;
    for (const auto& run : question.runs)
        if (const auto* store = dynamic_cast<const CaptureStore*>(run.get()))
            runs.append(QString::fromStdString(std::filesystem::absolute(store->path()).string()));
    if (!runs.isEmpty())
        json.insert(QStringLiteral("runs"), runs);
    json.insert(QStringLiteral("scaling"), nameIn(kScalings, question.scaling));
    json.insert(QStringLiteral("before_rotary"), question.beforeRotary);
    json.insert(QStringLiteral("all_samples"), question.allSamples);
    json.insert(QStringLiteral("match_dot_products"), question.matchDotProducts);
    json.insert(QStringLiteral("max_points"), static_cast<double>(question.maxPoints));
    json.insert(QStringLiteral("projection"), QString::fromStdString(question.projection));
    QJsonObject parameters;
    for (const auto& [key, value] : question.parameters)
        parameters.insert(QString::fromStdString(key), value);
    json.insert(QStringLiteral("parameters"), parameters);
}

} // namespace

QJsonObject KeySpaceRecipe::toJson() const {
    QJsonObject json{{QStringLiteral("figure"), QStringLiteral("key_space")},
                     {QStringLiteral("color"), nameIn(kAttributes, options.color)},
                     {QStringLiteral("size"), nameIn(kAttributes, options.size)},
                     {QStringLiteral("shape"), nameIn(kAttributes, options.shape)},
                     {QStringLiteral("links"), nameIn(kLinks, options.links)},
                     {QStringLiteral("distances"), nameIn(kDistances, options.distances)},
                     {QStringLiteral("frame_of_anchors"), options.frame},
                     {QStringLiteral("threshold"), options.threshold},
                     {QStringLiteral("query"), options.query},
                     {QStringLiteral("token"), token},
                     {QStringLiteral("azimuth"), azimuth},
                     {QStringLiteral("elevation"), elevation},
                     {QStringLiteral("orthographic"), orthographic},
                     {QStringLiteral("transparent"), transparent},
                     {QStringLiteral("vector_limit"), vectorLimit}};
    writeQuestion(json, question);
    QJsonArray tokens;
    for (const int each : marked)
        tokens.append(each);
    json.insert(QStringLiteral("tokens"), tokens);
    return json;
}

Result<KeySpaceRecipe> KeySpaceRecipe::fromJson(const QJsonObject& json) {
    KeySpaceRecipe recipe;
    SINKSCOPE_CHECK(readQuestion(json, recipe.question));
    SINKSCOPE_CHECK(read(json, "color", kAttributes, recipe.options.color));
    SINKSCOPE_CHECK(read(json, "size", kAttributes, recipe.options.size));
    SINKSCOPE_CHECK(read(json, "shape", kAttributes, recipe.options.shape));
    SINKSCOPE_CHECK(read(json, "links", kLinks, recipe.options.links));
    SINKSCOPE_CHECK(read(json, "distances", kDistances, recipe.options.distances));
    SINKSCOPE_CHECK(read(json, "frame_of_anchors", recipe.options.frame));
    SINKSCOPE_CHECK(read(json, "threshold", 0, 1, recipe.options.threshold));
    SINKSCOPE_CHECK(read(json, "query", recipe.options.query));
    SINKSCOPE_CHECK(read(json, "token", recipe.token));
    SINKSCOPE_CHECK(read(json, "azimuth", -360, 360, recipe.azimuth));
    SINKSCOPE_CHECK(read(json, "elevation", -90, 90, recipe.elevation));
    SINKSCOPE_CHECK(read(json, "orthographic", recipe.orthographic));
    SINKSCOPE_CHECK(read(json, "transparent", recipe.transparent));
    SINKSCOPE_CHECK(read(json, "vector_limit", recipe.vectorLimit));
    for (const QJsonValue each : json.value(QLatin1String("runs")).toArray())
        recipe.runs.push_back(each.toString().toStdString());
    for (const QJsonValue each : json.value(QLatin1String("tokens")).toArray())
        recipe.marked.push_back(each.toInt(-1));
    std::sort(recipe.marked.begin(), recipe.marked.end());
    return recipe;
}

} // namespace sinkscope
