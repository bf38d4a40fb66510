// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace sinkscope {

/// An option whose value is one of some words: `--bos auto|yes|no`. `target` keeps its value unless the option is given.
template <typename T>
CLI::Option* addChoice(CLI::App& command, const std::string& name, T& target, const std::vector<std::pair<std::string, T>>& choices,
                       const std::string& help) {
    std::vector<std::string> words;
    std::string text;
    for (const auto& choice : choices) {
        words.push_back(choice.first);
        text += (text.empty() ? "" : "|") + choice.first;
    }
    const auto assign = [&target, choices](const std::string& word) {
        for (const auto& choice : choices)
            if (choice.first == word)
                target = choice.second;
    };
    const auto isChoice = [words, text](const std::string& word) {
        const bool known = std::find(words.begin(), words.end(), word) != words.end();
        return known ? std::string() : "'" + word + "' is not one of " + text;
    };
    return command.add_option_function<std::string>(name, assign, help)->check(isChoice)->option_text(text);
}

} // namespace sinkscope
