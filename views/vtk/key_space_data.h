// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"
#include "core/math/projection_spec.h"

#include <memory>
#include <string>
#include <vector>

namespace sinkscope {

/// Which vectors to show, and how.
struct KeySpaceQuestion {
    std::shared_ptr<CaptureSource> capture;
    int sample = 0, layer = 0, head = 0; ///< `head` is a query head, whatever the space
    Space space = Space::Key;
    std::string projection = "pca";      ///< ProjectionSpec::id
    int query = -1;                      ///< whose row of attention is wanted; -1: none
    MetricParameters sinks;              ///< of the sink detector

    [[nodiscard]] bool sameVectors(const KeySpaceQuestion& other) const {
        return capture == other.capture && sample == other.sample && layer == other.layer && head == other.head && space == other.space &&
               projection == other.projection;
    }
};

/// Everything a scene is built from. Immutable once made. T = tokens.
struct KeySpaceData {
    enum class Gap { None, LayerMissing, SpaceMissing, TooShort };

    KeySpaceQuestion question;
    Gap gap = Gap::None;       ///< not None: nothing below is set
    int tokens = 0;
    int vectorHead = 0;        ///< of the capture's array: the key/value head for keys and values
    std::shared_ptr<const Projection> projection;
    std::shared_ptr<const LayerStatistics> statistics;
    std::vector<float> norms;  ///< [T] Euclidean, of the vectors shown
    std::vector<int> anchors;  ///< tokens that are sinks in this head
    std::vector<std::vector<float>> anchorWeights; ///< [anchor][T] weight of each query on the anchor
    std::shared_ptr<const HeadAttention> attention; ///< null above kKeepAttention tokens
    std::vector<float> queryWeights; ///< [T] row of `question.query`; empty without one

    /// Fewer points than this always lie in a plane.
    static constexpr int kFewestTokens = 4;
    /// Up to here the whole attention matrix is kept, so that following the selected query needs no new job.
    static constexpr int kKeepAttention = 1024;
    /// Weights of a query's row, or empty when they are not at hand.
    [[nodiscard]] std::vector<float> rowOf(int query) const;
};

/// Reads vectors, projects them, finds the anchors. Thread: any but gui. Errors: those of the source and of the projection (InvalidArgument,
/// NotFinite); Cancelled; InvalidArgument when an index is out of range.
Result<std::shared_ptr<const KeySpaceData>> loadKeySpace(const KeySpaceQuestion& question, JobContext& context);

} // namespace sinkscope
