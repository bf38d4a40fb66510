// SPDX-License-Identifier: Apache-2.0
#include "app/log_dialog.h"

#include "app/log_model.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace sinkscope {

LogDialog::LogDialog(LogModel& model, QWidget* parent) : QDialog(parent), m_model(model), m_table(new QTableView) {
    setWindowTitle(tr("Log"));
    resize(820, 420);
    auto* proxy = new QSortFilterProxyModel(this);
    proxy->setSourceModel(&model);
    proxy->setFilterKeyColumn(-1);
    proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setModel(proxy);
    m_table->setAccessibleName(tr("Log lines"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(LogModel::Time, 110);
    m_table->setColumnWidth(LogModel::Level, 80);

    auto* filter = new QLineEdit;
    filter->setPlaceholderText(tr("Filter"));
    filter->setAccessibleName(tr("Filter the log"));
    filter->setClearButtonEnabled(true);
    connect(filter, &QLineEdit::textChanged, proxy, &QSortFilterProxyModel::setFilterFixedString);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto* copy = buttons->addButton(tr("Copy All"), QDialogButtonBox::ActionRole);
    auto* clear = buttons->addButton(tr("Clear"), QDialogButtonBox::ActionRole);
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_model.plainText()); });
    connect(clear, &QPushButton::clicked, this, [this] { m_model.clear(); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);

    auto* layout = new QVBoxLayout(this);
    layout->addWidget(filter);
    layout->addWidget(m_table);
    layout->addWidget(buttons);
    m_table->scrollToBottom();
}

} // namespace sinkscope
