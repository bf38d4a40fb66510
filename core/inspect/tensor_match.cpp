// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/tensor_match.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace sinkscope {
namespace {

constexpr std::size_t kDeepestPrefix = 4; ///< parts of a name that can be a prefix
constexpr std::size_t kMostPrefixes = 12; ///< of each side that are tried together, the commonest

class Matcher {
public:
    Matcher(const Checkpoint& first, const Checkpoint& second)
        : m_first(first), m_second(second), m_pairs(first.tensors.size()), m_taken(second.tensors.size(), false) {
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
            m_pairs[i].first = static_cast<int>(i);
    }

    void byName() {
        for (std::size_t i = 0; i < m_pairs.size(); ++i)
            if (const auto found = m_second.byName.find(m_first.tensors[i].name); found != m_second.byName.end())
                join(i, found->second, MatchedBy::Name);
    }

    void byRole(std::span<const TensorPlace> first, std::span<const TensorPlace> second) {
        const auto keyOf = [](const TensorPlace& place) { return std::tuple(static_cast<int>(*place.role), place.layer, place.expert); };
        std::map<std::tuple<int, int, int>, std::size_t> places;
        for (std::size_t i = 0; i < second.size(); ++i)
            if (second[i].role)
                places.emplace(keyOf(second[i]), i);
        for (std::size_t i = 0; i < first.size(); ++i) {
            if (!first[i].role)
                continue;
            const auto found = places.find(keyOf(first[i]));
            if (found != places.end())
                join(i, found->second, MatchedBy::Role);
        }
    }

    void byPrefix() {
        for (;;) { // each round joins at least one
            const auto here = prefixesOf(m_first, [this](std::size_t i) { return m_pairs[i].second < 0; });
            const auto there = prefixesOf(m_second, [this](std::size_t i) { return !m_taken[i]; });
            std::size_t most = 0;
            std::pair<std::string, std::string> best;
            for (const std::string& a : here)
                for (const std::string& b : there)
                    if (const std::size_t count = joinable(a, b, false); count > most) {
                        most = count;
                        best = {a, b};
                    }
            if (most == 0)
                return;
            joinable(best.first, best.second, true);
        }
    }

    std::vector<TensorPair>&& pairs() {
        for (std::size_t i = 0; i < m_taken.size(); ++i)
            if (!m_taken[i])
                m_pairs.push_back({-1, static_cast<int>(i), MatchedBy::Name});
        return std::move(m_pairs);
    }

private:
    void join(std::size_t first, std::size_t second, MatchedBy how) {
        if (m_pairs[first].second >= 0 || m_taken[second])
            return;
        m_pairs[first].second = static_cast<int>(second);
        m_pairs[first].how = how;
        m_taken[second] = true;
    }

    /// Beginnings, up to a dot, of names that are left; the empty one is always among them.
    template <typename IsFree> static std::vector<std::string> prefixesOf(const Checkpoint& checkpoint, const IsFree& isFree) {
        std::map<std::string, std::size_t> counts;
        for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i) {
            if (!isFree(i))
                continue;
            const std::string& name = checkpoint.tensors[i].name;
            std::size_t dot = name.find('.');
            for (std::size_t depth = 0; depth < kDeepestPrefix && dot != std::string::npos; ++depth, dot = name.find('.', dot + 1))
                ++counts[name.substr(0, dot + 1)];
        }
        std::vector<std::pair<std::size_t, std::string>> common;
        for (const auto& [prefix, count] : counts)
            common.emplace_back(count, prefix);
        std::ranges::stable_sort(common, std::greater<>(), [](const auto& entry) { return entry.first; });
        std::vector<std::string> prefixes{std::string()};
        for (std::size_t i = 0; i < std::min(common.size(), kMostPrefixes); ++i)
            prefixes.push_back(common[i].second);
        return prefixes;
    }

    /// Tensors of one shape whose names agree behind these beginnings; joins them when told to. What has but a last part in common ("weight") says
    /// nothing, unless it is the whole name.
    std::size_t joinable(const std::string& a, const std::string& b, bool join) {
        std::unordered_map<std::string_view, std::size_t> rests;
        for (std::size_t i = 0; i < m_taken.size(); ++i)
            if (const std::string_view name = m_second.tensors[i].name; !m_taken[i] && name.starts_with(b))
                rests.emplace(name.substr(b.size()), i);
        std::size_t count = 0;
        for (std::size_t i = 0; i < m_first.tensors.size(); ++i) {
            const std::string_view name = m_first.tensors[i].name;
            if (m_pairs[i].second >= 0 || !name.starts_with(a))
                continue;
            const std::string_view rest = name.substr(a.size());
            if (rest.find('.') == std::string_view::npos && !a.empty() && !b.empty())
                continue;
            const auto found = rests.find(rest);
            if (found == rests.end() || m_first.tensors[i].shape != m_second.tensors[found->second].shape)
                continue;
            ++count;
            if (join)
                this->join(i, found->second, MatchedBy::Prefix);
        }
        return count;
    }

    const Checkpoint& m_first;
    const Checkpoint& m_second;
    std::vector<TensorPair> m_pairs; ///< by tensor of the first
    std::vector<bool> m_taken;       ///< tensors of the second
};

} // namespace

std::string_view nameOf(MatchedBy how) {
    switch (how) {
    case MatchedBy::Name: return "name";
    case MatchedBy::Role: return "role";
    case MatchedBy::Prefix: return "prefix";
    }
    return "name";
}

std::vector<TensorPair> matchTensors(const Checkpoint& first, std::span<const TensorPlace> firstPlaces, const Checkpoint& second,
                                     std::span<const TensorPlace> secondPlaces) {
    Matcher matcher(first, second);
    matcher.byName();
    matcher.byRole(firstPlaces, secondPlaces);
    matcher.byPrefix();
    return matcher.pairs();
}

} // namespace sinkscope
