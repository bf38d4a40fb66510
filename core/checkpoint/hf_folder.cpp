// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/safetensors_reader.h"
#include "core/checkpoint/weight_index.h"

#include <algorithm>
#include <cctype>
#include <fstream>

namespace sinkscope::registry_checkpoint_formats {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kIndexEnding = ".safetensors.index.json";

bool isFile(const fs::path& path) {
    std::error_code failure;
    return fs::is_regular_file(path, failure);
}

bool isIndexName(const fs::path& path) { return path.filename().string().ends_with(kIndexEnding); }

/// What a folder holds that matters here, names sorted.
struct Listing {
    std::vector<fs::path> weights, indices;
    std::vector<std::string> foreign; ///< weights in formats that are not read
    bool config = false;
};

Result<Listing> listFolder(const fs::path& folder) {
    Listing listing;
    std::error_code failure;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        const fs::path& path = at->path();
        const auto extension = path.extension();
        listing.config = listing.config || path.filename() == "config.json";
        if (extension == ".safetensors")
            listing.weights.push_back(path);
        else if (isIndexName(path))
            listing.indices.push_back(path);
        else if (extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".gguf" ||
                 extension == ".h5" || extension == ".msgpack" || extension == ".ckpt" || extension == ".onnx")
            listing.foreign.push_back(path.filename().string());
    }
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), folder};
    std::sort(listing.weights.begin(), listing.weights.end());
    std::sort(listing.indices.begin(), listing.indices.end());
    std::sort(listing.foreign.begin(), listing.foreign.end());
    return listing;
}

/// The index that a weight file belongs to; empty if there is none.
fs::path indexOfShard(const fs::path& path) {
    if (path.extension() != ".safetensors" || !isFile(path))
        return {};
    const auto listing = listFolder(folderOf(path));
    if (!listing)
        return {};
    for (const fs::path& candidate : listing->indices) {
        const auto index = readWeightIndex(candidate);
        if (index && index->shards.contains(path.filename().string()))
            return candidate;
    }
    return {};
}

/// A repository of the Hugging Face cache (models--owner--name) keeps its files under snapshots/<revision>: the revision that
/// refs/main names, or the only one. Empty for any other folder.
fs::path snapshotOf(const fs::path& folder) {
    std::error_code failure;
    std::string revision;
    std::getline(std::ifstream(folder / "refs" / "main"), revision);
    const bool plain = !revision.empty() && revision.size() <= 64 &&
                       std::ranges::all_of(revision, [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (plain && fs::is_directory(folder / "snapshots" / revision, failure))
        return folder / "snapshots" / revision;
    std::vector<fs::path> revisions;
    for (fs::directory_iterator at(folder / "snapshots", failure), end; !failure && at != end; at.increment(failure))
        revisions.push_back(at->path());
    return revisions.size() == 1 && fs::is_directory(revisions.front(), failure) ? revisions.front() : fs::path();
}

int scoreFolder(const fs::path& path) {
    std::error_code failure;
    if (fs::is_directory(path, failure)) {
        if (!snapshotOf(path).empty())
            return 90;
        const auto listing = listFolder(path);
        if (!listing)
            return 10; // opening it says why
        return listing->config || !listing->weights.empty() || !listing->indices.empty() ? 90 : 0;
    }
    if (!isFile(path))
        return 0;
    if (looksLikeWeightIndex(path) || !indexOfShard(path).empty())
        return 90;
    if (isIndexName(path))
        return 60; // damaged: opening it says so
    return path.filename() == "config.json" ? 50 : 0;
}

Result<void> checkShardsPresent(const WeightIndex& index, const fs::path& folder) {
    std::vector<std::string> missing;
    for (const std::string& shard : index.shards) {
        SINKSCOPE_CHECK(checkInsideFolder(folder / shard, folder));
        std::error_code failure;
        if (!fs::exists(folder / shard, failure))
            missing.push_back(shard);
    }
    if (missing.empty())
        return {};
    std::string detail = std::to_string(missing.size()) + " of " + std::to_string(index.shards.size()) +
                         (missing.size() == 1 ? " shards is missing: " : " shards are missing, first ") + printable(missing.front());
    return Error{ErrorCode::ShardMissing, std::move(detail), folder / missing.front()};
}

/// Every tensor that the index promises must be in the shard that it names.
Result<void> checkPromises(const WeightIndex& index, const Checkpoint& checkpoint, const fs::path& indexFile) {
    std::size_t lacking = 0;
    std::string example;
    for (const auto& [tensor, shard] : index.shardOf) {
        const TensorInfo* found = checkpoint.find(tensor);
        if (found && found->file->path().filename() == shard)
            continue;
        if (lacking++ == 0)
            example = "'" + printable(tensor) + "' is not in " + printable(shard);
    }
    if (lacking == 0)
        return {};
    return Error{ErrorCode::TensorMissing,
                 example + (lacking == 1 ? "" : ", nor are " + std::to_string(lacking - 1) + " more tensors where the index says"),
                 indexFile};
}

Result<void> readShards(Checkpoint& checkpoint, const fs::path& indexFile) {
    SINKSCOPE_TRY(const WeightIndex index, readWeightIndex(indexFile));
    SINKSCOPE_CHECK(checkShardsPresent(index, checkpoint.folder));
    std::size_t unlisted = 0;
    for (const std::string& shard : index.shards) {
        SINKSCOPE_TRY(auto tensors, readSafetensors(checkpoint.folder / shard));
        // A tensor may be in two shards; the index decides which one counts.
        unlisted += std::erase_if(tensors, [&](const TensorInfo& tensor) {
            const auto listed = index.shardOf.find(tensor.name);
            return listed != index.shardOf.end() && listed->second != shard;
        });
        unlisted += static_cast<std::size_t>(std::count_if(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
            return !index.shardOf.contains(tensor.name);
        }));
        unlisted += addTensors(checkpoint, std::move(tensors));
    }
    if (unlisted > 0)
        checkpoint.notes.push_back(std::to_string(unlisted) + " tensors in the shards are not listed by " +
                                   indexFile.filename().string());
    return checkPromises(index, checkpoint, indexFile);
}

Error noWeights(const Listing& listing, const fs::path& folder) {
    std::string detail = "no weights here that can be read; they are read from model.safetensors, from "
                         "model.safetensors.index.json with its shards, or from any other *.safetensors";
    if (!listing.foreign.empty())
        detail += "; found only " + printable(listing.foreign.front()) +
                  (listing.foreign.size() > 1 ? " and " + std::to_string(listing.foreign.size() - 1) + " more" : "");
    return Error{ErrorCode::UnknownFormat, std::move(detail), folder};
}

Result<void> readWeightFiles(Checkpoint& checkpoint, const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
        SINKSCOPE_CHECK(checkInsideFolder(file, checkpoint.folder));
        SINKSCOPE_TRY(auto tensors, readSafetensors(file));
        const std::size_t repeated = addTensors(checkpoint, std::move(tensors));
        if (repeated > 0)
            checkpoint.notes.push_back(printable(file.filename().string()) + " repeats " + std::to_string(repeated) +
                                       " tensors of the files before it; they are left out");
    }
    return {};
}

