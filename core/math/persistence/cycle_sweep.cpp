// SPDX-License-Identifier: Apache-2.0
#include "core/math/persistence/cycle_sweep.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace sinkscope {
namespace {

constexpr std::size_t kWordBits = 64;
/// Edges between two looks at the cancel flag; those that end classes look once more for each.
constexpr std::size_t kEdgesAtOnce = 256;
/// Holders of a class are tidied from this length on.
constexpr std::size_t kFirstCompaction = 256;

/// Its header, its end points, and what an allocation costs.
constexpr std::size_t kBytesPerAnnotation = sizeof(std::vector<std::uint32_t>) + 2 * sizeof(std::int32_t) + 16;

std::size_t wordsFor(int points) { return (static_cast<std::size_t>(points) + kWordBits - 1) / kWordBits; }

/// Symmetric difference into `result`, which is neither of the two.
void addModulo2(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                std::vector<std::uint32_t>& result) {
    result.clear();
    std::ranges::set_symmetric_difference(a, b, std::back_inserter(result));
}

} // namespace

CycleSweep::CycleSweep(int points, const RipsOptions& options, const JobContext& context)
    : m_points(points), m_words(wordsFor(points)), m_options(options), m_context(context), m_components(points) {
    const auto n = static_cast<std::size_t>(points);
    m_neighbours.assign(n * m_words, 0);
    m_annotated.assign(n * m_words, 0);
    m_common.assign(m_words, 0);
    m_open.assign(m_words, 0);
    m_degree.assign(n, 0);
    m_slots.assign(n * n, 0);
    m_annotations.resize(1);
    m_slotEdges.resize(1);
}

std::size_t CycleSweep::fixedBytes(int points) {
    const auto n = static_cast<std::size_t>(points);
    // edges and their sort buffer
    return n * (2 * wordsFor(points) * sizeof(Word) + n * sizeof(std::uint32_t) + n * sizeof(RipsEdge));
}

Result<std::vector<Bar>> CycleSweep::run(std::span<const RipsEdge> edges) {
    std::size_t done = 0;
    for (const RipsEdge& edge : edges) {
        if (done++ % kEdgesAtOnce == 0)
            SINKSCOPE_CHECK(m_context.checkpoint());
        if (findCommon(edge)) {
            if (m_alive > 0 || m_options.keepZeroLength)
                SINKSCOPE_CHECK(addTriangles(edge));
        } else if (m_components.join(edge.first, edge.second) < 0) {
            beginClass(edge);
        }
        connect(edge);
        const int degree = std::max(m_degree[static_cast<std::size_t>(edge.first)],
                                    m_degree[static_cast<std::size_t>(edge.second)]);
        if (degree == m_points - 1 && m_alive == 0 && !m_options.keepZeroLength)
            break; // a cone: every later edge has its apex as a common neighbour
    }
    return takeBars();
}

bool CycleSweep::findCommon(const RipsEdge& edge) {
    const Word* first = row(m_neighbours, edge.first);
    const Word* second = row(m_neighbours, edge.second);
    Word any = 0;
    for (std::size_t k = 0; k < m_words; ++k)
        any |= m_common[k] = first[k] & second[k];
    return any != 0;
}

void CycleSweep::beginClass(const RipsEdge& edge) {
    const auto number = static_cast<std::uint32_t>(m_classBars.size());
    m_classBars.push_back(m_bars.size());
    m_bars.push_back({.birth = edge.length, .creator = {edge.first, edge.second}});
    m_holders.emplace_back();
    m_compactAt.push_back(kFirstCompaction);
    ++m_alive;
    annotate(edge, {number});
}

/// The third vertex of the triangle that fills the cycle which the current edge closes: the least one with nothing to
/// end, so that the edge stays without annotation, or else the least.
std::int32_t CycleSweep::thirdOfPair() const {
    for (const bool withOpen : {false, true})
        for (std::size_t k = 0; k < m_words; ++k)
            if (const Word candidates = withOpen ? m_common[k] : m_common[k] & ~m_open[k]; candidates != 0)
                return static_cast<std::int32_t>(k * kWordBits) + std::countr_zero(candidates);
    return -1;
}

Result<void> CycleSweep::addTriangles(const RipsEdge& edge) {
    const Word* first = row(m_annotated, edge.first);
    const Word* second = row(m_annotated, edge.second);
    Word any = 0;
    for (std::size_t k = 0; k < m_words; ++k)
        any |= m_open[k] = m_common[k] & (first[k] | second[k]);
    if (any == 0 && !m_options.keepZeroLength)
        return {};
    const std::int32_t pair = thirdOfPair();
    if (m_options.keepZeroLength)
        m_bars.push_back({edge.length, edge.length, {edge.first, edge.second}, {edge.first, edge.second, pair}});
    addModulo2(annotation(edge.first, pair), annotation(edge.second, pair), m_sum);
    if (!m_sum.empty())
        annotate(edge, m_sum);
    for (std::size_t k = 0; k < m_words; ++k)
        for (Word left = m_open[k]; left != 0; left &= left - 1) {
            const auto third = static_cast<std::int32_t>(k * kWordBits) + std::countr_zero(left);
            addModulo2(annotation(edge.first, third), annotation(edge.second, third), m_scratch);
            addModulo2(m_scratch, annotation(edge.first, edge.second), m_sum);
            if (!m_sum.empty())
                SINKSCOPE_CHECK(endClass(edge, third));
        }
    std::ranges::fill(m_open, Word{0});
    return {};
}

