// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QProcess>
#include <QStringList>

namespace sinkscope::test {

/// What one run of sinkscope-cli left behind.
struct CliRun {
    int code = -1; ///< -1: it did not start, crashed or hung
    QByteArray out, err;
};

inline CliRun runProgram(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.start(program, arguments);
    const bool ended = process.waitForFinished(120000) && process.exitStatus() == QProcess::NormalExit;
    return {ended ? process.exitCode() : -1, process.readAllStandardOutput(), process.readAllStandardError()};
}

inline CliRun runCli(const QStringList& arguments) { return runProgram(QStringLiteral(SINKSCOPE_BINARY_DIR "/bin/sinkscope-cli"), arguments); }

/// True for exactly one line that says what is wrong and what to try.
inline bool isOneErrorLine(const QByteArray& text) {
    return text.startsWith("sinkscope-cli: ") && text.endsWith('\n') && text.count('\n') == 1 && text.contains("(try: ");
}

} // namespace sinkscope::test
