// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"

#include <QString>

#include <array>
#include <memory>
#include <vector>

namespace sinkscope {

/// What a row of small plots shows of every token.
enum class TokenQuantity { Received, KeyNorm, ValueNorm, HiddenNorm, MeanCosine, OutputCosine };
inline constexpr std::size_t kTokenQuantities = 6;
QString titleOf(TokenQuantity quantity);
/// How it is computed, for tooltips.
QString explanationOf(TokenQuantity quantity);

/// One head's tokens with their vectors. NaN where a token has no value (a cosine with nothing). Immutable.
struct ValueSpace {
    int tokens = 0;
    std::array<std::vector<double>, kTokenQuantities> of; ///< [quantity][tokens]; empty: the capture does not know it
    /// [tokens] Mean over the queries that have a choice and see the token (without query 0 of a causal model) of its weight A_ij, and of its
    /// directional influence A_ij <v_j, o_i> / |o_i|^2 with o_i the head's output. Over all tokens the influences of a query sum to 1.
    std::vector<double> attention, influence;
    struct Number {
        const MetricSpec* metric = nullptr;
        double value = 0;
    };
    std::vector<Number> numbers; ///< of the head, from the family value_space; those that have a value
    [[nodiscard]] const std::vector<double>& row(TokenQuantity quantity) const { return of[static_cast<std::size_t>(quantity)]; }
};

inline constexpr int kLongestValueSpace = 2048;

/// Errors: those of the source; InvalidArgument (no values in the capture, too long); Cancelled. Thread: any but gui.
Result<std::shared_ptr<const ValueSpace>> valueSpaceOf(CaptureSource& source, int sample, int head, std::shared_ptr<const LayerStatistics> statistics,
                                                       const MetricParameters& parameters, const JobContext& context);

} // namespace sinkscope
