// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/persistence/disjoint_sets.h"
#include "core/math/persistence/rips.h"
#include "core/math/persistence/sorted_edges.h"

#include <utility>

namespace sinkscope {

/// Dimension 1 of ripsBarcode: adds the edges of a flag complex one by one in the order of the filtration, each
/// followed by the triangles of which it is the last edge, and follows a basis of the cohomology.
///
/// Every edge has an annotation: the set of live classes whose cocycle contains it, as rising numbers. Of each triangle
/// the annotations add up to zero (modulo 2), or else the triangle ends the youngest class in the sum, which the others
/// absorb. An edge without a common neighbour of its end points is in no triangle yet: it joins components or begins a
/// class. Such edges are few, most annotations are empty, and triangles whose three edges have none are never looked
/// at.
class CycleSweep {
public:
    CycleSweep(int points, const RipsOptions& options, const JobContext& context);
    /// `edges` in the order of `comesBefore`. Errors: MemoryExceeded, Cancelled. Call once.
    Result<std::vector<Bar>> run(std::span<const RipsEdge> edges);
    /// What the tables of fixed size take, before anything is known about the distances.
    static std::size_t fixedBytes(int points);

private:
    using Classes = std::vector<std::uint32_t>; ///< rising
    using Word = std::uint64_t;

    /// Neighbours common to the ends of `edge` go to m_common; false if there are none.
    bool findCommon(const RipsEdge& edge);
    void beginClass(const RipsEdge& edge);
    /// Annotates `edge` and ends the classes that its triangles fill.
    Result<void> addTriangles(const RipsEdge& edge);
    Result<void> endClass(const RipsEdge& edge, std::int32_t third);
    void connect(const RipsEdge& edge);
    void annotate(const RipsEdge& edge, const Classes& classes);
    /// Adds `classes` to the annotation in `slot`.
    void toggle(std::uint32_t slot, const Classes& classes);
    void hold(std::uint32_t oneClass, std::uint32_t slot);
    /// Drops what `m_holders` still lists although the annotation no longer has the class, and what it lists twice.
    void compact(std::uint32_t oneClass);
    [[nodiscard]] std::int32_t thirdOfPair() const;
    [[nodiscard]] const Classes& annotation(std::int32_t a, std::int32_t b) const;
    [[nodiscard]] Word* row(std::vector<Word>& bits, std::int32_t vertex) const;
    std::vector<Bar> takeBars();

    int m_points;
    std::size_t m_words; ///< per row of bits
    RipsOptions m_options;
    const JobContext& m_context;
    DisjointSets m_components;
    std::vector<Word> m_neighbours; ///< [points, words] edges so far
    std::vector<Word> m_annotated;  ///< [points, words] edges whose annotation is not empty
    /// [words] third vertices of triangles; those of triangles that may end a class
    std::vector<Word> m_common, m_open;
    std::vector<int> m_degree;
    std::vector<std::uint32_t> m_slots; ///< [points, points] into m_annotations; 0 is the empty one
    std::vector<Classes> m_annotations; ///< by slot
    std::vector<std::pair<std::int32_t, std::int32_t>> m_slotEdges;
    std::vector<std::vector<std::uint32_t>> m_holders; ///< by class: slots that have it, perhaps outdated or twice
    std::vector<std::size_t> m_compactAt;              ///< by class: length of its holders at which to tidy them
    std::vector<std::size_t> m_classBars;              ///< by class, into m_bars
    std::vector<Bar> m_bars;
    Classes m_sum, m_scratch;
    std::size_t m_alive = 0;
    std::size_t m_entries = 0; ///< numbers in m_annotations and m_holders
};

} // namespace sinkscope
