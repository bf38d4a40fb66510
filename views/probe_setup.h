// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/probe.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace sinkscope {

class ParameterForm;

/// Which probes to run, with which parameters, on which samples. Made from the registry: a probe that is added there is in this form.
/// Thread: gui.
class ProbeSetup : public QWidget {
    Q_OBJECT
public:
    explicit ProbeSetup(QWidget* parent = nullptr);

    /// What samples there are to choose from: of the run that is shown.
    void setSamples(int samples, int selected);
    /// Probes, parameters, replacements and draws; texts and the rest are for the caller.
    [[nodiscard]] ProbeRequest request() const;
    /// Indices of the chosen samples.
    [[nodiscard]] std::vector<int> chosenSamples() const;
    /// While probes run, the button stops them.
    void setRunning(bool running);
    void showProgress(double fraction, const QString& text);
    /// Why the last run gave no result; empty: it did.
    void showProblem(const QString& text);

Q_SIGNALS:
    void runRequested();
    void stopRequested();

private:
    struct Entry {
        const ProbeSpec* probe = nullptr;
        ParameterForm* form = nullptr; ///< null without parameters
        QLineEdit* text = nullptr;     ///< null without a text
    };
    QWidget* makeDetails(Entry& entry);
    void updateButton();
    [[nodiscard]] std::vector<std::string> chosenProbes() const;

    std::vector<Entry> m_entries;
    QListWidget* m_list;
    QStackedWidget* m_details;
    QComboBox* m_samples;
    QSpinBox* m_draws;
    QLabel* m_hint;
    QProgressBar* m_progress;
    QPushButton* m_run;
    int m_count = 0, m_selected = 0;
    bool m_running = false;
};

} // namespace sinkscope
