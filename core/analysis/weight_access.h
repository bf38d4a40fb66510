// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <memory>
#include <vector>

namespace sinkscope {

/// A weight matrix as float32, oriented so that output = input x matrix.
struct WeightMatrix {
    int rows = 0, columns = 0; ///< input width, output width
    std::vector<float> values; ///< [rows, columns]
};

/// A norm as far as it is linear once its own length is known.
struct NormScale {
    bool centres = false;     ///< subtracts the mean over the width first (layer norm); else RMS norm
    std::vector<float> scale; ///< [width]
};

/// What analyses may ask of the weights of the model that made a capture. Thread: any but gui; calls convert from the mapped file and
/// keep what was asked for last.
class WeightAccess {
public:
    virtual ~WeightAccess() = default;
    /// The rows of a layer's attention output projection that belong to a query head, [headWidth, width].
    [[nodiscard]] virtual Result<std::shared_ptr<const WeightMatrix>> outputProjection(int layer, int head) const = 0;
    /// Hidden state to logits, [width, vocabulary].
    [[nodiscard]] virtual Result<std::shared_ptr<const WeightMatrix>> unembedding() const = 0;
    /// Token embeddings as they enter the residual stream, [vocabulary, width].
    [[nodiscard]] virtual Result<std::shared_ptr<const WeightMatrix>> embedding() const { return Error{ErrorCode::Unavailable, "no embedding is at hand", {}}; }
    /// The norm that reads residual stream + attention of a layer: the one after attention, or in pre-norm models that before the MLP. Errors:
    /// Unavailable where none does (attention and MLP side by side, branches with norms of their own).
    [[nodiscard]] virtual Result<NormScale> normAfterAttention(int) const { return Error{ErrorCode::Unavailable, "no norms are at hand", {}}; }
};

} // namespace sinkscope
