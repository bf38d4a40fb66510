// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <optional>
#include <span>

namespace sinkscope {

/// |A - M|_F / sqrt(|A|_F^2 + |M|_F^2) for matrices M in which every query looks at one key only (Kushnareva et al. 2021): 0 when the
/// same, 1 when nothing is shared. The query that has no previous (next) token looks at itself, so that every row is attention.
struct TemplateDistances {
    double self = 0, beginning = 0, previous = 0;
    std::optional<double> next; ///< absent with a causal mask: nobody sees the next token
};
/// Attention [tokens, tokens] row-major. Errors: InvalidArgument when the size does not fit, there is no token, or an entry is not finite.
/// Thread: any.
Result<TemplateDistances> templateDistances(std::span<const float> attention, int tokens, bool causal);

/// The same to the matrix that is 1 wherever a query sees one of `keys` (each in 0..tokens-1, once): how far a head is from looking at commas, say,
/// whatever the number of them. For {0} it is `beginning`. Errors: the same; also InvalidArgument without keys. Thread: any.
Result<double> keyTemplateDistance(std::span<const float> attention, int tokens, bool causal, std::span<const int> keys);

} // namespace sinkscope
