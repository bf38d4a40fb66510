// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/theme.h"

#include <QString>

#include <string_view>

namespace sinkscope {

/// A kind of reference frame (FrameVerdict::kind) as people read it: "Centralized".
QString kindTitle(std::string_view kind);
/// One letter that stands for it where there is no room: C, D, B, – (none), ? (undecided, not enough).
QString kindLetter(std::string_view kind);
/// The same colour everywhere; grey for what is no frame.
QColor kindColor(std::string_view kind, const Theme& theme);

} // namespace sinkscope
