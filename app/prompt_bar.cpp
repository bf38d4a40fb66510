// SPDX-License-Identifier: Apache-2.0
#include "app/prompt_bar.h"

#include "app/qt_text.h"
#include "views/models/sinks.h"
#include "views/models/text_format.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QStyle>
#include <QToolButton>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr int kDebounceMs = 120;

QString bosText(BosChoice bos) {
    switch (bos) {
    case BosChoice::Auto: return PromptBar::tr("BOS: auto");
    case BosChoice::Yes: return PromptBar::tr("BOS: yes");
    case BosChoice::No: return PromptBar::tr("BOS: no");
    }
    return {};
}

} // namespace

PromptBar::PromptBar(const ViewContext& context, SessionController& controller, QWidget* parent)
    : QWidget(parent), m_context(context), m_controller(controller), m_stack(new QStackedWidget), m_edit(new QPlainTextEdit),
      m_chips(new ChipStrip(context.theme)), m_count(new QLabel), m_bosButton(new QToolButton), m_computeButton(new QToolButton),
      m_run(new QPushButton) {
    setObjectName(QStringLiteral("promptBar"));
    auto* open = new QPushButton(tr("Open…"));
    open->setToolTip(tr("Open a checkpoint, a capture or a text file"));
    connect(open, &QPushButton::clicked, this, &PromptBar::openRequested);
    m_edit->setPlaceholderText(tr("Type or paste a text, then press Run"));
    m_edit->setAccessibleName(tr("Text to run"));
    m_edit->setTabChangesFocus(true);
    m_edit->setFrameShape(QFrame::NoFrame);
    m_edit->installEventFilter(this);
    m_stack->addWidget(m_edit);
    m_stack->addWidget(m_chips);
    m_stack->setObjectName(QStringLiteral("promptField"));
    m_stack->setFixedHeight(44);
    m_run->setObjectName(QStringLiteral("runButton"));
    m_run->setMinimumWidth(92);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 8, 10, 8);
    layout->setSpacing(8);
    layout->addWidget(open);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_count);
    layout->addWidget(m_bosButton);
    layout->addWidget(m_computeButton);
    layout->addWidget(m_run);
    buildMenus();

    m_debounce.setSingleShot(true);
    m_debounce.setInterval(kDebounceMs);
    connect(&m_debounce, &QTimer::timeout, this, &PromptBar::tokenize);
    connect(m_edit, &QPlainTextEdit::textChanged, this, [this] {
        m_debounce.start();
        updateButtons();
    });
    connect(m_chips, &ChipStrip::editRequested, this, &PromptBar::edit);
    connect(m_chips, &ChipStrip::chosen, this, [this](int token) { m_context.selection.setToken(TokenId(token)); });
    connect(m_run, &QPushButton::clicked, this, &PromptBar::runOrCancel);
    connect(&controller, &SessionController::stateChanged, this, &PromptBar::updateButtons);
    const SessionModel& session = context.session;
    connect(&session, &SessionModel::modelChanged, this, &PromptBar::tokenize);
    connect(&session, &SessionModel::captureChanged, this, &PromptBar::showChips);
    connect(&session, &SessionModel::analysisChanged, this, &PromptBar::showChips);
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
            showChips();
    });
    const Selection& selection = context.selection;
    connect(&selection, &Selection::headChanged, this, &PromptBar::showChips);
    connect(&selection, &Selection::sampleChanged, this, &PromptBar::showChips);
    connect(&selection, &Selection::tokenChanged, this, [this](TokenId token) { m_chips->setSelected(token.value); });
    connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &PromptBar::applyTheme);
    applyTheme();
    updateButtons();
}

void PromptBar::applyTheme() {
    const Theme& theme = m_context.theme;
    m_count->setStyleSheet(QStringLiteral("color: %1").arg(theme.mutedText.name()));
    m_stack->setStyleSheet(QStringLiteral("QStackedWidget#promptField { background: %1; border: 1px solid %2; border-radius: 5px; }"
                                          "QPlainTextEdit { background: transparent; border: none; padding: 8px; }")
                               .arg(theme.panel.name(), theme.border.name()));
    m_run->setStyleSheet(QStringLiteral("QPushButton#runButton { background: %1; color: %2; border: none; border-radius: 5px; padding: 7px 14px; "
                                        "font-weight: 600; } QPushButton#runButton:disabled { background: %3; color: %4; }")
                             .arg(theme.accent.name(), theme.onAccent.name(), theme.chip.name(), theme.mutedText.name()));
    m_chips->setChips(m_chips->chips());
}

