// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/math/persistence/rips.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace sinkscope::test {

/// Birth and death of bars, sorted.
using Intervals = std::vector<std::pair<double, double>>;

inline Intervals intervalsOf(const std::vector<Bar>& bars) {
    Intervals intervals;
    for (const Bar& bar : bars)
        intervals.emplace_back(bar.birth, bar.death);
    std::ranges::sort(intervals);
    return intervals;
}

/// Barcode by the definition: every simplex up to dimension 2 is a column of one boundary matrix modulo 2, reduced from the left
/// (Edelsbrunner, Letscher, Zomorodian 2002). Bars of length zero are kept. For a handful of points.
struct NaivePersistence {
    struct Simplex {
        double value = 0;
        std::vector<int> vertices;
    };
    Intervals zero, one;

    NaivePersistence(const std::vector<double>& distances, int points, double maximum) {
        const std::vector<Simplex> simplices = filtration(distances, points, maximum);
        std::vector<std::set<std::size_t>> columns;
        std::vector<bool> paired(simplices.size(), false);
        std::vector<std::ptrdiff_t> columnWithLow(simplices.size(), -1);
        for (std::size_t j = 0; j < simplices.size(); ++j) {
            columns.push_back(boundary(simplices, j));
            while (!columns[j].empty() && columnWithLow[*columns[j].rbegin()] >= 0)
                for (const std::size_t row : columns[static_cast<std::size_t>(columnWithLow[*columns[j].rbegin()])])
                    if (!columns[j].erase(row))
                        columns[j].insert(row);
            if (columns[j].empty())
                continue;
            const std::size_t low = *columns[j].rbegin();
            columnWithLow[low] = static_cast<std::ptrdiff_t>(j);
            paired[low] = paired[j] = true;
            (simplices[low].vertices.size() == 1 ? zero : one).emplace_back(simplices[low].value, simplices[j].value);
        }
        for (std::size_t j = 0; j < simplices.size(); ++j)
            if (!paired[j] && simplices[j].vertices.size() < 3)
                (simplices[j].vertices.size() == 1 ? zero : one)
                    .emplace_back(simplices[j].value, std::numeric_limits<double>::infinity());
        std::ranges::sort(zero);
        std::ranges::sort(one);
    }

private:
    static std::vector<Simplex> filtration(const std::vector<double>& distances, int points, double maximum) {
        const auto d = [&](int i, int j) { return distances[static_cast<std::size_t>(i * points + j)]; };
        std::vector<Simplex> simplices;
        for (int i = 0; i < points; ++i) {
            simplices.push_back({0, {i}});
            for (int j = i + 1; j < points; ++j) {
                simplices.push_back({d(i, j), {i, j}});
                for (int k = j + 1; k < points; ++k)
                    simplices.push_back({std::max({d(i, j), d(i, k), d(j, k)}), {i, j, k}});
            }
        }
        std::erase_if(simplices, [&](const Simplex& simplex) { return simplex.value > maximum; });
        std::ranges::sort(simplices, [](const Simplex& a, const Simplex& b) {
            const auto key = [](const Simplex& s) { return std::make_tuple(s.value, s.vertices.size(), s.vertices); };
            return key(a) < key(b);
        });
        return simplices;
    }

    static std::set<std::size_t> boundary(const std::vector<Simplex>& simplices, std::size_t j) {
        std::set<std::size_t> faces;
        if (simplices[j].vertices.size() == 1)
            return faces;
        for (std::size_t left = 0; left < simplices[j].vertices.size(); ++left) {
            std::vector<int> face = simplices[j].vertices;
            face.erase(face.begin() + static_cast<std::ptrdiff_t>(left));
            for (std::size_t i = 0; i < j; ++i)
                if (simplices[i].vertices == face)
                    faces.insert(i);
        }
        return faces;
    }
};

} // namespace sinkscope::test
