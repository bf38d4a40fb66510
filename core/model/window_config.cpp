// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_condition.h"
#include "core/model/config_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

constexpr std::int64_t kMaxWindow = 1 << 24;

/// An integer in least..kMaxWindow at a key; `absent` without it, 0 when it is null.
Result<int> sizeAt(const Json& config, std::string_view key, int least, int absent, const std::filesystem::path& file) {
    if (key.empty())
        return absent;
    const auto found = config.find(std::string(key));
    if (found == config.end() || found->is_null())
        return found == config.end() ? absent : 0;
    const auto value = integerAt(config, key);
    if (!value || *value < least || *value > kMaxWindow)
        return Error{ErrorCode::ConfigInvalid, keyValueText(config, key) + ": expected an integer from " + std::to_string(least) + " to " +
                                                  std::to_string(kMaxWindow), file};
    return static_cast<int>(*value);
}

bool hasWindow(const WindowRule& rule, int pattern, int layer) {
    using Pattern = WindowRule::Pattern;
    switch (rule.pattern) {
    case Pattern::None: return false;
    case Pattern::All: return true;
    case Pattern::FromLayer: return layer >= pattern;
    case Pattern::UnlessLastOf: return (layer + 1) % pattern != 0;
    case Pattern::UnlessFirstOf: return layer % pattern != 0;
    }
    return false;
}

/// The names of the kinds of layers that transformers writes.
Result<std::vector<int>> fromLayerTypes(const Json& types, int layers, int size, const std::filesystem::path& file) {
    if (!types.is_array() || types.size() != static_cast<std::size_t>(layers))
        return Error{ErrorCode::ConfigInvalid, "layer_types: expected a list of " + std::to_string(layers) + " names", file};
    std::vector<int> windows;
    for (const Json& type : types) {
        const bool near = type == "sliding_attention";
        if (!near && type != "full_attention")
            return Error{ErrorCode::Unavailable, "layer_types: " + type.dump(-1, ' ', true, Json::error_handler_t::replace) + " is not implemented", file};
        windows.push_back(near ? size : 0);
    }
    return windows;
}

/// 0 when the condition does not hold: a layer type that asks for a window then contradicts it and is refused by the caller.
Result<int> windowSize(const Json& config, const WindowRule& rule, const ArchSpec& arch, const std::filesystem::path& file) {
    if (!rule.when.empty() && !holds(rule.when, config, arch))
        return 0;
    SINKSCOPE_TRY(const int size, sizeAt(config, rule.sizeKey, 1, rule.size, file));
    return rule.isWholeSpan && size > 0 ? size / 2 + 1 : size;
}

} // namespace

Result<void> readWindows(const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    const WindowRule& rule = spec.arch->window;
    if (rule.pattern == WindowRule::Pattern::None) {
        const Json* types = valueAt(config, "layer_types");
        if (!types || (types->is_array() && std::ranges::all_of(*types, [](const Json& type) { return type == "full_attention"; })))
            return {};
        return Error{ErrorCode::Unavailable, "layer_types: only full_attention is implemented for " + std::string(spec.arch->title), file};
    }
    SINKSCOPE_TRY(const int size, windowSize(config, rule, *spec.arch, file));
    std::vector<int> windows;
    if (const Json* types = valueAt(config, "layer_types")) {
        SINKSCOPE_TRY(windows, fromLayerTypes(*types, spec.layers, size, file));
        if (size == 0 && std::ranges::any_of(*types, [](const Json& type) { return type == "sliding_attention"; }))
            return Error{ErrorCode::ConfigInvalid, "layer_types asks for windows, and " + std::string(rule.sizeKey) + " gives no size", file};
    } else {
        const int least = rule.pattern == WindowRule::Pattern::FromLayer ? 0 : 1;
        SINKSCOPE_TRY(const int pattern, sizeAt(config, rule.patternKey, least, rule.patternSize, file));
        for (int layer = 0; layer < spec.layers; ++layer)
            windows.push_back(hasWindow(rule, std::max(pattern, least), layer) ? size : 0);
    }
    if (std::ranges::any_of(windows, [](int window) { return window > 0; }))
        spec.headRules.windows = std::move(windows);
    return {};
}

} // namespace sinkscope
