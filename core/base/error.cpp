// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include "core/base/printable.h"

#include <array>

namespace sinkscope {
namespace {

struct CodeText {
    ErrorCode code;
    std::string_view name;
    std::string_view remedy;
};

constexpr auto kTexts = std::to_array<CodeText>({
    {ErrorCode::FileNotFound, "file_not_found", "check the path"},
    {ErrorCode::FileUnreadable, "file_unreadable", "check the permissions of the file and of its folder"},
    {ErrorCode::WriteFailed, "write_failed", "choose a folder that you may write to"},
    {ErrorCode::DiskFull, "disk_full", "free some space or choose another disk"},
    {ErrorCode::UnknownFormat, "unknown_format",
     "open a Hugging Face folder, a safetensors or PyTorch file, an index.json or a Sinkscope capture"},
    {ErrorCode::FormatUnsupported, "format_unsupported", "save the weights again with the safetensors library"},
    {ErrorCode::PickleRefused, "pickle_refused",
     "do not load this file with PyTorch unless you trust who made it; have its state_dict saved as safetensors"},
    {ErrorCode::HeaderTruncated, "header_truncated", "the download is probably incomplete: fetch the file again"},
    {ErrorCode::HeaderTooLarge, "header_too_large", "the file is damaged or is not safetensors: fetch it again"},
    {ErrorCode::HeaderInvalid, "header_invalid", "the file is damaged: fetch it again"},
    {ErrorCode::TensorOutOfFile, "tensor_out_of_file",
     "the download is probably incomplete: fetch the file again"},
    {ErrorCode::TensorOverlap, "tensor_overlap", "the file was written wrongly: save it again with the safetensors library"},
    {ErrorCode::ShapeOverflow, "shape_overflow", "the file was written wrongly: save it again with the safetensors library"},
    {ErrorCode::ShardMissing, "shard_missing", "fetch the missing shard into the same folder"},
    {ErrorCode::PathEscapes, "path_escapes", "do not trust this checkpoint; shards must lie in its own folder"},
    {ErrorCode::ConfigMissing, "config_missing", "put the model's config.json beside its weights"},
    {ErrorCode::ConfigInvalid, "config_invalid", "compare config.json with the one the model was published with"},
    {ErrorCode::UnknownArchitecture, "unknown_architecture",
     "its tensors can still be inspected; the supported architectures are listed in the help"},
    {ErrorCode::TensorMissing, "tensor_missing", "fetch the checkpoint again, with every shard"},
    {ErrorCode::TensorShapeMismatch, "tensor_shape_mismatch", "use the config.json that belongs to these weights"},
    {ErrorCode::TokenizerMissing, "tokenizer_missing", "put the model's tokenizer.json beside its weights"},
    {ErrorCode::TokenizerUnsupported, "tokenizer_unsupported",
     "save the tokenizer with a current version of the tokenizers library"},
    {ErrorCode::TokenizerInvalid, "tokenizer_invalid", "fetch tokenizer.json again"},
    {ErrorCode::InvalidUtf8, "invalid_utf8", "save the text as UTF-8"},
    {ErrorCode::SamplesInvalid, "samples_invalid", "correct what is named in the sample set"},
    {ErrorCode::EmptyText, "empty_text", "type some text"},
    {ErrorCode::TextTooLong, "text_too_long", "shorten the text"},
    {ErrorCode::MemoryExceeded, "memory_exceeded", "keep less, run fewer or shorter samples, or allow more memory"},
    {ErrorCode::OutOfMemory, "out_of_memory", "close other programs, or run fewer or shorter samples"},
    {ErrorCode::Cancelled, "cancelled", "run again to finish"},
    {ErrorCode::CaptureInvalid, "capture_invalid", "make the capture again"},
    {ErrorCode::InvalidArgument, "invalid_argument", "correct the value"},
    {ErrorCode::NotFinite, "not_finite", "run in float32, and check the weights for NaN in the inspector"},
    {ErrorCode::Unavailable, "unavailable", "use the CPU, or a build that has it"},
    {ErrorCode::Internal, "internal", "this is a bug in Sinkscope: please report it with the log"},
});

const CodeText& textOf(ErrorCode code) {
    for (const CodeText& text : kTexts)
        if (text.code == code)
            return text;
    return kTexts.back();
}

} // namespace

std::string_view nameOf(ErrorCode code) { return textOf(code).name; }

std::string_view remedyOf(ErrorCode code) { return textOf(code).remedy; }

std::string describe(const Error& error) {
    constexpr std::size_t kLongest = 4000; // a whole list of tensors may be in the detail
    std::string line;
    if (!error.file.empty())
        line += printable(error.file.string(), kLongest) + ": ";
    line += error.detail.empty() ? std::string(nameOf(error.code)) : printable(error.detail, kLongest);
    line += " (try: ";
    line += remedyOf(error.code);
    line += ')';
    return line;
}

} // namespace sinkscope
