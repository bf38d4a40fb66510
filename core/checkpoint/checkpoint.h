// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/io/json_reader.h"
#include "core/io/mapped_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sinkscope {

/// Element types: those of safetensors, then the block types of GGUF, of which those from Q8_1 on but MXFP4 are only listed. Captures keep a hash that
/// these numbers go into: new types go to the end.
enum class DType : std::uint8_t {
    F64, F32, F16, BF16, F8E4M3, F8E5M2, I64, I32, I16, I8, U64, U32, U16, U8, Bool,
    F8E4M3Fnuz, F8E5M2Fnuz, F8E8M0, F6E2M3, F6E3M2, F4, C64,
    Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS,
    Q8_1, Q8_K, IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, TQ1_0, TQ2_0, MXFP4, NVFP4, Q1_0, Unknown
};

/// "F32", "BF16", "Q4_K", ... (the spelling of safetensors and of GGUF). Thread: any.
std::string_view nameOf(DType type);
/// Elements that are stored together, and the bytes they take: one element, unless the type is packed or quantised. A byte, of an unknown one.
struct BlockSize {
    std::size_t elements = 1, bytes = 1;
};
BlockSize blockOf(DType type);
/// Bytes per element of a type that is not quantised; for types of less than a byte, whose elements are packed, 1.
std::size_t sizeOf(DType type);
/// Bits per element; of quantised types with their share of the scales, rounded down.
std::size_t bitsOf(DType type);
/// Whether the elements come in blocks that share a scale.
bool isQuantized(DType type);
/// False for types that are listed but whose numbers are not read: packed ones (F4, F6), complex ones, rarer ones of GGUF.
bool hasValues(DType type);
/// Whether what it holds are numbers with a fraction that are read: floating point of any width, and quantised types.
bool isFloating(DType type);
/// The inverse of nameOf for the types of safetensors; nothing for any other name.
std::optional<DType> dtypeFromName(std::string_view name);

/// Factors that stored numbers of eight bits are multiplied by, where they lie: one for each block of rows and columns of a matrix.
struct TensorScale {
    std::span<const std::byte> bytes;
    DType dtype = DType::F32;
    std::shared_ptr<const MappedFile> file;
    std::int64_t rows = 1, columns = 1;         ///< of a block; those at the ends may be cut
};

/// One tensor of a checkpoint: where its bytes are. Nothing is read until `bytes` is touched.
struct TensorInfo {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;            ///< row-major
    std::span<const std::byte> bytes;           ///< inside `file`; little-endian; not necessarily aligned
    std::shared_ptr<const MappedFile> file;
    std::shared_ptr<const TensorScale> scale{}; ///< null: the numbers are those that are stored
    bool isScale = false;                       ///< holds the factors of another tensor, and is no parameter itself

    [[nodiscard]] std::uint64_t elements() const; ///< as its bytes say; as its shape says where the type is unknown
};

/// A tokenizer that a checkpoint carries inside, as Tokenizer::parse takes it.
struct TokenizerText {
    std::string json;                           ///< what a tokenizer.json would say
    std::optional<std::string> bosPiece;
};

/// What was found out about a checkpoint once it was open. Thread: any.
class CheckpointFacts {
public:
    /// WeightHash::content (core/inspect/weight_hash.h); empty while nobody has computed it.
    [[nodiscard]] std::string contentHash() const {
        const std::scoped_lock lock(m_mutex);
        return m_contentHash;
    }
    void setContentHash(std::string hash) {
        const std::scoped_lock lock(m_mutex);
        m_contentHash = std::move(hash);
    }

private:
    mutable std::mutex m_mutex;
    std::string m_contentHash;
};

/// Whose names and layout of tensors a checkpoint has.
enum class TensorNaming { Transformers, Gguf };

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
    TensorNaming naming = TensorNaming::Transformers;
    std::vector<std::pair<std::string, std::string>> metadata; ///< what else the file says, for people
    std::function<Result<TokenizerText>()> tokenizerInside;    ///< builds it when called, on any thread; empty when there is none
    std::vector<std::string> notes;             ///< remarks for the user ("config.json is not beside this file")
    std::vector<Error> problems;                ///< files beside the weights that are broken; the tensors are fine nevertheless
    std::shared_ptr<CheckpointFacts> facts = std::make_shared<CheckpointFacts>();

    [[nodiscard]] const TensorInfo* find(std::string_view name) const;
    [[nodiscard]] std::uint64_t parameters() const; ///< number of elements of all tensors but scales, tied ones once
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
    /// The tensors of one file alone, for folders whose weights are in several; remarks are added to `notes`. Null for a format that is
    /// never a part of a folder.
    Result<std::vector<TensorInfo>> (*readPart)(const std::filesystem::path& file, std::vector<std::string>& notes) = nullptr;
};
std::span<const CheckpointFormat* const> checkpoint_formats();

/// The format that is surest of a path, and that among those which read parts of a folder; null when none is.
const CheckpointFormat* formatOf(const std::filesystem::path& path);
const CheckpointFormat* partFormatOf(const std::filesystem::path& file);
/// Opens a path, or a model that the Hugging Face cache has by that name, with the format that is surest of it. Thread: any but
/// gui. Errors: FileNotFound, UnknownFormat and those of the format (HeaderTruncated, TensorOutOfFile, ShardMissing, ...).
Result<std::shared_ptr<const Checkpoint>> openCheckpoint(const std::filesystem::path& path);

/// Refuses (FormatUnsupported) a tensor whose numbers are not read, by its type's name.
Result<void> checkHasValues(const TensorInfo& tensor);
/// Copies a tensor to float32, whatever its dtype, as long as that has values (else NaN throughout); quantised ones as the gguf Python
/// package dequantises them, bit for bit; scaled ones times their scale. `out` has the tensor's element count. Thread: any.
void convertToFloat(const TensorInfo& tensor, std::span<float> out);
/// The same for a contiguous part of the tensor, in elements, which may begin and end anywhere; whole blocks are quickest.
void convertToFloat(const TensorInfo& tensor, std::size_t first, std::span<float> out);

} // namespace sinkscope
