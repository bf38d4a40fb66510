// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace sinkscope {

/// A choice that an analysis or a projection leaves to its user, as data: forms, command lines and checks are made from it.
struct ParameterSpec {
    std::string_view id;          ///< "threshold"
    std::string_view title;       ///< sentence case
    std::string_view explanation; ///< what it does, with its unit
    double low = 0, high = 1, standard = 0;
    bool integer = false;
    /// Named variants. The value is then an index into them, and low and high are ignored.
    std::span<const std::string_view> choices{};
};

/// Values that were chosen, by "<owner>.<parameter>"; what is not in it has its standard value.
using ParameterValues = std::map<std::string, double, std::less<>>;

/// Thread: any.
double valueOf(const ParameterValues& values, std::string_view owner, const ParameterSpec& parameter);
/// Reads "0.5" or the name of a choice. Errors: InvalidArgument, saying what is allowed.
Result<double> parseParameter(const ParameterSpec& parameter, std::string_view text);
/// The other direction: "0.5", "mean".
std::string textOf(const ParameterSpec& parameter, double value);

} // namespace sinkscope
