// SPDX-License-Identifier: Apache-2.0
#include "views/data_table.h"
#include "views/head_follower.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"
#include "views/paint/forest_plot.h"
#include "views/painted_view.h"
#include "views/panel_frame.h"
#include "views/probe_setup.h"

#include <QActionGroup>
#include <QHeaderView>
#include <QLabel>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

using ProbeResultPtr = std::shared_ptr<const ProbeResult>;

QString withCapital(QString text) {
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

const QuantityEffect* effectOf(const ProbeOutcome& outcome, ProbeQuantity quantity) {
    const auto found = std::ranges::find(outcome.effects, quantity, &QuantityEffect::quantity);
    return found == outcome.effects.end() ? nullptr : &*found;
}

/// Changes of positions, tokens and the anchors' attention, and what they do, with controls.
class ProbesPanel : public PanelFrame {
    Q_OBJECT
public:
    ProbesPanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Probes"), parent), m_context(context), m_pages(new QStackedWidget), m_setup(new ProbeSetup), m_plotView(new PaintedView(context.theme)),
          m_sentence(new QLabel), m_table(new DataTable) {
        setEmptyText(tr("No model to probe"), tr("Open a checkpoint and run a text: probes change positions, tokens and attention of the model, not its file."));
        m_pages->addWidget(m_setup);
        m_pages->addWidget(makeResults());
        setContent(m_pages);
        addMenus();
        connectAll();
        reload();
    }

private:
    enum Column { Quantity, Before, After, Change, Controls };

    QWidget* makeResults() {
        auto* page = new QWidget;
        auto* layout = new QVBoxLayout(page);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        auto* area = new QScrollArea;
        area->setWidgetResizable(true);
        area->setFrameShape(QFrame::NoFrame);
        area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        area->setWidget(m_plotView);
        m_plotView->setAccessibleName(tr("Effects of the probes"));
        layout->addWidget(area, 1);
        m_sentence->setObjectName(QStringLiteral("sentence"));
        m_sentence->setWordWrap(true);
        m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        m_sentence->setContentsMargins(12, 8, 12, 8);
        layout->addWidget(m_sentence);
        m_model.setHorizontalHeaderLabels({tr("Quantity"), tr("Before"), tr("After"), tr("Change"), tr("Of controls")});
        m_table->setModel(&m_model);
        m_table->setSortingEnabled(false);
        m_table->setSelectionMode(QAbstractItemView::SingleSelection);
        m_table->setColumnPlan(Quantity, 150, {Controls, After, Before});
        m_table->setAccessibleName(tr("Results of the probes"));
        // All quantities of a probe without scrolling.
        m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + static_cast<int>(kProbeQuantities) * m_table->verticalHeader()->defaultSectionSize() + 4);
        layout->addWidget(m_table);
        m_plotView->setPaint([this](QPainter& painter, const QRectF& room) {
            if (m_result)
                paintForest(painter, layoutForest(room, m_plot, m_context.theme.smallFont), m_plot, m_context.theme.smallFont, m_context.theme);
        });
        m_plotView->setOnKey([this](int key) { return onKey(key); });
        return page;
    }

    void addMenus() {
        auto* quantities = new QActionGroup(this);
        for (std::size_t i = 0; i < kProbeQuantities; ++i) {
            const auto quantity = static_cast<ProbeQuantity>(i);
            QAction* action = quantities->addAction(withCapital(utf8Text(titleOf(quantity))));
            action->setCheckable(true);
            action->setChecked(quantity == m_quantity);
            m_quantityActions[i] = action;
            connect(action, &QAction::triggered, this, [this, quantity] {
                m_quantity = quantity;
                showPlot();
            });
        }
        m_quantityButton = addChoice(tr("Quantity"), quantities);
        auto* pages = new QActionGroup(this);
        for (const bool results : {false, true}) {
            QAction* action = pages->addAction(results ? tr("Results") : tr("Set up"));
            action->setCheckable(true);
            (results ? m_showResults : m_showSetup) = action;
            connect(action, &QAction::toggled, this, [this, results](bool on) {
                if (on)
                    showPage(results);
            });
            addButton(action);
        }
        m_showResults->setEnabled(false);
        m_showSetup->setChecked(true);
    }

    void connectAll() {
        connect(&m_context.session, &SessionModel::modelChanged, this, [this] {
            stop();
            forgetResult();
            reload();
        });
        connect(&m_context.session, &SessionModel::captureChanged, this, &ProbesPanel::reload);
        connect(&m_context.selection, &Selection::sampleChanged, this, &ProbesPanel::reload);
        connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, m_plotView, qOverload<>(&QWidget::update));
        connect(m_setup, &ProbeSetup::runRequested, this, &ProbesPanel::run);
        connect(m_setup, &ProbeSetup::stopRequested, this, [this] {
            stop();
            m_setup->showProblem(tr("Stopped."));
        });
        connect(m_plotView, &PaintedView::clicked, this, [this](QPointF position) {
            if (m_result)
                select(forestRowAt(layoutForest(QRectF(m_plotView->rect()), m_plot, m_context.theme.smallFont), m_plot, position));
        });
        connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
            if (!current.isValid() || m_updating)
                return;
            // Later: the table is filled anew, which it cannot be while it tells of its selection.
            QMetaObject::invokeMethod(
                this, [this, quantity = m_tableRows[static_cast<std::size_t>(current.row())]] { m_quantityActions[static_cast<std::size_t>(quantity)]->trigger(); },
                Qt::QueuedConnection);
        });
    }

    void reload() {
        const auto& model = m_context.session.model();
        const CaptureHeader* header = m_context.session.header();
        const bool hasModel = model && model->canRun() && header && !header->samples.empty();
        if (hasModel)
            m_setup->setSamples(static_cast<int>(header->samples.size()), m_context.selection.sample().value);
        setEmpty(!hasModel && !m_result);
    }

    void showPage(bool results) {
        m_pages->setCurrentIndex(results ? 1 : 0);
        m_quantityButton->setVisible(results);
    }

    void forgetResult() {
        m_result.reset();
        m_showResults->setEnabled(false);
        m_showSetup->setChecked(true);
        setNote({});
    }

    void stop() {
        m_job.cancel();
        m_setup->setRunning(false);
    }

    void run() {
        const CaptureHeader* header = m_context.session.header();
        const auto& model = m_context.session.model();
        if (!header || !model || !model->canRun())
            return;
        ProbeRequest request = m_setup->request();
        for (const int sample : m_setup->chosenSamples())
            if (sample >= 0 && sample < static_cast<int>(header->samples.size()))
                request.texts.push_back(header->samples[static_cast<std::size_t>(sample)]->text);
        if (!header->bosPresent)
            request.bos = BosChoice::No;
        request.metrics = metricParametersOf(m_context.session);
        m_setup->setRunning(true);
        m_job.run(
            m_context.jobs, this,
            [model, request = std::move(request)](JobContext& context) { return runProbes(*model, request, context); },
            [this](const Result<ProbeResultPtr>& result) { arrived(result); }, Strand::Torch,
            [this](double fraction, const QString& text) { m_setup->showProgress(fraction, text); });
    }

    void arrived(const Result<ProbeResultPtr>& result) {
        m_setup->setRunning(false);
        if (!result)
            return m_setup->showProblem(QString::fromStdString(describe(result.error())));
        m_result = *result;
        m_outcome = 0;
        const auto samples = m_result->header.samples.size();
        setNote(samples == 1 ? tr("1 sample") : tr("%1 samples · 95 % CI").arg(samples));
        showPlot();
        m_showResults->setEnabled(true);
        m_showResults->setChecked(true);
    }

    /// Every quantity of one probe.
    void fillTable(const ProbeOutcome& outcome) {
        m_model.removeRows(0, m_model.rowCount());
        m_tableRows.clear();
        for (const QuantityEffect& effect : outcome.effects) {
            QStringList controls;
            for (const ControlEffect& control : effect.controls)
                controls.append(controlName(control.id) + QLatin1Char(' ') + estimateText(control.change));
            QList<QStandardItem*> items;
            for (const QString& text : {utf8Text(titleOf(effect.quantity)), estimateText({.value = effect.before.value}), estimateText({.value = effect.after.value}),
                                        estimateText(effect.change), controls.join(QStringLiteral(" · "))}) {
                items.append(new QStandardItem(text));
                items.last()->setEditable(false);
                items.last()->setToolTip(QStringLiteral("<p>%1</p>").arg(utf8Text(effect.sentence).toHtmlEscaped()));
            }
            m_model.appendRow(items);
            m_tableRows.push_back(effect.quantity);
        }
        m_table->fitColumns();
    }

    /// The row of the plot that stands for an outcome.
    [[nodiscard]] int rowOf(int outcome) const {
        return static_cast<int>(std::ranges::find(m_plotRows, outcome) - m_plotRows.begin());
    }

    static QString controlName(const std::string& id) {
        return id == "random_position" ? tr("other positions") : id == "random_head" ? tr("other heads") : utf8Text(id);
    }

    void showPlot() {
        if (!m_result)
            return;
        m_plot = {};
        m_plotRows.clear();
        m_plot.title = tr("change of %1 · filled: beyond every control").arg(utf8Text(titleOf(m_quantity)));
        for (std::size_t index = 0; index < m_result->outcomes.size(); ++index)
            addPlotRows(static_cast<int>(index), m_result->outcomes[index]);
        m_plotView->setMinimumHeight(static_cast<int>(forestHeight(m_plot, m_context.theme.smallFont)) + 2);
        m_plotView->update();
        select(rowOf(m_outcome));
    }

    void addPlotRows(int index, const ProbeOutcome& outcome) {
        const auto add = [&](ForestRow row) {
            m_plot.rows.push_back(std::move(row));
            m_plotRows.push_back(index);
        };
        const QuantityEffect* effect = effectOf(outcome, m_quantity);
        ForestRow row{.label = withCapital(utf8Text(outcome.title)), .estimate = {}, .note = utf8Text(outcome.problem)};
        if (!effect) {
            if (row.note.isEmpty())
                row.note = tr("no sample has a value");
            return add(std::move(row));
        }
        row.estimate = effect->change;
        row.isStrong = effect->causal;
        add(std::move(row));
        for (const ControlEffect& control : effect->controls) {
            add({.label = controlName(control.id), .estimate = control.change, .note = {}, .isControl = true});
            if (control.own.samples > 0)
                add({.label = tr("as many of its own heads"), .estimate = control.own, .note = {}, .isControl = true});
        }
    }

    /// A row of the plot: its words, and its line in the table.
    void select(int row) {
        if (!m_result || row < 0 || row >= static_cast<int>(m_plot.rows.size()))
            return;
        m_plot.selected = row;
        m_outcome = m_plotRows[static_cast<std::size_t>(row)];
        const ProbeOutcome& outcome = m_result->outcomes[static_cast<std::size_t>(m_outcome)];
        QStringList lines;
        if (const QuantityEffect* effect = effectOf(outcome, m_quantity))
            lines.append(utf8Text(effect->sentence));
        if (outcome.problem.empty()) {
            lines.append(tr("Frame: %1 before, excess attention %2; %3 after, %4.")
                             .arg(utf8Text(outcome.before.kind), estimateText(outcome.before.excess), utf8Text(outcome.after.kind), estimateText(outcome.after.excess)));
            lines.append(tr("Run %1.").arg(utf8Text(textOf(outcome.context))));
        } else {
            lines.append(tr("Not run: %1.").arg(utf8Text(outcome.problem)));
        }
        for (const std::string& note : outcome.notes)
            lines.append(utf8Text(note));
        m_sentence->setText(lines.join(QLatin1Char('\n')));
        m_sentence->setToolTip(utf8Text(outcome.after.reason));
        m_plotView->setAccessibleDescription(lines.join(QLatin1Char(' ')));
        m_plotView->update();
        const QScopedValueRollback guard(m_updating, true);
        fillTable(outcome);
        if (const auto line = std::ranges::find(m_tableRows, m_quantity); line != m_tableRows.end())
            m_table->setCurrentIndex(m_model.index(static_cast<int>(line - m_tableRows.begin()), Quantity));
    }

    bool onKey(int key) {
        if (!m_result || (key != Qt::Key_Up && key != Qt::Key_Down))
            return false;
        const int step = key == Qt::Key_Up ? -1 : 1;
        int row = m_plot.selected + step;
        while (row >= 0 && row < static_cast<int>(m_plot.rows.size()) && m_plot.rows[static_cast<std::size_t>(row)].isControl)
            row += step;
        select(row);
        return true;
    }

    ViewContext m_context;
    QStackedWidget* m_pages;
    ProbeSetup* m_setup;
    PaintedView* m_plotView;
    QLabel* m_sentence;
    DataTable* m_table;
    QStandardItemModel m_model;
    QAction* m_showSetup = nullptr;
    QAction* m_showResults = nullptr;
    QToolButton* m_quantityButton = nullptr;
    std::array<QAction*, kProbeQuantities> m_quantityActions{};
    ProbeQuantity m_quantity = ProbeQuantity::Kl;
    ProbeResultPtr m_result;
    int m_outcome = 0;                                         ///< the selected one
    ForestPlot m_plot;
    std::vector<int> m_plotRows;                               ///< [row of the plot] index of the outcome
    std::vector<ProbeQuantity> m_tableRows;                    ///< [row of the table]
    bool m_updating = false;
    LatestJob<ProbeResultPtr> m_job;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new ProbesPanel(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec probes;
const ViewSpec probes{"probes", QT_TRANSLATE_NOOP("Views", "Probes"), DockArea::Map, 4, create};
} // namespace registry_views
} // namespace sinkscope

#include "probes.moc"
