// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QEvent>
#include <QScrollArea>
#include <QStyle>

namespace sinkscope {

/// Scrolls up and down only: never narrower than its page.
class PageScroll : public QScrollArea {
public:
    [[nodiscard]] QSize minimumSizeHint() const override {
        const int page = widget() ? widget()->minimumSizeHint().width() : 0;
        return {page + style()->pixelMetric(QStyle::PM_ScrollBarExtent, nullptr, this) + 2, QScrollArea::minimumSizeHint().height()};
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override { // the base class watches its page
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry(); // it may have become wider: rows that are made while the card is hidden have no size before it is shown
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace sinkscope
