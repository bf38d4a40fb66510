// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"
#include "core/math/clusters/k_means.h"
#include "core/math/projection_spec.h"
#include "core/spaces/cloud_axis.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

struct KeySpaceReference;

/// What goes into one cloud.
enum class KeySpaceScope { Head, Group, Layer, AllLayers };
/// Along what pictures follow each other.
using KeySpaceAxis = CloudAxis;
/// What the pictures along the axis are turned to: one of them, or a basis of all.
enum class KeySpaceAlignment { None, ToOne, Joint };

/// One picture of those along an axis: whose vectors.
struct KeySpaceStep {
    std::shared_ptr<CaptureSource> capture;
    int layer = 0, head = 0; ///< `head` is a query head
};

/// Which vectors to show, and how.
struct KeySpaceQuestion {
    std::shared_ptr<CaptureSource> capture;
    int sample = 0, layer = 0, head = 0; ///< `head` is a query head, whatever the space
    CloudSpace space = CloudSpace::Key;
    bool beforeRotary = false;
    KeySpaceScope scope = KeySpaceScope::Head;
    bool allSamples = false;
    std::string projection = "pca";      ///< ProjectionSpec::id
    ParameterValues parameters{};        ///< of projections
    KeySpaceAxis axis = KeySpaceAxis::Layers;
    std::vector<std::shared_ptr<CaptureSource>> runs{}; ///< along the axis Runs, in order; `capture` is one of them
    KeySpaceAlignment alignment = KeySpaceAlignment::None;
    int alignTo = 0;                     ///< of ToOne: a layer, a query head or a place in `runs`
    CloudScaling scaling = CloudScaling::None;
    bool matchDotProducts = false;       ///< keys and queries in one cloud: distances reflect dot products
    std::int64_t maxPoints = kMostPoints;
    int clusters = 0;                    ///< groups of near vectors that are wanted; 0: none
    int query = -1;                      ///< whose row of attention is wanted; -1: none
    MetricParameters sinks{};            ///< of the sink detector
    std::shared_ptr<const KeySpaceReference> reference{}; ///< of an earlier answer, used again where it fits

    static constexpr std::int64_t kMostPoints = 100000;
    [[nodiscard]] bool sameVectors(const KeySpaceQuestion& other) const;
    /// Whether both may share a reference: everything but the place on the axis agrees.
    [[nodiscard]] bool sameReference(const KeySpaceQuestion& other) const;
    [[nodiscard]] CloudRequest request(const KeySpaceStep& step) const;

    [[nodiscard]] KeySpaceStep own() const { return {capture, layer, head}; }
    /// Layers do not follow each other in a cloud of all of them, nor heads in one of a whole layer.
    [[nodiscard]] bool followsAxis() const;
    /// Where on the axis a number lies (alignTo); nothing when there is none.
    [[nodiscard]] std::optional<KeySpaceStep> step(int number) const;
    /// All captured ones along the axis, each array of vectors once.
    [[nodiscard]] std::vector<KeySpaceStep> steps() const;
    /// Both name the same array of vectors.
    [[nodiscard]] bool sameStep(const KeySpaceStep& a, const KeySpaceStep& b) const;
    /// "L3", "H5", "run 2": for labels and messages.
    [[nodiscard]] std::string nameOfStep(int number) const;
};

/// What pictures along an axis are aligned to: computed once for all of them.
struct KeySpaceReference {
    KeySpaceQuestion question;
    std::shared_ptr<const Projection> projection; ///< of ToOne
    std::vector<CloudPoint> points;               ///< its points
    std::vector<KeySpaceStep> steps;              ///< of Joint
    std::vector<std::shared_ptr<const Projection>> joint; ///< of Joint, one per step
};

/// An arm through the middle of a cloud, in its coordinates.
struct KeySpaceArm {
    std::vector<float> direction; ///< [dimensions], unit
    double deviation = 0;         ///< standard deviation of the points along it
    std::string label;            ///< "PC1 61 %"
};

