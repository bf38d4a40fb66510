// SPDX-License-Identifier: Apache-2.0
#include "core/session/sweep_variant.h"

#include "core/base/printable.h"

#include <algorithm>

namespace sinkscope {
namespace {

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

ProbeSetting settingOf(const VariantChoice& choice, const LoadedModel& model) {
    return {*model.spec, *model.tokenizer, *choice.probe, choice.values, choice.texts};
}

/// "factor=8" of "rope_scaling:kind=ntk,factor=8".
Result<void> readSetting(std::string_view setting, VariantChoice& choice) {
    const ProbeSpec& probe = *choice.probe;
    const std::size_t equals = std::min(setting.find('='), setting.size());
    const std::string_view name = setting.substr(0, equals), value = setting.substr(std::min(equals + 1, setting.size()));
    const std::string key = std::string(probe.id) + "." + std::string(name);
    if (probe.text && probe.text->id == name && !value.empty()) {
        choice.texts[key] = value;
        return {};
    }
    const auto found = std::ranges::find(probe.parameters, name, &ParameterSpec::id);
    if (found == probe.parameters.end())
        return invalid("\"" + printable(setting, 60) + "\" sets nothing of the variant " + std::string(probe.id));
    SINKSCOPE_TRY(choice.values[key], parseParameter(*found, value));
    return {};
}

bool canBeVariant(const ProbeSpec& probe) { return !probe.edit && !probe.changeEmbedding; }

std::string listOf(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += ", " + word;
    return text;
}

} // namespace

std::vector<std::string> variantProbes() {
    std::vector<std::string> ids;
    for (const ProbeSpec* probe : probes())
        if (canBeVariant(*probe))
            ids.emplace_back(probe->id);
    return ids;
}

Result<VariantChoice> parseVariant(std::string_view text) {
    if (text == "intact")
        return VariantChoice{.id = "intact", .title = "as it is"};
    if (text == "bos=yes")
        return VariantChoice{.id = "bos=yes", .title = "with BOS", .bos = BosChoice::Yes};
    if (text == "bos=no")
        return VariantChoice{.id = "bos=no", .title = "without BOS", .bos = BosChoice::No};
    const std::size_t colon = std::min(text.find(':'), text.size());
    VariantChoice choice{.id = std::string(text), .title = {}};
    choice.probe = findProbe(text.substr(0, colon));
    if (choice.probe && !canBeVariant(*choice.probe))
        return invalid("\"" + printable(text, 60) + "\" is another edit in every sample: `sinkscope-cli probe` measures it");
    if (!choice.probe)
        return invalid("there is no variant \"" + printable(text, 60) + "\"; there are intact, bos=yes, bos=no" + listOf(variantProbes()));
    choice.title = std::string(choice.probe->title);
    for (std::string_view rest = text.substr(std::min(colon + 1, text.size())); !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        SINKSCOPE_CHECK(readSetting(rest.substr(0, comma), choice));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return choice;
}

VariantChange changeOf(const VariantChoice& choice, const LoadedModel& model) {
    VariantChange change;
    change.positions = model.spec->positionsText();
    if (choice.bos == BosChoice::Yes && !model.tokenizer->bosId())
        change.inapplicable = "its tokenizer has no BOS";
    if (!choice.probe || !choice.probe->changeRun)
        return change;
    auto intervention = std::make_shared<Intervention>();
    auto possible = choice.probe->changeRun(settingOf(choice, model), *intervention);
    if (possible)
        possible = checkIntervention(*model.spec, {}, *intervention);
    if (!possible) {
        change.inapplicable = possible.error().detail;
        return change;
    }
    change.positions = positionsText(*model.spec, *intervention);
    change.intervention = std::move(intervention);
    return change;
}

Result<SampleTokens> changedTokens(const VariantChoice& choice, const LoadedModel& model, const SampleTokens& sample) {
    if (!choice.probe || !choice.probe->changeTokens)
        return sample;
    ProbedTokens probed{.tokens = sample, .removed = 0};
    SINKSCOPE_TRY(const bool changed, choice.probe->changeTokens(settingOf(choice, model), probed));
    if (!changed)
        return Error{ErrorCode::Unavailable, "the sample has nothing that this variant changes", {}};
    return std::move(probed.tokens);
}

} // namespace sinkscope
