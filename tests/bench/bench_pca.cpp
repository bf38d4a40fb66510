// SPDX-License-Identifier: Apache-2.0
// Principal components to 3D of a matrix that compare_pca.py writes: int32 rows, int32 width, then float32 [rows, width]. Prints one line of
// JSON: milliseconds of every run, fit and coordinates together, as PCA(3).fit_transform does, and sums that the script checks.
//
//     bench_pca FILE REPEATS auto|exact|randomized
#include "core/math/pca/principal_components.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

using namespace sinkscope;

int main(int argc, char** argv) {
    if (argc != 4)
        return 2;
    std::ifstream file(argv[1], std::ios::binary);
    std::int32_t rows = 0, width = 0;
    file.read(reinterpret_cast<char*>(&rows), 4);
    file.read(reinterpret_cast<char*>(&width), 4);
    std::vector<float> data(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
    file.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(data.size() * sizeof(float)));
    if (!file)
        return 1;
    const PcaSolver solver = std::strcmp(argv[3], "exact") == 0        ? PcaSolver::Exact
                             : std::strcmp(argv[3], "randomized") == 0 ? PcaSolver::Randomized
                                                                       : PcaSolver::Auto;
    std::printf("{\"ms\": [");
    PrincipalComponents basis;
    double sums[3] = {};
    for (int run = 0; run < std::atoi(argv[2]); ++run) {
        const auto begin = std::chrono::steady_clock::now();
        MemoryMatrix source(data, rows, width);
        basis = *fitPrincipalComponents(source, {.solver = solver}, JobContext());
        const std::vector<float> coordinates = *coordinatesIn(basis, source, JobContext());
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        std::printf("%s%.3f", run == 0 ? "" : ", ", took.count());
        for (double& sum : sums)
            sum = 0;
        for (std::size_t i = 0; i < coordinates.size(); ++i)
            sums[i % 3] += std::abs(static_cast<double>(coordinates[i]));
    }
    std::printf("], \"explained\": [%.9g, %.9g, %.9g], \"sums\": [%.9g, %.9g, %.9g], \"passes\": %d}\n", basis.explained(0), basis.explained(1),
                basis.explained(2), sums[0], sums[1], sums[2], basis.passes);
}
