// SPDX-License-Identifier: Apache-2.0
#include "views/models/text_format.h"

#include <QCoreApplication>
#include <QTextBoundaryFinder>

#include <cmath>

namespace sinkscope {
namespace {

constexpr QChar kThinSpace(0x2009);

/// Three significant digits below 1000 of a unit, without trailing ".0".
QString threeDigits(double value) {
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    QString text = QString::number(value, 'f', decimals);
    if (text.contains(QLatin1Char('.')))
        while (text.endsWith(QLatin1Char('0')))
            text.chop(1);
    if (text.endsWith(QLatin1Char('.')))
        text.chop(1);
    return text;
}

QString scaled(quint64 value, std::initializer_list<const char*> units) {
    double number = static_cast<double>(value);
    auto unit = units.begin();
    while (number >= 999.5 && std::next(unit) != units.end()) {
        number /= 1000.0;
        ++unit;
    }
    const QString suffix = QString::fromLatin1(*unit);
    return suffix.isEmpty() ? threeDigits(number) : threeDigits(number) + QChar(0x00a0) + suffix;
}

QString readable(QString text) {
    text.replace(QStringLiteral("\r\n"), QStringLiteral("⏎")).replace(QLatin1Char('\n'), QChar(0x23ce));
    return text.replace(QLatin1Char('\r'), QChar(0x23ce)).replace(QLatin1Char('\t'), QChar(0x21e5));
}

QString displayOf(const SampleTokens& tokens, int token) {
    const auto index = static_cast<std::size_t>(token);
    return token >= 0 && index < tokens.display.size() ? readable(QString::fromStdString(tokens.display[index])) : QString();
}

} // namespace

QString groupedDigits(qint64 value) {
    QString digits = QString::number(value < 0 ? -static_cast<quint64>(value) : static_cast<quint64>(value));
    for (qsizetype i = digits.size() - 3; i > 0; i -= 3)
        digits.insert(i, kThinSpace);
    return value < 0 ? QChar(0x2212) + digits : digits;
}

QString shortCount(quint64 value) {
    return scaled(value, {"", "k", "M", "B", "T"});
}

QString byteText(quint64 bytes) {
    return scaled(bytes, {"B", "kB", "MB", "GB", "TB"});
}

QString numberText(double value) {
    if (!std::isfinite(value))
        return std::isnan(value) ? QStringLiteral("–") : value > 0 ? QStringLiteral("∞") : QStringLiteral("−∞");
    const double size = std::abs(value);
    QString text;
    if (size != 0.0 && size < 0.001)
        text = QString::number(size, 'e', 1);
    else
        text = size >= 1000 ? groupedDigits(std::llround(size)) : QString::number(size, 'f', size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
    return value < 0 ? QChar(0x2212) + text : text;
}

QString metricText(const MetricSpec& metric, std::optional<double> value) {
    if (!value)
        return QStringLiteral("–");
    return metric.percent ? QString::number(*value * 100.0, 'f', 0) + QChar(0x202f) + QLatin1Char('%') : numberText(*value);
}

QString pieceLabel(const SampleTokens& tokens, int token) {
    const QString text = displayOf(tokens, token);
    const QString trimmed = text.trimmed();
    return !trimmed.isEmpty() ? trimmed : text.isEmpty() ? QStringLiteral("∅") : QString(text.size(), QChar(0x2423));
}

QString pieceWithSpaces(const SampleTokens& tokens, int token) {
    QString text = displayOf(tokens, token);
    if (text.isEmpty())
        return QStringLiteral("∅");
    for (qsizetype i = 0; i < text.size() && text[i] == QLatin1Char(' '); ++i)
        text[i] = QChar(0x2423);
    for (qsizetype i = text.size() - 1; i >= 0 && text[i] == QLatin1Char(' '); --i)
        text[i] = QChar(0x2423);
    return text;
}

QString shortened(const QString& text, int characters) {
    if (text.size() <= characters)
        return text;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    qsizetype cut = 0;
    for (int i = 0; i < characters; ++i) {
        const qsizetype next = finder.toNextBoundary();
        if (next < 0 || next == text.size())
            return text;
        if (i == characters - 2)
            cut = next;
    }
    return text.left(cut) + QChar(0x2026);
}

QString headTitle(LayerId layer, HeadId head) {
    return QCoreApplication::translate("Views", "Layer %1, head %2").arg(layer.value).arg(head.value);
}

} // namespace sinkscope
