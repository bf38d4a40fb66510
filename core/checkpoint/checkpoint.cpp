// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"

#include "core/base/checked_math.h"
#include "core/checkpoint/assemble.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

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
    std::array<char, 8> start{};
    std::ifstream stream(path, std::ios::binary);
    stream.read(start.data(), start.size());
    const std::string_view magic(start.data(), static_cast<std::size_t>(stream.gcount()));
    if (magic.starts_with("GGUF"))
        return "GGUF";
    if (magic.starts_with("PK\x03\x04"))
        return "a zip archive, as PyTorch's .pt and .bin are";
    if (magic.starts_with("\x80\x02"))
        return "a Python pickle";
    if (magic.starts_with("\x89HDF\r\n"))
        return "HDF5";
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
        return Error{ErrorCode::UnknownFormat, "is " + std::string(foreign) + "; weights are read from safetensors only", path};
    return Error{ErrorCode::UnknownFormat, "is not a checkpoint that can be read", path};
}

} // namespace

const TensorInfo* Checkpoint::find(std::string_view name) const {
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : &tensors[found->second];
}

std::uint64_t Checkpoint::parameters() const {
    std::uint64_t sum = 0;
    for (const TensorInfo& tensor : tensors)
        sum += tensor.bytes.size() / sizeOf(tensor.dtype);
    return sum;
}

std::uint64_t Checkpoint::bytes() const {
    std::uint64_t sum = 0;
    for (const TensorInfo& tensor : tensors)
        sum += tensor.bytes.size();
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
    std::error_code failure;
    const auto tokenizer = checkpoint.folder / "tokenizer.json";
    if (std::filesystem::exists(tokenizer, failure))
        checkpoint.tokenizerFile = tokenizer;
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

Result<std::shared_ptr<const Checkpoint>> openCheckpoint(const std::filesystem::path& path) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found)
        return Error{ErrorCode::FileNotFound, "no such file or folder", path};
    if (failure)
        return Error{ErrorCode::FileUnreadable, failure.message(), path};
    const CheckpointFormat* best = nullptr;
    int bestScore = 0;
    for (const CheckpointFormat* format : checkpoint_formats()) {
        const int score = format->score(path);
        if (score > bestScore) {
            best = format;
            bestScore = score;
        }
    }
    if (!best)
        return unknownFormat(path);
    return best->open(path);
}

} // namespace sinkscope
