// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sinkscope {

/// Where the texts of a run come from: exactly one of the three is given.
struct TextSource {
    std::string text;    ///< one text
    std::string file;    ///< a file that is one text
    std::string samples; ///< a file with a text in every line
    [[nodiscard]] bool given() const { return !text.empty() || !file.empty() || !samples.empty(); }
};

/// Declares --text, --file and --samples, of which at most one may be given (exactly one if `required`).
void addTextOptions(CLI::App& command, TextSource& source, bool required);
/// Empty lines of --samples are left out; a final line break of --file does not belong to the text.
/// Errors: EmptyText, and those of reading a file; InvalidArgument when it is unreasonably long.
Result<std::vector<std::string>> readTexts(const TextSource& source);

} // namespace sinkscope
