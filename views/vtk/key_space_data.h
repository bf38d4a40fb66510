// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"
#include "core/math/projection_spec.h"
#include "core/spaces/point_cloud.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

struct KeySpaceReference;

/// What goes into one cloud.
enum class KeySpaceScope { Head, Group, Layer, AllLayers };
/// What the picture of a layer is turned to.
enum class KeySpaceAlignment { None, ToLayer, Joint };

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
    KeySpaceAlignment alignment = KeySpaceAlignment::None;
    int alignLayer = 0;                  ///< of ToLayer
    CloudScaling scaling = CloudScaling::None;
    bool matchDotProducts = false;       ///< keys and queries in one cloud: distances reflect dot products
    std::int64_t maxPoints = kMostPoints;
    int query = -1;                      ///< whose row of attention is wanted; -1: none
    MetricParameters sinks;              ///< of the sink detector
    std::shared_ptr<const KeySpaceReference> reference{}; ///< of an earlier answer, used again where it fits

    static constexpr std::int64_t kMostPoints = 100000;
    [[nodiscard]] bool sameVectors(const KeySpaceQuestion& other) const;
    /// Whether both may share a reference: everything but the layer agrees.
    [[nodiscard]] bool sameReference(const KeySpaceQuestion& other) const;
    [[nodiscard]] CloudRequest request(int ofLayer) const;
};

/// What layers are aligned to: computed once for all of them.
struct KeySpaceReference {
    KeySpaceQuestion question;
    std::shared_ptr<const Projection> projection; ///< of ToLayer
    std::vector<CloudPoint> points;               ///< its points
    std::vector<int> layers;                      ///< of Joint
    std::vector<std::shared_ptr<const Projection>> joint; ///< of Joint, one per layer
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
    std::optional<double> residual;          ///< of the alignment to another layer
    bool reflected = false;                  ///< by that alignment
    std::vector<KeySpaceArm> arms;           ///< principal axes, where they are not the axes of the picture
    std::shared_ptr<const LayerStatistics> statistics; ///< of the question's sample and layer; null when it is not there
    std::vector<int> keyPoints, queryPoints; ///< [T] points of the question's sample, layer and head that stand for a token as key and as query; -1: none
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

/// Reads vectors, projects them, aligns the picture, finds the anchors. Thread: any but gui. Errors: those of the source, of the cloud and of
/// the projection (InvalidArgument, NotFinite, MemoryExceeded); Cancelled; InvalidArgument when an index is out of range.
Result<std::shared_ptr<const KeySpaceData>> loadKeySpace(const KeySpaceQuestion& question, JobContext& context);

} // namespace sinkscope
