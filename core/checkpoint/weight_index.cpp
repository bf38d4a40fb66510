// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/weight_index.h"

#include "core/base/printable.h"
#include "core/io/json_reader.h"
#include "core/io/mapped_file.h"

#include <algorithm>
#include <simdjson.h>

namespace sinkscope {
namespace {

/// simdjson rather than the JSON of configurations: an index of a mixture of experts has 90 000 entries.
Result<simdjson::dom::object> weightMapOf(std::string_view text, simdjson::dom::parser& parser,
                                          const std::filesystem::path& file) {
    simdjson::dom::object root, map;
    if (text.size() > kMaxJsonBytes)
        return Error{ErrorCode::HeaderInvalid, "an index of " + std::to_string(text.size()) + " bytes is above the cap", file};
    if (parser.parse(simdjson::padded_string(text)).get(root) != simdjson::SUCCESS)
        return Error{ErrorCode::HeaderInvalid, "the index is not a JSON object", file};
    if (root.at_key("weight_map").get(map) != simdjson::SUCCESS)
        return Error{ErrorCode::HeaderInvalid, "the index has no weight_map", file};
    return map;
}

/// Both kinds of separator are refused: the index may have been written for another system.
bool isPlainFileName(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
}

/// Where links of `folder` may lead besides itself; empty if it is not in a Hugging Face cache.
std::filesystem::path blobsOf(const std::filesystem::path& folder) {
    for (auto at = folder; at.has_parent_path() && at != at.parent_path(); at = at.parent_path())
        if (at.parent_path().filename() == "snapshots")
            return at.parent_path().parent_path() / "blobs";
    return {};
}

bool isInside(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto ends = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    return !folder.empty() && ends.first == folder.end() && ends.second != file.end();
}

std::string_view textOf(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

} // namespace

Result<WeightIndex> parseWeightIndex(std::string_view text, const std::filesystem::path& file) {
    simdjson::dom::parser parser;
    SINKSCOPE_TRY(const simdjson::dom::object map, weightMapOf(text, parser, file));
    WeightIndex index;
    for (const auto field : map) {
        std::string_view shard;
        if (field.value.get(shard) != simdjson::SUCCESS)
            return Error{ErrorCode::HeaderInvalid, "weight_map '" + printable(field.key) + "' is not a file name", file};
        if (!isPlainFileName(shard))
            return Error{ErrorCode::PathEscapes,
                         "tensor '" + printable(field.key) + "' is said to be in '" + printable(shard) +
                             "', which is not a plain file name",
                         file};
        if (!index.shardOf.emplace(field.key, shard).second)
            return Error{ErrorCode::HeaderInvalid, "weight_map names '" + printable(field.key) + "' twice", file};
        index.shards.emplace(shard);
    }
    if (index.shards.empty())
        return Error{ErrorCode::HeaderInvalid, "the weight_map is empty", file};
    return index;
}

Result<WeightIndex> readWeightIndex(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    return parseWeightIndex(textOf(*file), path);
}

bool looksLikeWeightIndex(const std::filesystem::path& path) {
    if (path.extension() != ".json")
        return false;
    const auto file = MappedFile::open(path);
    simdjson::dom::parser parser;
    return file && weightMapOf(textOf(**file), parser, path).has_value();
}

Result<void> checkInsideFolder(const std::filesystem::path& file, const std::filesystem::path& folder) {
    std::error_code failure;
    const auto home = std::filesystem::canonical(folder, failure);
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), folder};
    const auto target = std::filesystem::weakly_canonical(file, failure);
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), file};
    if (isInside(target, home) || isInside(target, blobsOf(home)))
        return {};
    return Error{ErrorCode::PathEscapes, "is a link to " + target.string() + ", which is outside the checkpoint's folder", file};
}

} // namespace sinkscope
