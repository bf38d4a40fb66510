// SPDX-License-Identifier: Apache-2.0
#include "core/base/parameter_spec.h"

#include <charconv>
#include <cmath>

namespace sinkscope {
namespace {

std::string plain(double value) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    return {digits, end.ptr};
}

std::string allowed(const ParameterSpec& parameter) {
    if (parameter.choices.empty())
        return (parameter.integer ? "a whole number from " : "a number from ") + plain(parameter.low) + " to " + plain(parameter.high);
    std::string text = "one of";
    for (const std::string_view choice : parameter.choices)
        text.append(" ").append(choice);
    return text;
}

} // namespace

double valueOf(const ParameterValues& values, std::string_view owner, const ParameterSpec& parameter) {
    std::string key(owner);
    key.append(".").append(parameter.id);
    const auto found = values.find(key);
    return found == values.end() ? parameter.standard : found->second;
}

Result<double> parseParameter(const ParameterSpec& parameter, std::string_view text) {
    for (std::size_t i = 0; i < parameter.choices.size(); ++i)
        if (parameter.choices[i] == text)
            return static_cast<double>(i);
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isNumber = problem == std::errc() && end == text.data() + text.size() && parameter.choices.empty();
    if (!isNumber || !(value >= parameter.low && value <= parameter.high) || (parameter.integer && value != std::floor(value)))
        return Error{ErrorCode::InvalidArgument, std::string(parameter.id) + " is \"" + std::string(text) + "\"; give " + allowed(parameter), {}};
    return value;
}

std::string textOf(const ParameterSpec& parameter, double value) {
    const auto index = static_cast<std::size_t>(value);
    return index < parameter.choices.size() ? std::string(parameter.choices[index]) : plain(value);
}

} // namespace sinkscope
