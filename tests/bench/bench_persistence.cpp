// SPDX-License-Identifier: Apache-2.0
// Barcodes of dimension 0 and 1 of every matrix in a file of float64 [heads, points, points]; one line of JSON.
// compare_persistence.py writes the file and runs it in turns with ripser.
//
//     bench_persistence FILE POINTS [--threads N] [--rounds N]
#include "core/jobs/thread_team.h"
#include "core/math/persistence/rips.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

using namespace sinkscope;

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Total lengths and numbers of the finite bars, so that both sides can show that they computed the same.
struct Totals {
    double zero = 0, one = 0;
    std::size_t bars = 0;
};

Totals totalsOf(const std::vector<Barcode>& barcodes) {
    Totals totals;
    for (const Barcode& barcode : barcodes) {
        for (const Bar& bar : barcode.zero)
            totals.zero += bar.essential() ? 0 : bar.length();
        for (const Bar& bar : barcode.one)
            totals.one += bar.length();
        totals.bars += barcode.one.size();
    }
    return totals;
}

std::vector<double> readMatrices(const char* path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::vector<double> values(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)) / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(double)));
    return values;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3)
        return std::fprintf(stderr, "bench_persistence FILE POINTS [--threads N] [--rounds N]\n"), 2;
    const std::vector<double> values = readMatrices(argv[1]);
    const int points = std::atoi(argv[2]);
    int threads = usableProcessors(), rounds = 5;
    for (int at = 3; at + 1 < argc; at += 2)
        (std::strcmp(argv[at], "--threads") == 0 ? threads : rounds) = std::atoi(argv[at + 1]);
    const std::size_t entries = static_cast<std::size_t>(points) * static_cast<std::size_t>(points),
        heads = values.size() / entries;
    std::vector<Barcode> barcodes(heads);
    std::vector<double> seconds;
    ThreadTeam team(threads);
    const JobContext context;
    for (int round = 0; round < rounds; ++round) {
        const double start = now();
        const auto done = team.run(heads, [&](std::size_t head, int) {
            auto barcode = ripsBarcode(std::span(values).subspan(head * entries, entries), points, {}, context);
            if (!barcode)
                std::abort();
            barcodes[head] = std::move(*barcode);
        }, context);
        if (!done)
            return 1;
        seconds.push_back(now() - start);
    }
    std::ranges::sort(seconds);
    const Totals totals = totalsOf(barcodes);
    std::printf("{\"seconds\": %.6f, \"best\": %.6f, \"threads\": %d, \"heads\": %zu, \"sum_h0\": %.9f, \"sum_h1\": %.9f, \"bars_h1\": %zu}\n",
                seconds[seconds.size() / 2], seconds.front(), threads, heads, totals.zero, totals.one, totals.bars);
    return 0;
}
