// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_lines.h"

#include "core/io/json_reader.h"
#include "core/io/mapped_file.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/unicode.h"

#include <array>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF", kBlanks = " \t\r\v\f";
/// Parsed JSON takes many times its length in memory when it is made for that, so lines of it have a limit of their own.
constexpr std::size_t kMaxJsonLine = std::size_t{16} << 20, kMaxGroupBytes = 256;
constexpr std::array<const char*, 3> kGroupKeys{"group", "subject", "category"};

bool isBlank(std::string_view text) { return text.find_first_not_of(kBlanks) == text.npos; }

Error tooMany(const std::filesystem::path& file) {
    return {ErrorCode::SamplesInvalid, "holds more than " + std::to_string(kMaxSamples) + " samples", file};
}

Result<std::string> groupOf(const Json& object, const std::filesystem::path& file, std::size_t line) {
    for (const char* key : kGroupKeys) {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null())
            continue;
        if (!found->is_string())
            return inLine(ErrorCode::SamplesInvalid, file, line, "\"" + std::string(key) + "\" is no text");
        const auto& group = found->get_ref<const std::string&>();
        if (group.size() > kMaxGroupBytes)
            return inLine(ErrorCode::SamplesInvalid, file, line, "\"" + std::string(key) + "\" is too long to name a group");
        return group;
    }
    return std::string();
}

Result<Sample> sampleOf(std::string_view line, const std::filesystem::path& file, std::size_t number) {
    if (line.find('\0') != line.npos) // the parser would take it for the end
        return inLine(ErrorCode::SamplesInvalid, file, number, "not valid JSON");
    const auto object = parseJson(line, ErrorCode::SamplesInvalid, file);
    if (!object)
        return inLine(ErrorCode::SamplesInvalid, file, number, object.error().detail);
    const auto text = object->is_object() ? object->find("text") : object->end();
    if (!object->is_object() || text == object->end() || !text->is_string())
        return inLine(ErrorCode::SamplesInvalid, file, number, "is no object with a text in \"text\"");
    Sample sample{.text = text->get<std::string>(), .group = {}, .file = file, .line = number};
    if (isBlank(sample.text))
        return inLine(ErrorCode::EmptyText, file, number, "the text is empty");
    if (sample.text.size() > kMaxTextBytes)
        return inLine(ErrorCode::TextTooLong, file, number, "the text has " + std::to_string(sample.text.size()) + " bytes");
    SINKSCOPE_TRY(sample.group, groupOf(*object, file, number));
    return sample;
}

} // namespace

Error inLine(ErrorCode code, const std::filesystem::path& file, std::size_t line, const std::string& what) {
    return {code, "line " + std::to_string(line) + ": " + what, file};
}

Result<void> forEachLine(std::string_view content, const std::filesystem::path& file, std::size_t maxLine,
                         const std::function<Result<void>(std::string_view, std::size_t)>& take) {
    if (content.starts_with(kByteOrderMark))
        content.remove_prefix(kByteOrderMark.size());
    for (std::size_t number = 1; !content.empty(); ++number) {
        const std::size_t end = content.find('\n');
        std::string_view line = content.substr(0, end);
        content.remove_prefix(end == content.npos ? content.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (isBlank(line))
            continue;
        if (line.size() > maxLine)
            return inLine(ErrorCode::TextTooLong, file, number, "has " + std::to_string(line.size()) + " bytes");
        if (const auto bad = firstInvalidUtf8(line))
            return inLine(ErrorCode::InvalidUtf8, file, number, "byte " + std::to_string(*bad) + " is not UTF-8");
        SINKSCOPE_CHECK(take(line, number));
    }
    return {};
}

Result<std::vector<Sample>> parseTextLines(std::string_view content, const std::filesystem::path& file) {
    std::vector<Sample> samples;
    SINKSCOPE_CHECK(forEachLine(content, file, kMaxTextBytes, [&](std::string_view line, std::size_t number) -> Result<void> {
        if (samples.size() == kMaxSamples)
            return tooMany(file);
        samples.push_back({.text = std::string(line), .group = {}, .file = file, .line = number});
        return {};
    }));
    if (samples.empty())
        return Error{ErrorCode::EmptyText, "holds no line of text", file};
    return samples;
}

Result<std::vector<Sample>> parseJsonLines(std::string_view content, const std::filesystem::path& file) {
    std::vector<Sample> samples;
    SINKSCOPE_CHECK(forEachLine(content, file, kMaxJsonLine, [&](std::string_view line, std::size_t number) -> Result<void> {
        if (samples.size() == kMaxSamples)
            return tooMany(file);
        SINKSCOPE_TRY(Sample sample, sampleOf(line, file, number));
        samples.push_back(std::move(sample));
        return {};
    }));
    if (samples.empty())
        return Error{ErrorCode::EmptyText, "holds no sample", file};
    return samples;
}

Result<std::string> parseWholeText(std::string_view content, const std::filesystem::path& file) {
    if (content.starts_with(kByteOrderMark))
        content.remove_prefix(kByteOrderMark.size());
    if (content.ends_with('\n'))
        content.remove_suffix(1);
    if (content.ends_with('\r'))
        content.remove_suffix(1);
    if (content.size() > kMaxTextBytes)
        return Error{ErrorCode::TextTooLong, "has " + std::to_string(content.size()) + " bytes", file};
    if (const auto bad = firstInvalidUtf8(content))
        return Error{ErrorCode::InvalidUtf8, "byte " + std::to_string(*bad) + " is not UTF-8", file};
    return content.find_first_not_of(" \t\r\v\f\n") == content.npos ? std::string() : std::string(content);
}

Result<std::string> readSampleFile(const std::filesystem::path& path) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) // opening a pipe would wait for ever
        return Error{ErrorCode::FileUnreadable, "it is not a file", path};
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    const auto bytes = file->bytes();
    if (bytes.size() > kMaxSampleSetBytes)
        return Error{ErrorCode::SamplesInvalid,
                     "has " + std::to_string(bytes.size()) + " bytes, more than the " + std::to_string(kMaxSampleSetBytes) + " allowed", path};
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

} // namespace sinkscope
