// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QByteArray>

namespace sinkscope {

/// A <style> element with the fonts that an SVG's texts use, cut down to their characters (HarfBuzz) and embedded, so that the drawing
/// looks the same where they are not installed. Empty when no font file is found: viewers then use their own. Thread: gui.
QByteArray embeddedFonts(const QByteArray& svg);

} // namespace sinkscope
