// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QLabel>
#include <QResizeEvent>
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <QToolButton>

#include <algorithm>

namespace sinkscope {

/// A label that gives way: it elides instead of forcing a minimum width on the column, and then says all of it in its tool tip.
class ElidingLabel : public QLabel {
public:
    using QLabel::QLabel;
    /// Short titles are never cut; long ones give way before the buttons do.
    [[nodiscard]] QSize minimumSizeHint() const override { return {std::min(sizeHint().width(), 96), QLabel::minimumSizeHint().height()}; }
    void setFullText(const QString& text) {
        m_full = text;
        elide();
        updateGeometry();
    }
    [[nodiscard]] QSize sizeHint() const override {
        return {fontMetrics().horizontalAdvance(m_full) + 2, QLabel::sizeHint().height()};
    }

protected:
    void resizeEvent(QResizeEvent* event) override {
        QLabel::resizeEvent(event);
        elide();
    }

private:
    void elide() {
        setText(fontMetrics().elidedText(m_full, Qt::ElideRight, width()));
        setToolTip(text() == m_full ? QString() : m_full);
    }
    QString m_full;
};

/// A button that elides its text where there is no room for it.
class ElidingButton : public QToolButton {
public:
    using QToolButton::QToolButton;
    [[nodiscard]] QSize minimumSizeHint() const override {
        return {std::min(sizeHint().width(), fontMetrics().averageCharWidth() * 7 + kExtra), sizeHint().height()};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QStylePainter painter(this);
        QStyleOptionToolButton option;
        initStyleOption(&option);
        option.text = fontMetrics().elidedText(option.text, Qt::ElideRight, width() - kExtra);
        painter.drawComplexControl(QStyle::CC_ToolButton, option);
    }

private:
    static constexpr int kExtra = 26; ///< the style sheet's padding and chevron
};

} // namespace sinkscope
