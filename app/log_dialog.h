// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QDialog>

class QTableView;

namespace sinkscope {

class LogModel;

/// The log as a table that can be filtered, copied and cleared. Thread: gui.
class LogDialog : public QDialog {
    Q_OBJECT
public:
    LogDialog(LogModel& model, QWidget* parent);

private:
    LogModel& m_model;
    QTableView* m_table;
};

} // namespace sinkscope