void PromptBar::buildMenus() {
    auto* menu = new QMenu(this);
    auto* group = new QActionGroup(this);
    for (const BosChoice bos : {BosChoice::Auto, BosChoice::Yes, BosChoice::No}) {
        QAction* action = menu->addAction(bosText(bos));
        action->setCheckable(true);
        action->setChecked(bos == m_bos);
        action->setData(static_cast<int>(bos));
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, bos] { setBos(bos); });
    }
    m_bosButton->setMenu(menu);
    m_bosButton->setPopupMode(QToolButton::InstantPopup);
    m_bosButton->setText(bosText(m_bos));
    m_bosButton->setToolTip(tr("Beginning-of-sequence token: as the tokenizer does it, always, or never. Sinks depend on it."));
    buildComputeMenu();
}

void PromptBar::buildComputeMenu() {
    auto* compute = new QMenu(this);
    compute->setToolTipsVisible(true);
    auto* types = new QActionGroup(this);
    for (const Device device : {Device::Cpu, Device::Cuda})
        for (const ComputeType type : {ComputeType::Float32, ComputeType::BFloat16}) {
            const QString name = type == ComputeType::Float32 ? tr("float32, exact") : tr("bfloat16, faster");
            QAction* action = compute->addAction(device == Device::Cpu ? name : tr("CUDA, %1").arg(name));
            action->setCheckable(true);
            action->setChecked(device == m_device && type == m_compute);
            action->setData(fromUtf8(titleOf(device, type)));
            types->addAction(action);
            const auto available = checkAvailable(device, type);
            action->setEnabled(available.has_value());
            action->setToolTip(!available ? fromUtf8(available.error().detail)
                               : type == ComputeType::Float32 ? tr("Agrees with transformers; Tools > Self-Test shows how closely on this machine")
                                                              : tr("Matrix products of the weights rounded to 8 bits; everything else stays float32"));
            connect(action, &QAction::triggered, this, [this, device, type] { setCompute(device, type); });
        }
    compute->addSeparator();
    QAction* perLine = compute->addAction(tr("Every line is a sample"));
    perLine->setCheckable(true);
    connect(perLine, &QAction::toggled, this, &PromptBar::setSamplePerLine);
    connect(this, &PromptBar::samplePerLineChanged, perLine, &QAction::setChecked);
    m_computeButton->setMenu(compute);
    m_computeButton->setPopupMode(QToolButton::InstantPopup);
    m_computeButton->setText(fromUtf8(titleOf(m_device, m_compute)));
    m_computeButton->setToolTip(tr("What computes, and how the text is divided"));
}

void PromptBar::setText(const QString& text) {
    m_edit->setPlainText(text);
    m_stack->setCurrentWidget(text.isEmpty() ? static_cast<QWidget*>(m_edit) : m_chips);
    tokenize();
}

QString PromptBar::text() const { return m_edit->toPlainText(); }

void PromptBar::setSamplePerLine(bool on) {
    if (on == m_samplePerLine)
        return;
    m_samplePerLine = on;
    tokenize();
    Q_EMIT samplePerLineChanged(on);
}

void PromptBar::setBos(BosChoice bos) {
    m_bos = bos;
    m_bosButton->setText(bosText(bos));
    for (QAction* action : m_bosButton->menu()->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(bos));
    tokenize();
}

void PromptBar::setCompute(Device device, ComputeType type) {
    m_device = device;
    m_compute = type;
    m_computeButton->setText(fromUtf8(titleOf(device, type)));
    for (QAction* action : m_computeButton->menu()->actions())
        if (action->actionGroup())
            action->setChecked(action->data().toString() == m_computeButton->text());
}

RunRequest PromptBar::request() const {
    RunRequest request;
    request.bos = m_bos;
    request.options.device = m_device;
    request.options.compute = m_compute;
    if (!m_samplePerLine) {
        request.texts.push_back(text().toStdString());
        return request;
    }
    const QStringList lines = text().split(QLatin1Char('\n'));
    for (const QString& line : lines)
        if (!line.trimmed().isEmpty())
            request.texts.push_back(line.toStdString());
    return request;
}

