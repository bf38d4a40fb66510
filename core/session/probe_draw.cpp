// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_draw.h"

#include <algorithm>

namespace sinkscope {
namespace {

/// SplitMix64. Its own sequence for every sample, draw and kind of control.
class Random {
public:
    Random(const DrawSeed& seed, std::uint64_t kind) : m_state(seed.seed) {
        for (const std::uint64_t part : {static_cast<std::uint64_t>(seed.sample), static_cast<std::uint64_t>(seed.draw), kind})
            m_state = next() ^ (part * 0xd1342543de82ef95ULL);
    }
    /// Below `bound`, which is far below 2^32, so that the bias does not matter.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(((next() >> 32) * bound) >> 32); }

private:
    std::uint64_t next() {
        std::uint64_t z = m_state += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint64_t m_state;
};

/// The first `count` of a random order.
template <typename T> void drawFirst(std::vector<T>& values, std::size_t count, Random& random) {
    for (std::size_t i = 0; i < count; ++i)
        std::swap(values[i], values[i + random.below(values.size() - i)]);
    values.resize(count);
}

AttentionEdit editOf(AttentionEdit::Kind kind, int token, std::vector<HeadPlace> heads) {
    return {.kind = kind, .sample = 0, .tokens = {token}, .heads = std::move(heads)};
}

} // namespace

std::vector<AnchorPlaces> anchorsOf(std::span<const SinkPlace> sinks, int layers, int heads, const MetricParameters& parameters) {
    std::map<int, std::vector<HeadPlace>> places;
    for (const SinkPlace& sink : sinks)
        places[sink.token].push_back({sink.layer, sink.head});
    std::vector<AnchorPlaces> anchors;
    for (auto& [token, where] : places)
        if (static_cast<double>(where.size()) >= parameters.anchorHeadShare * layers * heads)
            anchors.push_back({token, std::move(where)});
    return anchors;
}

SampleEdits editsOf(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, AnchorHeads where) {
    SampleEdits edits;
    for (const AnchorPlaces& anchor : anchors)
        edits.push_back(editOf(kind, anchor.token, where == AnchorHeads::All ? std::vector<HeadPlace>() : anchor.heads));
    return edits;
}

SampleEdits atRandomPositions(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, AnchorHeads where, int tokens,
                              const DrawSeed& seed) {
    std::vector<int> others;
    for (int token = 0; token < tokens; ++token)
        if (std::ranges::find(anchors, token, &AnchorPlaces::token) == anchors.end())
            others.push_back(token);
    if (others.size() < anchors.size())
        return {};
    Random random(seed, 1);
    drawFirst(others, anchors.size(), random);
    SampleEdits edits = editsOf(anchors, kind, where);
    for (std::size_t i = 0; i < edits.size(); ++i)
        edits[i].tokens = {others[i]};
    return edits;
}

HeadControl inRandomHeads(std::span<const AnchorPlaces> anchors, AttentionEdit::Kind kind, int layers, int heads, const DrawSeed& seed) {
    HeadControl control;
    Random random(seed, 2), own(seed, 3);
    bool isPart = false;
    for (const AnchorPlaces& anchor : anchors) {
        std::vector<HeadPlace> others, chosen = anchor.heads;
        for (int place = 0; place < layers * heads; ++place)
            if (const HeadPlace head{place / heads, place % heads}; std::ranges::find(anchor.heads, head) == anchor.heads.end())
                others.push_back(head);
        const std::size_t count = std::min(others.size(), chosen.size());
        isPart = isPart || count < chosen.size();
        if (count == 0) // no heads would mean all of them
            continue;
        drawFirst(others, count, random);
        if (count < chosen.size())
            drawFirst(chosen, count, own);
        control.elsewhere.push_back(editOf(kind, anchor.token, std::move(others)));
        control.here.push_back(editOf(kind, anchor.token, std::move(chosen)));
    }
    if (!isPart)
        control.here.clear();
    return control;
}

} // namespace sinkscope
