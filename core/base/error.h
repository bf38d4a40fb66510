// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <source_location>
#include <string>
#include <string_view>

namespace sinkscope {

#ifdef __cpp_lib_source_location
using SourceLocation = std::source_location;
#else
/// The part of std::source_location that is used here, for clang 14, which libFuzzer is built with and which lacks it.
class SourceLocation {
public:
    static constexpr SourceLocation current(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                                            unsigned line = __builtin_LINE()) {
        return SourceLocation(file, function, line);
    }
    constexpr SourceLocation() = default;
    [[nodiscard]] constexpr const char* file_name() const { return m_file; }
    [[nodiscard]] constexpr const char* function_name() const { return m_function; }
    [[nodiscard]] constexpr unsigned line() const { return m_line; }

private:
    constexpr SourceLocation(const char* file, const char* function, unsigned line)
        : m_file(file), m_function(function), m_line(line) {}
    const char* m_file = "";
    const char* m_function = "";
    unsigned m_line = 0;
};
#endif

/// What went wrong, as a value that code can test and the GUI can translate. Each code has one remedy (`remedyOf`).
enum class ErrorCode {
    FileNotFound,         ///< the path does not exist
    FileUnreadable,       ///< exists, but permission or I/O stops us
    WriteFailed,          ///< cannot create or write the output
    DiskFull,             ///< no space left on the device
    UnknownFormat,        ///< the content is none of the formats we read
    FormatUnsupported,    ///< a variant of a format that we do not read
    PickleRefused,        ///< a pickle asks for something that weights do not need
    HeaderTruncated,      ///< the file ends inside its header
    HeaderTooLarge,       ///< the header claims a length above the cap
    HeaderInvalid,        ///< the header is not what the format demands
    TensorOutOfFile,      ///< a tensor's bytes lie outside the file
    TensorOverlap,        ///< two tensors share bytes
    ShapeOverflow,        ///< a shape whose element or byte count overflows, or does not match its byte range
    ShardMissing,         ///< a shard named by the index is not there
    PathEscapes,          ///< a path in the checkpoint points out of its folder
    ConfigMissing,        ///< no config.json, or a key it must have is not there
    ConfigInvalid,        ///< a value of config.json is absurd or of the wrong kind
    UnknownArchitecture,  ///< no registered architecture matches
    TensorMissing,        ///< the architecture needs a tensor that is not there
    TensorShapeMismatch,  ///< a tensor's shape is not what config.json says
    TokenizerMissing,     ///< no tokenizer.json
    TokenizerUnsupported, ///< a tokenizer component that we do not implement
    TokenizerInvalid,     ///< tokenizer.json is broken
    InvalidUtf8,          ///< text is not UTF-8
    SamplesInvalid,       ///< a sample set is broken
    EmptyText,            ///< nothing to run
    TextTooLong,          ///< more tokens than the model has positions
    MemoryExceeded,       ///< the plan needs more memory than allowed
    OutOfMemory,          ///< an allocation failed
    Cancelled,            ///< the user asked to stop
    CaptureInvalid,       ///< not a capture of ours, or a broken one
    InvalidArgument,      ///< an option or parameter is out of range
    NotFinite,            ///< NaN or infinity where a number is needed
    Unavailable,          ///< asked of this build or device, which does not have it
    Internal,             ///< our bug
};

/// One failure. `detail` carries names and numbers ("layer 7 query: shape [64,64], expected [64,32]"), never a remedy.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string detail;
    std::filesystem::path file; ///< the file it is about; empty when none is
    SourceLocation where = SourceLocation::current();
};

/// The stable spelling of a code, as used in JSON output and in the names of hostile test files ("tensor_out_of_file").
std::string_view nameOf(ErrorCode code);
/// What the user can try, in English, one clause without a full stop.
std::string_view remedyOf(ErrorCode code);
/// One line for people: "<file>: <detail> (try: <remedy>)". English; the GUI translates by code and keeps the detail.
std::string describe(const Error& error);

} // namespace sinkscope
