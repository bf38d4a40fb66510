// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/tensor_tree.h"

#include "core/checkpoint/tensor_pieces.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace sinkscope {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Digits from `at` on, without leading zeros.
std::string_view numberAt(std::string_view text, std::size_t at, std::size_t& end) {
    end = at;
    while (end < text.size() && isDigit(text[end]))
        ++end;
    while (at + 1 < end && text[at] == '0')
        ++at;
    return text.substr(at, end - at);
}

class TreeBuilder {
public:
    explicit TreeBuilder(const Checkpoint& checkpoint) : m_checkpoint(checkpoint) { m_tree.nodes.emplace_back(); }

    /// The child with that title; made when there is none.
    int group(int parent, std::string_view title) {
        const auto key = std::pair(parent, std::string(title));
        if (const auto found = m_groups.find(key); found != m_groups.end())
            return found->second;
        const int node = add(parent, std::string(title), -1);
        m_groups.emplace(key, node);
        return node;
    }

    int add(int parent, std::string title, int tensor) {
        const auto node = static_cast<int>(m_tree.nodes.size());
        m_tree.nodes.push_back({std::move(title), tensor, parent, {}, 0, 0, 0});
        m_tree.nodes[static_cast<std::size_t>(parent)].children.push_back(node);
        if (tensor < 0)
            return node;
        const TensorInfo& info = m_checkpoint.tensors[static_cast<std::size_t>(tensor)];
        const std::uint64_t elements = elementCount(info), bytes = info.bytes.size();
        for (int at = node; at >= 0; at = m_tree.nodes[static_cast<std::size_t>(at)].parent) {
            TensorNode& above = m_tree.nodes[static_cast<std::size_t>(at)];
            ++above.tensors;
            above.elements += elements;
            above.bytes += bytes;
        }
        return node;
    }

    /// Tensors below `parent`, by the parts of their names.
    void addByName(int parent, std::vector<int> tensors) {
        std::ranges::sort(tensors, [this](int a, int b) { return naturalLess(nameOf(a), nameOf(b)); });
        addLevel(parent, tensors, 0);
    }

    TensorTree&& tree() { return std::move(m_tree); }

private:
    [[nodiscard]] std::string_view nameOf(int tensor) const { return m_checkpoint.tensors[static_cast<std::size_t>(tensor)].name; }

    /// `tensors` is sorted and agrees in the first `begin` characters, which end with a dot.
    void addLevel(int parent, std::span<const int> tensors, std::size_t begin, int depth = 0) {
        constexpr int kDeepest = 24; // of hostile names
        for (std::size_t first = 0; first < tensors.size();) {
            const std::string_view name = nameOf(tensors[first]);
            std::size_t dot = depth < kDeepest ? name.find('.', begin) : std::string_view::npos;
            const auto isSame = [&](std::size_t at, std::size_t length) { return nameOf(tensors[at]).substr(0, length) == name.substr(0, length); };
            std::size_t end = first + 1;
            if (dot != std::string_view::npos)
                while (end < tensors.size() && isSame(end, dot + 1))
                    ++end;
            if (end == first + 1) { // alone: what is left of its name is its title
                add(parent, std::string(name.substr(begin)), tensors[first]);
                ++first;
                continue;
            }
            // What the first and the last share, all between them do: the order keeps those with one prefix together.
            for (std::size_t next = name.find('.', dot + 1); next != std::string_view::npos && isSame(end - 1, next + 1); next = name.find('.', dot + 1))
                dot = next;
            const int node = add(parent, std::string(name.substr(begin, dot - begin)), -1);
            addLevel(node, tensors.subspan(first, end - first), dot + 1, depth + 1);
            first = end;
        }
    }

    const Checkpoint& m_checkpoint;
    TensorTree m_tree;
    std::map<std::pair<int, std::string>, int> m_groups;
};

/// By what roles are called, so that new roles find their place.
std::string_view groupOf(std::string_view role) {
    const auto has = [role](std::string_view word) { return role.find(word) != std::string_view::npos; };
    if (has("norm") && !has("query") && !has("key"))
        return "norms";
    if (has("MLP") || has("expert") || has("router"))
        return "MLP";
    return "attention";
}

/// What a role is called inside its group: "up weight", not "MLP up weight".
std::string_view titleIn(std::string_view group, std::string_view role) {
    return role.size() > group.size() && role.starts_with(group) && role[group.size()] == ' ' ? role.substr(group.size() + 1) : role;
}

/// What exists once and comes before the layers.
bool isBeforeLayers(std::string_view role) { return role.starts_with("token ") || role.starts_with("position ") || role.starts_with("segment ") || role.starts_with("embedding "); }

TensorTree byRole(const Checkpoint& checkpoint, std::span<const TensorPlace> places) {
    TreeBuilder builder(checkpoint);
    std::vector<int> order(places.size()), others;
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int tensor) {
        const TensorPlace& place = places[static_cast<std::size_t>(tensor)];
        const bool isLate = place.role && place.layer < 0 && !isBeforeLayers(nameOf(*place.role));
        return std::tuple(isLate ? 1 : 0, place.layer, place.role ? static_cast<int>(*place.role) : 0);
    });
    for (const int tensor : order) {
        const TensorPlace& place = places[static_cast<std::size_t>(tensor)];
        if (!place.role) {
            others.push_back(tensor);
            continue;
        }
        const std::string_view role = nameOf(*place.role);
        if (place.layer < 0) {
            builder.add(builder.group(0, isBeforeLayers(role) ? "Embedding" : "Norm and head"), std::string(role), tensor);
            continue;
        }
        const int parent = builder.group(builder.group(0, "Layer " + std::to_string(place.layer)), groupOf(role));
        const std::string expert = place.expert < 0 ? std::string() : " " + std::to_string(place.expert);
        builder.add(parent, std::string(titleIn(groupOf(role), role)) + expert, tensor);
    }
    if (!others.empty())
        builder.addByName(builder.group(0, "Others"), std::move(others));
    return builder.tree();
}

} // namespace

bool naturalLess(std::string_view a, std::string_view b) {
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            std::size_t endA = 0, endB = 0;
            const std::string_view x = numberAt(a, i, endA), y = numberAt(b, j, endB);
            if (x != y)
                return x.size() != y.size() ? x.size() < y.size() : x < y;
            i = endA;
            j = endB;
            continue;
        }
        if (a[i] != b[j])
            return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
        ++i;
        ++j;
    }
    return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b; // "01" and "1" still have an order
}

TensorTree tensorTree(const Checkpoint& checkpoint, std::span<const TensorPlace> places, TensorGrouping grouping) {
    if (grouping == TensorGrouping::Role)
        return byRole(checkpoint, places);
    TreeBuilder builder(checkpoint);
    std::vector<int> tensors(checkpoint.tensors.size());
    std::iota(tensors.begin(), tensors.end(), 0);
    if (grouping == TensorGrouping::Name)
        builder.addByName(0, std::move(tensors));
    else
        for (const int tensor : tensors)
            builder.add(0, checkpoint.tensors[static_cast<std::size_t>(tensor)].name, tensor);
    return builder.tree();
}

} // namespace sinkscope
