// SPDX-License-Identifier: Apache-2.0
// Feeds every file of a folder to a fuzz target. A file is named after what must come of it, up to the first '-' or '.':
// "tensor_out_of_file-short.safetensors" must give tensor_out_of_file. Names that begin with "any" only must not crash.
#include "fuzz/fuzz_target.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace fs = std::filesystem;

int main(int argc, char** argv) {
    std::vector<fs::path> files;
    for (int i = 1; i < argc; ++i)
        for (const auto& entry : fs::directory_iterator(argv[i]))
            files.push_back(entry.path());
    std::ranges::sort(files);
    int wrong = 0;
    for (const fs::path& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
        const std::string name = file.filename().string();
        const std::string expected = name.substr(0, name.find_first_of("-."));
        const std::string outcome = sinkscope::test::fuzzOutcome(std::as_bytes(std::span(bytes)));
        if (expected == "any" || outcome == expected)
            continue;
        std::fprintf(stderr, "%s: expected %s, got %s\n", file.c_str(), expected.c_str(), outcome.c_str());
        ++wrong;
    }
    std::printf("%zu files, %d wrong\n", files.size(), wrong);
    return files.empty() || wrong != 0 ? 1 : 0;
}
