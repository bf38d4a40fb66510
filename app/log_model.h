// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/log.h"

#include <QAbstractTableModel>
#include <QDateTime>

#include <deque>

namespace sinkscope {

/// The lines of the log, newest last, at most `kMaxLines`. While it lives it is the destination of logMessage and of Qt's own
/// messages; warnings still go to standard error. Thread: gui (lines may come from any thread).
class LogModel : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr int kMaxLines = 5000;
    enum Column { Time, Level, Text, ColumnCount };

    explicit LogModel(QObject* parent = nullptr);
    ~LogModel() override;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// How many warnings and errors have come so far.
    [[nodiscard]] int warnings() const { return m_warnings; }
    [[nodiscard]] QString plainText() const;
    void clear();

Q_SIGNALS:
    void warningsChanged(int warnings);

private:
    struct Line {
        QDateTime time;
        LogLevel level;
        QString text;
    };
    void append(LogLevel level, const QString& text);
    [[nodiscard]] static QString levelName(LogLevel level);

    std::deque<Line> m_lines;
    int m_warnings = 0;
};

} // namespace sinkscope
