// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_groups.h"

#include <map>
#include <utility>

namespace sinkscope {
namespace {

std::pair<int, int> binOf(int tokens) {
    constexpr int kStep = 10, kLastOfSteps = 50;
    if (tokens <= kLastOfSteps) {
        const int low = tokens <= 0 ? 1 : (tokens - 1) / kStep * kStep + 1;
        return {low, low + kStep - 1};
    }
    long long high = 2LL * kLastOfSteps;
    while (high < tokens)
        high *= 2;
    return {static_cast<int>(high / 2) + 1, static_cast<int>(high)};
}

std::string textOf(std::pair<int, int> bin) { return std::to_string(bin.first) + "-" + std::to_string(bin.second); }

} // namespace

std::vector<SampleGroup> groupsByName(std::span<const std::string> names) {
    std::map<std::string, std::vector<int>> members;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!names[i].empty())
            members[names[i]].push_back(static_cast<int>(i));
    std::vector<SampleGroup> groups;
    for (auto& [name, samples] : members)
        groups.push_back({name, std::move(samples)});
    return groups;
}

std::string lengthBin(int tokens) { return textOf(binOf(tokens)); }

std::vector<SampleGroup> groupsByLength(std::span<const int> tokens) {
    std::map<std::pair<int, int>, std::vector<int>> members;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        members[binOf(tokens[i])].push_back(static_cast<int>(i));
    std::vector<SampleGroup> groups;
    for (auto& [bin, samples] : members)
        groups.push_back({textOf(bin), std::move(samples)});
    return groups;
}

} // namespace sinkscope
