// SPDX-License-Identifier: Apache-2.0
// GGUF files of llama.cpp, whole or split into -00001-of-0000N.gguf, of which any part opens all.
#include "core/base/printable.h"
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/gguf_assemble.h"
#include "core/checkpoint/weight_index.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace sinkscope::registry_checkpoint_formats {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kMaxParts = 1000;
constexpr std::size_t kMostListed = 200; ///< metadata keys that are shown

/// The name counts a little, so that a damaged .gguf file is reported as one.
int scoreGguf(const fs::path& path) {
    std::error_code failure;
    if (looksLikeGguf(path))
        return 80;
    return path.extension() == ".gguf" && fs::is_regular_file(path, failure) ? 30 : 0;
}

struct Part {
    std::shared_ptr<const MappedFile> file;
    GgufHeader header;
};

Result<Part> readPart(const fs::path& path) {
    Part part;
    SINKSCOPE_TRY(part.file, MappedFile::open(path));
    SINKSCOPE_TRY(part.header, parseGguf(part.file->bytes(), path));
    return part;
}

std::string partEnding(std::int64_t number, std::int64_t count) {
    char text[40];
    std::snprintf(text, sizeof text, "-%05d-of-%05d.gguf", static_cast<int>(number), static_cast<int>(count));
    return text;
}

/// The files of a split model in order; the file alone when it is whole.
Result<std::vector<fs::path>> filesOf(const fs::path& path, const GgufHeader& header) {
    const auto integer = [&header](std::string_view key) {
        const GgufValue* value = header.find(key);
        return value ? value->integer().value_or(-1) : 0;
    };
    const std::int64_t count = integer("split.count"), number = integer("split.no");
    if (count == 0 || count == 1)
        return std::vector<fs::path>{path};
    if (count < 0 || count > kMaxParts || number < 0 || number >= count)
        return Error{ErrorCode::HeaderInvalid, "says that it is part " + std::to_string(number) + " of " + std::to_string(count), path};
    const std::string name = path.filename().string(), ending = partEnding(number + 1, count);
    if (!name.ends_with(ending))
        return Error{ErrorCode::ShardMissing, "is part " + std::to_string(number + 1) + " of " + std::to_string(count) +
                                                  "; its name should end in " + ending + " for the others to be found", path};
    std::vector<fs::path> files;
    for (std::int64_t part = 1; part <= count; ++part) {
        const fs::path file = folderOf(path) / (name.substr(0, name.size() - ending.size()) + partEnding(part, count));
        SINKSCOPE_CHECK(checkInsideFolder(file, folderOf(path)));
        std::error_code failure;
        if (!fs::exists(file, failure))
            return Error{ErrorCode::ShardMissing, "part " + std::to_string(part) + " of " + std::to_string(count) + " is missing", file};
        files.push_back(file);
    }
    return files;
}

Result<void> addPart(Checkpoint& checkpoint, const Part& part) {
    std::vector<TensorInfo> tensors;
    tensors.reserve(part.header.tensors.size());
    for (const GgufEntry& entry : part.header.tensors) {
        if (entry.dtype == DType::Unknown)
            checkpoint.notes.push_back("tensor '" + printable(entry.name, 64) + "' is of type number " + std::to_string(entry.typeNumber) +
                                       ", which is not known here");
        tensors.push_back({entry.name, entry.dtype, entry.shape, part.file->bytes().subspan(entry.begin, entry.end - entry.begin), part.file});
    }
    if (addTensors(checkpoint, std::move(tensors)) > 0)
        return Error{ErrorCode::HeaderInvalid, "repeats tensors of the parts before it", part.file->path()};
    return {};
}

void describe(Checkpoint& checkpoint, const GgufHeader& header) {
    for (const auto& [key, value] : header.metadata)
        if (checkpoint.metadata.size() < kMostListed)
            checkpoint.metadata.emplace_back(printable(key), value.description());
    const bool quantized = std::ranges::any_of(checkpoint.tensors, [](const TensorInfo& tensor) { return isQuantized(tensor.dtype); });
    if (quantized)
        checkpoint.notes.emplace_back("numbers are those of the dequantized weights");
    for (std::string& doubt : ggufDoubts(header))
        checkpoint.notes.push_back(std::move(doubt));
}

Result<std::shared_ptr<const Checkpoint>> openGguf(const fs::path& path) {
    SINKSCOPE_TRY(auto asked, readPart(path));
    SINKSCOPE_TRY(const std::vector<fs::path> files, filesOf(path, asked.header));
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->opened = path;
    checkpoint->folder = folderOf(path);
    checkpoint->format = "gguf";
    checkpoint->naming = TensorNaming::Gguf;
    auto first = std::make_shared<Part>(std::move(asked));
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto part = first;
        if (files.size() > 1) {
            SINKSCOPE_TRY(auto read, readPart(files[i]));
            part = std::make_shared<Part>(std::move(read));
        }
        if (i == 0)
            first = part; // the one with the metadata
        SINKSCOPE_CHECK(addPart(*checkpoint, *part));
    }
    const GgufHeader& header = first->header;
    if (const GgufValue* total = header.find("split.tensors.count");
        files.size() > 1 && total && total->integer() != static_cast<std::int64_t>(checkpoint->tensors.size()))
        return Error{ErrorCode::TensorMissing, "the parts hold " + std::to_string(checkpoint->tensors.size()) + " tensors of " + total->description(), path};
    if (files.size() > 1)
        checkpoint->notes.push_back("all " + std::to_string(files.size()) + " parts are opened");
    describe(*checkpoint, header);
    checkpoint->config = ggufConfig(header, *checkpoint);
    if (header.find("tokenizer.ggml.model"))
        checkpoint->tokenizerInside = [first, path] { return ggufTokenizer(first->header, path); };
    return std::shared_ptr<const Checkpoint>(std::move(checkpoint));
}

} // namespace

extern const CheckpointFormat gguf;
const CheckpointFormat gguf{.id = "gguf", .title = "GGUF file", .fileFilter = "*.gguf", .score = scoreGguf, .open = openGguf};

} // namespace sinkscope::registry_checkpoint_formats
