// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <optional>
#include <span>
#include <vector>

namespace sinkscope {

struct ProcrustesOptions {
    bool translation = true; ///< may move the centre
    bool reflection = true;  ///< may mirror; false keeps the handedness
    bool scaling = false;    ///< may change the size
};

/// The map x -> scale * (x - from) * rotation + to.
struct Alignment {
    int dimensions = 0;
    std::vector<double> rotation;   ///< [dimensions, dimensions], orthogonal; rows are multiplied from the left
    std::vector<double> from, to;   ///< [dimensions]; 0 without translation
    double scale = 1;
    bool reflected = false;         ///< the determinant of `rotation` is -1
    /// Relative root mean square: sqrt(sum |aligned - target|^2 / sum |target - its centre|^2). No value when all target points are the same.
    std::optional<double> residual;

    /// [points, dimensions] in, the same out. Thread: any.
    [[nodiscard]] std::vector<float> apply(std::span<const float> points) const;
};

/// The map of `moving` that comes nearest to `target`, row by row, in the sense of least squares: the rotation is U V^T of the singular
/// value decomposition of moving^T target (Schoenemann 1966); without reflection the last column of U changes sign where the
/// determinant asks for it (Kabsch 1976). Both are [points, dimensions], row-major. Where the points leave a direction open (too few of
/// them, or flat ones), the rotation completes it by some orthonormal choice. Errors: InvalidArgument (no points, different sizes), NotFinite.
/// Thread: any.
Result<Alignment> procrustes(std::span<const float> moving, std::span<const float> target, int dimensions, const ProcrustesOptions& options = {});

/// Clouds of the same points (layers, heads, models, steps), brought into one frame.
struct CommonFrame {
    std::vector<Alignment> alignments;          ///< one per cloud, from the cloud into the frame; residual against the mean cloud
    std::vector<std::vector<float>> aligned;    ///< [points, dimensions] each
    std::vector<float> mean;                    ///< [points, dimensions] of the aligned clouds
    int rounds = 0;
    bool settled = false;                       ///< the mean stopped moving before the rounds ran out
};

/// Generalized orthogonal Procrustes analysis (Gower 1975): align all clouds to their mean, take the mean anew, until it rests. With
/// `scaling` the mean is kept at the size of the first cloud, so that nothing shrinks away. At the end the frame is turned so that the first
/// cloud lies as near to its own coordinates as it can. Errors: those of procrustes, naming the cloud.
Result<CommonFrame> generalizedProcrustes(std::span<const std::vector<float>> clouds, int dimensions, const ProcrustesOptions& options = {});

} // namespace sinkscope
