// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <QList>
#include <QString>
#include <QToolButton>

#include <utility>

namespace sinkscope {

/// Where a number comes from.
struct Explanation {
    QString title;
    QString value;     ///< as shown, with its interval; may be empty
    QString reading;   ///< formula and how to read it
    QString source;    ///< paper, or "our definition"
    QList<std::pair<QString, QString>> parameters; ///< that it was made with
};
/// Of a metric; with the parameters of `analysis`, or the standard ones while there is none.
Explanation explanationOf(const MetricSpec& metric, const AnalysisResult* analysis, const QString& value = {});
/// Rich text, wrapped: for tooltips and the popup.
QString explanationHtml(const Explanation& explanation);

/// Opens the explanation beside `anchor`: text to select and copy, gone with the next click elsewhere or Escape. Thread: gui.
void showExplanation(const Explanation& explanation, QWidget* anchor, const QPoint& globalPosition);

/// The mark beside a number that explains it: a tooltip when the pointer rests, the popup when it is pressed. Thread: gui.
class ExplainButton : public QToolButton {
    Q_OBJECT
public:
    explicit ExplainButton(QWidget* parent = nullptr);
    void setExplanation(Explanation explanation);
    [[nodiscard]] const Explanation& explanation() const { return m_explanation; }

private:
    Explanation m_explanation;
};

} // namespace sinkscope
