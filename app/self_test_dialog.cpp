// SPDX-License-Identifier: Apache-2.0
#include "app/self_test_dialog.h"

#include "app/qt_text.h"
#include "views/data_table.h"
#include "views/models/text_format.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr std::string_view kQuantities[] = {"attention", "hidden", "query", "key", "value", "logits"};
constexpr int kFirstQuantity = 3, kLargest = kFirstQuantity + static_cast<int>(std::size(kQuantities));

QString scientific(double value) { return value == 0 ? QStringLiteral("0") : QString::number(value, 'e', 1); }

/// What this machine computes with, in the order of the menu.
QList<RunOptions> choices() {
    QList<RunOptions> runs;
    for (const Device device : {Device::Cpu, Device::Cuda})
        for (const ComputeType type : {ComputeType::Float32, ComputeType::BFloat16})
            if ((device == Device::Cpu && type == ComputeType::Float32) || checkAvailable(device, type))
                runs.append({.device = device, .compute = type});
    return runs;
}

} // namespace

SelfTestDialog::SelfTestDialog(const ViewContext& context, QWidget* parent)
    : QDialog(parent), m_context(context), m_device(new QComboBox), m_table(new DataTable), m_status(new QLabel), m_progress(new QProgressBar) {
    setWindowTitle(tr("Self-test"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(980, 640);
    auto* intro = new QLabel(tr("Runs a tiny checkpoint of every architecture on this machine and compares attention, hidden states, query, key, value and logits with what "
                                "transformers computed in float32. Numbers are normalised mean squared errors of the worst sample."));
    intro->setWordWrap(true);
    intro->setProperty("muted", true);
    const QList<RunOptions> runs = choices();
    for (const RunOptions& run : runs)
        m_device->addItem(fromUtf8(titleOf(run.device, run.compute)), QVariant::fromValue(QPoint(static_cast<int>(run.device), static_cast<int>(run.compute))));
    m_device->setAccessibleName(tr("Device and type"));
    m_rows.setSortRole(Qt::UserRole);
    QStringList titles{tr("Fixture"), tr("Architecture"), tr("Verdict")};
    for (const std::string_view quantity : kQuantities)
        titles.append(fromUtf8(quantity));
    titles.append(tr("Largest difference"));
    m_rows.setHorizontalHeaderLabels(titles);
    for (int column = 0; column <= kLargest; ++column)
        m_rows.setHeaderData(column, Qt::Horizontal, static_cast<int>((column < kFirstQuantity ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter), Qt::TextAlignmentRole);
    m_table->setModel(&m_rows);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setAccessibleName(tr("Fixtures and their differences"));
    m_table->setColumnPlan(0, 150, {kFirstQuantity + 2, kFirstQuantity + 3, kFirstQuantity + 4, 1});
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    m_progress->setAccessibleName(tr("Progress of the self-test"));
    m_status->setWordWrap(true);
    m_status->setObjectName(QStringLiteral("status"));
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setIcon({});
    m_copy = buttons->addButton(tr("Copy Table"), QDialogButtonBox::ActionRole);
    m_run = buttons->addButton(tr("Run"), QDialogButtonBox::ActionRole);
    m_run->setObjectName(QStringLiteral("run"));
    m_run->setDefault(true);
    auto* top = new QHBoxLayout;
    top->addWidget(intro, 1);
    top->addWidget(m_device, 0, Qt::AlignTop);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_progress);
    layout->addWidget(m_status);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_run, &QPushButton::clicked, this, &SelfTestDialog::runOrStop);
    connect(m_copy, &QPushButton::clicked, m_table, &DataTable::copy);
    connect(this, &QDialog::finished, this, [this] { m_job.cancel(); });
    updateButtons();
}

void SelfTestDialog::addCase(const SelfTestCase& one, std::optional<double> allowed) {
    QList<QStandardItem*> items;
    const auto add = [&items](const QString& text, const QVariant& key, bool isNumber) {
        auto* item = new QStandardItem(text);
        item->setEditable(false);
        item->setData(key, Qt::UserRole);
        item->setTextAlignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        items.append(item);
    };
    add(fromUtf8(one.fixture), fromUtf8(one.fixture), false);
    add(fromUtf8(one.architecture), fromUtf8(one.architecture), false);
    const bool isGood = allowed && one.agrees(*allowed);
    const QString verdict = one.failure ? tr("failed") : !allowed ? QString() : isGood ? tr("agrees") : tr("differs");
    add(verdict, verdict, false);
    if (one.failure || (allowed && !isGood))
        items.last()->setForeground(m_context.theme.error);
    if (one.failure)
        items.last()->setToolTip(fromUtf8(describe(*one.failure)));
    double largest = 0;
    for (const std::string_view quantity : kQuantities) {
        const auto found = std::ranges::find(one.differences, quantity, &SelfTestDifference::what);
        const bool isThere = found != one.differences.end();
        add(isThere ? scientific(found->error) : QStringLiteral("–"), isThere ? found->error : -1.0, true);
        if (isThere)
            items.last()->setToolTip(tr("largest difference %1").arg(scientific(found->largest)));
        largest = isThere ? std::max(largest, found->largest) : largest;
    }
    add(one.differences.empty() ? QStringLiteral("–") : scientific(largest), largest, true);
    m_rows.appendRow(items);
}

void SelfTestDialog::runOrStop() {
    if (m_isRunning) {
        m_job.cancel();
        m_isRunning = false;
        ++m_round;
        m_status->setText(tr("Stopped."));
        return updateButtons();
    }
    m_isRunning = true;
    m_result.reset();
    m_rows.removeRows(0, m_rows.rowCount());
    m_progress->setValue(0);
    m_status->setText(tr("Running…"));
    updateButtons();
    const QPoint choice = m_device->currentData().toPoint();
    const RunOptions options{.device = static_cast<Device>(choice.x()), .compute = static_cast<ComputeType>(choice.y())};
    const SelfTestArrived show = [jobs = &m_context.jobs, guard = QPointer(this), round = ++m_round](const SelfTestCase& one) {
        jobs->post([guard, round, one] {
            if (guard && guard->m_round == round)
                guard->addCase(one, std::nullopt);
        });
    };
    m_job.run(
        m_context.jobs, this,
        [options, show](JobContext& context) -> Result<RunPtr> {
            SINKSCOPE_TRY(const std::filesystem::path fixtures, selfTestFixtures());
            SINKSCOPE_TRY(SelfTestRun run, selfTest(fixtures, options, context, show));
            return std::make_shared<const SelfTestRun>(std::move(run));
        },
        [this](const Result<RunPtr>& result) { arrived(result); }, Strand::Torch,
        [this](double fraction, const QString& fixture) {
            m_progress->setValue(static_cast<int>(1000 * fraction));
            m_status->setText(tr("Running %1").arg(fixture));
        });
}

void SelfTestDialog::arrived(const Result<RunPtr>& result) {
    m_isRunning = false;
    ++m_round;
    if (!result) {
        m_status->setText(fromUtf8(describe(result.error())));
        return updateButtons();
    }
    m_result = *result;
    m_rows.removeRows(0, m_rows.rowCount());
    for (const SelfTestCase& one : m_result->cases)
        addCase(one, m_result->allowed);
    const auto agreeing = std::ranges::count_if(m_result->cases, [this](const SelfTestCase& one) { return one.agrees(m_result->allowed); });
    m_status->setText(m_result->unavailable ? fromUtf8(describe(*m_result->unavailable))
                                            : tr("%1 of %2 fixtures agree with transformers (error at most %3). %4")
                                                  .arg(agreeing).arg(m_result->cases.size()).arg(scientific(m_result->allowed), fromUtf8(computeDescription())));
    m_table->fitColumns();
    updateButtons();
}

void SelfTestDialog::updateButtons() {
    m_run->setText(m_isRunning ? tr("Stop") : tr("Run"));
    m_run->setProperty("primary", !m_isRunning);
    m_run->style()->unpolish(m_run);
    m_run->style()->polish(m_run);
    m_device->setEnabled(!m_isRunning);
    m_copy->setEnabled(m_rows.rowCount() > 0);
    m_progress->setVisible(m_isRunning);
}

} // namespace sinkscope
