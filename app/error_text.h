// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <QString>

namespace sinkscope {

/// What the window says about an error, in the language of the interface. Thread: gui.
struct ErrorText {
    QString title;  ///< what kind of failure it is
    QString detail; ///< names and numbers, as core reported them
    QString file;   ///< empty when the error is about no file
    QString remedy; ///< what to try, as a sentence
};

QString titleOf(ErrorCode code);
QString remedyText(ErrorCode code);
ErrorText errorText(const Error& error);

} // namespace sinkscope
