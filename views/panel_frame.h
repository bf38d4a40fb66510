// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QFrame>
#include <QJsonObject>

class QAction;
class QActionGroup;
class QHBoxLayout;
class QLabel;
class QMenu;
class QStackedLayout;
class QToolButton;

namespace sinkscope {

/// What every panel looks like: a small upper-case title at the left, flat buttons and menus at the right, the content below, and a
/// quiet text in its place while there is nothing to show. Panels derive from it. Thread: gui.
class PanelFrame : public QFrame {
    Q_OBJECT
public:
    explicit PanelFrame(const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    [[nodiscard]] QString title() const { return m_title; }
    /// Quiet text at the right of the header ("76"), before the buttons.
    void setNote(const QString& note);
    /// A flat button for an action (checkable ones stay pressed).
    QToolButton* addButton(QAction* action);
    /// A flat button that opens a menu.
    QToolButton* addMenu(const QString& label, QMenu* menu);
    /// A flat button that shows the checked action of a group and opens the group as a menu; `name` says what is chosen.
    QToolButton* addChoice(const QString& name, QActionGroup* group);
    /// Any small widget, between the title and the buttons that follow.
    void addHeaderWidget(QWidget* widget);

    /// Takes ownership.
    void setContent(QWidget* content);
    /// What to show while `setEmpty(true)`: a heading and a sentence below it.
    void setEmptyText(const QString& heading, const QString& hint);
    void setEmpty(bool empty);
    [[nodiscard]] bool isEmpty() const;

    /// Adds an export button. When it is pressed `exportRequested` carries `recipe()`.
    void enableExport();
    /// The recipe of the figure that shows what the panel shows now (figure_spec.h), without capture and output. Empty: none.
    [[nodiscard]] virtual QJsonObject recipe() const { return {}; }

    /// Puts a line about what is under the cursor into the status bar of the window (a QStatusTipEvent, as menus send it).
    void showStatus(const QString& text);

Q_SIGNALS:
    /// The user wants what this panel shows as a figure. The application asks for a file and writes it.
    void exportRequested(const QJsonObject& recipe);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitHeader();
    QString m_title;
    QLabel* m_titleLabel;
    QLabel* m_note;
    QHBoxLayout* m_header;
    QStackedLayout* m_stack;
    QWidget* m_empty;
    QLabel* m_emptyHeading;
    QLabel* m_emptyHint;
};

} // namespace sinkscope
