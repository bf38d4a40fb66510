// SPDX-License-Identifier: Apache-2.0
// Loading a byte-level BPE tokenizer of 128,000 pieces, and encoding English-like text with it. The tokenizer and the text are made
// here: words of random syllables whose frequency falls off as in a language (Zipf), every piece reachable by merges from the left.
//     build/dev/tests/bench_tokenizer
// Both stay in the temporary folder, for tests/bench/compare_tokenizers.py.
#include "core/tokenizer/tokenizer.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

using namespace sinkscope;

namespace {

constexpr std::size_t kVocabulary = 128'000;
constexpr std::size_t kTextBytes = 4U << 20;

std::vector<std::string> makeWords(std::size_t count) {
    std::mt19937 random(1);
    const std::string consonants = "bcdfghklmnprstvwz", vowels = "aeiou";
    std::vector<std::string> words;
    for (std::size_t i = 0; i < count; ++i) {
        std::string word;
        for (std::size_t syllables = 1 + random() % 4; syllables > 0; --syllables) {
            word += consonants[random() % consonants.size()];
            word += vowels[random() % vowels.size()];
            if (random() % 3 == 0)
                word += consonants[random() % consonants.size()];
        }
        words.push_back(word);
    }
    return words;
}

/// The spelling of GPT-2's alphabet for ASCII: a space is "Ġ"; control characters are not used here.
std::string spelled(std::string_view piece) {
    std::string out;
    for (const char c : piece)
        out += c == ' ' ? std::string("\u0120") : std::string(1, c);
    return out;
}

std::filesystem::path writeTokenizer(const std::vector<std::string>& words) {
    std::map<std::string, std::size_t> ids;
    std::string vocabulary, merges;
    const auto add = [&](const std::string& piece) {
        if (!ids.emplace(piece, ids.size()).second)
            return false;
        vocabulary += (vocabulary.empty() ? "\"" : ",\"") + spelled(piece) + "\":" + std::to_string(ids.size() - 1);
        return true;
    };
    for (char c = ' '; c <= 'z'; ++c)
        if (c != '"' && c != '\\')
            add(std::string(1, c));
    for (const std::string& plain : words) {
        const std::string word = ' ' + plain;
        for (std::size_t length = 2; length <= word.size() && ids.size() < kVocabulary; ++length)
            if (add(word.substr(0, length)))
                merges += (merges.empty() ? "[\"" : ",[\"") + spelled(word.substr(0, length - 1)) + "\",\"" + word[length - 1] + "\"]";
    }
    const auto path = std::filesystem::temp_directory_path() / "sinkscope_bench_tokenizer.json";
    std::ofstream(path) << R"({"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,)"
                        << R"("trim_offsets":true,"use_regex":true},"post_processor":null,"model":{"type":"BPE","vocab":{)" << vocabulary
                        << R"(},"merges":[)" << merges << "]}}";
    return path;
}

std::string makeText(const std::vector<std::string>& words) {
    std::mt19937 random(2);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::string text;
    while (text.size() < kTextBytes) {
        const double rank = std::pow(static_cast<double>(words.size()), uniform(random)) - 1; // density 1/rank
        text += words[static_cast<std::size_t>(rank)];
        text += random() % 12 == 0 ? ". " : random() % 10 == 0 ? ", " : " ";
    }
    std::ofstream(std::filesystem::temp_directory_path() / "sinkscope_bench_text.txt") << text;
    return text;
}

struct Fixture {
    std::vector<std::string> words = makeWords(60'000);
    std::filesystem::path file = writeTokenizer(words);
    std::string text = makeText(words);
    std::shared_ptr<const Tokenizer> tokenizer = load();

    [[nodiscard]] std::shared_ptr<const Tokenizer> load() const {
        auto result = Tokenizer::load(file, {});
        if (!result) {
            std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
            std::exit(1);
        }
        return *std::move(result);
    }
};

const Fixture& fixture() {
    static const Fixture instance;
    return instance;
}

void loads(benchmark::State& state) {
    const Fixture& made = fixture();
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(made.load());
    state.counters["pieces"] = static_cast<double>(made.tokenizer->vocabularySize());
}
BENCHMARK(loads)->Unit(benchmark::kMillisecond);

void encodes(benchmark::State& state) {
    const Fixture& made = fixture();
    const std::string_view text = std::string_view(made.text).substr(0, static_cast<std::size_t>(state.range(0)));
    std::size_t tokens = 0;
    for ([[maybe_unused]] auto _ : state) {
        const auto encoding = made.tokenizer->encode(text);
        tokens += encoding->ids.size();
    }
    state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(encodes)->Arg(200)->Arg(10'000)->Arg(kTextBytes)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
