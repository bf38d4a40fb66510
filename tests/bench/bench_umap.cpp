// SPDX-License-Identifier: Apache-2.0
// bench_umap DATA.f32 POINTS WIDTH OUT.f32 [THREADS [processor]]: projects raw float32 vectors to 3D step by step, prints the seconds of each step as JSON
// and writes the coordinates. compare_umap.py runs it beside umap-learn.
#include "core/math/umap/layout_optimizer.h"
#include "core/math/umap/spectral_layout.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

using namespace sinkscope;

namespace {

/// Seconds of a step: by the wall clock, or of all processors together, which a busy machine changes less.
class Clock {
public:
    explicit Clock(bool processor) : m_processor(processor) {}
    double lap() {
        const double now = read(), seconds = now - m_last;
        m_last = now;
        return seconds;
    }

private:
    [[nodiscard]] double read() const {
        return m_processor ? static_cast<double>(std::clock()) / CLOCKS_PER_SEC
                           : std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    bool m_processor;
    double m_last = read();
};

} // namespace

int main(int count, char** arguments) {
    if (count < 5)
        return 2;
    const int points = std::atoi(arguments[2]), width = std::atoi(arguments[3]);
    std::vector<float> data(static_cast<std::size_t>(points) * static_cast<std::size_t>(width));
    std::ifstream file(arguments[1], std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(data.size() * sizeof(float))))
        return 1;
    ThreadTeam team(count > 5 ? std::atoi(arguments[5]) : usableProcessors());
    JobContext context;
    Clock clock(count > 6 && std::string_view(arguments[6]) == "processor");
    const UmapOptions options;
    const auto neighbours = nearestNeighbours(data, points, width, options.neighbours, options.dissimilarity, false, team, context);
    if (!neighbours)
        return 1;
    const double search = clock.lap();
    const auto scales = smoothDistances(*neighbours, team, context);
    const FuzzyGraph graph = fuzzyUnion(*neighbours, *scales);
    const double fuzzy = clock.lap();
    auto start = *spectralLayout(graph, 3, team, context);
    const bool spectral = start.has_value();
    if (!spectral) {
        start.emplace();
        for (int i = 0; i < points; ++i)
            for (int d = 0; d < 3; ++d)
                start->push_back(data[static_cast<std::size_t>(i) * static_cast<std::size_t>(width) + static_cast<std::size_t>(d)]);
    }
    const double spectrum = clock.lap();
    LayoutOptimizer optimizer(graph, options, points <= 10'000 ? 500 : 200, scaledLayout(std::move(*start), points, 3, 42));
    if (!optimizer.run(optimizer.epochs(), team, context))
        return 1;
    const double layout = clock.lap();
    std::printf("{\"neighbours\": %.3f, \"graph\": %.3f, \"start\": %.3f, \"layout\": %.3f, \"total\": %.3f, \"spectral\": %s, \"edges\": %zu}\n", search,
                fuzzy, spectrum, layout, search + fuzzy + spectrum + layout, spectral ? "true" : "false", graph.column.size());
    const std::vector<float> coordinates = optimizer.coordinates();
    std::ofstream(arguments[4], std::ios::binary).write(reinterpret_cast<const char*>(coordinates.data()),
                                                       static_cast<std::streamsize>(coordinates.size() * sizeof(float)));
    return 0;
}
