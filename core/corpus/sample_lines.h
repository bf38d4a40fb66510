// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/corpus/sample_set.h"

#include <functional>

namespace sinkscope {

/// Calls `take` for every line that is not blank, without its end (LF or CRLF) and without the mark that some editors put before
/// the first one. Errors: InvalidUtf8 and TextTooLong (above `maxLine` bytes), naming the line; those of `take`.
Result<void> forEachLine(std::string_view content, const std::filesystem::path& file, std::size_t maxLine,
                         const std::function<Result<void>(std::string_view line, std::size_t number)>& take);
/// `file: line 12: what`.
Error inLine(ErrorCode code, const std::filesystem::path& file, std::size_t line, const std::string& what);

/// A text in every line. Errors: those of forEachLine; SamplesInvalid when there are too many; EmptyText when there is none.
Result<std::vector<Sample>> parseTextLines(std::string_view content, const std::filesystem::path& file);
/// A JSON object in every line, with the text in "text" and the group, if there is one, in the first of "group", "subject" and
/// "category". Errors: the same, and SamplesInvalid for what is no such object.
Result<std::vector<Sample>> parseJsonLines(std::string_view content, const std::filesystem::path& file);

/// A whole file as one text: without the mark of its first line and its last line end. Empty when it is blank.
Result<std::string> parseWholeText(std::string_view content, const std::filesystem::path& file);

/// The content of a regular file of at most kMaxSampleSetBytes. Errors: FileNotFound, FileUnreadable, SamplesInvalid (too large).
Result<std::string> readSampleFile(const std::filesystem::path& path);

} // namespace sinkscope
