// SPDX-License-Identifier: Apache-2.0
#include "views/models/frame_kind.h"

#include <QCoreApplication>

namespace sinkscope {

QString kindTitle(std::string_view kind) {
    const auto translated = [](const char* text) { return QCoreApplication::translate("Frames", text); };
    if (kind == "centralized")
        return translated("Centralized");
    if (kind == "distributed")
        return translated("Distributed");
    if (kind == "bidirectional")
        return translated("Bidirectional");
    if (kind == "none")
        return translated("No frame");
    return kind == "undecided" ? translated("Undecided") : translated("Not enough");
}

QString kindLetter(std::string_view kind) {
    if (kind == "centralized")
        return QStringLiteral("C");
    if (kind == "distributed")
        return QStringLiteral("D");
    if (kind == "bidirectional")
        return QStringLiteral("B");
    return kind == "none" ? QStringLiteral("–") : QStringLiteral("?");
}

QColor kindColor(std::string_view kind, const Theme& theme) {
    if (kind == "centralized")
        return theme.categories[0];
    if (kind == "distributed")
        return theme.categories[2];
    if (kind == "bidirectional")
        return theme.categories[3];
    return kind == "none" ? theme.border : theme.chip;
}

} // namespace sinkscope
