// SPDX-License-Identifier: Apache-2.0
#include "app/cli/choice_option.h"
#include "app/cli/command_spec.h"
#include "app/cli/output.h"
#include "core/base/printable.h"
#include "core/checkpoint/gguf_reader.h"
#include "core/io/mapped_file.h"
#include "core/session/capture_run.h"
#include "core/tokenizer/open_tokenizer.h"

#include <nlohmann/json.hpp>

namespace sinkscope::registry_cli_commands {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string model, text, file;
    bool json = false, noSpecial = false;
    BosChoice bos = BosChoice::Auto;
};

/// Weights are not needed: a folder with the files of a tokenizer will do, and so will a tokenizer.json itself, or a GGUF file.
Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const fs::path& model) {
    std::error_code failure;
    const bool folder = fs::is_directory(model, failure);
    if (!folder && !fs::exists(model, failure))
        return Error{ErrorCode::FileNotFound, "no such file or folder", model};
    if (!folder && looksLikeGguf(model)) {
        SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(model));
        return tokenizerOf(*checkpoint);
    }
    const fs::path home = folder ? model : model.parent_path();
    return !folder && model.extension() == ".json" && model.filename() != "vocab.json" && model.filename() != "config.json"
               ? Tokenizer::load(model, home / "tokenizer_config.json")
               : openTokenizer(home);
}

Result<Encoding> encodeOne(const Tokenizer& tokenizer, std::string_view text, const Options& options) {
    return options.noSpecial ? tokenizer.encode(text, false) : encodeWithBos(tokenizer, text, options.bos);
}

Json jsonOfEncoding(const Encoding& encoding) {
    Json offsets = Json::array();
    for (const auto& [begin, end] : encoding.offsets)
        offsets.push_back({begin, end});
    return {{"ids", encoding.ids}, {"pieces", encoding.pieces}, {"offsets", std::move(offsets)}};
}

std::string textOfEncoding(const Tokenizer& tokenizer, const Encoding& encoding) {
    std::vector<std::vector<std::string>> rows{{"", "id", "piece", "characters", "text"}};
    for (std::size_t i = 0; i < encoding.ids.size(); ++i)
        rows.push_back({std::to_string(i), std::to_string(encoding.ids[i]), printable(encoding.pieces[i]),
                        std::to_string(encoding.offsets[i].first) + "-" + std::to_string(encoding.offsets[i].second),
                        encoding.special[i] != 0 ? "(special)" : printable(tokenizer.displayText(encoding.ids[i]))});
    return tableText(rows, {true, true, false, false, false});
}

Result<void> printEncoding(const Tokenizer& tokenizer, std::string_view text, const Options& options) {
    SINKSCOPE_TRY(const Encoding encoding, encodeOne(tokenizer, text, options));
    return options.json ? printJson(jsonOfEncoding(encoding)) : printText(textOfEncoding(tokenizer, encoding));
}

/// The text of a line: the line itself, or in a file of JSON lines its string or the "text" of its object.
Result<std::string> textOf(std::string_view line, bool json) {
    if (!json)
        return std::string(line);
    SINKSCOPE_TRY(const Json value, parseJson(line, ErrorCode::SamplesInvalid, {}));
    const auto text = value.is_string() ? std::optional(value.get<std::string>()) : stringAt(value, "text");
    return text ? Result<std::string>(*text) : Error{ErrorCode::SamplesInvalid, "neither a string nor an object with \"text\"", {}};
}

/// Every line is a text of its own; "\r\n" ends one too.
Result<void> printFile(const Tokenizer& tokenizer, const Options& options, JobContext& context) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(options.file));
    std::string_view rest(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
    for (std::size_t number = 1; !rest.empty(); ++number) {
        SINKSCOPE_CHECK(context.checkpoint());
        const std::size_t end = rest.find('\n');
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const auto text = textOf(line, options.file.ends_with(".jsonl"));
        if (auto printed = text ? printEncoding(tokenizer, *text, options) : Result<void>(text.error()); !printed) {
            Error error = printed.error();
            error.detail = "line " + std::to_string(number) + ": " + error.detail;
            if (error.file.empty())
                error.file = options.file;
            return error;
        }
    }
    return {};
}

Result<void> runTokenize(const Options& options, JobContext& context) {
    SINKSCOPE_TRY(const auto tokenizer, loadTokenizer(options.model));
    return options.file.empty() ? printEncoding(*tokenizer, options.text, options) : printFile(*tokenizer, options, context);
}

CommandSpec::Work declareTokenize(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("model", options->model, "Hugging Face folder, one of its tokenizer files, or a GGUF file")->required();
    auto* source = command.add_option_group("source", "what to tokenize");
    source->add_option("--text", options->text, "a text");
    source->add_option("--file", options->file, "a file; every line is a text, in a .jsonl file as a JSON string or object with \"text\"");
    source->require_option(1);
    command.add_flag("--json", options->json, "print JSON, one object for each text");
    auto* noSpecial = command.add_flag("--no-special", options->noSpecial, "leave the template's special tokens out");
    addChoice<BosChoice>(command, "--bos", options->bos, {{"auto", BosChoice::Auto}, {"yes", BosChoice::Yes}, {"no", BosChoice::No}},
                         "beginning-of-sequence token: as the tokenizer does it, always, never")
        ->excludes(noSpecial);
    return [options](JobContext& context) { return runTokenize(*options, context); };
}

} // namespace

extern const CommandSpec tokenize;
const CommandSpec tokenize{"tokenize", "Print the tokens of a text", false, declareTokenize};

} // namespace sinkscope::registry_cli_commands
