// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/base/ids.h"
#include "core/capture/capture.h"

#include <QString>

#include <optional>
#include <string_view>

namespace sinkscope {

/// Core's strings are UTF-8.
inline QString utf8Text(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
/// "50 304" with thin spaces, the same in every language: these numbers are compared with other tools'.
QString groupedDigits(qint64 value);
/// "14.1 M", "8.03 B", "512".
QString shortCount(quint64 value);
/// "28 MB", "1.2 GB" (powers of 1000, as disks and download pages count).
QString byteText(quint64 bytes);
/// "0.713", "1.2e-05"; three significant digits.
QString numberText(double value);
/// A metric's value as people read it: "52 %", "1.31", or a dash when there is none.
QString metricText(const MetricSpec& metric, std::optional<double> value);

/// How a token reads on an axis: without surrounding white space, which alone shows as "␣", line ends as "⏎". Never empty.
QString pieceLabel(const SampleTokens& tokens, int token);
/// The same with every leading and trailing space visible as "␣": for tables and tooltips, where " the" and "the" must differ.
QString pieceWithSpaces(const SampleTokens& tokens, int token);
/// Cut to `characters` user-perceived characters with an ellipsis.
QString shortened(const QString& text, int characters);

/// "Layer 2, head 1"
QString headTitle(LayerId layer, HeadId head);

} // namespace sinkscope
