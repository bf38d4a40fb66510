// SPDX-License-Identifier: Apache-2.0
#include "app/cli/text_source.h"

#include "core/io/mapped_file.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace sinkscope {
namespace {

/// No model reads more; a larger file is a mistake, and tokenizing it would take minutes.
constexpr std::size_t kMaxTextBytes = std::size_t{256} << 20;

Result<std::string> readAll(const std::string& path) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    if (file->bytes().size() > kMaxTextBytes)
        return Error{ErrorCode::InvalidArgument, "is too long to be a text: " + std::to_string(file->bytes().size()) + " bytes", path};
    std::string_view text(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3); // the mark that some editors put first
    return std::string(text);
}

void removeLineEnd(std::string& text) {
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        removeLineEnd(line);
        if (!line.empty())
            lines.push_back(std::move(line));
        begin = end + 1;
    }
    return lines;
}

} // namespace

void addTextOptions(CLI::App& command, TextSource& source, bool required) {
    auto* group = command.add_option_group("texts", "what the model reads");
    group->add_option("--text", source.text, "a text");
    group->add_option("--file", source.file, "a file that is one text")->type_name("FILE");
    group->add_option("--samples", source.samples, "a file with a text in every line")->type_name("FILE");
    if (required)
        group->require_option(1);
    else
        group->require_option(0, 1);
}

Result<std::vector<std::string>> readTexts(const TextSource& source) {
    std::vector<std::string> texts;
    if (!source.samples.empty()) {
        SINKSCOPE_TRY(const std::string all, readAll(source.samples));
        texts = linesOf(all);
        if (texts.empty())
            return Error{ErrorCode::EmptyText, "holds no line of text", source.samples};
    } else if (!source.file.empty()) {
        SINKSCOPE_TRY(std::string text, readAll(source.file));
        removeLineEnd(text);
        if (text.empty())
            return Error{ErrorCode::EmptyText, "holds no text", source.file};
        texts.push_back(std::move(text));
    } else if (!source.text.empty())
        texts.push_back(source.text);
    if (texts.empty())
        return Error{ErrorCode::EmptyText, "there is no text", {}};
    return texts;
}

} // namespace sinkscope
