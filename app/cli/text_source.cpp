// SPDX-License-Identifier: Apache-2.0
#include "app/cli/text_source.h"

#include "core/corpus/bundled.h"
#include "core/corpus/sample_lines.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace sinkscope {
namespace {

constexpr const char* kSamplesHelp = "a sample set: a text file with a text in every line, JSON lines with \"text\" and \"group\", "
                                     "a folder of .txt files, or stem, the bundled set of 500 sentences";

void addSelectionOptions(CLI::App& command, CLI::Option* samples, SampleSelection& selection) {
    auto* limit = command.add_option("--limit", selection.limit, "take only so many samples of the set: the first ones")
                      ->check(CLI::Range(std::size_t{1}, kMaxSamples))
                      ->option_text("N");
    command
        .add_option_function<std::uint64_t>(
            "--sample-seed", [&selection](const std::uint64_t& seed) { selection.seed = seed; },
            "take them by chance instead; the same seed takes the same samples")
        ->needs(limit)
        ->option_text("SEED");
    command.add_option("--groups", selection.groups, "take only samples of these groups, for example physics,medicine")
        ->delimiter(',')
        ->option_text("LIST");
    for (const char* name : {"--limit", "--sample-seed", "--groups"})
        command.get_option(name)->needs(samples);
}

std::shared_ptr<const SampleSet> oneText(std::string text, const std::filesystem::path& file) {
    auto set = std::make_shared<SampleSet>();
    set->source = file;
    set->samples.push_back({.text = std::move(text), .group = {}, .file = file, .line = 0});
    return set;
}

} // namespace

void addTextOptions(CLI::App& command, TextSource& source, bool required) {
    auto* group = command.add_option_group("texts", "what the model reads");
    group->add_option("--text", source.text, "a text");
    group->add_option("--file", source.file, "a file that is one text")->type_name("FILE");
    auto* samples = group->add_option("--samples", source.samples, kSamplesHelp)->type_name("SET");
    if (required)
        group->require_option(1);
    else
        group->require_option(0, 1);
    addSelectionOptions(command, samples, source.selection);
}

void addSampleOptions(CLI::App& command, TextSource& source) {
    auto* samples = command.add_option("--samples", source.samples, kSamplesHelp)->required()->type_name("SET");
    addSelectionOptions(command, samples, source.selection);
}

Result<std::shared_ptr<const SampleSet>> readSamples(const TextSource& source) {
    if (!source.samples.empty()) {
        std::error_code failure;
        std::filesystem::path path = source.samples;
        if (!std::filesystem::exists(path, failure))
            path = bundledSampleSet(source.samples).value_or(path);
        SINKSCOPE_TRY(const auto set, openSampleSet(path));
        return selectSamples(set, source.selection);
    }
    if (!source.file.empty()) {
        SINKSCOPE_TRY(const std::string content, readSampleFile(source.file));
        SINKSCOPE_TRY(std::string text, parseWholeText(content, source.file));
        if (text.empty())
            return Error{ErrorCode::EmptyText, "holds no text", source.file};
        return oneText(std::move(text), source.file);
    }
    if (source.text.empty())
        return Error{ErrorCode::EmptyText, "there is no text", {}};
    return oneText(source.text, {});
}

Result<void> readTexts(const TextSource& source, RunRequest& request) {
    SINKSCOPE_TRY(const auto set, readSamples(source));
    const bool grouped = set->groups() != std::vector<std::string>{""};
    for (const Sample& sample : set->samples) {
        request.texts.push_back(sample.text);
        if (grouped)
            request.groups.push_back(sample.group);
    }
    if (!source.samples.empty())
        request.sampleSet = set->fingerprint();
    return {};
}

} // namespace sinkscope
