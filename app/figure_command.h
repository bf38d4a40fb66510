// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QString>

namespace sinkscope {

/// `sinkscope --figure RECIPE -o OUTPUT`: draws without a window. Returns the exit code; an error is one line on standard error.
/// Needs a QApplication.
int runFigureCommand(const QString& recipeFile, const QString& output);

} // namespace sinkscope