void PromptBar::runOrCancel() {
    if (m_controller.state() == SessionController::State::Running)
        return m_controller.cancel();
    m_controller.run(request());
    m_stack->setCurrentWidget(m_chips);
}

void PromptBar::edit() {
    m_stack->setCurrentWidget(m_edit);
    m_edit->setFocus();
}

bool PromptBar::eventFilter(QObject* object, QEvent* event) {
    if (object == m_edit && event->type() == QEvent::FocusOut && !text().trimmed().isEmpty() && m_typed)
        m_stack->setCurrentWidget(m_chips);
    if (object == m_edit && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Escape && m_typed) {
            m_stack->setCurrentWidget(m_chips);
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

/// Tokenizes what is typed, in a worker; only the latest request counts.
void PromptBar::tokenize() {
    m_job.cancel();
    ++m_generation;
    const auto model = m_context.session.model();
    const auto texts = request().texts;
    if (!model || !model->tokenizer || texts.empty() || text().isEmpty()) {
        m_typed.reset();
        m_finished = m_generation;
        return showChips();
    }
    m_job = m_context.jobs.run<std::shared_ptr<const SampleTokens>>(
        this, Strand::Free,
        [tokenizer = model->tokenizer, text = texts.front(), bos = m_bos](JobContext&) -> Result<std::shared_ptr<const SampleTokens>> {
            auto tokens = std::make_shared<SampleTokens>();
            tokens->text = text;
            SINKSCOPE_TRY(tokens->encoding, encodeWithBos(*tokenizer, text, bos));
            for (const std::int32_t id : tokens->encoding.ids)
                tokens->display.push_back(tokenizer->displayText(id));
            return std::shared_ptr<const SampleTokens>(std::move(tokens));
        },
        [this, generation = m_generation](const Result<std::shared_ptr<const SampleTokens>>& tokens) {
            if (generation != m_generation)
                return;
            m_finished = generation;
            m_typed = tokens ? *tokens : nullptr;
            m_chips->setToolTip(tokens ? QString() : fromUtf8(describe(tokens.error())));
            showChips();
        });
}

/// Tokens of the selected sample when it was run as it stands here, else those of the text as typed.
void PromptBar::showChips() {
    const CaptureHeader* header = m_context.session.header();
    const auto sample = static_cast<std::size_t>(std::max(m_context.selection.sample().value, 0));
    std::shared_ptr<const SampleTokens> tokens = m_typed;
    std::vector<int> sinks;
    if (header && sample < header->samples.size()) {
        const auto& captured = header->samples[sample];
        const bool same = !m_typed || m_samplePerLine || captured->encoding.ids == m_typed->encoding.ids;
        if (same) {
            tokens = captured;
            sinks = sinksOf(m_context.session, m_context.selection.sample().value, m_context.selection.layer().value, m_context.selection.head().value);
        }
    }
    std::vector<ChipStrip::Chip> chips;
    const int count = tokens ? static_cast<int>(tokens->display.size()) : 0;
    for (int token = 0; token < count; ++token) {
        const bool isSink = std::ranges::binary_search(sinks, token);
        QString tooltip = tr("token %1 · id %2 · “%3”").arg(token).arg(tokens->encoding.ids[static_cast<std::size_t>(token)]).arg(pieceWithSpaces(*tokens, token));
        if (isSink)
            tooltip += tr(" · sink in the selected head");
        chips.push_back({pieceLabel(*tokens, token), tooltip, isSink});
    }
    m_chips->setChips(std::move(chips));
    m_chips->setSelected(m_context.selection.token().value);
    m_count->setText(count > 0 ? tr("%n tokens", nullptr, count) : QString());
    if (!tokens && text().isEmpty())
        m_stack->setCurrentWidget(m_edit);
    else if (tokens && !m_edit->hasFocus())
        m_stack->setCurrentWidget(m_chips);
    updateButtons();
}

void PromptBar::updateButtons() {
    const bool running = m_controller.state() == SessionController::State::Running;
    m_run->setText(running ? tr("■ Cancel") : tr("▶ Run"));
    m_run->setToolTip(running ? tr("Stop after the current step; finished layers are kept")
                              : m_controller.canRun() ? tr("Run the text through the model (Ctrl+Return)") : tr("Open a checkpoint first"));
    m_run->setEnabled(running || (m_controller.canRun() && !text().trimmed().isEmpty()));
}

} // namespace sinkscope
