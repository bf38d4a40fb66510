// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QObject>
#include <QWidget>

namespace sinkscope {

/// Says when what a panel shows is out of date. A panel that nobody sees (another tab is in front) is told once it is shown, so that it costs
/// nothing. What makes it out of date is for derived classes to connect with `outdate`. Thread: gui.
class SeenFollower : public QObject {
    Q_OBJECT
public:
    explicit SeenFollower(QWidget* panel);

public Q_SLOTS:
    /// What the panel shows is out of date.
    void outdate();

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void catchUp();
    QWidget* m_panel;
    bool m_isOutdated = false; ///< while hidden
};

} // namespace sinkscope
