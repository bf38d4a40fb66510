// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/hub_cache.h"

#include "core/checkpoint/weight_index.h"
#include "core/checkpoint/weight_sets.h"
#include "core/io/json_reader.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kModel = "models--";
constexpr std::uint64_t kMaxConfigBytes = 16ULL << 20U;

/// The value of an environment variable as a path, "~" understood; empty when it is not set.
fs::path pathOf(const char* variable) {
    const char* value = std::getenv(variable);
    if (!value || !*value)
        return {};
    const std::string_view text(value);
    const char* home = std::getenv("HOME");
    if (home && (text == "~" || text.starts_with("~/")))
        return fs::path(home) / text.substr(std::min<std::size_t>(2, text.size()));
    return text;
}

/// "models--owner--name" is owner/name; a name may hold "--" itself, an owner may not.
std::string idOf(const std::string& folder) {
    std::string id = folder.substr(kModel.size());
    if (const auto separator = id.find("--"); separator != std::string::npos)
        id.replace(separator, 2, "/");
    return id;
}

std::string architectureOf(const fs::path& snapshot) {
    const fs::path file = snapshot / "config.json";
    if (!checkInsideFolder(file, snapshot))
        return {};
    const auto config = readJson(file, ErrorCode::ConfigInvalid, kMaxConfigBytes);
    if (!config || !config->is_object())
        return {};
    return stringAt(*config, "model_type").value_or("");
}

std::uint64_t sizeOfFiles(const std::vector<fs::path>& files) {
    std::uint64_t bytes = 0;
    for (const fs::path& file : files) {
        std::error_code failure;
        const auto size = fs::file_size(file, failure);
        bytes += failure ? 0 : size;
    }
    return bytes;
}

CachedModel describeModel(const fs::path& repository) {
    CachedModel model;
    model.id = idOf(repository.filename().string());
    model.repository = repository;
    const fs::path snapshot = hubSnapshotOf(repository);
    if (snapshot.empty())
        return model;
    model.revision = snapshot.filename().string();
    model.architecture = architectureOf(snapshot);
    const auto listing = listWeightFolder(snapshot);
    if (!listing || listing->sets.empty())
        return model;
    const WeightSet& best = listing->sets[bestSet(listing->sets)];
    model.weights = best.leader().filename().string();
    model.missing = best.missing;
    model.bytes = sizeOfFiles(best.files);
    return model;
}

} // namespace

fs::path hubCacheFolder() {
    for (const char* variable : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
        if (const fs::path path = pathOf(variable); !path.empty())
            return path;
    if (const fs::path home = pathOf("HF_HOME"); !home.empty())
        return home / "hub";
    if (const fs::path cache = pathOf("XDG_CACHE_HOME"); !cache.empty())
        return cache / "huggingface" / "hub";
    return pathOf("HOME") / ".cache" / "huggingface" / "hub";
}

fs::path cachedRepository(const fs::path& id) {
    std::string folder(kModel);
    std::size_t parts = 0;
    for (const fs::path& part : id) {
        const std::string name = part.string();
        if (++parts > 2 || name.empty() || name.starts_with('.') || name.find_first_of("/\\") != name.npos)
            return {};
        folder += (parts > 1 ? "--" : "") + name;
    }
    std::error_code failure;
    const fs::path repository = hubCacheFolder() / folder;
    return parts > 0 && fs::is_directory(repository, failure) ? repository : fs::path();
}

fs::path hubSnapshotOf(const fs::path& repository) {
    std::error_code failure;
    std::string revision;
    std::getline(std::ifstream(repository / "refs" / "main"), revision);
    const bool plain = !revision.empty() && revision.size() <= 64 &&
                       std::ranges::all_of(revision, [](unsigned char c) { return std::isxdigit(c) != 0; });
    const auto isRevision = [&](const fs::path& path) { return fs::is_directory(fs::symlink_status(path, failure)); };
    if (plain && isRevision(repository / "snapshots" / revision))
        return repository / "snapshots" / revision;
    std::vector<fs::path> revisions;
    for (fs::directory_iterator at(repository / "snapshots", failure), end; !failure && at != end; at.increment(failure))
        revisions.push_back(at->path());
    return revisions.size() == 1 && isRevision(revisions.front()) ? revisions.front() : fs::path();
}

Result<std::vector<CachedModel>> listHubCache(const fs::path& cache, JobContext& context) {
    std::vector<CachedModel> models;
    std::vector<fs::path> repositories;
    std::error_code failure;
    if (!fs::exists(cache, failure))
        return models;
    for (fs::directory_iterator at(cache, failure), end; !failure && at != end; at.increment(failure))
        if (at->path().filename().string().starts_with(kModel))
            repositories.push_back(at->path());
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), cache};
    std::ranges::sort(repositories);
    for (std::size_t i = 0; i < repositories.size(); ++i) {
        SINKSCOPE_CHECK(context.checkpoint());
        models.push_back(describeModel(repositories[i]));
        context.progress(static_cast<double>(i + 1) / static_cast<double>(repositories.size()), models.back().id);
    }
    return models;
}

} // namespace sinkscope
