// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/merge_table.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <queue>
#include <utility>

namespace sinkscope {
namespace {

/// Up to this many symbols a scan for the best pair beats a queue.
constexpr std::size_t kShortWord = 32;

std::optional<std::pair<std::string, std::string>> pairOf(const Json& merge) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string())
        return std::pair(merge[0].get<std::string>(), merge[1].get<std::string>());
    if (!merge.is_string())
        return std::nullopt;
    const auto& text = merge.get_ref<const std::string&>();
    const std::size_t space = text.find(' ');
    if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
        return std::nullopt;
    return std::pair(text.substr(0, space), text.substr(space + 1));
}

} // namespace

Result<MergeTable> MergeTable::fromJson(const Json& description, const Vocabulary& vocabulary, const std::string& prefix) {
    const auto list = description.find("merges");
    if (list == description.end() || !list->is_array())
        return Error{ErrorCode::TokenizerInvalid, "a BPE model without a list \"merges\"", {}};
    MergeTable table;
    table.m_merges.reserve(list->size());
    std::uint32_t rank = 0;
    for (const Json& entry : *list) {
        const auto pair = pairOf(entry);
        if (!pair)
            return Error{ErrorCode::TokenizerInvalid, "merge " + std::to_string(rank) + " is not a pair of pieces", {}};
        const bool drops = !prefix.empty() && pair->second.starts_with(prefix);
        const std::string joined = pair->first + (drops ? pair->second.substr(prefix.size()) : pair->second);
        const auto left = vocabulary.idOf(pair->first), right = vocabulary.idOf(pair->second), id = vocabulary.idOf(joined);
        if (!left || !right || !id)
            return Error{ErrorCode::TokenizerInvalid,
                         "merge " + std::to_string(rank) + " (" + pair->first + " " + pair->second + ") uses a piece that is not in the vocabulary", {}};
        table.m_merges.set(keyOf(*left, *right), Merge{rank, *id}); // a repeated pair keeps its last rank, as in the library
        ++rank;
    }
    return table;
}

void MergeTable::apply(std::vector<ModelToken>& symbols) const {
    if (symbols.size() <= kShortWord)
        applyToShort(symbols);
    else
        applyToLong(symbols);
}

void MergeTable::applyToShort(std::vector<ModelToken>& symbols) const {
    std::array<const Merge*, kShortWord> merges{}; // merges[i] joins symbols i and i + 1
    std::size_t count = symbols.size();
    for (std::size_t i = 0; i + 1 < count; ++i)
        merges[i] = find(symbols[i].id, symbols[i + 1].id);
    while (count > 1) {
        std::size_t best = count;
        for (std::size_t i = 0; i + 1 < count; ++i)
            if (merges[i] && (best == count || merges[i]->rank < merges[best]->rank))
                best = i;
        if (best == count)
            break;
        symbols[best] = {merges[best]->id, symbols[best].begin, symbols[best + 1].end};
        --count;
        for (std::size_t i = best + 1; i < count; ++i) {
            symbols[i] = symbols[i + 1];
            merges[i] = merges[i + 1];
        }
        merges[best] = best + 1 < count ? find(symbols[best].id, symbols[best + 1].id) : nullptr;
        if (best > 0)
            merges[best - 1] = find(symbols[best - 1].id, symbols[best].id);
    }
    symbols.resize(count);
}

void MergeTable::applyToLong(std::vector<ModelToken>& symbols) const {
    struct Candidate {
        std::uint32_t rank;
        std::int32_t at, id;
        bool operator>(const Candidate& other) const { return std::pair(rank, at) > std::pair(other.rank, other.at); }
    };
    const auto count = static_cast<std::int32_t>(symbols.size());
    std::vector<std::int32_t> previous(symbols.size()), next(symbols.size());
    std::vector<bool> alive(symbols.size(), true);
    std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
    const auto offer = [&](std::int32_t at) {
        if (at < 0 || next[static_cast<std::size_t>(at)] >= count)
            return;
        const auto& left = symbols[static_cast<std::size_t>(at)];
        const auto& right = symbols[static_cast<std::size_t>(next[static_cast<std::size_t>(at)])];
        if (const Merge* merge = find(left.id, right.id))
            queue.push({merge->rank, at, merge->id});
    };
    for (std::int32_t i = 0; i < count; ++i) {
        previous[static_cast<std::size_t>(i)] = i - 1;
        next[static_cast<std::size_t>(i)] = i + 1;
    }
    for (std::int32_t i = 0; i < count; ++i)
        offer(i);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        const auto at = static_cast<std::size_t>(top.at);
        if (!alive[at] || next[at] >= count)
            continue;
        const auto right = static_cast<std::size_t>(next[at]);
        const Merge* merge = find(symbols[at].id, symbols[right].id);
        if (!merge || merge->id != top.id)
            continue; // the pair that was offered is gone
        symbols[at] = {top.id, symbols[at].begin, symbols[right].end};
        alive[right] = false;
        next[at] = next[right];
        if (next[at] < count)
            previous[static_cast<std::size_t>(next[at])] = top.at;
        offer(previous[at]);
        offer(top.at);
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i)
        if (alive[i])
            symbols[kept++] = symbols[i];
    symbols.resize(kept);
}

} // namespace sinkscope
