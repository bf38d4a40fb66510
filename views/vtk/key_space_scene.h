// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_data.h"
#include "views/vtk/point_scene.h"

#include <QCoreApplication>
#include <QJsonObject>
#include <QString>

namespace sinkscope {

/// What the user chose about the looks of a key space.
struct KeySpaceOptions {
    enum class Color { Received, Position, Norm };
    enum class Links { Automatic, Anchors, Query, None }; ///< Automatic: of the selected query if there is one, else to the anchors
    enum class Distances { Automatic, True, Logarithmic }; ///< Automatic: logarithmic when one point dwarfs the rest

    Color color = Color::Received;
    Links links = Links::Automatic;
    Distances distances = Distances::Automatic;
    double threshold = 0.05; ///< smallest weight that gets a link
    int query = -1;          ///< selected query, -1 none
};

/// Options and camera of a recipe (figure_spec.h), defaults where it says nothing. Errors: InvalidArgument, naming the key.
struct KeySpaceRecipe {
    Space space = Space::Key;
    std::string projection = "pca";
    KeySpaceOptions options;
    int token = -1;
    double azimuth = -62, elevation = 20; ///< degrees
    bool orthographic = false;

    [[nodiscard]] QJsonObject toJson() const;
    static Result<KeySpaceRecipe> fromJson(const QJsonObject& json);
};

/// Texts of a key space, in the user's language.
struct KeySpaceText {
    Q_DECLARE_TR_FUNCTIONS(KeySpace)
public:
    static QString spaceTitle(Space space);                        ///< "Key space"
    static QString title(const KeySpaceQuestion& question);        ///< "Key space — layer 2, head 1 (kv 0 of 2)"
    static QString number(double value); ///< three digits
    static QString colorName(KeySpaceOptions::Color color);
    struct Message {
        QString heading, hint;
    };
    /// Why there is nothing to see.
    static Message problem(KeySpaceData::Gap gap, int layer);
    static Message problem(const Error& error);
    /// One line per fact about a token, for a tooltip.
    static QStringList facts(const KeySpaceData& data, const SampleTokens& tokens, int token);
};

/// A farthest point this many times as far from the middle as the median one makes distances logarithmic.
inline constexpr double kOutlierRatio = 20;

/// `analysis` may be null; with it, anchors say in how many heads they are one. Needs data without a gap. Thread: gui.
std::shared_ptr<const PointScene> keySpaceScene(const KeySpaceData& data, const SampleTokens& tokens, const KeySpaceOptions& options,
                                                const AnalysisResult* analysis);

} // namespace sinkscope
