// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sinkscope {

/// A model in the local cache of the Hugging Face hub. Nothing is ever fetched.
struct CachedModel {
    std::string id;                   ///< "EleutherAI/pythia-14m"
    std::filesystem::path repository; ///< models--EleutherAI--pythia-14m, as openCheckpoint takes it
    std::string revision;             ///< of the snapshot that opens; empty when none does
    std::string weights;              ///< the file or index that is read; empty when there are no weights that can be read
    std::size_t missing = 0;          ///< how many of its shards are not there
    std::uint64_t bytes = 0;          ///< of those that are
    std::string architecture;         ///< model_type of config.json; empty when there is none

    [[nodiscard]] bool canOpen() const { return !weights.empty() && missing == 0; }
};

/// Where the hub's library keeps its cache: HF_HUB_CACHE, else hub in HF_HOME, else huggingface/hub in XDG_CACHE_HOME or ~/.cache. It
/// need not exist.
std::filesystem::path hubCacheFolder();

/// The repository of a model that is named as on the hub ("owner/name" or "name"), if the cache has it; empty otherwise. Never fails.
std::filesystem::path cachedRepository(const std::filesystem::path& id);

/// What a repository of the cache (models--owner--name) opens: snapshots/<revision>, with the revision that refs/main names, or the only
/// one. Empty for any other folder, and for a snapshot that is a link. Never fails.
std::filesystem::path hubSnapshotOf(const std::filesystem::path& repository);

/// The models in a cache, by name. A folder that does not exist holds none. Errors: FileUnreadable, Cancelled. Thread: any but gui.
Result<std::vector<CachedModel>> listHubCache(const std::filesystem::path& cache, JobContext& context);

} // namespace sinkscope
