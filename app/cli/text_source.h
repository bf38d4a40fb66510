// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/corpus/sample_set.h"
#include "core/session/capture_run.h"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace sinkscope {

/// Where the texts of a run come from: exactly one of the first three is given.
struct TextSource {
    std::string text;    ///< one text
    std::string file;    ///< a file that is one text
    std::string samples; ///< a sample set: text file, JSON lines or folder; or the name of a bundled one
    SampleSelection selection{}; ///< which samples of the set
    [[nodiscard]] bool given() const { return !text.empty() || !file.empty() || !samples.empty(); }
};

/// Declares --text, --file and --samples, of which at most one may be given (exactly one if `required`), and --limit, --sample-seed and
/// --groups, which choose among the samples.
void addTextOptions(CLI::App& command, TextSource& source, bool required);
/// The same with --samples alone, which must be given.
void addSampleOptions(CLI::App& command, TextSource& source);

/// Errors: EmptyText, those of openSampleSet, selectSamples and of reading a file.
Result<std::shared_ptr<const SampleSet>> readSamples(const TextSource& source);
/// The same, into a request.
Result<void> readTexts(const TextSource& source, RunRequest& request);

} // namespace sinkscope
