// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_condition.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

std::string textAt(const Json& config, const ArchSpec& arch, std::string_view path) {
    const auto setting = settingAt(config, arch, path);
    return setting ? setting->dump(-1, ' ', true, Json::error_handler_t::replace) : std::string();
}

bool termHolds(std::string_view term, const Json& config, const ArchSpec& arch) {
    const auto equals = term.find('=');
    if (equals != std::string_view::npos) {
        const bool differs = equals > 0 && term[equals - 1] == '!';
        const auto key = term.substr(0, differs ? equals - 1 : equals);
        return (textAt(config, arch, key) == term.substr(equals + 1)) != differs;
    }
    const bool negated = term.starts_with('!');
    return (textAt(config, arch, term.substr(negated ? 1 : 0)) == "true") != negated;
}

bool allHold(std::string_view terms, const Json& config, const ArchSpec& arch) {
    while (!terms.empty()) {
        const auto end = std::min(terms.find('&'), terms.size());
        if (!termHolds(terms.substr(0, end), config, arch))
            return false;
        terms.remove_prefix(std::min(end + 1, terms.size()));
    }
    return true;
}

} // namespace

const Json* valueAt(const Json& config, std::string_view path) {
    const Json* at = &config;
    while (at && !path.empty()) {
        const auto end = std::min(path.find('.'), path.size());
        if (!at->is_object())
            return nullptr;
        const auto found = at->find(std::string(path.substr(0, end)));
        at = found == at->end() || found->is_null() ? nullptr : &*found;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return at;
}

std::optional<Json> settingAt(const Json& config, const ArchSpec& arch, std::string_view path) {
    if (const Json* value = valueAt(config, path))
        return *value;
    for (const ConfigDefault& fallback : arch.defaults)
        if (fallback.key == path && holds(fallback.when, config, arch))
            return Json::parse(fallback.value);
    return std::nullopt;
}

Json flattened(const Json& config, const ArchSpec& arch) {
    Json result = config;
    if (const Json* inner = arch.nested.empty() ? nullptr : valueAt(config, arch.nested); inner && inner->is_object())
        result.update(*inner);
    return result;
}

bool holds(Condition condition, const Json& config, const ArchSpec& arch) {
    if (condition == "true")
        return true;
    while (!condition.empty()) {
        const auto end = std::min(condition.find('|'), condition.size());
        if (allHold(condition.substr(0, end), config, arch))
            return true;
        condition.remove_prefix(std::min(end + 1, condition.size()));
    }
    return false;
}

} // namespace sinkscope
