// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/io/json_reader.h"
#include "core/io/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Element types as safetensors names them.
enum class DType : std::uint8_t { F64, F32, F16, BF16, F8E4M3, F8E5M2, I64, I32, I16, I8, U64, U32, U16, U8, Bool };

/// "F32", "BF16", ... (the spelling of safetensors). Thread: any.
std::string_view nameOf(DType type);
/// Bytes per element.
std::size_t sizeOf(DType type);
/// The inverse of nameOf; nothing for a name that is not one of them.
std::optional<DType> dtypeFromName(std::string_view name);

/// One tensor of a checkpoint: where its bytes are. Nothing is read until `bytes` is touched.
struct TensorInfo {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;            ///< row-major
    std::span<const std::byte> bytes;           ///< inside `file`; little-endian; not necessarily aligned
    std::shared_ptr<const MappedFile> file;
};

/// What a checkpoint consists of, headers only. Immutable; shared between threads.
struct Checkpoint {
    std::filesystem::path opened;               ///< what the user named
    std::filesystem::path folder;               ///< where config and tokenizer were looked for
    std::string format;                         ///< id of the CheckpointFormat that opened it
    std::vector<TensorInfo> tensors;            ///< in the order of the files
    std::map<std::string, std::size_t, std::less<>> byName;
    std::shared_ptr<const Json> config;         ///< config.json; null when there is none
    std::shared_ptr<const Json> tokenizerConfig;///< tokenizer_config.json; null when there is none
    std::filesystem::path tokenizerFile;        ///< tokenizer.json; empty when there is none
    std::vector<std::string> notes;             ///< remarks for the user ("config.json is not beside this file")
    std::vector<Error> problems;                ///< files beside the weights that are broken; the tensors are fine nevertheless

    [[nodiscard]] const TensorInfo* find(std::string_view name) const;
    [[nodiscard]] std::uint64_t parameters() const; ///< number of elements of all tensors
    [[nodiscard]] std::uint64_t bytes() const;
};

/// A kind of file or folder that holds a checkpoint. Registered in core/CMakeLists.txt (list `checkpoint_formats`).
struct CheckpointFormat {
    std::string_view id;
    std::string_view title;
    std::string_view fileFilter; ///< for the file dialog, for example "*.safetensors"; empty for folders
    /// How sure it is, 0 (no) to 100, judged by content rather than by name. Must not fail on any path.
    int (*score)(const std::filesystem::path& path);
    Result<std::shared_ptr<const Checkpoint>> (*open)(const std::filesystem::path& path);
};
std::span<const CheckpointFormat* const> checkpoint_formats();

/// Opens a path with the format that is surest of it. Thread: any but gui. Errors: FileNotFound, UnknownFormat and those
/// of the format (HeaderTruncated, TensorOutOfFile, ShardMissing, ...).
Result<std::shared_ptr<const Checkpoint>> openCheckpoint(const std::filesystem::path& path);

/// Copies a tensor to float32, whatever its dtype. `out` has the tensor's element count. Thread: any.
void convertToFloat(const TensorInfo& tensor, std::span<float> out);
/// The same for a contiguous part of the tensor, in elements.
void convertToFloat(const TensorInfo& tensor, std::size_t first, std::span<float> out);

} // namespace sinkscope
