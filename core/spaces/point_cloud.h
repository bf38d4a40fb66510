// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/jobs/job_context.h"
#include "core/spaces/token_class.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sinkscope {

enum class CloudSpace { Key, Query, Value, Hidden, KeyQuery };
std::string_view nameOf(CloudSpace space); ///< "key", "query", "value", "hidden", "key+query"

enum class CloudScope {
    Head,  ///< one head of the space: a query head, or a key/value head in the key and value spaces; key+query: a query head with its keys
    Group, ///< a key/value head and all query heads that use it
    Layer, ///< all heads of a layer
};

enum class CloudScaling {
    None,
    /// Points farther from the middle than median + 6 robust standard deviations of the distances (1.4826 MAD) are drawn in to that
    /// distance and marked as clipped. The middle is the median of every component.
    Robust,
    /// The direction of every vector from 0 is kept, its length r becomes ln(1 + r / median length).
    LogRadius,
};
std::string_view nameOf(CloudScaling scaling); ///< "none", "robust", "log_radius"

/// Which vectors make up a cloud.
struct CloudRequest {
    CloudSpace space = CloudSpace::Key;
    /// Undo the rotation of queries and keys, which captures hold as they enter the dot product. No effect without a rotary embedding.
    bool beforeRotary = false;
    CloudScope scope = CloudScope::Head;
    int head = 0;                ///< see CloudScope; of Group: the key/value head; not used by Layer and in the hidden space
    std::vector<int> layers{};   ///< empty: all captured ones
    std::vector<int> samples{};  ///< empty: all
    /// Key+query only: moves and scales queries and keys of every key/value group so that distances reflect dot products; see core/spaces/cloud_scaling.h.
    bool matchDotProducts = false;
    CloudScaling scaling = CloudScaling::None;
    std::int64_t maxPoints = 0;  ///< above it a stratified sample is drawn; 0: no limit but that of memory
    std::uint64_t seed = 42;     ///< of that sample
    std::uint64_t maxBytes = std::uint64_t{2} << 30; ///< of the vectors
    MetricParameters sinks{};    ///< of the detector
};

enum class PointKind : std::uint8_t { Key, Query, Value, Hidden };
std::string_view nameOf(PointKind kind);

/// What is known of a point besides its vector.
struct CloudPoint {
    std::int32_t sample = 0, layer = 0, token = 0;
    std::int32_t head = 0;      ///< query head of a query, key/value head of a key or value; -1 of a hidden state
    std::int32_t group = 0;     ///< key/value head that it belongs to; -1 of a hidden state
    std::int32_t position = 0;  ///< that the model gave the token
    float received = 0;         ///< received attention of the token: in the query head, mean over the heads of the group, or over the layer
    float norm = 0;             ///< Euclidean length as captured, before any scaling
    bool sink = false;          ///< in the query head; in a head of the group; in enough heads of the layer to be an anchor
    bool clipped = false;       ///< drawn in by CloudScaling::Robust
    TokenClass tokenClass = TokenClass::WordStart;
    PointKind kind = PointKind::Key;
};

/// Vectors of tokens with what is known of them. Immutable once made.
struct PointCloud {
    CloudRequest request;
    int width = 0;
    std::vector<float> values;      ///< [points, width]
    std::vector<CloudPoint> points; ///< by layer, then kind and head, then sample, then token
    std::int64_t captured = 0;      ///< points that the request matches; more than `points` when a sample was drawn
    bool rotationUndone = false;
    CloudScaling scaling = CloudScaling::None;
    std::int64_t clipped = 0;
    /// What was done to the vectors and which points are missing, in sentences for people.
    std::vector<std::string> notes;

    [[nodiscard]] int count() const { return static_cast<int>(points.size()); }
    [[nodiscard]] std::span<const float> vector(std::size_t point) const {
        return std::span(values).subspan(point * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
    }
};

/// The text of a point's token as a reader should see it.
std::string_view textOf(const CaptureHeader& header, const CloudPoint& point);

/// Reads a cloud. The sample that `maxPoints` asks for is drawn from every layer, head and sample in proportion, keeps every sink, and does not
/// depend on the machine; sinks may take the cloud above maxPoints. Layers that a sample does not have yet are left out.
/// Errors: InvalidArgument (a head, layer or sample that does not exist, nothing captured), MemoryExceeded (too many points), NotFinite,
/// Unavailable (the space was not kept; the rotation is not known), Cancelled, those of the source. Thread: any but gui.
Result<std::shared_ptr<const PointCloud>> assembleCloud(CaptureSource& source, const CloudRequest& request, JobContext& context);

} // namespace sinkscope
