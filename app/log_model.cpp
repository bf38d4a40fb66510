// SPDX-License-Identifier: Apache-2.0
#include "app/log_model.h"

#include "app/qt_text.h"

#include <QMetaObject>

#include <cstdio>

namespace sinkscope {
namespace {

void forwardQtMessage(QtMsgType type, const QMessageLogContext&, const QString& text) {
    const LogLevel level = type == QtDebugMsg || type == QtInfoMsg ? LogLevel::Debug
                           : type == QtWarningMsg                  ? LogLevel::Warning
                                                                   : LogLevel::Error;
    logMessage(level, "Qt: " + text.toStdString());
}

} // namespace

LogModel::LogModel(QObject* parent) : QAbstractTableModel(parent) {
    setLogSink([this](LogLevel level, const std::string& text) {
        if (level >= LogLevel::Warning)
            std::fprintf(stderr, "sinkscope: %s\n", text.c_str());
        QMetaObject::invokeMethod(
            this, [this, level, line = fromUtf8(text)] { append(level, line); }, Qt::QueuedConnection);
    });
    qInstallMessageHandler(forwardQtMessage);
}

LogModel::~LogModel() {
    qInstallMessageHandler(nullptr);
    setLogSink({});
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_lines.size()); }

int LogModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LogModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const Line& line = m_lines[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Time:
        return line.time.toString(QStringLiteral("HH:mm:ss.zzz"));
    case Level:
        return levelName(line.level);
    default:
        return line.text;
    }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time:
        return tr("Time");
    case Level:
        return tr("Level");
    default:
        return tr("Message");
    }
}

QString LogModel::plainText() const {
    QString all;
    for (const Line& line : m_lines)
        all += line.time.toString(Qt::ISODateWithMs) + QLatin1Char('\t') + levelName(line.level) + QLatin1Char('\t') +
               line.text + QLatin1Char('\n');
    return all;
}

void LogModel::clear() {
    beginResetModel();
    m_lines.clear();
    m_warnings = 0;
    endResetModel();
    Q_EMIT warningsChanged(0);
}

void LogModel::append(LogLevel level, const QString& text) {
    if (m_lines.size() == kMaxLines) {
        beginRemoveRows({}, 0, 0);
        m_lines.pop_front();
        endRemoveRows();
    }
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_lines.push_back({QDateTime::currentDateTime(), level, text});
    endInsertRows();
    if (level >= LogLevel::Warning)
        Q_EMIT warningsChanged(++m_warnings);
}

QString LogModel::levelName(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return tr("Debug");
    case LogLevel::Info:
        return tr("Info");
    case LogLevel::Warning:
        return tr("Warning");
    case LogLevel::Error:
        break;
    }
    return tr("Error");
}

} // namespace sinkscope
