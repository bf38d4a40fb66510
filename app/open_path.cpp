// SPDX-License-Identifier: Apache-2.0
#include "app/open_path.h"

#include "app/path_judge.h"
#include "app/qt_text.h"
#include "core/io/mapped_file.h"

#include <QStringDecoder>

#include <algorithm>

namespace sinkscope {
namespace {

Result<std::string> readText(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    const auto bytes = file->bytes();
    if (bytes.size() > kMaxPromptBytes)
        return Error{ErrorCode::InvalidArgument,
                     "the text has " + std::to_string(bytes.size()) + " bytes, the most is " + std::to_string(kMaxPromptBytes), path};
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("\xEF\xBB\xBF"))
        text.erase(0, 3); // a byte-order mark is not part of the text
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString decoded = decoder.decode(QByteArrayView(text.data(), static_cast<qsizetype>(text.size())));
    if (decoder.hasError() || decoded.contains(QChar(0)))
        return Error{ErrorCode::InvalidUtf8, "the file is not UTF-8 text", path};
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return text;
}

} // namespace

Result<OpenedPath> openPath(const std::filesystem::path& path) {
    OpenedPath opened;
    if (CaptureStore::looksLikeCapture(path)) {
        SINKSCOPE_TRY(opened.capture, CaptureStore::open(path));
        return opened;
    }
    // A checkpoint may be called anything, a text too: its name decides when its content is no checkpoint's.
    const bool namedText = judgePath(fromPath(path)).kind == PathKind::Text;
    if (!namedText || formatOf(path)) {
        auto model = loadModel(path);
        if (model) {
            opened.model = std::move(*model);
            return opened;
        }
        if (model.error().code != ErrorCode::UnknownFormat)
            return model.error();
        if (auto text = readText(path)) { // a text file by another name
            opened.text = std::move(*text);
            return opened;
        }
        return model.error();
    }
    SINKSCOPE_TRY(opened.text, readText(path));
    return opened;
}

} // namespace sinkscope
