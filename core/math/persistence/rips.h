// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace sinkscope {

/// One feature of a filtration: there from `birth` to `death`, half open.
struct Bar {
    double birth = 0;
    double death = std::numeric_limits<double>::infinity();
    /// What makes it: in dimension 0 {vertex, -1}; in dimension 1 the edge {a, b}, a < b, that closes the cycle.
    std::array<std::int32_t, 2> creator{-1, -1};
    /// What ends it, all -1 if nothing does: in dimension 0 the edge {a, b, -1} that joins two components; in dimension
    /// 1 the triangle {a, b, c} whose longest edge (the last in the order of edges) is {a, b}.
    std::array<std::int32_t, 3> killer{-1, -1, -1};

    [[nodiscard]] bool essential() const { return death == std::numeric_limits<double>::infinity(); }
    [[nodiscard]] double length() const { return death - birth; }
};

/// Persistent homology of a Vietoris-Rips filtration with coefficients modulo 2.
struct Barcode {
    int points = 0;
    std::vector<Bar> zero; ///< components, by death, essential bars last
    std::vector<Bar> one;  ///< cycles, by birth; empty if only dimension 0 was asked for
};

struct RipsOptions {
    int dimension = 1; ///< 0: components only; 1: cycles too
    /// Edges longer than this do not exist. Cycles that nothing fills up to here are essential, and so are components
    /// that stay apart.
    double maximum = std::numeric_limits<double>::infinity();
    /// False: bars with birth == death are left out. True: they are kept, so that dimension 0 has one bar per point and
    /// dimension 1 one per edge (up to `maximum`) that joins nothing; the values of the whole multiset do not depend on
    /// how ties are broken.
    bool keepZeroLength = false;
    /// Working memory allowed to dimension 1: 16 bytes per pair of points and what the cycles need, which is little for
    /// attention. The most seen for 512 points are 35 MB: a complete bipartite graph of independent random lengths.
    std::size_t maximumBytes = std::size_t{1} << 30;
};

/// Barcode of the flag complexes of all edges up to a length, for growing length. `distances` is [points, points],
/// symmetric, finite, not negative, with a zero diagonal; the triangle inequality is not needed. Equal distances are
/// ordered by (row, column), so the result is the same on every machine.
///
/// Dimension 0: Prim's minimum spanning tree, O(points^2) time, O(points) memory; of two components that meet, the one
/// with the larger smallest vertex ends. Dimension 1: cohomology in the order of the filtration (de Silva, Morozov,
/// Vejdemo-Johansson 2011, annotations after Dey, Fan, Wang 2014), with the shortcuts of Bauer (2021, arXiv
/// 1908.02518): an edge whose end points already have a common neighbour makes a cycle of length zero at once, and
/// beyond the enclosing radius the complex is a cone.
///
/// Errors: InvalidArgument (size, asymmetric or negative entry, non-zero diagonal, option out of range; the entry is
/// named), NotFinite (the entry is named), MemoryExceeded, Cancelled. Thread: any but gui.
Result<Barcode> ripsBarcode(std::span<const double> distances, int points, const RipsOptions& options,
                            const JobContext& context);
Result<Barcode> ripsBarcode(std::span<const float> distances, int points, const RipsOptions& options,
                            const JobContext& context);

} // namespace sinkscope
