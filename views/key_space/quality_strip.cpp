// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/quality_strip.h"

#include "views/vtk/key_space_scene.h"

#include <QLocale>

#include <cmath>

namespace sinkscope {

namespace {

double shareOfVariance(const std::map<std::string, double>& numbers) {
    double sum = 0;
    for (int k = 1; k <= 3; ++k)
        if (const auto found = numbers.find("explained_variance_" + std::to_string(k)); found != numbers.end())
            sum += found->second;
    return sum;
}

} // namespace

QualityStrip::QualityStrip(QWidget* parent) : QLabel(parent) {
    setProperty("muted", true);
    setAccessibleName(tr("Quality of the picture"));
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    setFocusPolicy(Qt::NoFocus);
}

void QualityStrip::clear() {
    m_parts.clear();
    setToolTip(QString());
    fit();
}

void QualityStrip::show(const KeySpaceData& space, const KeySpaceQuality* quality) {
    const auto& numbers = quality ? quality->numbers : space.projection->quality;
    QStringList longer;
    m_parts.clear();
    const auto add = [&](const QString& name, const QString& value, const QString& meaning) {
        m_parts << QStringLiteral("%1 %2").arg(name, value);
        longer << QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=right><b>%2</b>&nbsp;&nbsp;</td><td>%3</td></tr>").arg(name, value, meaning.toHtmlEscaped());
    };
    const auto take = [&](const char* key, const QString& name, const QString& meaning) {
        if (const auto found = numbers.find(key); found != numbers.end())
            add(name, KeySpaceText::number(std::round(found->second * 1000) / 1000), meaning);
    };
    if (const double variance = shareOfVariance(numbers); variance > 0)
        add(tr("variance"), tr("%1 %").arg(qRound(100 * variance)), tr("of the vectors' variance that the three axes show"));
    take("trustworthiness", tr("trustworthiness"), tr("1: no stranger has come near in the picture"));
    take("continuity", tr("continuity"), tr("1: no neighbour has been torn away"));
    take("neighbourhood_preservation", tr("neighbours kept"), tr("share of the nearest in the data that are nearest in the picture"));
    take("stress", tr("stress"), tr("0: all distances are as in the data"));
    if (space.residual)
        add(tr("aligned to %1, residual").arg(QString::fromStdString(space.question.nameOfStep(space.question.alignTo))), KeySpaceText::number(*space.residual),
            space.reflected ? tr("0: both are alike; the picture was mirrored") : tr("0: both are alike"));
    if (space.clusters)
        add(tr("clusters explain"), tr("%1 %").arg(qRound(100 * space.clusters->explained)), tr("of the vectors' variance lies between the clusters (k-means)"));
    const QString count = QLocale().toString(space.count());
    const auto captured = static_cast<qlonglong>(space.cloud->captured);
    add(tr("points"), captured > space.count() ? tr("%1 of %2").arg(count, QLocale().toString(captured)) : count, tr("shown, of those that were captured"));
    if (quality && quality->dimension)
        add(tr("intrinsic dimension"), KeySpaceText::number(quality->dimension->twoNearest), tr("TwoNN, of the vectors"));
    if (quality && quality->effectiveRank > 0) {
        add(tr("effective rank"), KeySpaceText::number(quality->effectiveRank), tr("of the vectors, not centred"));
        add(tr("anisotropy"), KeySpaceText::number(quality->anisotropy), tr("share of the strongest direction"));
    }
    setToolTip(QStringLiteral("<table>%1</table>").arg(longer.join(QString())));
    setAccessibleDescription(m_parts.join(QStringLiteral(", ")));
    fit();
}

void QualityStrip::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    fit();
}

void QualityStrip::fit() {
    QString text;
    const int room = contentsRect().width();
    for (const QString& part : m_parts) {
        const QString longer = text.isEmpty() ? part : text + QStringLiteral("  ·  ") + part;
        if (fontMetrics().horizontalAdvance(longer) > room && !text.isEmpty()) {
            text += QStringLiteral(" …");
            break;
        }
        text = longer;
    }
    if (text != this->text())
        setText(text);
}

} // namespace sinkscope
