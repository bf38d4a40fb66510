// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_set.h"

#include "core/base/fnv1a.h"
#include "core/base/printable.h"

#include <algorithm>
#include <random>
#include <set>

namespace sinkscope {
namespace {

/// Uniform in 0..bound-1. The library's distributions differ between implementations, the generator itself does not.
std::size_t below(std::mt19937_64& generator, std::size_t bound) {
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t value = generator();
    while (value >= limit)
        value = generator();
    return static_cast<std::size_t>(value % bound);
}

/// `count` of the given indices by chance, ascending.
std::vector<std::size_t> drawn(std::vector<std::size_t> indices, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 generator(seed);
    for (std::size_t i = 0; i < count; ++i)
        std::swap(indices[i], indices[i + below(generator, indices.size() - i)]);
    indices.resize(count);
    std::ranges::sort(indices);
    return indices;
}

std::string titleOf(const std::filesystem::path& path) {
    const auto plain = path.has_filename() ? path : path.parent_path();
    return plain.filename().string();
}

} // namespace

std::string SampleSet::fingerprint() const {
    Fnv1a hash;
    for (const Sample& sample : samples) {
        hash.addText(sample.text);
        hash.addText(sample.group);
    }
    return "fnv1a64:" + hash.hex();
}

std::vector<std::string> SampleSet::groups() const {
    std::set<std::string> names;
    for (const Sample& sample : samples)
        names.insert(sample.group);
    return {names.begin(), names.end()};
}

Result<std::shared_ptr<const SampleSet>> openSampleSet(const std::filesystem::path& path) {
    std::error_code failure;
    if (!std::filesystem::exists(path, failure))
        return Error{ErrorCode::FileNotFound, "there is no such file or folder", path};
    const SampleFormat* best = nullptr;
    int bestScore = 0;
    for (const SampleFormat* format : sample_formats())
        if (const int score = format->score(path); score > bestScore) {
            best = format;
            bestScore = score;
        }
    SINKSCOPE_ASSERT(best != nullptr); // a folder or a file
    auto set = std::make_shared<SampleSet>();
    set->title = titleOf(path);
    set->source = path;
    set->format = best->id;
    SINKSCOPE_TRY(set->samples, best->read(path));
    return std::shared_ptr<const SampleSet>(std::move(set));
}

Result<std::shared_ptr<const SampleSet>> selectSamples(const std::shared_ptr<const SampleSet>& set, const SampleSelection& selection) {
    const auto known = set->groups();
    for (const std::string& group : selection.groups)
        if (!std::ranges::binary_search(known, group))
            return Error{ErrorCode::InvalidArgument, "has no group '" + printable(group, 60) + "'", set->source};
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < set->samples.size(); ++i)
        if (selection.groups.empty() || std::ranges::find(selection.groups, set->samples[i].group) != selection.groups.end())
            indices.push_back(i);
    if (selection.limit > 0 && selection.limit < indices.size()) {
        if (selection.seed)
            indices = drawn(std::move(indices), selection.limit, *selection.seed);
        else
            indices.resize(selection.limit);
    }
    if (indices.size() == set->samples.size())
        return set;
    auto chosen = std::make_shared<SampleSet>(SampleSet{set->title, set->source, set->format, {}});
    for (const std::size_t index : indices)
        chosen->samples.push_back(set->samples[index]);
    return std::shared_ptr<const SampleSet>(std::move(chosen));
}

} // namespace sinkscope
