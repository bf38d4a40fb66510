// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command_spec.h"
#include "core/base/printable.h"
#include "core/nn/forward.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <new>
#include <thread>
#include <unistd.h>

namespace sinkscope {
namespace {

constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2, kCancelled = 130;

std::stop_source& stopSource() {
    static std::stop_source source;
    return source;
}

/// The first Ctrl+C asks the work to stop, a second one ends a program that does not listen. Signals are taken by a thread of their own and blocked
/// in all others: where a handler interrupted one of oneDNN's products the heap was found corrupted (its kernels seem to use the stack their own
/// way). To be called before there are other threads, which inherit the mask.
void installStopHandler() {
    static sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    stopSource();
    std::thread([] {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0)
            return;
        stopSource().request_stop();
        std::signal(SIGINT, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr); // the next one ends the program, whichever thread it comes to
        for (;;)
            pause();
    }).detach();
}

/// Progress rewrites one line of a terminal; elsewhere it would only fill log files.
JobContext makeContext() {
    if (isatty(STDERR_FILENO) == 0)
        return JobContext(stopSource().get_token(), nullptr);
    return JobContext(stopSource().get_token(), [](double fraction, const std::string& text) {
        std::fprintf(stderr, "\r\x1b[K%3.0f%% %.60s%s", fraction * 100, text.c_str(), fraction >= 1 ? "\r\x1b[K" : "");
    });
}

int reportError(const Error& error) {
    if (isatty(STDERR_FILENO) != 0)
        std::fprintf(stderr, "\r\x1b[K"); // whatever progress was there
    std::fprintf(stderr, "sinkscope-cli: %s\n", describe(error).c_str());
    if (error.code == ErrorCode::Cancelled)
        return kCancelled;
    return error.code == ErrorCode::InvalidArgument ? kWrongUsage : kFailed;
}

Result<void> runGuarded(const CommandSpec::Work& work) {
    try {
        JobContext context = makeContext();
        return work(context);
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "an allocation failed", {}};
    } catch (const std::exception& failure) {
        return Error{ErrorCode::Internal, failure.what(), {}};
    }
}

/// CLI11 explains itself in several lines; a script wants one.
int reportUsage(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
        return app.exit(error);
    std::string program = app.get_name();
    for (const CLI::App* command : app.get_subcommands())
        program += " " + command->get_name();
    std::fprintf(stderr, "sinkscope-cli: %s (try: %s --help)\n", printable(error.what()).c_str(), program.c_str());
    return kWrongUsage;
}

const CommandSpec* commandOf(std::string_view word) {
    for (const CommandSpec* spec : cli_commands())
        if (spec->id == word)
            return spec;
    return nullptr;
}

/// Options of a command begin after its name, so the first word says enough.
bool computes(std::string_view word) {
    const CommandSpec* command = commandOf(word);
    return word == "--version" || (command && command->computes);
}

int runCommandLine(int argc, char** argv) {
    const std::string_view word = argc > 1 ? argv[1] : "";
    installStopHandler(); // before there is any other thread
    if (computes(word))
        selectBlasKernels(argc, argv);
    if (!word.empty() && !word.starts_with('-') && !commandOf(word)) {
        std::fprintf(stderr, "sinkscope-cli: there is no command '%s' (try: sinkscope-cli --help)\n", printable(word).c_str());
        return kWrongUsage;
    }
    CLI::App app("Attention sinks and reference frames of transformers, without a display.", "sinkscope-cli");
    app.require_subcommand(1);
    app.set_version_flag("--version", [] { return "sinkscope-cli " SINKSCOPE_VERSION "\n" + computeDescription(); });
    CommandSpec::Work chosen;
    for (const CommandSpec* spec : cli_commands()) {
        CLI::App* command = app.add_subcommand(std::string(spec->id), std::string(spec->summary));
        auto work = spec->declare(*command);
        command->callback([&chosen, work = std::move(work)] { chosen = work; });
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return reportUsage(app, error);
    }
    const auto done = runGuarded(chosen);
    return done ? kDone : reportError(done.error());
}

} // namespace
} // namespace sinkscope

int main(int argc, char** argv) { return sinkscope::runCommandLine(argc, argv); }