/// Everything a scene is built from. Immutable once made. T = tokens of the sample, n = points.
struct KeySpaceData {
    enum class Gap { None, LayerMissing, SpaceMissing, TooShort };

    KeySpaceQuestion question;
    Gap gap = Gap::None;       ///< not None: nothing below is set
    int tokens = 0;            ///< T
    int vectorHead = 0;        ///< of the capture's array: the key/value head for keys and values
    std::shared_ptr<const PointCloud> cloud; ///< n points
    std::shared_ptr<const Projection> projection;
    std::shared_ptr<const KeySpaceReference> reference;
    std::optional<double> residual;          ///< of the alignment to another picture
    bool reflected = false;                  ///< by that alignment
    std::vector<KeySpaceArm> arms;           ///< principal axes, where they are not the axes of the picture
    std::shared_ptr<const LayerStatistics> statistics; ///< of the question's sample and layer; null when it is not there
    std::vector<int> keyPoints, queryPoints; ///< [T] points of the question's sample, layer and head that stand for a token as key and as query; -1: none
    std::shared_ptr<const Clusters> clusters; ///< of the vectors as they were projected; null when none were asked for
    std::vector<float> received;             ///< [n] NaN where too few queries see the token
    std::vector<int> anchors;                ///< points that are sinks, the strongest first
    std::vector<int> headAnchors;            ///< tokens that are sinks of the question's head
    std::vector<double> angles;              ///< [a, a] degrees between head anchors seen from the centroid of the other points, in the original space
    std::vector<std::vector<float>> anchorWeights; ///< [head anchor][T] weight of each query on the anchor
    std::shared_ptr<const HeadAttention> attention; ///< null above kKeepAttention tokens
    std::vector<float> queryWeights; ///< [T] row of `question.query`; empty without one
    int distinct = 0;                ///< places in the picture that hold a point, counted up to kCountDistinct points

    /// Fewer points than this always lie in a plane.
    static constexpr int kFewestTokens = 4;
    /// Up to here the whole attention matrix is kept, so that following the selected query needs no new job.
    static constexpr int kKeepAttention = 1024;
    static constexpr int kCountDistinct = 100000;
    static constexpr std::size_t kFrameAnchors = 4; ///< most arms of the frame of anchors

    [[nodiscard]] int count() const { return cloud ? cloud->count() : 0; }
    [[nodiscard]] const CloudPoint& point(int index) const { return cloud->points[static_cast<std::size_t>(index)]; }
    /// Weights of a query's row, or empty when they are not at hand.
    [[nodiscard]] std::vector<float> rowOf(int query) const;
    /// The point that stands for a token of the question's sample: its key where there is one; -1: none.
    [[nodiscard]] int pointOfToken(int token) const;
    /// All points of tokens (ascending) of the question's sample, ascending.
    [[nodiscard]] std::vector<int> pointsOfTokens(const std::vector<int>& ofTokens) const;
    /// The tokens of the question's sample among some points, ascending, each once.
    [[nodiscard]] std::vector<int> tokensOfPoints(const std::vector<int>& ofPoints) const;
};

/// Gets pictures that are not finished yet, on the thread that works on them.
using KeySpacePreview = std::function<void(std::shared_ptr<const KeySpaceData>)>;

/// Reads vectors, finds the anchors, projects, aligns the picture. Thread: any but gui. Errors: those of the source, of the cloud and of
/// the projection (InvalidArgument, NotFinite, MemoryExceeded); Cancelled; InvalidArgument when an index is out of range.
Result<std::shared_ptr<const KeySpaceData>> loadKeySpace(const KeySpaceQuestion& question, JobContext& context, const KeySpacePreview& preview = {});

/// Whether the picture can be worked on for longer.
bool isExtensible(const KeySpaceData& data);
/// The same cloud after so many more epochs. Thread: any but gui. Errors: InvalidArgument (not extensible), Cancelled.
Result<std::shared_ptr<const KeySpaceData>> extendKeySpace(std::shared_ptr<const KeySpaceData> data, int epochs, JobContext& context,
                                                           const KeySpacePreview& preview = {});

} // namespace sinkscope
