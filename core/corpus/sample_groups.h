// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

namespace sinkscope {

/// By what samples are aggregated besides all together.
enum class TableGrouping { None, Group, Length };

/// Samples that are aggregated together.
struct SampleGroup {
    std::string name;
    std::vector<int> samples; ///< ascending indices
};

/// Samples with the same name together, ascending by name. Those with an empty name belong to no group. Thread: any.
std::vector<SampleGroup> groupsByName(std::span<const std::string> names);

/// "1-10", "11-20" ... "41-50", "51-100", "101-200" and so on, each upper end twice the one before: narrow where the sentences of
/// the paper lie (6 to 50 tokens), because received attention depends on the length most strongly there.
std::string lengthBin(int tokens);
/// Samples with lengths of one bin together, ascending by length. `tokens`: the number of tokens of every sample. Thread: any.
std::vector<SampleGroup> groupsByLength(std::span<const int> tokens);

} // namespace sinkscope
