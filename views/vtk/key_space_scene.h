// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_data.h"
#include "views/vtk/point_scene.h"

#include <QCoreApplication>
#include <QJsonObject>
#include <QString>

namespace sinkscope {

/// What colour, size or shape of a point may say.
enum class KeySpaceAttribute { None, Received, Position, Norm, Layer, TokenClass, Sample, Head, Kind, Cluster };

/// What the user chose about the looks of a key space.
struct KeySpaceOptions {
    using Color = KeySpaceAttribute;
    enum class Links { Automatic, Anchors, Query, None }; ///< Automatic: of the selected query if there is one, else to the anchors
    enum class Distances { Automatic, True, Logarithmic }; ///< Automatic: logarithmic when one point dwarfs the rest

    Color color = Color::Received;
    KeySpaceAttribute size = KeySpaceAttribute::None, shape = KeySpaceAttribute::None;
    Links links = Links::Automatic;
    Distances distances = Distances::Automatic;
    bool frame = true;       ///< arms from the centroid to the anchors, with their angles
    double threshold = 0.05; ///< smallest weight that gets a link
    int query = -1;          ///< selected query, -1 none

    [[nodiscard]] bool wantsClusters() const { return color == Color::Cluster || shape == Color::Cluster; }
};

/// Question, options and camera of a recipe (figure_spec.h), defaults where it says nothing. Errors: InvalidArgument, naming the key.
struct KeySpaceRecipe {
    KeySpaceQuestion question; ///< without capture, runs, sample, layer, head and sinks
    std::vector<std::string> runs{}; ///< files of question.runs, absolute or beside the capture
    KeySpaceOptions options;
    int token = -1;
    std::vector<int> marked{}; ///< tokens of the selected set
    double azimuth = -62, elevation = 20; ///< degrees
    bool orthographic = false;
    bool transparent = false; ///< no ground
    int vectorLimit = 2000;   ///< up to so many points a figure holds them as shapes, above as one picture

    [[nodiscard]] QJsonObject toJson() const;
    static Result<KeySpaceRecipe> fromJson(const QJsonObject& json);
};

/// Texts of a key space, in the user's language.
struct KeySpaceText {
    Q_DECLARE_TR_FUNCTIONS(KeySpace)
public:
    static QString spaceTitle(CloudSpace space);                   ///< "Key space"
    static QString title(const KeySpaceQuestion& question);        ///< "Key space — layer 2, head 1 (kv 0 of 2)"
    static QString number(double value); ///< three digits
    static QString attributeName(KeySpaceAttribute attribute);
    static bool isCategory(KeySpaceAttribute attribute);
    static QString className(TokenClass tokenClass);
    static QString kindName(PointKind kind);
    struct Message {
        QString heading, hint;
    };
    /// Why there is nothing to see.
    static Message problem(KeySpaceData::Gap gap, int layer);
    static Message problem(const Error& error);
    /// One line per fact about a point, for a tooltip.
    static QStringList facts(const KeySpaceData& data, int point);
    /// What a set of points is, for somebody who does not see it.
    static QString describeSet(const KeySpaceData& data, const std::vector<int>& points);
    /// The token of a point as a reader should see it; white space as "␣".
    static QString tokenText(const KeySpaceData& data, int point);
};

/// A farthest point this many times as far from the middle as the median one makes distances logarithmic.
inline constexpr double kOutlierRatio = 20;
/// More anchors than this are not drawn as stars.
inline constexpr std::size_t kMostStars = 120;

/// `analysis` may be null; with it, anchors say in how many heads they are one. Needs data without a gap. Thread: gui.
std::shared_ptr<const PointScene> keySpaceScene(const KeySpaceData& data, const KeySpaceOptions& options, const AnalysisResult* analysis);

} // namespace sinkscope
