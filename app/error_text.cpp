// SPDX-License-Identifier: Apache-2.0
#include "app/error_text.h"

#include "app/qt_text.h"

#include <QCoreApplication>

namespace sinkscope {
namespace {

struct CodeTexts {
    ErrorCode code;
    const char* title;
    const char* remedy;
};

// One row for each ErrorCode (tst_error_text checks that none is missing).
constexpr CodeTexts kTexts[] = {
    {ErrorCode::FileNotFound, QT_TRANSLATE_NOOP("Errors", "The file does not exist"),
     QT_TRANSLATE_NOOP("Errors", "Check the path.")},
    {ErrorCode::FileUnreadable, QT_TRANSLATE_NOOP("Errors", "The file cannot be read"),
     QT_TRANSLATE_NOOP("Errors", "Check the permissions of the file and of its folder.")},
    {ErrorCode::WriteFailed, QT_TRANSLATE_NOOP("Errors", "Writing failed"),
     QT_TRANSLATE_NOOP("Errors", "Choose a folder that you may write to.")},
    {ErrorCode::DiskFull, QT_TRANSLATE_NOOP("Errors", "The disk is full"),
     QT_TRANSLATE_NOOP("Errors", "Free some space or choose another disk.")},
    {ErrorCode::UnknownFormat, QT_TRANSLATE_NOOP("Errors", "This is nothing that Sinkscope can open"),
     QT_TRANSLATE_NOOP("Errors", "Open a Hugging Face folder, a safetensors or PyTorch file, an index.json, a Sinkscope capture or a "
                                 "text file.")},
    {ErrorCode::FormatUnsupported, QT_TRANSLATE_NOOP("Errors", "This variant of the format is not read"),
     QT_TRANSLATE_NOOP("Errors", "Save the weights again with the safetensors library.")},
    {ErrorCode::PickleRefused, QT_TRANSLATE_NOOP("Errors", "The file asks for more than weights need"),
     QT_TRANSLATE_NOOP("Errors", "Nothing was executed. Do not load this file with PyTorch unless you trust who made it; have its "
                                 "state_dict saved as safetensors.")},
    {ErrorCode::HeaderTruncated, QT_TRANSLATE_NOOP("Errors", "The file ends too early"),
     QT_TRANSLATE_NOOP("Errors", "The download is probably incomplete: fetch the file again.")},
    {ErrorCode::HeaderTooLarge, QT_TRANSLATE_NOOP("Errors", "The header of the file is absurdly long"),
     QT_TRANSLATE_NOOP("Errors", "The file is damaged or is not safetensors: fetch it again.")},
    {ErrorCode::HeaderInvalid, QT_TRANSLATE_NOOP("Errors", "The header of the file is broken"),
     QT_TRANSLATE_NOOP("Errors", "The file is damaged: fetch it again.")},
    {ErrorCode::TensorOutOfFile, QT_TRANSLATE_NOOP("Errors", "A tensor lies outside its file"),
     QT_TRANSLATE_NOOP("Errors", "The download is probably incomplete: fetch the file again.")},
    {ErrorCode::TensorOverlap, QT_TRANSLATE_NOOP("Errors", "Two tensors share the same bytes"),
     QT_TRANSLATE_NOOP("Errors", "The file was written wrongly: save it again with the safetensors library.")},
    {ErrorCode::ShapeOverflow, QT_TRANSLATE_NOOP("Errors", "A tensor's shape and size disagree"),
     QT_TRANSLATE_NOOP("Errors", "The file was written wrongly: save it again with the safetensors library.")},
    {ErrorCode::ShardMissing, QT_TRANSLATE_NOOP("Errors", "A part of the checkpoint is missing"),
     QT_TRANSLATE_NOOP("Errors", "Fetch the missing shard into the same folder.")},
    {ErrorCode::PathEscapes, QT_TRANSLATE_NOOP("Errors", "The checkpoint points outside its own folder"),
     QT_TRANSLATE_NOOP("Errors", "Do not trust this checkpoint; shards must lie in its own folder.")},
    {ErrorCode::ConfigMissing, QT_TRANSLATE_NOOP("Errors", "The model's configuration is incomplete"),
     QT_TRANSLATE_NOOP("Errors", "Put the model's config.json beside its weights.")},
    {ErrorCode::ConfigInvalid, QT_TRANSLATE_NOOP("Errors", "The model's configuration is broken"),
     QT_TRANSLATE_NOOP("Errors", "Compare config.json with the one the model was published with.")},
    {ErrorCode::UnknownArchitecture, QT_TRANSLATE_NOOP("Errors", "Unknown architecture"),
     QT_TRANSLATE_NOOP("Errors", "Its tensors can still be inspected; Help lists the architectures that can run.")},
    {ErrorCode::TensorMissing, QT_TRANSLATE_NOOP("Errors", "A tensor is missing"),
     QT_TRANSLATE_NOOP("Errors", "Fetch the checkpoint again, with every shard.")},
    {ErrorCode::TensorShapeMismatch, QT_TRANSLATE_NOOP("Errors", "A tensor has the wrong shape"),
     QT_TRANSLATE_NOOP("Errors", "Use the config.json that belongs to these weights.")},
    {ErrorCode::TokenizerMissing, QT_TRANSLATE_NOOP("Errors", "There is no tokenizer"),
     QT_TRANSLATE_NOOP("Errors", "Put the model's tokenizer.json beside its weights.")},
    {ErrorCode::TokenizerUnsupported, QT_TRANSLATE_NOOP("Errors", "This kind of tokenizer is not supported"),
     QT_TRANSLATE_NOOP("Errors", "Save the tokenizer with a current version of the tokenizers library.")},
    {ErrorCode::TokenizerInvalid, QT_TRANSLATE_NOOP("Errors", "The tokenizer is broken"),
     QT_TRANSLATE_NOOP("Errors", "Fetch tokenizer.json again.")},
    {ErrorCode::InvalidUtf8, QT_TRANSLATE_NOOP("Errors", "The text is not UTF-8"),
     QT_TRANSLATE_NOOP("Errors", "Save the text as UTF-8.")},
    {ErrorCode::SamplesInvalid, QT_TRANSLATE_NOOP("Errors", "The sample set is broken"),
     QT_TRANSLATE_NOOP("Errors", "Correct what is named in the sample set.")},
    {ErrorCode::EmptyText, QT_TRANSLATE_NOOP("Errors", "There is no text to run"),
     QT_TRANSLATE_NOOP("Errors", "Type some text.")},
    {ErrorCode::TextTooLong, QT_TRANSLATE_NOOP("Errors", "The text is longer than the model can take"),
     QT_TRANSLATE_NOOP("Errors", "Shorten the text.")},
    {ErrorCode::MemoryExceeded, QT_TRANSLATE_NOOP("Errors", "The run needs more memory than there is"),
     QT_TRANSLATE_NOOP("Errors", "Run fewer or shorter samples, or close other programs.")},
    {ErrorCode::OutOfMemory, QT_TRANSLATE_NOOP("Errors", "Out of memory"),
     QT_TRANSLATE_NOOP("Errors", "Close other programs, or run fewer or shorter samples.")},
    {ErrorCode::Cancelled, QT_TRANSLATE_NOOP("Errors", "Stopped"), QT_TRANSLATE_NOOP("Errors", "Run again to finish.")},
    {ErrorCode::CaptureInvalid, QT_TRANSLATE_NOOP("Errors", "The capture is broken"),
     QT_TRANSLATE_NOOP("Errors", "Make the capture again.")},
    {ErrorCode::InvalidArgument, QT_TRANSLATE_NOOP("Errors", "A value is out of range"),
     QT_TRANSLATE_NOOP("Errors", "Correct the value.")},
    {ErrorCode::NotFinite, QT_TRANSLATE_NOOP("Errors", "The model produced NaN or infinity"),
     QT_TRANSLATE_NOOP("Errors", "Run in float32, and look for NaN in the weights.")},
    {ErrorCode::Unavailable, QT_TRANSLATE_NOOP("Errors", "This build or machine does not have it"),
     QT_TRANSLATE_NOOP("Errors", "Use the CPU, or a build that has it.")},
    {ErrorCode::Internal, QT_TRANSLATE_NOOP("Errors", "Sinkscope made a mistake"),
     QT_TRANSLATE_NOOP("Errors", "This is a bug: please report it with the log (Help, Log).")},
};

const CodeTexts& textsOf(ErrorCode code) {
    for (const CodeTexts& texts : kTexts)
        if (texts.code == code)
            return texts;
    return *(std::end(kTexts) - 1);
}

} // namespace

QString titleOf(ErrorCode code) { return QCoreApplication::translate("Errors", textsOf(code).title); }

QString remedyText(ErrorCode code) { return QCoreApplication::translate("Errors", textsOf(code).remedy); }

ErrorText errorText(const Error& error) {
    return {titleOf(error.code), fromUtf8(error.detail), fromPath(error.file), remedyText(error.code)};
}

} // namespace sinkscope
