// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_reader.h"

#include "core/io/mapped_file.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

/// Nesting deeper than any published file; a guard against input that is one long run of brackets.
constexpr int kMaxDepth = 64;

const Json* memberOf(const Json& object, std::string_view key) {
    if (!object.is_object())
        return nullptr;
    const auto found = object.find(std::string(key));
    return found == object.end() ? nullptr : &*found;
}

} // namespace

Result<Json> parseJson(std::string_view text, ErrorCode invalid, const std::filesystem::path& file) {
    bool tooDeep = false;
    const auto guard = [&tooDeep](int depth, Json::parse_event_t, Json&) {
        tooDeep = tooDeep || depth > kMaxDepth;
        return !tooDeep;
    };
    Json value = Json::parse(text.begin(), text.end(), guard, false);
    if (tooDeep)
        return Error{invalid, "JSON nested deeper than " + std::to_string(kMaxDepth) + " levels", file};
    if (value.is_discarded())
        return Error{invalid, "not valid JSON", file};
    return value;
}

Result<Json> readJson(const std::filesystem::path& path, ErrorCode invalid, std::uint64_t maxBytes) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    const auto bytes = file->bytes();
    if (bytes.size() > maxBytes)
        return Error{invalid,
                     "JSON file of " + std::to_string(bytes.size()) + " bytes, more than the " + std::to_string(maxBytes) + " allowed",
                     path};
    return parseJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, invalid, path);
}

std::optional<std::int64_t> integerOf(const Json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    const double number = value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN(); // some exporters write 32.0
    if (!(number > -9e15 && number < 9e15) || number != static_cast<double>(static_cast<std::int64_t>(number)))
        return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> integerAt(const Json& object, std::string_view key) {
    const Json* member = memberOf(object, key);
    return member ? integerOf(*member) : std::nullopt;
}

std::optional<double> numberAt(const Json& object, std::string_view key) {
    const Json* member = memberOf(object, key);
    return member && member->is_number() ? std::optional(member->get<double>()) : std::nullopt;
}

std::optional<bool> booleanAt(const Json& object, std::string_view key) {
    const Json* member = memberOf(object, key);
    return member && member->is_boolean() ? std::optional(member->get<bool>()) : std::nullopt;
}

std::optional<std::string> stringAt(const Json& object, std::string_view key) {
    const Json* member = memberOf(object, key);
    return member && member->is_string() ? std::optional(member->get<std::string>()) : std::nullopt;
}

} // namespace sinkscope