/// Reads the weights that the transformers library would choose: the single file, else the index, else whatever there is.
Result<void> readWeights(Checkpoint& checkpoint, const fs::path& indexFile) {
    if (!indexFile.empty())
        return readShards(checkpoint, indexFile);
    SINKSCOPE_TRY(const Listing listing, listFolder(checkpoint.folder));
    const fs::path single = checkpoint.folder / "model.safetensors", index = checkpoint.folder / "model.safetensors.index.json";
    if (std::ranges::find(listing.weights, single) != listing.weights.end())
        return readWeightFiles(checkpoint, {single});
    if (std::ranges::find(listing.indices, index) != listing.indices.end())
        return readShards(checkpoint, index);
    if (listing.indices.size() == 1)
        return readShards(checkpoint, listing.indices.front());
    if (listing.weights.empty())
        return noWeights(listing, checkpoint.folder);
    return readWeightFiles(checkpoint, listing.weights);
}

Result<std::shared_ptr<const Checkpoint>> openFolder(const fs::path& path) {
    std::error_code failure;
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->opened = path;
    checkpoint->format = "hf_folder";
    fs::path index;
    if (fs::is_directory(path, failure)) {
        const fs::path snapshot = snapshotOf(path);
        checkpoint->folder = snapshot.empty() ? path : snapshot;
        if (!snapshot.empty())
            checkpoint->notes.push_back("revision " + printable(snapshot.filename().string()) + " is opened");
    } else {
        checkpoint->folder = folderOf(path);
        index = isIndexName(path) || looksLikeWeightIndex(path) ? path : indexOfShard(path);
        if (path.extension() == ".safetensors")
            checkpoint->notes.push_back("all shards of " + index.filename().string() + " are opened");
    }
    SINKSCOPE_CHECK(readWeights(*checkpoint, index));
    readSideFiles(*checkpoint);
    if (!checkpoint->config && checkpoint->problems.empty())
        checkpoint->notes.emplace_back("there is no config.json in this folder: its tensors can be inspected, not run");
    return std::shared_ptr<const Checkpoint>(std::move(checkpoint));
}

} // namespace

extern const CheckpointFormat hf_folder;
const CheckpointFormat hf_folder{"hf_folder", "Hugging Face folder", "*.safetensors.index.json", scoreFolder, openFolder};

} // namespace sinkscope::registry_checkpoint_formats
