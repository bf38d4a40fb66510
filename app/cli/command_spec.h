// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace sinkscope {

/// A subcommand of sinkscope-cli: one file in this folder, listed in CMakeLists.txt (list `cli_commands`).
struct CommandSpec {
    using Work = std::function<Result<void>(JobContext&)>;

    std::string_view id;      ///< what the user types
    std::string_view summary; ///< one line of the help
    bool computes = false;    ///< runs models: the BLAS is set up before anything else
    /// Declares the options on `command` and returns what to do once they are parsed. The options live in what is returned.
    /// Output goes to stdout through app/cli/output.h; progress and cancelling go through the JobContext.
    Work (*declare)(CLI::App& command);
};
std::span<const CommandSpec* const> cli_commands();

} // namespace sinkscope