/// Ends the youngest class of m_sum: every annotation that has it gets m_sum added, which removes it.
Result<void> CycleSweep::endClass(const RipsEdge& edge, std::int32_t third) {
    SINKSCOPE_CHECK(m_context.checkpoint());
    const std::uint32_t youngest = m_sum.back();
    Bar& bar = m_bars[m_classBars[youngest]];
    bar.death = edge.length;
    bar.killer = {edge.first, edge.second, third};
    const std::vector<std::uint32_t> holders = std::exchange(m_holders[youngest], {});
    m_entries -= holders.size();
    for (const std::uint32_t slot : holders)
        if (std::ranges::binary_search(m_annotations[slot], youngest))
            toggle(slot, m_sum);
    --m_alive;
    const std::size_t bytes = fixedBytes(m_points) + m_entries * sizeof(std::uint32_t) +
                              m_annotations.size() * kBytesPerAnnotation;
    if (bytes > m_options.maximumBytes)
        return Error{ErrorCode::MemoryExceeded, "the cycles of " + std::to_string(m_points) + " points need more than " +
                     std::to_string(m_options.maximumBytes) + " bytes", {}};
    return {};
}

void CycleSweep::connect(const RipsEdge& edge) {
    const auto a = static_cast<std::size_t>(edge.first), b = static_cast<std::size_t>(edge.second);
    row(m_neighbours, edge.first)[b / kWordBits] |= Word{1} << (b % kWordBits);
    row(m_neighbours, edge.second)[a / kWordBits] |= Word{1} << (a % kWordBits);
    ++m_degree[a];
    ++m_degree[b];
}

void CycleSweep::annotate(const RipsEdge& edge, const Classes& classes) {
    const auto a = static_cast<std::size_t>(edge.first), b = static_cast<std::size_t>(edge.second);
    const auto n = static_cast<std::size_t>(m_points);
    const auto slot = static_cast<std::uint32_t>(m_annotations.size());
    m_slots[a * n + b] = m_slots[b * n + a] = slot;
    m_annotations.push_back(classes);
    m_slotEdges.emplace_back(edge.first, edge.second);
    m_entries += classes.size();
    row(m_annotated, edge.first)[b / kWordBits] |= Word{1} << (b % kWordBits);
    row(m_annotated, edge.second)[a / kWordBits] |= Word{1} << (a % kWordBits);
    for (const std::uint32_t oneClass : classes)
        hold(oneClass, slot);
}

void CycleSweep::toggle(std::uint32_t slot, const Classes& classes) {
    Classes& annotation = m_annotations[slot];
    for (const std::uint32_t oneClass : classes)
        if (!std::ranges::binary_search(annotation, oneClass))
            hold(oneClass, slot);
    addModulo2(annotation, classes, m_scratch);
    m_entries += m_scratch.size() - annotation.size();
    annotation.assign(m_scratch.begin(), m_scratch.end());
    if (!annotation.empty())
        return;
    const auto [first, second] = m_slotEdges[slot];
    const auto a = static_cast<std::size_t>(first), b = static_cast<std::size_t>(second);
    row(m_annotated, first)[b / kWordBits] &= ~(Word{1} << (b % kWordBits));
    row(m_annotated, second)[a / kWordBits] &= ~(Word{1} << (a % kWordBits));
}

void CycleSweep::hold(std::uint32_t oneClass, std::uint32_t slot) {
    if (m_holders[oneClass].size() >= m_compactAt[oneClass])
        compact(oneClass);
    m_holders[oneClass].push_back(slot);
    ++m_entries;
}

void CycleSweep::compact(std::uint32_t oneClass) {
    std::vector<std::uint32_t>& holders = m_holders[oneClass];
    m_entries -= holders.size();
    std::ranges::sort(holders);
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end()); // what ranges::unique returns, clang 14 cannot name
    std::erase_if(holders, [&](std::uint32_t slot) {
        return !std::ranges::binary_search(m_annotations[slot], oneClass);
    });
    m_entries += holders.size();
    m_compactAt[oneClass] = std::max(kFirstCompaction, 2 * holders.size());
}

const CycleSweep::Classes& CycleSweep::annotation(std::int32_t a, std::int32_t b) const {
    return m_annotations[m_slots[static_cast<std::size_t>(a) * static_cast<std::size_t>(m_points) +
                                 static_cast<std::size_t>(b)]];
}

CycleSweep::Word* CycleSweep::row(std::vector<Word>& bits, std::int32_t vertex) const {
    return bits.data() + static_cast<std::size_t>(vertex) * m_words;
}

std::vector<Bar> CycleSweep::takeBars() {
    if (!m_options.keepZeroLength)
        std::erase_if(m_bars, [](const Bar& bar) { return bar.birth == bar.death; });
    return std::move(m_bars);
}

} // namespace sinkscope
