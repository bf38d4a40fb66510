// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/weight_sets.h"

#include "core/checkpoint/assemble.h"
#include "core/checkpoint/weight_index.h"

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<fs::path>;

constexpr std::array<std::string_view, 4> kTorchEndings{".bin", ".pt", ".pth", ".ckpt"};
constexpr std::array<std::string_view, 4> kForeignEndings{".h5", ".msgpack", ".onnx", ".ot"};
/// What training leaves beside the weights.
constexpr std::array<std::string_view, 6> kTrainingFiles{"training_args", "optimizer", "scheduler", "rng_state", "scaler", "random_states"};

/// The files of a folder by kind, each sorted.
struct Kinds {
    Files safetensors, torch, gguf, indices;
};

bool endsWithAny(std::string_view name, std::span<const std::string_view> endings) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

bool isTraining(std::string_view name) {
    return std::ranges::any_of(kTrainingFiles, [&](std::string_view start) { return name.starts_with(start); });
}

/// The set of an index, with its shards counted. An index that cannot be read is whole here: opening it says what is wrong.
WeightSet shardedSet(const fs::path& index) {
    WeightSet set{index, {}};
    set.named = true;
    if (const auto read = readWeightIndex(index))
        for (const std::string& shard : read->shards) {
            std::error_code failure;
            set.files.push_back(index.parent_path() / shard);
            set.missing += fs::exists(set.files.back(), failure) ? 0 : 1;
        }
    return set;
}

bool contains(const Files& files, const fs::path& file) { return std::ranges::find(files, file) != files.end(); }

/// The named file, the named index, any other index, else `rest` of the files.
void addSets(std::vector<WeightSet>& sets, const Files& files, const Files& indices, const fs::path& single, std::string_view ending, bool together) {
    const fs::path index = single.parent_path() / (single.filename().string() + ".index.json");
    Files others;
    std::ranges::copy_if(indices, std::back_inserter(others),
                         [&](const fs::path& path) { return path != index && path.filename().string().ends_with(ending); });
    const std::size_t first = sets.size();
    if (contains(files, single))
        sets.push_back({{}, {single}, 0, true});
    if (contains(indices, index))
        sets.push_back(shardedSet(index));
    if (others.size() == 1)
        sets.push_back(shardedSet(others.front()));
    const std::span<const WeightSet> known = std::span(sets).subspan(first);
    Files rest;
    std::ranges::copy_if(files, std::back_inserter(rest), [&](const fs::path& path) {
        return std::ranges::none_of(known, [&](const WeightSet& set) { return contains(set.files, path); });
    });
    if (together && !rest.empty() && !contains(files, single))
        sets.push_back({{}, rest});
    else
        for (const fs::path& file : rest)
            sets.push_back({{}, {file}});
}

/// Whether a file that is named like weights holds some, by its content.
bool holdsTensors(const fs::path& path) {
    const CheckpointFormat* format = partFormatOf(path);
    return format && format->score(path) >= 30;
}

std::uintmax_t sizeOfFile(const fs::path& path) {
    std::error_code failure;
    const auto size = fs::file_size(path, failure);
    return failure ? 0 : size;
}

void sortInto(const fs::path& path, Kinds& kinds, WeightFolder& listing) {
    const std::string name = path.filename().string();
    listing.config = listing.config || name == "config.json";
    if (isIndexName(path))
        kinds.indices.push_back(path);
    else if (name.ends_with(".safetensors"))
        kinds.safetensors.push_back(path);
    else if (name.ends_with(".gguf"))
        kinds.gguf.push_back(path);
    else if (endsWithAny(name, kTorchEndings) && !isTraining(name) && (name.starts_with("pytorch_model") || holdsTensors(path)))
        kinds.torch.push_back(path);
    else if (endsWithAny(name, kForeignEndings))
        listing.foreign.push_back(name);
}

} // namespace

bool isIndexName(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.ends_with(".safetensors.index.json") || name.ends_with(".bin.index.json");
}

fs::path indexOfShard(const fs::path& path) {
    std::error_code failure;
    if ((path.extension() != ".safetensors" && path.extension() != ".bin") || !fs::is_regular_file(path, failure))
        return {};
    Files indices;
    for (fs::directory_iterator at(folderOf(path), failure), end; !failure && at != end; at.increment(failure))
        if (isIndexName(at->path()))
            indices.push_back(at->path());
    std::ranges::sort(indices);
    for (const fs::path& candidate : indices)
        if (const auto index = readWeightIndex(candidate); index && index->shards.contains(path.filename().string()))
            return candidate;
    return {};
}

Result<WeightFolder> listWeightFolder(const fs::path& folder) {
    WeightFolder listing;
    Kinds kinds;
    std::error_code failure;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
        sortInto(at->path(), kinds, listing);
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), folder};
    for (Files* files : {&kinds.safetensors, &kinds.torch, &kinds.indices})
        std::ranges::sort(*files);
    std::ranges::sort(kinds.gguf, [](const fs::path& a, const fs::path& b) { return std::pair(sizeOfFile(b), a) < std::pair(sizeOfFile(a), b); });
    std::ranges::sort(listing.foreign);
    addSets(listing.sets, kinds.safetensors, kinds.indices, folder / "model.safetensors", ".safetensors.index.json", true);
    addSets(listing.sets, kinds.torch, kinds.indices, folder / "pytorch_model.bin", ".bin.index.json", false);
    for (const fs::path& file : kinds.gguf) { // the least quantized first: the largest
        const CheckpointFormat* format = formatOf(file);
        if (format)
            listing.sets.push_back({{}, {file}, 0, true, true});
        else
            listing.foreign.push_back(file.filename().string());
    }
    return listing;
}

std::size_t bestSet(const std::vector<WeightSet>& sets) {
    const auto whole = std::ranges::find_if(sets, [](const WeightSet& set) { return set.named && set.missing == 0; });
    return whole == sets.end() ? 0 : static_cast<std::size_t>(whole - sets.begin());
}

} // namespace sinkscope
