// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "app/chip_strip.h"
#include "app/session_controller.h"
#include "views/view_spec.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace sinkscope {

/// The text to run, as an editor while it is typed and as token chips otherwise; the BOS switch, what computes, and Run. Thread: gui.
class PromptBar : public QWidget {
    Q_OBJECT
public:
    PromptBar(const ViewContext& context, SessionController& controller, QWidget* parent = nullptr);

    void setText(const QString& text);
    [[nodiscard]] QString text() const;
    /// Every line becomes a sample of its own.
    void setSamplePerLine(bool on);
    [[nodiscard]] bool samplePerLine() const { return m_samplePerLine; }
    void setBos(BosChoice bos);
    [[nodiscard]] BosChoice bos() const { return m_bos; }
    /// Where and in what the matrix products of the next run are computed.
    void setCompute(Device device, ComputeType type);
    [[nodiscard]] ComputeType compute() const { return m_compute; }
    [[nodiscard]] Device device() const { return m_device; }
    [[nodiscard]] RunRequest request() const;
    [[nodiscard]] const ChipStrip& chips() const { return *m_chips; }
    /// The text is not being tokenized.
    [[nodiscard]] bool isIdle() const { return !m_debounce.isActive() && m_finished == m_generation; }

public Q_SLOTS:
    void runOrCancel();
    void edit();

Q_SIGNALS:
    void openRequested();
    void samplePerLineChanged(bool on);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void buildMenus();
    void buildComputeMenu();
    void showChips();
    void tokenize();
    void updateButtons();
    void applyTheme();

    ViewContext m_context;
    SessionController& m_controller;
    QStackedWidget* m_stack;
    QPlainTextEdit* m_edit;
    ChipStrip* m_chips;
    QLabel* m_count;
    QToolButton* m_bosButton;
    QToolButton* m_computeButton;
    QPushButton* m_run;
    QTimer m_debounce;
    JobHandle m_job;
    std::uint64_t m_generation = 0, m_finished = 0; ///< of tokenizing: asked for, and come back
    std::shared_ptr<const SampleTokens> m_typed; ///< the text as it would be tokenized now
    BosChoice m_bos = BosChoice::Auto;
    Device m_device = Device::Cpu;
    ComputeType m_compute = ComputeType::Float32;
    bool m_samplePerLine = false;
};

} // namespace sinkscope
