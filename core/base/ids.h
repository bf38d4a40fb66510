// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>

namespace sinkscope {

/// A layer, query head, token or sample index (0-based) that cannot be passed where another axis is meant.
template <typename Tag> struct Id {
    int value = 0;
    constexpr Id() = default;
    constexpr explicit Id(int v) : value(v) {}
    constexpr auto operator<=>(const Id&) const = default;
};

using LayerId = Id<struct LayerTag>;
using HeadId = Id<struct HeadTag>;
using TokenId = Id<struct TokenTag>;
using SampleId = Id<struct SampleTag>;

} // namespace sinkscope
