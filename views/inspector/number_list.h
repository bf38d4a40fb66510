// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QMap>
#include <QScrollArea>

class QGridLayout;
class QLabel;
class QProgressBar;
class QVBoxLayout;

namespace sinkscope {

/// Names and numbers below each other, headings, notes, buttons for what has not been computed yet, and a line that says what is under way.
/// Copied as tab-separated values. Fill it between `clear` and `finish`. Thread: gui.
class NumberList : public QScrollArea {
    Q_OBJECT
public:
    explicit NumberList(QWidget* parent = nullptr);

    void clear();
    /// `isWarning`: in the colour of warnings.
    void add(const QString& name, const QString& value, bool isWarning = false);
    /// A name on a line of its own, which breaks where its parts end.
    void addTitle(const QString& text);
    void addHeading(const QString& text);
    void addNote(const QString& text);
    void addButton(const QString& text, const QString& id, const QString& toolTip = {});
    void finish();

    /// Several may be under way; the line shows the latest of them. Stays over `clear`.
    void showProgress(const QString& what, double fraction);
    /// Empty: all of them.
    void endProgress(const QString& what);

    [[nodiscard]] QString asTsv() const;

Q_SIGNALS:
    /// A button was pressed; "stop": that of the progress line.
    void askedFor(const QString& id);

private:
    void updateProgress();
    QWidget* m_page = nullptr;
    QGridLayout* m_rows = nullptr;
    QStringList m_lines;
    QMap<QString, double> m_running;
    QWidget* m_progressRow = nullptr; ///< of the page
    QLabel* m_progressText = nullptr;
    QProgressBar* m_progress = nullptr;
};

} // namespace sinkscope
