// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"

#include "core/base/checked_math.h"
#include "core/base/printable.h"
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/hub_cache.h"
#include "core/tokenizer/open_tokenizer.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace sinkscope {
namespace {

/// Parsed JSON takes many times the space of its text, and no published configuration reaches a hundredth of this.
constexpr std::uint64_t kMaxConfigBytes = 16ULL << 20U;

std::shared_ptr<const Json> readObject(const std::filesystem::path& path, ErrorCode invalid, std::vector<Error>& problems) {
    std::error_code failure;
    if (!std::filesystem::exists(path, failure) && !failure)
        return nullptr;
    auto json = readJson(path, invalid, kMaxConfigBytes);
    if (!json) {
        problems.push_back(json.error());
        return nullptr;
    }
    if (!json->is_object()) {
        problems.push_back(Error{invalid, "is not a JSON object", path});
        return nullptr;
    }
    return std::make_shared<const Json>(*std::move(json));
}

/// Formats that people will try, by how their files begin.
std::string_view foreignFormatOf(const std::filesystem::path& path) {
    std::array<char, 24> start{};
    std::ifstream stream(path, std::ios::binary);
    stream.read(start.data(), start.size());
    const std::string_view magic(start.data(), static_cast<std::size_t>(stream.gcount()));
    if (magic.starts_with("\x89HDF\r\n"))
        return "HDF5, as captures are ('analyze' reads those)";
    if (magic.starts_with("version https://git-lfs"))
        return "a Git LFS pointer, not the file that it stands for";
    return {};
}

Error unknownFormat(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::is_directory(path, failure))
        return Error{ErrorCode::UnknownFormat, "the folder holds neither config.json nor safetensors", path};
    if (!std::filesystem::is_regular_file(path, failure))
        return Error{ErrorCode::UnknownFormat, "neither a file nor a folder", path};
    const std::string_view foreign = foreignFormatOf(path);
    if (!foreign.empty())
        return Error{ErrorCode::UnknownFormat, "is " + std::string(foreign) + ", and not one of the formats that weights are read from", path};
    return Error{ErrorCode::UnknownFormat, "is not a checkpoint that can be read", path};
}

/// Tensors that are the very same bytes are one: tied weights under two names.
template <typename Visit> void forEachOnce(const std::vector<TensorInfo>& tensors, Visit visit) {
    std::set<std::pair<const std::byte*, std::size_t>> seen;
    for (const TensorInfo& tensor : tensors)
        if (seen.emplace(tensor.bytes.data(), tensor.bytes.size()).second)
            visit(tensor);
}

} // namespace

const TensorInfo* Checkpoint::find(std::string_view name) const {
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &tensors[found->second];
}

std::uint64_t Checkpoint::parameters() const {
    std::uint64_t sum = 0;
    forEachOnce(tensors, [&](const TensorInfo& tensor) { sum += tensor.isScale ? 0 : tensor.elements(); });
    return sum;
}

std::uint64_t Checkpoint::bytes() const {
    std::uint64_t sum = 0;
    forEachOnce(tensors, [&](const TensorInfo& tensor) { sum += tensor.bytes.size(); });
    return sum;
}

std::filesystem::path folderOf(const std::filesystem::path& file) {
    const auto parent = file.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

void readSideFiles(Checkpoint& checkpoint) {
    checkpoint.config = readObject(checkpoint.folder / "config.json", ErrorCode::ConfigInvalid, checkpoint.problems);
    checkpoint.tokenizerConfig =
        readObject(checkpoint.folder / "tokenizer_config.json", ErrorCode::TokenizerInvalid, checkpoint.problems);
    checkpoint.tokenizerFile = tokenizerFileOf(checkpoint.folder);
    attachScales(checkpoint);
}

std::shared_ptr<const Checkpoint> assembleLoneFile(const std::filesystem::path& file, std::string_view format, std::vector<TensorInfo> tensors,
                                                   std::vector<std::string> notes) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->opened = file;
    checkpoint->folder = folderOf(file);
    checkpoint->format = format;
    checkpoint->notes = std::move(notes);
    addTensors(*checkpoint, std::move(tensors));
    readSideFiles(*checkpoint);
    if (checkpoint->config)
        checkpoint->notes.emplace_back("config.json of the same folder is used");
    else if (checkpoint->problems.empty())
        checkpoint->notes.emplace_back("there is no config.json beside this file: its tensors can be inspected, not run");
    return checkpoint;
}

std::size_t addTensors(Checkpoint& checkpoint, std::vector<TensorInfo> tensors) {
    std::size_t repeated = 0;
    checkpoint.tensors.reserve(checkpoint.tensors.size() + tensors.size());
    for (TensorInfo& tensor : tensors) {
        if (checkpoint.byName.emplace(tensor.name, checkpoint.tensors.size()).second)
            checkpoint.tensors.push_back(std::move(tensor));
        else
            ++repeated;
    }
    return repeated;
}

namespace {

const CheckpointFormat* surestOf(const std::filesystem::path& path, bool parts) {
    const CheckpointFormat* best = nullptr;
    int bestScore = 0;
    for (const CheckpointFormat* format : checkpoint_formats()) {
        if (parts && !format->readPart)
            continue;
        const int score = format->score(path);
        if (score > bestScore) {
            best = format;
            bestScore = score;
        }
    }
    return best;
}

} // namespace

const CheckpointFormat* formatOf(const std::filesystem::path& path) { return surestOf(path, false); }

const CheckpointFormat* partFormatOf(const std::filesystem::path& file) { return surestOf(file, true); }

Result<std::vector<TensorInfo>> readPart(const std::filesystem::path& file, std::vector<std::string>& notes) {
    if (const CheckpointFormat* format = partFormatOf(file))
        return format->readPart(file, notes);
    SINKSCOPE_TRY(const auto mapped, MappedFile::open(file)); // says why it cannot be read, if it cannot
    return unknownFormat(file);
}

Result<std::shared_ptr<const Checkpoint>> openCheckpoint(const std::filesystem::path& path) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found) {
        if (const auto repository = cachedRepository(path); !repository.empty())
            return openCheckpoint(repository); // named as on the hub
        return Error{ErrorCode::FileNotFound, "no such file or folder", path};
    }
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), path};
    const CheckpointFormat* format = formatOf(path);
    return format ? format->open(path) : unknownFormat(path);
}

} // namespace sinkscope
